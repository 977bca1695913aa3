"""Logins whose password changes, asked for when the package `scylla` opens a connection.

It asks in one of its own threads, of which it has as many as the machine has processors: while all of them wait, no
request of any session is answered. So `credentials` runs in another thread, and a login waits for it but a moment.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters._rust_library import logins
from coodie_drivers.blocking import in_own_thread

if TYPE_CHECKING:
    from concurrent.futures import Future

    from coodie_drivers.config import ConnectionConfig

    Login = tuple[str, str]

_MOMENT: Final = 0.05
"""Seconds that a thread of the library waits for `credentials`."""

_KEPT: Final = 10.0
"""Seconds for which what `credentials` returned serves the logins that cannot wait until it returns again."""


class _NotYetError(Exception):
    """`credentials` has not returned; the library tries again a little later, and has it then."""


class _Login(logins.Authenticator):  # type: ignore[misc]  # the library has no types
    """Answers one node, as SASL PLAIN has it (RFC 4616)."""

    def __init__(self, username: str, password: str) -> None:
        self._answer = f"\0{username}\0{password}".encode()

    def initial_response(self) -> bytes:
        """Return the login; Cassandra asks for it once."""
        return self._answer

    def evaluate_challenge(self, _: bytes | None) -> bytes:
        """Return the login where a server asks for it later."""
        return self._answer

    def success(self, _: bytes | None) -> None:
        """Take note of being let in."""


class Logins(logins.AuthenticatorProvider):  # type: ignore[misc]  # the library has no types
    """Asks `credentials` at each login.

    Attributes:
        failure: why the last login could not be made; what is raised here the library tells as its own failure.
    """

    def __init__(self, config: ConnectionConfig) -> None:
        """Take the record that knows how to log in."""
        self._config = config
        self.failure: BaseException | None = None
        self._lock = threading.Lock()
        self._asked: Future[Login | None] | None = None
        self._kept: tuple[Login | None, float] | None = None

    def ask(self, seconds: float) -> None:
        """Have `credentials` asked before there is a connection whose login would have to wait for it.

        Raises:
            TimeoutError: if it does not return within so many seconds.
            BaseException: whatever it raises.
        """
        if self._config.credentials is not None:
            self._asking().result(max(0, seconds))

    def new_authenticator(self, _: str) -> Any:
        """Return what answers one node."""
        try:
            login = self._asking().result(_MOMENT)
        except TimeoutError:
            login, at = self._kept or (None, float("-inf"))
            if time.monotonic() - at > _KEPT:
                raise _NotYetError from None
        username, password = login or ("", "")
        return _Login(username, password)

    def _asking(self) -> Future[Login | None]:
        """Return the answer of `credentials` that is on its way, or will be now."""
        with self._lock:
            if self._asked is None or self._asked.done():
                self._asked = in_own_thread(self._login, "coodie-credentials")
            return self._asked

    def _login(self) -> Login | None:
        try:
            login = self._config.login()
        except BaseException as error:  # SystemExit, say
            self.failure = error
            raise
        self.failure = None
        self._kept = (login, time.monotonic())
        return login
