"""What the variables of a traceback show, as an error tracker would."""

from __future__ import annotations

import traceback


def variables_with(text: str, error: BaseException) -> list[str]:
    """The variables of frames of ours that show a text, in an error and in all that led to it."""
    found, seen, left = list[str](), list[BaseException](), list[BaseException | None]([error])
    while left:
        each = left.pop()
        if each is None or each in seen:
            continue
        seen.append(each)
        left += [each.__cause__, each.__context__]
        for frame, _ in traceback.walk_tb(each.__traceback__):
            if "coodie_drivers" in frame.f_code.co_filename:
                names = frame.f_locals.items()
                found += [f"{frame.f_code.co_name}: {name}" for name, value in names if text in repr(value)]
    return found
