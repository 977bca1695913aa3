"""Being refused without any secret being told."""

from __future__ import annotations

import traceback

PASSWORD = "canary-of-a-password"


def refused_without_telling(error: BaseException, secret: str, *own_files: str) -> None:
    shown = [str(error), repr(error), repr(vars(error)), *traceback.format_exception(error)]
    left: list[BaseException | None] = [error]
    while left:
        each = left.pop()
        if each is not None:
            frames = [frame for frame, _ in traceback.walk_tb(each.__traceback__)]
            shown += [repr(frame.f_locals) for frame in frames if frame.f_code.co_filename not in own_files]
            left += [each.__cause__, each.__context__]
    assert secret not in "".join(shown)
