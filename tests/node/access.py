"""Being refused without any secret being told."""

from __future__ import annotations

import traceback
from pathlib import Path

PASSWORD = "canary-of-a-password"


TESTS = str(Path(__file__).parent)


def refused_without_telling(error: BaseException, secret: str) -> None:
    """See that the error, its chain, and the variables of all frames but those of the tests do not hold the secret."""
    shown = [str(error), repr(error), repr(vars(error)), *traceback.format_exception(error)]
    left: list[BaseException | None] = [error]
    while left:
        each = left.pop()
        if each is not None:
            frames = [frame for frame, _ in traceback.walk_tb(each.__traceback__)]
            shown += [repr(frame.f_locals) for frame in frames if not frame.f_code.co_filename.startswith(TESTS)]
            left += [each.__cause__, each.__context__]
    assert secret not in "".join(shown)
