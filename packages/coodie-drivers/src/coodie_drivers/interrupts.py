"""Exceptions that come from outside: a signal handler raises one wherever the program happens to be.

Time limits work that way: Celery's `SoftTimeLimitExceeded`, or an `alarm` of one's own. Such an exception says nothing
about a request; it belongs to whoever set the limit, and passes as Ctrl-C does.
"""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

__all__ = ["is_interrupt", "is_of_handler", "pass_interrupt"]

_LIBRARIES: Final = frozenset({"acsylla", "cassandra", "coodie", "coodie_drivers", "cql_builder", "errors", "scylla"})
"""Packages whose exceptions tell of requests; those of scylladb-rs-driver say that they are of `errors`."""

_EXPECTED: Final = _LIBRARIES | sys.stdlib_module_names


def is_interrupt(error: BaseException) -> bool:
    """Return whether an exception is neither of a client library nor of Python, or comes out of a signal handler.

    >>> class SoftTimeLimit(Exception):
    ...     __module__ = "jobs.limits"
    >>> is_interrupt(SoftTimeLimit()), is_interrupt(ValueError())
    (True, False)
    """
    kind = type(error)
    if _package(kind.__module__) not in _EXPECTED:
        return not any(_package(base.__module__) in _LIBRARIES for base in kind.__mro__)
    return is_of_handler(error)


def pass_interrupt(error: BaseException) -> None:
    """Raise an exception as it is where it comes from outside; else return."""
    if is_interrupt(error):
        raise error


def is_of_handler(error: BaseException) -> bool:
    """Return whether a signal handler has raised it, or something that one called."""
    codes: list[CodeType] = []
    place, package = error.__traceback__, "builtins"
    while place is not None:
        codes.append(place.tb_frame.f_code)
        package = _package(place.tb_frame.f_globals.get("__name__", "builtins"))
        place = place.tb_next
    # Of nearly all failures it is a library's code that raises: then there is no need to look at the handlers.
    return package not in _EXPECTED and any(code in codes for code in _codes_of_handlers())


def _codes_of_handlers() -> Iterator[CodeType]:
    for number in signal.valid_signals():
        handler = signal.getsignal(number)
        if callable(handler):
            function = getattr(handler, "__func__", handler)
            code = getattr(function, "__code__", None) or getattr(type(handler).__call__, "__code__", None)
            if code is not None:
                yield code


def _package(module: object) -> str:
    return str(module).partition(".")[0]
