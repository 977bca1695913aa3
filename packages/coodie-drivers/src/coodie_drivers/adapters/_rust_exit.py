"""Leaving the process: no request is sent once the package `scylla` has ended its threads.

Its own exit handler ends them, and whatever is asked for after that never gets an answer, nor a time limit.
"""

from __future__ import annotations

import atexit
import weakref
from typing import TYPE_CHECKING, Final

from coodie_drivers.errors import ConfigurationError

if TYPE_CHECKING:
    from coodie_drivers.session_driver import SessionDriver

_DRIVERS: Final[weakref.WeakSet[SessionDriver]] = weakref.WeakSet()


class _Interpreter:
    """Whether the interpreter is ending."""

    ends = False


def refuse_at_exit(driver: SessionDriver) -> None:
    """Have this driver refuse requests from the moment on in which nothing would answer them."""
    _DRIVERS.add(driver)


def check_can_connect() -> None:
    """Refuse to connect where the library has no threads any more to do so.

    Raises:
        ConfigurationError: says when to connect.
    """
    if _Interpreter.ends:
        raise ConfigurationError(
            "scylladb-rs-driver cannot connect any more, for the interpreter is ending: connect before, and register "
            "with atexit what uses the connection after that"
        )


def _refuse() -> None:
    _Interpreter.ends = True
    for driver in list(_DRIVERS):
        driver.refuse()


def watch_exit() -> None:
    """Begin to: handlers run in reverse, so the library, which registers its own, must have been imported."""
    atexit.register(_refuse)
