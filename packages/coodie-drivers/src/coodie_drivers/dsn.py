"""A connection as one text, `cassandra://user:password@h1,h2:9042/keyspace?datacenter=dc1`, and as the environment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, unquote

from coodie_drivers.errors import ConfigurationError
from coodie_drivers.hiding import shown
from coodie_drivers.hosts import parsed_hosts
from coodie_drivers.spelling import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["ENVIRONMENT_PREFIX", "arguments_from_dsn", "arguments_from_environment", "driver_type_of"]

ENVIRONMENT_PREFIX: Final = "COODIE_"

_SCHEMES: Final = ("cassandra", "scylla")
_PERCENT: Final = (
    "what stands there for itself is written with percent signs: %2F for /, %3F for ?, %3A for :, %40 for @"
)
_NOT_ENCODED: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_WRITTEN: Final = "cassandra://user:password@host1,host2:9042/keyspace?datacenter=dc1"
_SHORT: Final = {"dc": "datacenter"}
_TRUE, _FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})


def arguments_from_dsn(dsn: object) -> dict[str, Any]:
    """Return what a DSN says as arguments of `init_coodie`; all but the scheme and the hosts may be left out.

    The scheme is `cassandra` or `scylla`, which mean the same, and may name a driver type: `cassandra+acsylla`. What
    stands in a URL for itself is written with percent signs there: `p%40ss` for `p@ss`.

    Raises:
        ConfigurationError: if it cannot be read. It never shows the DSN, which may hold a password.

    >>> arguments_from_dsn("cassandra://ann:p%40ss@db1,[::1]:9043/shop?fetch_size=500&dc=dc1")["hosts"]
    ['db1', '[::1]:9043']
    """
    _, rest = _split_scheme(dsn)
    place, _, query = rest.partition("?")
    if "@" in query or "@" in place.partition("/")[2]:
        raise ConfigurationError(
            f"the dsn has an @ after a / or a ?, as if these were of a user or password; {_PERCENT}"
        )
    authority, _, keyspace = place.partition("/")
    login, _, hosts = authority.rpartition("@")
    found: dict[str, Any] = {}
    if hosts:
        found["hosts"] = _hosts(hosts)
    if login:
        username, colon, password = login.partition(":")
        if not colon:
            raise ConfigurationError("the dsn has a user without a password: write user:password@ before the hosts")
        found |= {"username": _decoded(username), "password": _decoded(password)}
    if keyspace:
        found["keyspace"] = _decoded(keyspace)
    for name, text in _options(query):
        if name in found:
            raise ConfigurationError(f"the dsn says {name} twice")
        found[name] = _READ[name](name, text)
    return found


def _decoded(text: str) -> str:
    if _NOT_ENCODED.search(text) is not None:
        raise ConfigurationError("the dsn has a % that no two hexadecimal digits follow: % itself is written %25")
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise ConfigurationError("the dsn has bytes in %XX that are not UTF-8: é, for instance, is %C3%A9") from None


def _hosts(text: str) -> list[str]:
    """Return the hosts, which are perhaps a login without its @ and never shown."""
    hosts = [_decoded(host) for host in text.split(",")]
    try:
        parsed_hosts(hosts)
    except ConfigurationError:
        raise ConfigurationError(f"the hosts of the dsn cannot be read: write {_WRITTEN!r}; {_PERCENT}") from None
    return hosts


def driver_type_of(dsn: object) -> str | None:
    """Return the driver type that a DSN names in its scheme; None when it names none.

    >>> driver_type_of("scylla+acsylla://db1")
    'acsylla'
    """
    scheme, _ = _split_scheme(dsn)
    return scheme.partition("+")[2] or None


def arguments_from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return what `COODIE_DSN`, `COODIE_HOSTS`, `COODIE_KEYSPACE` and the like say as arguments of `init_coodie`.

    Each option that a DSN can have has a variable, such as `COODIE_REQUEST_TIMEOUT`. Hosts are separated by commas.

    Raises:
        ConfigurationError: if a variable cannot be read, or is nearly named as one that would be; names it.

    >>> arguments_from_environment({"COODIE_HOSTS": "db1,db2", "COODIE_FETCH_SIZE": "500"})
    {'hosts': ['db1', 'db2'], 'fetch_size': 500}
    """
    found: dict[str, Any] = {}
    for name, read in _VARIABLES.items():
        variable = ENVIRONMENT_PREFIX + name.upper()
        text = environment.get(variable, "")
        if text:
            argument = _SHORT.get(name, name)
            if argument in found:
                raise ConfigurationError(f"{variable} says what {ENVIRONMENT_PREFIX}{argument.upper()} says: keep one")
            found[argument] = read(variable, text)
    _refuse_misspelt(environment)
    return found


