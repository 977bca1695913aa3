"""Reaching a first node within one time limit: further hosts are tried beside one that is slow to answer.

By itself the library tries one host after the other, each for as long as the limit says, and then all of them once
more, holding the lock that its own exit handler waits for. Here the attempts run beside each other, and those who wait
can be let go at any moment.
"""

from __future__ import annotations

import ssl
import threading
import time
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from coodie_drivers.adapters._cassandra_library import connection, protocol
from coodie_drivers.blocking import in_own_thread

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

Stage = Literal["untried", "unknown", "connecting", "accepted", "encrypted", "opened"]
"""How far a connection has come: not begun, without a socket yet, its TCP, its TLS, CQL, or the cluster's answers."""

_NEXT_HOST_AFTER: Final = 0.25
"""Seconds without an answer after which the next host is tried as well, as RFC 8305 has it for addresses."""

_SLACK: Final = 0.2
"""Seconds beyond the limit in which the reasons are collected; only the resolution of names may use them up."""

_ANOTHER_VERSION: Final = (connection.ProtocolVersionUnsupported, protocol.ProtocolException)
"""Answers upon which the library asks the same host again, in an older version of the protocol."""


class GivenUpError(BaseException):
    """Nobody waits for the connection any more; no `Exception`, so that the library does not try the next host."""


class UnansweredError(Exception):
    """No answer has come by now.

    Attributes:
        stage: how far the connection had come.
    """

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.stage: Stage = stage


class _OvertakenError(Exception):
    """Another host has answered meanwhile."""


class _Attempt:
    """Connecting to one host, in a thread of its own."""

    def __init__(self) -> None:
        self.opening: Any = None
        self.opened: list[Any] = []
        self.connection: Any = None
        self.error: BaseException | None = None
        self.abandoned = False

    @property
    def failed(self) -> bool:
        return self.error is not None

    @property
    def answered(self) -> bool:
        """Whether it is a node that answers, if only that it speaks another version of the protocol."""
        return self.connection is not None or isinstance(self.error, _ANOTHER_VERSION)

    @property
    def stage(self) -> Stage:
        """How far the connection has come by now, as its socket tells: clocks may be late on a busy machine."""
        return _stage_of(self.opening)

    def hold(self, opened: Any) -> None:
        """Remember a connection that is open and has not been answered yet."""
        self.opened.append(opened)
        if self.abandoned:
            opened.close()

    def abandon(self) -> None:
        """Close what is open, now or when it comes to be."""
        self.abandoned = True
        for each in list(self.opened):
            with suppress(Exception):  # it may be breaking by itself
                each.close()


def _stage_of(opening: Any) -> Stage:
    """Return how far a connection of the library has come, that another thread may be opening."""
    used = getattr(opening, "_socket", None)
    if used is None or used.fileno() < 0:
        return "unknown"
    try:
        used.getpeername()
    except OSError:
        return "connecting"
    if getattr(opening, "ssl_context", None) is None:
        return "encrypted"
    if isinstance(used, ssl.SSLSocket):
        return "accepted" if used.version() is None else "encrypted"
    # On an event loop of its own the library encrypts past the socket, and has a transport once that is done.
    return "accepted" if getattr(opening, "_transport", None) is None else "encrypted"


class _Current(threading.local):
    attempt: _Attempt | None = None


_current = _Current()


@lru_cache(maxsize=8)
def abandonable(connection_class: Any) -> Any:
    """Return a class of connections like this one, that tell the attempt which opens them, and tell when they close."""

    def __init__(self: Any, *arguments: Any, **options: Any) -> None:  # noqa: N807 - becomes the method
        if _current.attempt is not None:
            _current.attempt.opening = self
        connection_class.__init__(self, *arguments, **options)
        if _current.attempt is not None:
            _current.attempt.hold(self)

    def close(self: Any) -> None:
        connection_class.close(self)
        if not self.connected_event.is_set():
            # Of a peer that hangs up before it has answered, cassandra-driver tells nobody who waits for the answer.
            self.last_error = self.last_error or connection.ConnectionShutdown(f"{self.endpoint} hung up")
            self.connected_event.set()

    def initialize_reactor(_: Any) -> None:
        connection_class.initialize_reactor()  # some keep their event loop on the class

    methods = {"__init__": __init__, "close": close, "initialize_reactor": classmethod(initialize_reactor)}
    return type(connection_class.__name__, (connection_class,), methods)


