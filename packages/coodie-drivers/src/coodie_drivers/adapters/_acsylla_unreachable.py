"""Why a node could not be reached, in one sentence with what to do about it.

Acsylla says one sentence for all hosts together, so each is looked at once more: its name, and whether it accepts a
connection at all. What a node that does so refuses is what acsylla's sentence speaks of.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from coodie_drivers.reaching import EXPIRED, NO_TLS, WHICH_PORT, why_each_closed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie_drivers.config import ConnectionConfig

_NO_CERTIFICATE: Final = (
    "it ended the encrypted connection: does it ask for a certificate of the client (acsylla takes it as ssl_cert and "
    "ssl_private_key, and cannot take it out of an ssl_context), or for another version of TLS?"
)
_NOT_TRUSTED: Final = (
    "its certificate is not trusted, or does not name its IP address, which is all that acsylla verifies: trust its "
    "authority (ssl_trusted_cert=…), give it a certificate with the address, or use driver_type='scylla' for names"
)
_SILENT: Final = f"it accepts connections but does not answer CQL: {WHICH_PORT}, and does it speak without TLS?"
_SILENT_IN_TLS: Final = f"it accepts connections but does not answer in TLS: {WHICH_PORT}, and does it speak TLS?"

_ANSWERED: Final = re.compile(r"Received error response '(.*)' \(0x", re.DOTALL)
"""How acsylla says that a node answered with an error, such as one that is starting does."""

_LOGIN: Final = ("credentials", "authenticat", "password", "username")
_CERTIFICATE: Final = ("certificate", "peer", "issuer", "identity", "subject")
_ENDED: Final = ("closed", "ssl", "alert", "unable to write")
"""How acsylla says that a node ended an encrypted connection, the last where that was while something was written."""


def reasons_for(config: ConnectionConfig, told: Sequence[str], within: float) -> dict[str, str]:
    """Return for each host why it could not be used; blocks for a moment.

    Args:
        config: how the connection was asked for.
        told: what acsylla said.
        within: seconds that the look at the hosts may take.
    """
    closed = why_each_closed(config.hosts, within)
    return {host: reason or _refusal(config, " ".join(told)) for host, reason in closed.items()}


def is_final(told: Sequence[str]) -> bool:
    """Return whether trying again cannot help: the cluster refuses this login, or its certificate is not trusted."""
    lower = " ".join(told).lower()
    return any(mark in lower for mark in (*_LOGIN, *_CERTIFICATE))


def _refusal(config: ConnectionConfig, told: str) -> str:
    lower = told.lower()
    if any(mark in lower for mark in _LOGIN):
        if config.username is None and config.credentials is None:
            return "it asks for a login: give username=… and password=…"
        return "it refused the login: are the user name and the password right?"
    if (answered := _ANSWERED.search(told)) is not None:
        return str(answered[1])
    if config.ssl_context is None:
        return _SILENT
    if "wrong version number" in lower:  # so OpenSSL calls an answer that is no TLS
        return NO_TLS
    if "has expired" in lower:
        return EXPIRED
    if any(mark in lower for mark in _CERTIFICATE):
        return _NOT_TRUSTED
    return _NO_CERTIFICATE if any(mark in lower for mark in _ENDED) else _SILENT_IN_TLS
