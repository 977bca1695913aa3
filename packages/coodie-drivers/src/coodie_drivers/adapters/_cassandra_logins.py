"""Logging in on each connection with what is right at that moment, and again after it failed for a while.

The package `cassandra` asks for a login once for all the times that it tries to reach a node again, and never tries
again after one was refused: a password that is changed on both sides, a vault that is away for a second, or nodes that
cannot read their own roles while others start, would have ended a driver for good.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from coodie_drivers.adapters._cassandra_library import auth, connection, errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.config import ConnectionConfig


class Logins:
    """What makes, for one cluster, the library's answer to the questions of a server.

    Attributes:
        authenticator: makes it for a connection to that address.
        got_in: whether the cluster has let a connection in yet; until then a refusal is final.
    """

    def __init__(self, authenticator: Callable[[Any], Any]) -> None:
        self.authenticator = authenticator
        self.got_in = False

    def new_authenticator(self, host: Any) -> Login:
        """Return what stands for it until a connection is opened, which may be done many times with the same one."""
        return Login(self, host)


class Login(NamedTuple):
    """Stands for what logs in on a connection to that address."""

    logins: Logins
    host: Any

    def now(self) -> Any:
        """Return it.

        Raises:
            ConnectionException: if it cannot be had just now, and could before, so that the library tries again.
        """
        try:
            return self.logins.authenticator(self.host)
        except BaseException as error:
            if self.logins.got_in:
                # Without its text, which might name a password.
                raise connection.ConnectionException(f"no login: {type(error).__name__}", self.host) from error
            raise


def logins_of(config: ConnectionConfig) -> Logins:
    """Return logins with what the record says at that moment, so that a password may change while the program runs."""

    def authenticator(host: Any) -> Any:
        username, password = config.login() or ("", "")
        return auth.PlainTextAuthProvider(username, password).new_authenticator(host)

    return Logins(authenticator)


@lru_cache(maxsize=8)
def logging_in(connection_class: Any) -> Any:
    """Return a class of connections like this one, that ask for their login when they are opened."""

    def factory(cls: Any, endpoint: Any, timeout: float, *arguments: Any, **options: Any) -> Any:
        login, inherited = options.get("authenticator"), partial(connection_class.factory.__func__, cls)
        if not isinstance(login, Login):
            return inherited(endpoint, timeout, *arguments, **options)
        options["authenticator"] = login.now()
        try:
            opened = inherited(endpoint, timeout, *arguments, **options)
        except errors.AuthenticationFailed as error:
            if login.logins.got_in:
                raise connection.ConnectionException(str(error), endpoint) from error
            raise
        login.logins.got_in = True
        return opened

    return type(connection_class.__name__, (connection_class,), {"factory": classmethod(factory)})
