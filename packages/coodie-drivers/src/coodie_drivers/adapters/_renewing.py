"""Opening another session when no node can be reached, where the library would be late to, or log in as before."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_FIRST_PAUSE: Final = 0.25
"""Seconds between the first two tries to connect anew."""

_LONGEST_PAUSE: Final = 2.0
"""Seconds between two tries at most: half of the five within which a driver is to be back when its nodes are."""

_REST: Final = 10.0
"""Seconds after a session was replaced in which it is not replaced again: then nodes are not what is missing."""


class Renewal:
    """Opens another session in the background, as often as requests find no node, and hands it over.

    scylladb-rs-driver itself tries again after 0.05 s and waits twice as long each time, up to ten seconds, so that
    nodes which were away for a while are seen that much too late. acsylla tries again soon enough, and logs in with the
    password that it was given when the session was opened.
    """

    __slots__ = ("_connect", "_ended", "_lock", "_not_before", "_pause", "_under_way", "_use")

    def __init__(self, connect: Callable[[], Any], use: Callable[[Any], None]) -> None:
        """Take how a session is opened, blocking, and what is told of one that was."""
        self._connect = connect
        self._use = use
        self._lock = threading.Lock()
        self._ended = self._under_way = False
        self._not_before = 0.0
        self._pause = _FIRST_PAUSE

    def ask(self) -> None:
        """Begin to connect anew, unless that is under way or was just done; returns at once."""
        with self._lock:
            if self._ended or self._under_way or time.monotonic() < self._not_before:
                return
            self._under_way = True
        try:
            threading.Thread(target=self._renew, name="coodie-renewal", daemon=True).start()
        except RuntimeError:  # no further thread can be had, or the interpreter is about to end
            self._under_way = False

    def end(self) -> None:
        """Let no session be handed over from now on."""
        with self._lock:
            self._ended = True

    def _renew(self) -> None:
        session = None
        try:
            session = self._connect()
        except BaseException:  # noqa: BLE001, S110 - a callable for credentials may raise anything
            pass  # the request that asked has its own error already, and the next one asks again
        finally:
            with self._lock:
                if session is not None and not self._ended:
                    self._use(session)
                self._rest(found=session is not None)

    def _rest(self, *, found: bool) -> None:
        """Say when the next try may begin: processes that lost their nodes together are not to return together."""
        from random import uniform  # noqa: PLC0415 - it takes milliseconds to load, and nodes are seldom all gone

        pause = _REST if found else self._pause * uniform(0.75, 1.0)  # noqa: S311 - not a secret
        self._pause = _FIRST_PAUSE if found else min(2 * self._pause, _LONGEST_PAUSE)
        self._not_before = time.monotonic() + pause
        self._under_way = False
