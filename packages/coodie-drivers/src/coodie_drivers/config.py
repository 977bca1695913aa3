"""What a connection is made of: one record that every adapter reads, and the checks on what a user wrote."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from coodie_drivers.consistency import checked_consistency, checked_serial_consistency
from coodie_drivers.errors import ConfigurationError
from coodie_drivers.spelling import did_you_mean
from coodie_drivers.tls import TLS_ARGUMENTS, context_from

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from ssl import SSLContext

    from coodie_drivers.consistency import Consistency, SerialConsistency

__all__ = [
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

_READ_FIRST: Final = ("hosts", "port", *TLS_ARGUMENTS)
"""Arguments that are not fields of the record but make some of its fields."""

_OTHER_NAMES: Final = {
    "address": "hosts",
    "consistency_level": "consistency",
    "contact_points": "hosts",
    "default_consistency_level": "consistency",
    "default_fetch_size": "fetch_size",
    "default_keyspace": "keyspace",
    "default_timeout": "request_timeout",
    "host": "hosts",
    "nodes": "hosts",
    "page_size": "fetch_size",
    "serial_consistency_level": "serial_consistency",
    "timeout": "request_timeout",
    "user": "username",
}

_SECONDS: Final = frozenset({"connect_timeout"})
"""Options of client libraries that are times, checked here so that a wrong one is refused before anything connects."""

_BEFORE_CONNECTING: Final = ("driver_type", "lazy", "name", "session")
"""Arguments of `init_coodie` that decide before a record is made."""

_REFUSED: Final = {
    "ssl_options": "give ssl_context=ssl.create_default_context(...): it verifies certificates and host names",
    "execution_profiles": "use consistency, serial_consistency, request_timeout, load_balancing_policy and "
    "speculative_execution_policy, or connect by yourself and give the session",
}


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
        ssl_context: how to encrypt; None for a plain connection.
        compression: True for any that is installed, its name, False for none; None leaves it to the client library.
        speculative_execution_policy: the client library's own object; used for idempotent statements only.
        consistency: the level for reads and writes; None for the client library's own (`LOCAL_ONE`).
        serial_consistency: the level of a lightweight transaction's Paxos phase; None for the server's (`SERIAL`).
        request_timeout: seconds to wait for an answer.
        fetch_size: rows in a page.
        options: further arguments for the client library.
    """

    hosts: tuple[Host, ...] = (Host(DEFAULT_HOST, DEFAULT_PORT),)
    keyspace: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ssl_context: SSLContext | None = None
    compression: str | bool | None = None
    speculative_execution_policy: object | None = None
    consistency: Consistency | None = None
    serial_consistency: SerialConsistency | None = None
    request_timeout: float = DEFAULT_REQUEST_TIMEOUT
    fetch_size: int = DEFAULT_FETCH_SIZE
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
        for name in arguments:
            if name not in _CHECKS and name not in _READ_FIRST and name not in option_names:
                raise _unknown(name, option_names)
        given = {name: value for name, value in arguments.items() if value is not None}
        _refuse_contradictions(given)
        port = _port(given.pop("port", DEFAULT_PORT))
        values: dict[str, Any] = {
            "hosts": parsed_hosts(given.pop("hosts", [DEFAULT_HOST]), port),
            "ssl_context": context_from(given),
        }
        for name, check in _CHECKS.items():
            if name in given:
                values[name] = check(name, given.pop(name))
        options = {name: _checked_option(name, value) for name, value in given.items() if name in option_names}
        return cls(**values, options=options)


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


def _refuse_contradictions(given: Mapping[str, object]) -> None:
    if ("username" in given) != ("password" in given):
        raise ConfigurationError("username and password belong together: give both or neither")
    if "username" in given and "auth_provider" in given:
        raise ConfigurationError("give either username and password or auth_provider, not both")


def _unknown(name: str, option_names: Collection[str]) -> ConfigurationError:
    if name in _REFUSED:
        return ConfigurationError(f"'{name}' is not taken: {_REFUSED[name]}")
    if name in _OTHER_NAMES:
        return ConfigurationError(f"there is no argument '{name}': it is called '{_OTHER_NAMES[name]}'")
    known = {*_CHECKS, *_READ_FIRST, *_BEFORE_CONNECTING, *option_names}
    return ConfigurationError(
        f"there is no argument '{name}', neither here nor in the client library{did_you_mean(name, sorted(known))}"
    )


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ConfigurationError(f"{name} must be a text, not {type(value).__name__ if value != '' else 'empty'}")
    return value


def _ssl_context(name: str, value: object) -> object:
    from ssl import SSLContext  # noqa: PLC0415 - only an encrypted connection needs it

    if not isinstance(value, SSLContext):
        raise ConfigurationError(f"{name} must be an ssl.SSLContext, not {type(value).__name__}")
    return value


def _compression(name: str, value: object) -> object:
    if not isinstance(value, (bool, str)):
        raise ConfigurationError(f"{name} must be True, False or a name such as 'lz4', not {type(value).__name__}")
    return value


def _seconds(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        raise ConfigurationError(f"{name} must be a number of seconds above 0, not {value!r}")
    return float(value)


def _checked_option(name: str, value: object) -> object:
    return _seconds(name, value) if name in _SECONDS else value


def _rows(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigurationError(f"{name} must be a number of rows above 0, not {value!r}")
    return value


def _as_it_is(_: str, value: object) -> object:
    return value


def _consistency(_: str, value: object) -> str:
    return checked_consistency(cast("str", value))


def _serial_consistency(_: str, value: object) -> str:
    return checked_serial_consistency(cast("str", value))


_CHECKS: Final[Mapping[str, Callable[[str, Any], object]]] = {
    "keyspace": _text,
    "username": _text,
    "password": _text,
    "ssl_context": _ssl_context,
    "compression": _compression,
    "speculative_execution_policy": _as_it_is,
    "consistency": _consistency,
    "serial_consistency": _serial_consistency,
    "request_timeout": _seconds,
    "fetch_size": _rows,
}
