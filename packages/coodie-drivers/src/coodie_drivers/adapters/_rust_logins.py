"""Logins whose password changes, asked for by the package `scylla` on each new connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coodie_drivers.adapters._rust_library import logins
from coodie_drivers.errors import ConfigurationError

if TYPE_CHECKING:
    from coodie_drivers.config import ConnectionConfig


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
        self.failure: ConfigurationError | None = None

    def new_authenticator(self, _: str) -> Any:
        """Return what answers one node."""
        try:
            login = self._config.login()
        except ConfigurationError as error:
            self.failure = error
            raise
        self.failure = None
        username, password = login or ("", "")
        return _Login(username, password)
