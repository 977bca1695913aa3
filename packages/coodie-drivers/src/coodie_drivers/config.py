"""What a connection is made of: one record that every adapter reads, and the checks on what a user wrote."""

from __future__ import annotations

import inspect
import ipaddress
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

from coodie_drivers.arguments import CHECKS, OPTION_CHECKS, refuse_contradictions, refuse_unknown, text_fault, with_dsn
from coodie_drivers.errors import ConfigurationError, PlainPasswordWarning
from coodie_drivers.hiding import hidden, shown, unframed
from coodie_drivers.hosts import DEFAULT_PORT, Host, parsed_hosts, parsed_port
from coodie_drivers.spelling import did_you_mean
from coodie_drivers.tls import TlsTexts, context_from, texts_from

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from ssl import SSLContext
    from typing import TypeGuard

    from coodie_drivers.consistency import Consistency, SerialConsistency

__all__ = [
    "DEFAULT_CONNECT_TIMEOUT",
    "DEFAULT_FETCH_SIZE",
    "DEFAULT_HOST",
    "DEFAULT_PORT",
    "DEFAULT_REQUEST_TIMEOUT",
    "FIRST_WITH_UNSET",
    "ConnectionConfig",
    "Host",
    "check_datacenter",
    "parsed_hosts",
    "warn_of_plain_password",
]

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_FETCH_SIZE: Final = 1_000
"""Rows in a page: enough to make a round trip worth its while, few enough that a page of wide rows stays small."""
DEFAULT_REQUEST_TIMEOUT: Final = 10.0
"""Seconds after which the client stops waiting for an answer."""
DEFAULT_CONNECT_TIMEOUT: Final = 5.0
"""Seconds within which a first node must have been reached."""
FIRST_WITH_UNSET: Final = 4
"""The version of the native protocol since which a value may be unset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionConfig:
    """How to reach a cluster, and what holds for each request that says nothing else.

    Attributes:
        hosts: the nodes to try first; the others are found through them.
        keyspace: the keyspace of models that name none; it need not exist yet.
        username: whom to log in as; None for a cluster that asks for no password.
        password: the password, never shown.
        credentials: asked for (username, password) at each login, for passwords that change.
        ssl_context: how to encrypt; None for a plain connection.
        tls_texts: the same as PEM texts, for client libraries that take no context; None where one was given as such.
        compression: True for any that is installed, its name, False for none; None leaves it to the client library.
        speculative_execution_policy: the client library's own object; used for idempotent statements only.
        consistency: the level for reads and writes; None for the client library's own (`LOCAL_ONE`).
        serial_consistency: the level of a lightweight transaction's Paxos phase; None for the server's (`SERIAL`).
        request_timeout: seconds to wait for an answer.
        connect_timeout: seconds within which a first node must have been reached.
        retry_connect: seconds to go on trying while none can be; an adapter need not know it.
        fetch_size: rows in a page.
        datacenter: whose nodes are asked; None leaves the choice to the client library.
        application_name: what the servers call this program in `system_views.clients`, where the library can tell them.
        options: further arguments for the client library.
    """

    hosts: tuple[Host, ...] = (Host(DEFAULT_HOST, DEFAULT_PORT),)
    keyspace: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    credentials: Callable[[], tuple[str, str]] | None = field(default=None, repr=False)
    ssl_context: SSLContext | None = None
    tls_texts: TlsTexts | None = field(default=None, repr=False)
    compression: str | bool | None = None
    speculative_execution_policy: object | None = None
    consistency: Consistency | None = None
    serial_consistency: SerialConsistency | None = None
    request_timeout: float = DEFAULT_REQUEST_TIMEOUT
    connect_timeout: float = DEFAULT_CONNECT_TIMEOUT
    retry_connect: float | None = None
    fetch_size: int = DEFAULT_FETCH_SIZE
    datacenter: str | None = None
    application_name: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    _asking: list[None] = field(default_factory=list[None], init=False, repr=False, compare=False)

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, Any], option_names: Collection[str] = ()) -> ConnectionConfig:
        """Check what `init_coodie` was given and return it as a record.

        Args:
            arguments: by name, those left at None included.
            option_names: what the client library takes beyond the arguments known here.

        Raises:
            ConfigurationError: if an argument is unknown, of the wrong kind, or contradicts another.

        >>> ConnectionConfig.from_arguments({"hosts": ["db1", "[::1]:9142"], "port": 9043}).hosts
        (Host(address='db1', port=9043), Host(address='::1', port=9142))
        """
        refuse_unknown(arguments, option_names)
        arguments = hidden(arguments)
        given = with_dsn({name: value for name, value in arguments.items() if value is not None})
        refuse_contradictions(given)
        port = parsed_port(given.pop("port", DEFAULT_PORT))
        values: dict[str, Any] = {"hosts": parsed_hosts(given.pop("hosts", [DEFAULT_HOST]), port)}
        with unframed():
            values |= {"ssl_context": context_from(given), "tls_texts": texts_from(given)}
        for name, check in CHECKS.items():
            if name in given:
                values[name] = check(name, given.pop(name))
        if values.pop("require_tls", False) and values["ssl_context"] is None:
            raise ConfigurationError(
                "require_tls=True, but nothing says how to encrypt: give ssl_context or ssl_enabled"
            )
        options = {name: value for name, value in given.items() if name in option_names}
        for name, check in OPTION_CHECKS.items():
            if name in options:
                options[name] = check(name, options[name])
        return cls(password=shown(values.pop("password", None)), **values, options=options)

    def login(self) -> tuple[str, str] | None:
        """Return whom to log in as and with which password, asking `credentials` anew each time; None for nobody.

        Raises:
            ConfigurationError: if `credentials` returns anything but two texts, or raises; that is the error's cause.
        """
        if self.credentials is None:
            return None if self.username is None or self.password is None else (self.username, self.password)
        self._asking.append(None)
        try:
            found = self.credentials()
        except Exception as error:
            raise ConfigurationError(f"credentials() failed with {type(error).__name__}, see its cause") from error
        finally:
            self._asking.pop()
        if not _is_login(found):
            kind = _kind_of_login(found)
            if inspect.iscoroutine(found):
                found.close()  # else Python warns of one that was never awaited, wherever it is collected
            del found  # a traceback may be shown with its variables
            raise ConfigurationError(f"credentials() must return (username, password), a tuple of texts, not {kind}")
        fault = next(filter(None, map(text_fault, found)), None)
        if fault is not None:
            del found
            raise ConfigurationError(f"what credentials() returned holds {fault}")
        return found

    def late_login(self) -> str | None:
        """Return why there was no answer within `connect_timeout` if `credentials` has not returned yet; else None."""
        return f"credentials() did not return within {self.connect_timeout:g} s" if self._asking else None


_LOGIN: Final = [str, str]
"""The types of a user name and a password."""


def _is_login(value: object) -> TypeGuard[tuple[str, str]]:
    return isinstance(value, tuple) and [type(each) for each in cast("tuple[object, ...]", value)] == _LOGIN


def _kind_of_login(value: object) -> str:
    """Return what was given for a login, by its types alone: it may hold a password."""
    if not isinstance(value, tuple):
        return type(value).__name__
    kinds = [type(each).__name__ for each in cast("tuple[object, ...]", value)]
    return f"({', '.join(kinds)})" if len(kinds) == len(_LOGIN) else f"a tuple of {len(kinds)}"


def check_datacenter(wanted: str | None, known: Collection[str]) -> None:
    """Refuse a datacenter in which no node is, of those that were found.

    Raises:
        ConfigurationError: lists those that there are.
    """
    if wanted is not None and known and wanted not in known:
        names = sorted(known)
        there = ", ".join(map(repr, names))
        raise ConfigurationError(f"no node is in datacenter {wanted!r}{did_you_mean(wanted, names)}; there are {there}")


def warn_of_plain_password(config: ConnectionConfig) -> None:
    """Warn, at the line of the user's that is to blame, of a password for everybody on the way to read."""
    logs_in = config.username is not None or config.credentials is not None
    away = [str(host) for host in config.hosts if not _is_this_machine(host.address)]
    if logs_in and config.ssl_context is None and away:
        message = (
            f"the password goes to {', '.join(away)} in plain text, for everybody on the way to read: give ssl_context "
            "or ssl_enabled=True (and require_tls=True, so that it cannot be forgotten)"
        )
        warnings.warn(message, PlainPasswordWarning, stacklevel=_depth_of_user())


def _is_this_machine(address: str) -> bool:
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:  # a name, such as 127.example.com
        return False


def _depth_of_user() -> int:
    """Return how many frames above its caller the first one stands that is not of this package."""
    frame, depth = inspect.currentframe(), 0
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == __package__:
        frame, depth = frame.f_back, depth + 1
    return depth