def _refuse_misspelt(environment: Mapping[str, str]) -> None:
    """Refuse a variable that is nearly one that is read; others that begin so may be of other programs."""
    for variable, text in environment.items():
        name = variable.removeprefix(ENVIRONMENT_PREFIX).lower()
        if not text or name == variable.lower() or name in _VARIABLES:
            continue
        if name == "driver_type":
            raise ConfigurationError(f"{variable} is not read: the scheme of COODIE_DSN says it, cassandra+acsylla://…")
        meant = nearest(name, _VARIABLES, least=0.8)
        if meant is not None:
            raise ConfigurationError(f"{variable} is not read: did you mean {ENVIRONMENT_PREFIX}{meant.upper()}?")


def _split_scheme(dsn: object) -> tuple[str, str]:
    text: object = shown(dsn)  # a pydantic.SecretStr hides one
    if not isinstance(text, str):
        raise ConfigurationError(f"dsn must be a text such as {_WRITTEN!r}, not {type(text).__name__}")
    scheme, separator, rest = text.partition("://")
    scheme = scheme.lower()
    if not separator or scheme.partition("+")[0] not in _SCHEMES:
        raise ConfigurationError(f"a dsn begins with {' or '.join(f'{each}://' for each in _SCHEMES)}: {_WRITTEN}")
    return scheme, rest


def _options(query: str) -> list[tuple[str, str]]:
    try:
        # A plus is a plus, as before the ?; only forms of web pages write a blank so.
        plain = query.replace("+", "%2B")
        pairs = parse_qsl(plain, keep_blank_values=True, strict_parsing=bool(plain), errors="strict")
    except ValueError:
        raise ConfigurationError("what follows the ? of the dsn cannot be read: write name=value&name=value") from None
    named = [(_SHORT.get(name, name), text) for name, text in pairs]
    for name, _ in named:
        if name not in _READ:
            known = sorted(_READ)
            raise ConfigurationError(
                f"a dsn has no option {name!r}{did_you_mean(name, known)}; it has {', '.join(known)}"
            )
    return named


def _text(_: str, text: str) -> str:
    return text


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ConfigurationError(f"{name} must be a number, not {text!r}") from None


def _whole(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ConfigurationError(f"{name} must be a whole number, not {text!r}") from None


def _flag(name: str, text: str) -> bool:
    if text.lower() not in _TRUE | _FALSE:
        raise ConfigurationError(f"{name} must be true or false, not {text!r}")
    return text.lower() in _TRUE


def _flag_or_name(_: str, text: str) -> bool | str:
    return text.lower() in _TRUE if text.lower() in _TRUE | _FALSE else text


_READ: Final[Mapping[str, Callable[[str, str], object]]] = {
    "port": _whole,
    "datacenter": _text,
    "consistency": _text,
    "serial_consistency": _text,
    "request_timeout": _number,
    "connect_timeout": _number,
    "retry_connect": _number,
    "fetch_size": _whole,
    "compression": _flag_or_name,
    "application_name": _text,
    "require_tls": _flag,
    "ssl_enabled": _flag,
    "ssl_trusted_cert": _text,
    "ssl_cert": _text,
    "ssl_private_key": _text,
    "ssl_verify_flags": _whole,
}
"""The options that a text can say, each with how it is read."""

_VARIABLES: Final[Mapping[str, Callable[[str, str], object]]] = {
    "dsn": _text,
    "hosts": lambda _, text: [host.strip() for host in text.split(",")],
    "keyspace": _text,
    "username": _text,
    "password": _text,
    **_READ,
    "dc": _text,
}
