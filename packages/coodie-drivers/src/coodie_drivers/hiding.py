"""Secrets among arguments, hidden from whoever shows the local variables of a traceback."""

from __future__ import annotations

import sys
from contextlib import suppress
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.errors import CoodieError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

__all__ = ["Hidden", "forget_values", "hidden", "shown", "unframed"]

_SECRETS: Final = ("dsn", "password", "ssl_private_key")
_NEARLY: Final = ("pas", "pwd", "secret")
"""How names begin that are refused, since there are none, and may hold a password for all that."""


_RESUMABLE: Final = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR
_REFUSES_SUSPENDED: Final = sys.version_info >= (3, 13)
"""Whether a frame that is suspended refuses to be emptied; which are, Python tells of no frame."""
_OURS: Final = "coodie_drivers"  # what is generated has no package
_PACKAGES: Final = frozenset({_OURS, f"{_OURS}.adapters"})


class Hidden:
    """A value that its `repr` does not show; `pydantic.SecretStr` has the same method."""

    __slots__ = ("_value",)

    def __init__(self, value: object) -> None:
        """Take the value."""
        self._value = value

    def __repr__(self) -> str:
        """Show nothing."""
        return "Hidden('**********')"

    def get_secret_value(self) -> Any:  # noqa: ANN401 - whatever was given
        """Return the value."""
        return self._value


def hidden(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments with those hidden that are secrets.

    >>> hidden({"username": "ann", "password": "p@ss"})
    {'username': 'ann', 'password': Hidden('**********')}
    """
    return {
        name: Hidden(value) if _is_secret(name) and value is not None and not _is_hidden(value) else value
        for name, value in arguments.items()
    }


def shown(value: Any) -> Any:  # noqa: ANN401 - whatever was given
    """Return what may be hidden as it was given."""
    return value.get_secret_value() if _is_hidden(value) else value


class unframed:  # noqa: N801 - it is used as a statement
    """`with unframed():` raises a `CoodieError` without the frames in which it arose, whose variables hold secrets."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, _: object, error: BaseException | None, traceback: TracebackType | None) -> None:
        """Forget where the error comes from; its sentence says what is wrong."""
        if isinstance(error, CoodieError):
            if error.__suppress_context__:
                error.__context__ = None  # it would not be printed, and has frames, too
            raise error.with_traceback(None)


_LONGEST: Final = 64
"""Frames that the traceback of a library's error may have before it begins anew."""


def forget_values(error: BaseException) -> None:
    """Empty the frames of ours through which an error came, and what led to it: their variables hold bound values.

    Its traceback says where it was, as ever. Before Python 3.13 it leaves coroutines and generators out, but the one
    that calls here: emptying one that is suspended, as those of another request may be, would end it.
    """
    seen: list[BaseException] = []
    left: list[BaseException | None] = [error]
    while left:
        each = left.pop()
        if each is None or each in seen:
            continue
        seen.append(each)
        left += [each.__cause__, each.__context__]
        length = _emptied(each, keep_first=each is error)
        if length > _LONGEST and each is not error:
            each.__traceback__ = None  # a library raises one error for all that is under way, and it grows each time


def _emptied(error: BaseException, *, keep_first: bool) -> int:
    """Empty the frames of ours of one error, or leave them out; return how many frames it came through."""
    above, place, length = None, error.__traceback__, 0
    while place is not None:
        frame, following, length = place.tb_frame, place.tb_next, length + 1
        ours = frame.f_globals.get("__package__", _OURS) in _PACKAGES
        can_be_emptied = _REFUSES_SUSPENDED or not frame.f_code.co_flags & _RESUMABLE
        if ours and can_be_emptied:
            with suppress(RuntimeError):  # it is under way: that is who calls here, or another thread
                frame.clear()
        if not ours or can_be_emptied or (keep_first and above is None):
            above = place
        elif above is None:
            error.__traceback__ = following
        else:
            above.tb_next = following
        place = following
    return length


def _is_secret(name: str) -> bool:
    return name in _SECRETS or name.startswith(_NEARLY)


def _is_hidden(value: object) -> bool:
    return hasattr(value, "get_secret_value")
