"""Why a node could not be reached, in one sentence with what to do about it.

Acsylla says one sentence for all hosts together, so each is looked at once more: its name, and whether it accepts a
connection at all. What a node that does so refuses is what acsylla's sentence speaks of.
"""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie_drivers.config import ConnectionConfig, Host

_NOT_RESOLVED: Final = "the name could not be resolved: is it written correctly?"
_PORT: Final = "is this the port of CQL (native_transport_port, 9042 by default)"
_ROUTE: Final = "there is no route to it: is the address right, and reachable from this network?"
_NOT_ACCEPTED: Final = "it does not accept a connection in time: is the address right, and no firewall in the way?"
_SYSTEM: Final = {
    errno.ECONNREFUSED: f"it refused the connection: does a node run there, and {_PORT}?",
    errno.EHOSTUNREACH: _ROUTE,
    errno.ENETUNREACH: _ROUTE,
}

_LOOKS: Final = 1.0
"""Seconds for which a host is looked at."""

_NO_CERTIFICATE: Final = (
    "it ended the encrypted connection: does it ask for a certificate of the client (acsylla takes it as ssl_cert and "
    "ssl_private_key, and cannot take it out of an ssl_context), or for another version of TLS?"
)
_EXPIRED: Final = "its certificate has expired: have a new one made for the node"
_NO_TLS: Final = "it does not speak TLS: leave the TLS arguments out, or give the port that is encrypted"
_NOT_TRUSTED: Final = (
    "its certificate is not trusted, or does not name its IP address, which is all that acsylla verifies: trust its "
    "authority (ssl_trusted_cert=…), give it a certificate with the address, or use driver_type='scylla' for names"
)
_SILENT: Final = f"it accepts connections but does not answer CQL: {_PORT}, and does it speak without TLS?"
_SILENT_IN_TLS: Final = f"it accepts connections but does not answer in TLS: {_PORT}, and does it speak TLS?"

_LOGIN: Final = ("credentials", "authenticat", "password", "username")


def reasons_for(config: ConnectionConfig, told: Sequence[str]) -> dict[str, str]:
    """Return for each host why it could not be used; blocks for a moment.

    Args:
        config: how the connection was asked for.
        told: what acsylla said.
    """
    return {str(host): _looked_at(host) or _refusal(config, " ".join(told)) for host in config.hosts}


def is_final(told: Sequence[str]) -> bool:
    """Return whether trying again cannot help: the cluster refuses this login."""
    return any(mark in " ".join(told).lower() for mark in _LOGIN)


def _looked_at(host: Host) -> str | None:
    """Return why no connection can be made at all; None when one can."""
    try:
        found = socket.getaddrinfo(host.address, host.port, type=socket.SOCK_STREAM)
    except OSError:
        return _NOT_RESOLVED
    try:
        socket.create_connection(found[0][4][:2], _LOOKS).close()  # type: ignore[arg-type]
    except OSError as error:
        return _SYSTEM.get(error.errno or 0, _NOT_ACCEPTED)
    return None


def _refusal(config: ConnectionConfig, told: str) -> str:
    lower = told.lower()
    if any(mark in lower for mark in _LOGIN):
        if config.username is None and config.credentials is None:
            return "it asks for a login: give username=… and password=…"
        return "it refused the login: are the user name and the password right?"
    if config.ssl_context is None:
        return _SILENT
    if "wrong version number" in lower:  # so OpenSSL calls an answer that is no TLS
        return _NO_TLS
    if "has expired" in lower:
        return _EXPIRED
    if any(mark in lower for mark in ("certificate", "peer", "issuer", "identity", "subject")):
        return _NOT_TRUSTED
    return _NO_CERTIFICATE if "closed" in lower or "ssl" in lower or "alert" in lower else _SILENT_IN_TLS
