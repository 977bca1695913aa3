"""The arguments of a connection: their names, what each takes, and which contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from coodie_drivers.consistency import checked_consistency, checked_serial_consistency
from coodie_drivers.errors import ConfigurationError
from coodie_drivers.spelling import did_you_mean
from coodie_drivers.tls import TLS_ARGUMENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

__all__ = ["CHECKS", "refuse_contradictions", "refuse_unknown"]

_READ_FIRST: Final = ("dsn", "hosts", "port", *TLS_ARGUMENTS)
"""Arguments that are not fields of the record but make some of its fields."""

_OTHER_NAMES: Final = {
    "address": "hosts",
    "app_name": "application_name",
    "connection_string": "dsn",
    "consistency_level": "consistency",
    "contact_points": "hosts",
    "default_consistency_level": "consistency",
    "default_fetch_size": "fetch_size",
    "default_keyspace": "keyspace",
    "default_timeout": "request_timeout",
    "dc": "datacenter",
    "host": "hosts",
    "local_datacenter": "datacenter",
    "local_dc": "datacenter",
    "nodes": "hosts",
    "page_size": "fetch_size",
    "serial_consistency_level": "serial_consistency",
    "timeout": "request_timeout",
    "uri": "dsn",
    "url": "dsn",
    "user": "username",
}

_BEFORE_CONNECTING: Final = ("codec", "driver_type", "lazy", "name", "session")
"""Arguments of `init_coodie` that decide before a record is made."""

_EXCLUDE_EACH_OTHER: Final = (
    ("auth_provider", ("username", "credentials")),
    ("credentials", ("username",)),
    ("load_balancing_policy", ("datacenter",)),
)

_REFUSED: Final = {
    "ssl_options": "give ssl_context=ssl.create_default_context(...): it verifies certificates and host names",
    "execution_profiles": "use consistency, serial_consistency, request_timeout, load_balancing_policy and "
    "speculative_execution_policy, or connect by yourself and give the session",
}


def refuse_unknown(names: Iterable[str], option_names: Collection[str]) -> None:
    """Refuse a name that neither `init_coodie` nor the client library knows.

    Raises:
        ConfigurationError: names the argument that may have been meant.
    """
    for name in names:
        if name not in CHECKS and name not in _READ_FIRST and name not in option_names:
            raise _unknown(name, option_names)


def refuse_contradictions(given: Mapping[str, object]) -> None:
    """Refuse arguments that say the same thing twice, or a half of it.

    Raises:
        ConfigurationError: names the arguments.
    """
    if ("username" in given) != ("password" in given):
        raise ConfigurationError("username and password belong together: give both or neither")
    for one, others in _EXCLUDE_EACH_OTHER:
        also = [other for other in others if other in given]
        if one in given and also:
            raise ConfigurationError(f"give either {one} or {' and '.join(also)}, not both")


def _unknown(name: str, option_names: Collection[str]) -> ConfigurationError:
    if name in _REFUSED:
        return ConfigurationError(f"'{name}' is not taken: {_REFUSED[name]}")
    if name in _OTHER_NAMES:
        return ConfigurationError(f"there is no argument '{name}': it is called '{_OTHER_NAMES[name]}'")
    known = {*CHECKS, *_READ_FIRST, *_BEFORE_CONNECTING, *option_names}
    return ConfigurationError(
        f"there is no argument '{name}', neither here nor in the client library{did_you_mean(name, sorted(known))}"
    )


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ConfigurationError(f"{name} must be a text, not {type(value).__name__ if value != '' else 'empty'}")
    return value


def _password(name: str, value: object) -> str:
    """Take a text, or what hides one as `pydantic.SecretStr` does."""
    reveal = getattr(value, "get_secret_value", None)
    return _text(name, value if reveal is None else reveal())


def _credentials(name: str, value: object) -> object:
    if not callable(value):
        raise ConfigurationError(f"{name} must be a function that returns (username, password), not a value")
    return value


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise ConfigurationError(f"{name} must be True or False, not {value!r}")
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


CHECKS: Final[Mapping[str, Callable[[str, Any], object]]] = {
    "keyspace": _text,
    "username": _text,
    "password": _password,
    "credentials": _credentials,
    "ssl_context": _ssl_context,
    "require_tls": _flag,
    "compression": _compression,
    "speculative_execution_policy": _as_it_is,
    "consistency": _consistency,
    "serial_consistency": _serial_consistency,
    "request_timeout": _seconds,
    "connect_timeout": _seconds,
    "fetch_size": _rows,
    "datacenter": _text,
    "application_name": _text,
}
"""What is a field of the record, each with the check that returns its value."""
