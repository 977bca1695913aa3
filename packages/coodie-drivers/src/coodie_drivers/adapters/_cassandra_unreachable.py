"""Why a node could not be reached, in one sentence with what to do about it, from what the library says."""

from __future__ import annotations

import errno
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from coodie_drivers.adapters._cassandra_errors import reason_of
from coodie_drivers.adapters._cassandra_library import connection, errors, protocol
from coodie_drivers.adapters._cassandra_reaching import UnansweredError
from coodie_drivers.reaching import EXPIRED, NO_TLS, WHICH_PORT, addresses_of, system_reason

if TYPE_CHECKING:
    from collections.abc import Collection

    from coodie_drivers.adapters._cassandra_reaching import Stage
    from coodie_drivers.config import Host

_OTHER_PROTOCOL: Final = re.compile(r"does not support protocol version (\d+)")
_KNOWN: Final = (
    errors.DriverException,
    connection.ConnectionException,
    connection.ProtocolError,
    protocol.ErrorMessage,
)
_OF_VERSION: Final = (
    connection.ProtocolError,
    connection.ProtocolVersionUnsupported,
    protocol.ProtocolException,
)
"""How the library tells, among other things, that the node or itself does not speak a version of the protocol."""

_TLS_RECORDS: Final = frozenset({20, 21, 22, 23})
"""First bytes of what a TLS node says, RFC 8446 section 5.1, which the library takes for a version of CQL."""

_NO_LOGIN: Final = "Remote end requires authentication"

_NOT_TRUSTED: Final = (
    "its certificate is not trusted, or is for another name: trust its authority "
    "(ssl_context=ssl.create_default_context(cafile=…)), and write the host as the certificate does"
)
_ENDED_TLS: Final = (
    "it ended the encrypted connection: does it ask for a certificate of the client (ssl_context.load_cert_chain) or "
    "for another version of TLS, or does it speak without TLS?"
)

_TLS_TROUBLES: Final = {
    "certificate has expired": EXPIRED,
    "CERTIFICATE_VERIFY_FAILED": _NOT_TRUSTED,
    "CERTIFICATE_REQUIRED": _ENDED_TLS,
    "HANDSHAKE_FAILURE": _ENDED_TLS,
    "ALERT_PROTOCOL_VERSION": _ENDED_TLS,
    "WRONG_VERSION_NUMBER": NO_TLS,
    "RECORD_LAYER_FAILURE": NO_TLS,
    "EOF occurred": _ENDED_TLS,
}
"""What OpenSSL's errors mean here, by the names that stand in their texts."""


class Stated(NamedTuple):
    """How the connection was asked for, as far as the reasons speak of it."""

    seconds: float
    encrypted: bool
    login: bool
    version: object = None

    def reason(self, error: BaseException | None) -> str:
        """Return what kept this node from being used; without an error it is that no answer came."""
        if error is None or isinstance(error, UnansweredError):
            return self._unanswered("unknown" if error is None else error.stage)
        if isinstance(error, errors.AuthenticationFailed):
            return self._login(str(error))
        if isinstance(error, errors.OperationTimedOut):
            return self._unanswered("encrypted")
        if isinstance(error, OSError):
            return self._system(error)
        found = _OTHER_PROTOCOL.search(str(error))
        if found is not None:
            return self._foreign(int(found.group(1)))
        of_version = self.version is not None and isinstance(error, _OF_VERSION)
        if of_version or isinstance(error, connection.ConnectionShutdown):
            return self._closed()
        if isinstance(error, _KNOWN):
            return reason_of(error)
        return self._foreign(0)  # the library stumbled over the answer

    def _login(self, text: str) -> str:
        if _NO_LOGIN in text or not self.login:
            return "it asks for a login: give username=… and password=…"
        return "it refused the login: are the user name and the password right?"

    def _unanswered(self, stage: Stage) -> str:
        within = f"within {self.seconds:g} s"
        if stage == "untried":
            return f"it was not tried {within}: another host took the time, which went silent instead of answering CQL"
        if stage == "opened":
            return f"it answers CQL, but not what is asked about the cluster {within}: is it overloaded, or starting?"
        if stage == "encrypted":
            return f"it accepts connections but does not answer CQL {within}: {self._which_port()}"
        if stage == "accepted":
            return f"it accepts connections but does not answer in TLS {within}: {WHICH_PORT}?"
        came = "it does not accept a connection" if stage == "connecting" else "no answer came"
        return f"{came} {within}: is the address right, and no firewall in the way?"

    def _closed(self) -> str:
        if self.version is not None:
            return self._not_spoken()
        return (
            _ENDED_TLS if self.encrypted else f"it closed the connection without an answer in CQL: {self._which_port()}"
        )

    def _which_port(self) -> str:
        return (
            f"{WHICH_PORT}?"
            if self.encrypted
            else f"{WHICH_PORT}, and does it speak without TLS (else give ssl_context)?"
        )

    def _system(self, error: OSError) -> str:
        text = str(error)
        for mark, reason in _TLS_TROUBLES.items():
            if mark in text:
                return reason
        if error.errno in {errno.ECONNRESET, errno.EPIPE}:
            return self._closed()
        if "handshake" in text and "timed out" in text:
            return self._unanswered("accepted")
        if error.errno == errno.ETIMEDOUT or "timed out" in text:
            return self._unanswered("connecting")
        return system_reason(error) or reason_of(error)

    def _foreign(self, first: int) -> str:
        # `first` is the first byte that came, less its highest bit.
        if first in _TLS_RECORDS and not self.encrypted:
            return "it speaks TLS: give ssl_context=ssl.create_default_context(cafile=…)"
        if self.version is not None:
            return self._not_spoken()
        return f"it answers in another protocol than CQL: {WHICH_PORT}?"

    def _not_spoken(self) -> str:
        agreed = "leave that out, for the newest that both speak"
        return f"it does not answer in protocol_version={self.version!r}: {agreed}; {self._which_port()}"


def is_final(error: BaseException | None) -> bool:
    """Return whether trying again cannot help: the node refuses this login, or its certificate is not trusted."""
    return isinstance(error, errors.AuthenticationFailed) or "CERTIFICATE_VERIFY_FAILED" in str(error)


def is_unopened(error: BaseException | None) -> bool:
    """Return whether nothing tells that the library has begun to open the connection that was waited for at the end."""
    return error is None or (isinstance(error, UnansweredError) and error.stage in {"untried", "unknown", "opened"})


def unresolved(hosts: Collection[Host]) -> list[Host]:
    """Return those whose names mean nothing here; blocks while they are looked up."""
    return [host for host in hosts if not addresses_of(host)]
