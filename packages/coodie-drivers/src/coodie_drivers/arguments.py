"""The arguments of a connection: their names, what each takes, and which contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from coodie_drivers.consistency import checked_consistency, checked_serial_consistency
from coodie_drivers.dsn import arguments_from_dsn, arguments_from_environment
from coodie_drivers.errors import ConfigurationError
from coodie_drivers.hiding import Hidden, hidden, shown, unframed
from coodie_drivers.spelling import did_you_mean
from coodie_drivers.tls import TLS_ARGUMENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

__all__ = [
    "ARGUMENTS",
    "CHECKS",
    "LONGEST",
    "OPTION_CHECKS",
    "refuse_contradictions",
    "refuse_unknown",
    "seconds_fault",
    "text_fault",
    "with_dsn",
    "with_environment",
]

_READ_FIRST: Final = ("dsn", "hosts", "port", *TLS_ARGUMENTS)
"""Arguments that are not fields of the record but make some of its fields."""

LONGEST: Final = 1_000_000
"""Seconds that a time may have, more than eleven days: the client libraries count milliseconds in 32 bits."""

_MOST_ROWS: Final = 2**31 - 1
"""Rows that a page may have: the protocol counts them in 32 bits."""

_LONGEST_STRING: Final = 2**16 - 1
"""Bytes that a text may have which a client tells of itself when it connects."""

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

_BEFORE_CONNECTING: Final = ("codec", "driver_type", "lazy", "name", "observers", "session")
"""Arguments of `init_coodie` that decide before a record is made."""

_EXCLUDE_EACH_OTHER: Final = (
    ("auth_provider", ("username", "credentials")),
    ("credentials", ("username",)),
    ("load_balancing_policy", ("datacenter",)),
)

_GOES_BEFORE: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("username", "credentials", "auth_provider"), ("username", "password")),
    "ssl_context": TLS_ARGUMENTS,
    **dict.fromkeys(TLS_ARGUMENTS, ("ssl_enabled",)),
    "ssl_cert": ("ssl_enabled", "ssl_private_key"),
    "ssl_private_key": ("ssl_enabled", "ssl_cert"),
    "load_balancing_policy": ("datacenter",),
}
"""What the environment may say beside an argument, and what that argument leaves of no effect, besides itself."""

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


def with_dsn(given: Mapping[str, Any], *, elsewhere: str = "as an argument") -> dict[str, Any]:
    """Return the arguments with what their DSN says, which may stand in one of the two only.

    Args:
        given: the arguments, of which one may be `dsn`.
        elsewhere: where the others come from, for the error.

    Raises:
        ConfigurationError: if it cannot be read, or says what an argument says; never shows it.
    """
    if given.get("dsn") is None:
        return dict(given)
    with unframed():
        named = hidden(arguments_from_dsn(given["dsn"]))
    both = sorted({*named} & {*given})
    if both:
        raise ConfigurationError(f"the dsn says {' and '.join(both)} too: give it there or {elsewhere}")
    return {**named, **{name: value for name, value in given.items() if name != "dsn"}}


def with_environment(given: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the arguments with what the environment says and none of them says otherwise.

    Raises:
        ConfigurationError: if a variable cannot be read, or contradicts `COODIE_DSN`.
    """
    said = with_dsn(hidden(arguments_from_environment(environment)), elsewhere="as a variable of its own")
    dropped = {name for argument in given for name in (argument, *_GOES_BEFORE.get(argument, ()))}
    if given.get("ssl_enabled") is False:
        dropped.update(TLS_ARGUMENTS)
    return {**{name: value for name, value in said.items() if name not in dropped}, **given}