class Reach:
    """The way to a first node of one cluster, for as long as somebody waits for it.

    Attributes:
        seconds: the time within which a node must have been reached.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._deadline = 0.0
        self._changed = threading.Condition()
        self._attempts: dict[Any, _Attempt] = {}
        self._handed_out: dict[_Attempt, str] = {}
        self._failures: dict[str, BaseException | None] = {}
        self._given_up = False
        self._agreeing: Any = None
        self._cluster: Any = None
        self._factory: Any = None
        self._stated: Any = None
        self._ended = threading.Event()

    def result_of(self, connect: Callable[[], T], close: Callable[[T], object]) -> T | None:
        """Return what `connect` does, made in a thread of its own; None when no node was reached in time.

        A result that comes too late is given to `close`.
        """

        def made() -> T:
            try:
                return connect()
            finally:
                self._ended.set()

        self._deadline = time.monotonic() + self.seconds
        future = in_own_thread(made, "coodie-connecting")
        came = False
        try:
            if not self._ended.wait(self.seconds):
                self.give_up()
            if self._ended.wait(_SLACK):
                result = future.result()
                came = True
                return result
            return None
        finally:
            if not came:
                self.give_up()
                future.add_done_callback(lambda late: None if late.exception() else close(late.result()))

    def give_up(self) -> None:
        """Let everybody go who waits, and close what is open; nothing happens once a driver was made."""
        with self._changed:
            if not self._given_up:
                self._note_unanswered()
            self._given_up = True
            for attempt in (*self._attempts.values(), *self._handed_out):
                attempt.abandon()
            self._changed.notify_all()

    def ended(self, within: float) -> bool:
        """Wait until connecting has come to its end, one way or the other."""
        return self._ended.wait(within)

    def lead(self, cluster: Any) -> None:
        """Take the way to the control connection of a cluster that has yet to connect into one's hands."""
        self._cluster, self._factory, self._stated = cluster, cluster.connection_factory, cluster.connect_timeout
        cluster.connection_factory = self._connection

    def arrived(self) -> None:
        """Leave the cluster as it would have been without this; what was opened beside is closed.

        Raises:
            GivenUpError: if nobody waits any more.
        """
        with self._changed:
            if self._given_up:
                raise GivenUpError
            del self._cluster.connection_factory
            for attempt in self._attempts.values():
                attempt.abandon()
            self._attempts.clear()
            self._handed_out.clear()

    def failures(self) -> dict[str, BaseException | None]:
        """Return each host that was tried with why it could not be used; None where nothing is known."""
        with self._changed:
            return dict(self._failures)

    def _connection(self, endpoint: Any, *arguments: Any, **options: Any) -> Any:
        """Return a connection to this host; raises when it cannot be had, or that to another one is there already."""
        if not options.get("is_control_connection"):
            return self._pooled(endpoint, *arguments, **options)
        with self._changed:
            self._start(endpoint)
            while True:
                if self._given_up:
                    self._failures.setdefault(str(endpoint), UnansweredError("unknown"))
                    raise GivenUpError
                attempt = self._attempts[endpoint]
                if attempt.error is not None:
                    raise self._failure(endpoint, attempt.error)
                if attempt.connection is not None:
                    return self._hand_out(endpoint, attempt)
                # With a node that answered, the library is agreeing on a version: others have to wait, not this one.
                if endpoint != self._agreeing and any(other.answered for other in self._attempts.values()):
                    raise _OvertakenError("it was slower than another node")
                self._wait()

    def _pooled(self, endpoint: Any, *arguments: Any, **options: Any) -> Any:
        """Return a connection for requests, opened in this thread; it is closed as well if nobody waits any more."""
        attempt = _Attempt()
        with self._changed:
            if self._given_up:
                raise GivenUpError
            self._handed_out[attempt] = str(endpoint)
        _current.attempt = attempt
        try:
            return self._factory(endpoint, *arguments, **options)
        finally:
            _current.attempt = None

    def _wait(self) -> None:
        """Wait for news; when none come for a while, or the last attempt failed, try the next host as well."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            self._note_unanswered()
            raise GivenUpError
        others = [each for each in self._cluster.endpoints_resolved if each not in self._attempts]
        step = min(_NEXT_HOST_AFTER, self.seconds / (2 * len(self._cluster.endpoints_resolved) + 2))
        known = self._finished()
        news = self._changed.wait_for(lambda: self._given_up or self._finished() > known, step if others else left)
        if any(each.answered for each in self._attempts.values()):
            return
        if others and not self._given_up and (not news or all(each.failed for each in self._attempts.values())):
            self._start(others[0])

    def _note_unanswered(self) -> None:
        """Take down how far each attempt has come that has not ended: once it is abandoned, nobody can tell."""
        for endpoint, attempt in self._attempts.items():
            if not attempt.failed and attempt.connection is None:
                self._failures[str(endpoint)] = UnansweredError(attempt.stage)
        for host in self._handed_out.values():
            if self._failures.get(host, self) is None:
                self._failures[host] = UnansweredError("opened")
        for endpoint in getattr(self._cluster, "endpoints_resolved", ()):
            self._failures.setdefault(str(endpoint), UnansweredError("untried"))

    def _finished(self) -> int:
        return sum(each.failed or each.connection is not None for each in self._attempts.values())

    def _failure(self, endpoint: Any, error: BaseException) -> BaseException:
        if isinstance(error, _ANOTHER_VERSION):
            del self._attempts[endpoint]
            self._agreeing = endpoint
        return error

    def _hand_out(self, endpoint: Any, attempt: _Attempt) -> Any:
        """Give the library its connection; it stays known here, to be closed if nobody waits any more."""
        self._cluster.connect_timeout = self._stated
        # Nodes that do not say their own port are held to listen where this one does.
        by_default: Any = getattr(self._cluster, "endpoint_factory", None)
        if getattr(by_default, "port", None) == self._cluster.port:
            by_default.port = endpoint.port
        self._cluster.port = endpoint.port
        del self._attempts[endpoint]
        self._handed_out[attempt] = str(endpoint)
        return attempt.connection

    def _start(self, endpoint: Any) -> None:
        if endpoint in self._attempts or self._given_up:
            return
        left = self._deadline - time.monotonic()
        if left <= 0:
            self._failures.setdefault(str(endpoint), UnansweredError("unknown"))
            raise GivenUpError
        # Its end comes from here: of one that the library has given up, nobody could tell any more how far it had come.
        self._cluster.connect_timeout = left + _SLACK
        attempt = self._attempts[endpoint] = _Attempt()
        self._failures[str(endpoint)] = None
        in_own_thread(lambda: self._attempt(endpoint, attempt), "coodie-reaching")

    def _attempt(self, endpoint: Any, attempt: _Attempt) -> None:
        _current.attempt = attempt
        opened, failure = None, None
        try:
            opened = self._factory(endpoint, is_control_connection=True)
        except BaseException as error:  # noqa: BLE001 - those who wait must hear of it
            failure = error
        with self._changed:
            attempt.connection, attempt.error = opened, failure
            if not attempt.abandoned:  # else it ended because it was closed here
                self._failures[str(endpoint)] = failure
            if opened is not None and attempt.abandoned:
                opened.close()
            self._changed.notify_all()
