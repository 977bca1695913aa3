"""Where nodes listen, read from how users write it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, cast

from coodie_drivers.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["DEFAULT_PORT", "Host", "parsed_hosts", "parsed_port"]

DEFAULT_PORT: Final = 9042


class Host(NamedTuple):
    """Where one node listens."""

    address: str
    port: int

    def __str__(self) -> str:
        """Write it as it is given to `init_coodie`."""
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


def parsed_hosts(hosts: object, port: int = DEFAULT_PORT) -> tuple[Host, ...]:
    """Read hosts written as `name`, `name:port`, an IPv6 address, or `[IPv6 address]:port`.

    Raises:
        ConfigurationError: if there is none, or one that cannot be read; it shows none that may hold a password.
    """
    if isinstance(hosts, str):
        told = "['db1', 'db2:9042']" if "@" in hosts or "://" in hosts else f"[{hosts!r}]"
        raise ConfigurationError(f"hosts must be a list of hosts, not one text: hosts={told}")
    if not isinstance(hosts, (list, tuple, set, frozenset)):
        raise ConfigurationError(f"hosts must be a list of texts, not {type(hosts).__name__}")
    parsed = tuple(_host(host, port) for host in cast("Collection[object]", hosts))
    if not parsed:
        raise ConfigurationError("hosts is empty: name at least one node, such as hosts=['127.0.0.1']")
    return parsed


def _host(text: object, port: int) -> Host:
    if not isinstance(text, str) or not text.strip():
        told = "empty" if isinstance(text, str) else type(text).__name__
        raise ConfigurationError(f"a host must be a text such as 'db1' or 'db1:9042', not {told}")
    text = text.strip()
    if "\0" in text:  # at which some client libraries cut a text
        raise ConfigurationError("a host is a name or an address, and one holds a NUL (U+0000), which neither does")
    if any(mark in text for mark in "@/?#"):
        raise ConfigurationError(
            "a host is a name or an address with or without a port, such as 'db1' or 'db1:9042', and one has an @, /, "
            "? or #: give a login as username=… and password=…, or all of it as one text with dsn=…"
        )
    if text.startswith("["):
        address, closed, rest = text[1:].partition("]")
        if not closed or not address or (rest and not rest.startswith(":")):
            raise ConfigurationError(f"host {text!r} cannot be read: write '[address]' or '[address]:port'")
        return Host(address, parsed_port(rest[1:], text) if rest else port)
    if text.count(":") > 1:
        return Host(text, port)
    address, colon, given_port = text.partition(":")
    if not address:
        raise ConfigurationError(f"host {text!r} has no name before its port")
    if not _is_name(address):
        raise ConfigurationError(f"host {text!r} cannot be a name: each part between dots has 1 to 63 characters")
    return Host(address, parsed_port(given_port, text) if colon else port)


def _is_name(address: str) -> bool:
    """Return whether a name can be looked up: Python raises where it cannot be written for that."""
    try:
        address.encode("idna")
    except UnicodeError:
        return False
    return True


def parsed_port(value: object, host: str | None = None) -> int:
    """Read the number of a port; `host` is the text in which it stands, if it does.

    Raises:
        ConfigurationError: if there is no such port.
    """
    where = "port" if host is None else f"the port of host {host!r}"
    try:
        number = int(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else 0
    except ValueError:
        number = 0
    if not 1 <= number <= 65_535:  # noqa: PLR2004 - the ports that exist
        raise ConfigurationError(f"{where} must be a number from 1 to 65535, not {value!r}")
    return number