def seconds_fault(value: object, *, least: str = "above 0") -> str | None:
    """Return what is wrong with a time, to be said behind what it is for; None when nothing is.

    >>> seconds_fault(2.5), seconds_fault(0), seconds_fault(0, least="from 0")
    (None, 'above 0, not 0', None)
    >>> seconds_fault(float("inf"))
    'of 1,000,000 at most'
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return f"{least}, not {type(value).__name__}"
    if value > LONGEST:
        return f"of {LONGEST:,} at most"
    if value > 0 or (value == 0 and least == "from 0"):
        return None
    return f"{least}, not {'less' if value < -LONGEST else value}"


def text_fault(text: str) -> str | None:
    r"""Return what a text holds that no client library can tell a server, to be said behind its name; None if nothing.

    >>> text_fault("pass\0word")
    'a NUL (U+0000), at which some client libraries cut a text'
    """
    if "\0" in text:
        return "a NUL (U+0000), at which some client libraries cut a text"
    try:
        text.encode()
    except UnicodeEncodeError:
        return (
            "half of a surrogate pair (U+D800 to U+DFFF): UTF-8 has none; "
            "so Python reads a variable of the environment that is not in UTF-8"
        )
    return None


def _unknown(name: str, option_names: Collection[str]) -> ConfigurationError:
    if name in _REFUSED:
        return ConfigurationError(f"'{name}' is not taken: {_REFUSED[name]}")
    if name in _OTHER_NAMES:
        return ConfigurationError(f"there is no argument '{name}': it is called '{_OTHER_NAMES[name]}'")
    known = sorted({*ARGUMENTS, *option_names})
    return ConfigurationError(
        f"there is no argument '{name}', neither here nor in the client library{did_you_mean(name, known)}"
    )


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ConfigurationError(f"{name} must be a text, not {type(value).__name__ if value != '' else 'empty'}")
    fault = text_fault(value)
    if fault is not None:
        raise ConfigurationError(f"{name} holds {fault}")
    return value


def _keyspace(name: str, value: object) -> str:
    """Take a name that a keyspace can have, which servers allow no other characters than these."""
    text = _text(name, value)
    if not text.isascii() or not text.replace("_", "a").isalnum():
        raise ConfigurationError(f"{name} must be a name of letters, digits and _, not {text!r}")
    return text


def _short_text(name: str, value: object) -> str:
    """Take a text that the protocol has room for where it counts bytes in 16 bits."""
    text = _text(name, value)
    size = len(text.encode())
    if size > _LONGEST_STRING:
        raise ConfigurationError(f"{name} must be a text of {_LONGEST_STRING:,} bytes of UTF-8 at most, not {size:,}")
    return text


def _password(name: str, value: object) -> Hidden:
    """Take a text, or what hides one as `pydantic.SecretStr` does."""
    if not isinstance(shown(value), str) or not shown(value):
        raise ConfigurationError(
            f"{name} must be a text, not {type(shown(value)).__name__ if shown(value) else 'empty'}"
        )
    fault = text_fault(shown(value))
    if fault is not None:
        raise ConfigurationError(f"{name} holds {fault}")
    return Hidden(shown(value))


def _credentials(name: str, value: object) -> object:
    if not callable(value):
        raise ConfigurationError(f"{name} must be a function that returns (username, password), not a value")
    return value


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise ConfigurationError(f"{name} must be True or False, not {value!r}")
    return value


def _ssl_context(name: str, value: object) -> object:
    from ssl import PROTOCOL_TLS_SERVER, SSLContext  # noqa: PLC0415 - only an encrypted connection needs it

    if not isinstance(value, SSLContext):
        raise ConfigurationError(f"{name} must be an ssl.SSLContext, not {type(value).__name__}")
    if value.protocol == PROTOCOL_TLS_SERVER:
        raise ConfigurationError(
            f"{name} is for a server (PROTOCOL_TLS_SERVER): a client takes ssl.create_default_context(cafile=…)"
        )
    return value


def _compression(name: str, value: object) -> object:
    if not isinstance(value, (bool, str)):
        raise ConfigurationError(f"{name} must be True, False or a name such as 'lz4', not {type(value).__name__}")
    return value


def _seconds(name: str, value: object) -> float:
    fault = seconds_fault(value)
    if fault is not None:
        raise ConfigurationError(f"{name} must be a number of seconds {fault}")
    return float(cast("float", value))


def _rows(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigurationError(f"{name} must be a number of rows above 0, not {value!r}")
    if value > _MOST_ROWS:
        raise ConfigurationError(f"{name} must be a number of rows of {_MOST_ROWS:,} at most")
    return value


def _as_it_is(_: str, value: object) -> object:
    return value


def _consistency(_: str, value: object) -> str:
    return checked_consistency(cast("str", value))


def _serial_consistency(_: str, value: object) -> str:
    return checked_serial_consistency(cast("str", value))


CHECKS: Final[Mapping[str, Callable[[str, Any], object]]] = {
    "keyspace": _keyspace,
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
    "retry_connect": _seconds,
    "fetch_size": _rows,
    "datacenter": _text,
    "application_name": _short_text,
}
"""What is a field of the record, each with the check that returns its value."""

OPTION_CHECKS: Final[Mapping[str, Callable[[str, Any], object]]] = {"application_version": _short_text}
"""Checks of arguments that not every client library takes; those that do name them alike."""

ARGUMENTS: Final = frozenset((*CHECKS, *_READ_FIRST, *_BEFORE_CONNECTING))
"""The names of all arguments of `init_coodie` and `init_coodie_async` but the client library's own."""
