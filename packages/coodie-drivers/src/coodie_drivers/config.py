"""What a connection is made of: one record that every adapter reads, and the checks on what a user wrote."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from coodie_drivers.arguments import CHECKS, refuse_contradictions, refuse_unknown
from coodie_drivers.dsn import arguments_from_dsn
from coodie_drivers.errors import ConfigurationError
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
    "ConnectionConfig",
    "Host",
    "parsed_hosts",
]

DEFAULT_PORT: Final = 9042
DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_FETCH_SIZE: Final = 1_000
"""Rows in a page: enough to make a round trip worth its while, few enough that a page of wide rows stays small."""
DEFAULT_REQUEST_TIMEOUT: Final = 10.0
"""Seconds after which the client stops waiting for an answer."""
DEFAULT_CONNECT_TIMEOUT: Final = 5.0
"""Seconds within which a first node must have been reached."""


class Host(NamedTuple):
    """Where one node listens."""

    address: str
    port: int

    def __str__(self) -> str:
        """Write it as it is given to `init_coodie`."""
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


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
    fetch_size: int = DEFAULT_FETCH_SIZE
    datacenter: str | None = None
    application_name: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)

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
        given = {name: value for name, value in arguments.items() if value is not None}
        if "dsn" in given:
            given = _with_dsn(given)
            refuse_unknown(given, option_names)
        refuse_contradictions(given)
        port = _port(given.pop("port", DEFAULT_PORT))
        values: dict[str, Any] = {
            "hosts": parsed_hosts(given.pop("hosts", [DEFAULT_HOST]), port),
            "ssl_context": context_from(given),
            "tls_texts": texts_from(given),
        }
        for name, check in CHECKS.items():
            if name in given:
                values[name] = check(name, given.pop(name))
        if values.pop("require_tls", False) and values["ssl_context"] is None:
            raise ConfigurationError(
                "require_tls=True, but nothing says how to encrypt: give ssl_context or ssl_enabled"
            )
        options = {name: value for name, value in given.items() if name in option_names}
        return cls(**values, options=options)

    def login(self) -> tuple[str, str] | None:
        """Return whom to log in as and with which password, asking `credentials` anew each time; None for nobody.

        Raises:
            ConfigurationError: if `credentials` returns anything but two texts.
        """
        if self.credentials is None:
            return None if self.username is None or self.password is None else (self.username, self.password)
        found = self.credentials()
        if not _is_login(found):
            raise ConfigurationError(f"credentials() must return (username, password), not {type(found).__name__}")
        return found


def _is_login(value: object) -> TypeGuard[tuple[str, str]]:
    return isinstance(value, tuple) and [type(each) for each in cast("tuple[object, ...]", value)] == [str, str]


def _with_dsn(given: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments with what the DSN says, which may stand in one of the two only."""
    named = arguments_from_dsn(given.pop("dsn"))
    both = sorted({*named} & {*given})
    if both:
        raise ConfigurationError(f"the dsn says {' and '.join(both)} too: give it there or as an argument")
    return {**named, **given}


def parsed_hosts(hosts: object, port: int = DEFAULT_PORT) -> tuple[Host, ...]:
    """Read hosts written as `name`, `name:port`, an IPv6 address, or `[IPv6 address]:port`.

    Raises:
        ConfigurationError: if there is none, or one that cannot be read.
    """
    if isinstance(hosts, str):
        raise ConfigurationError(f"hosts must be a list of hosts, not one text: hosts=[{hosts!r}]")
    if not isinstance(hosts, (list, tuple, set, frozenset)):
        raise ConfigurationError(f"hosts must be a list of texts, not {type(hosts).__name__}")
    parsed = tuple(_host(host, port) for host in cast("Collection[object]", hosts))
    if not parsed:
        raise ConfigurationError("hosts is empty: name at least one node, such as hosts=['127.0.0.1']")
    return parsed


def _host(text: object, port: int) -> Host:
    if not isinstance(text, str) or not text.strip():
        raise ConfigurationError(f"a host must be a text such as 'db1' or 'db1:9042', not {text!r}")
    text = text.strip()
    if text.startswith("["):
        address, closed, rest = text[1:].partition("]")
        if not closed or not address or (rest and not rest.startswith(":")):
            raise ConfigurationError(f"host {text!r} cannot be read: write '[address]' or '[address]:port'")
        return Host(address, _port(rest[1:], text) if rest else port)
    if text.count(":") > 1:
        return Host(text, port)
    address, colon, given_port = text.partition(":")
    if not address:
        raise ConfigurationError(f"host {text!r} has no name before its port")
    return Host(address, _port(given_port, text) if colon else port)


def _port(value: object, host: str | None = None) -> int:
    where = "port" if host is None else f"the port of host {host!r}"
    try:
        number = int(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else 0
    except ValueError:
        number = 0
    if not 1 <= number <= 65_535:  # noqa: PLR2004 - the ports that exist
        raise ConfigurationError(f"{where} must be a number from 1 to 65535, not {value!r}")
    return number
