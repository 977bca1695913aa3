"""Why hosts could not be reached, each in one sentence with what to do about it.

The package `scylla` tells of one host only, the last that it tried; of the others it logs. So every host is knocked at
once more, and what the library told stands for those that open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from coodie_drivers.reaching import NO_TLS, WHICH_PORT, why_each_closed

if TYPE_CHECKING:
    from coodie_drivers.config import Host

_NOT_TRUSTED: Final = (
    "its certificate is not trusted, or does not name its IP address, which is all that scylladb-rs-driver verifies, "
    "or has expired (the library does not tell which): trust its authority "
    "(ssl_context=ssl.create_default_context(cafile=…)), give it a certificate with the address, "
    "or use driver_type='scylla' for names"
)
_ENDED_TLS: Final = (
    "it ended the encrypted connection: does it ask for a certificate of the client (ssl_cert and ssl_private_key) or "
    "for another version of TLS, or does it speak without TLS?"
)
_UNTRUSTED: Final = "certificate verify failed"
_TLS_TROUBLES: Final = {
    _UNTRUSTED: _NOT_TRUSTED,
    "wrong version number": NO_TLS,
    "record layer failure": NO_TLS,
    "unexpected eof": _ENDED_TLS,
    "SSL routines": _ENDED_TLS,
}
"""What OpenSSL's errors mean here, by the words that stand in their texts."""

_ANSWERED: Final = ", Error message: "
"""What the library puts before the words of a node that answered with an error, such as one that is starting does."""

_ENDED: Final = ("Failed to read the frame header", "Connection reset", "Connection broken")
"""How the library calls it that a node ended a connection without an answer: what it meets first is chance."""


class Stated(NamedTuple):
    """How the connection was asked for, as far as the reasons speak of it."""

    seconds: float
    encrypted: bool
    login: bool
    late: str | None = None

    def reasons(self, hosts: tuple[Host, ...], told: str | None, within: float) -> dict[str, str]:
        """Return what kept each host from being used; blocks while they are knocked at.

        Args:
            hosts: the hosts that were given.
            told: what the library told; None when there was no answer in time.
            within: seconds that the look at the hosts may take.
        """
        closed = why_each_closed(hosts, within)
        return {host: reason or self._opened(told) for host, reason in closed.items()}

    def _opened(self, told: str | None) -> str:
        """Return why a host cannot be used that accepts connections."""
        if told is None or "keepalive" in told or "timeout elapsed" in told:
            return (
                self.late
                or f"it accepts connections but does not answer CQL within {self.seconds:g} s: {self._which_port()}"
            )
        for mark, reason in _TLS_TROUBLES.items():
            if mark in told:
                return reason
        if is_login(told):
            if "bad credentials" in told and self.login:
                return "it refused the login: are the user name and the password right?"
            return "it asks for a login: give username=… and password=…"
        if any(mark in told for mark in _ENDED):
            if self.encrypted:
                return _ENDED_TLS
            return f"it closed the connection without an answer in CQL: {self._which_port()}"
        if "Failed to deserialize frame" in told:
            return self._foreign()
        return told.rpartition("Last connection failed with: ")[2].rpartition(_ANSWERED)[2]

    def _foreign(self) -> str:
        if self.encrypted:
            return f"it answers in another protocol than CQL: {WHICH_PORT}?"
        return (
            f"it answers in another protocol than CQL: {WHICH_PORT}, and does it speak TLS (then give "
            "ssl_context=ssl.create_default_context(cafile=…))?"
        )

    def _which_port(self) -> str:
        return (
            f"{WHICH_PORT}?"
            if self.encrypted
            else f"{WHICH_PORT}, and does it speak without TLS (else give ssl_context)?"
        )


def is_final(told: str | None) -> bool:
    """Return whether trying again cannot help: the node refuses this login, or its certificate is not trusted."""
    return is_login(told) or (told is not None and _UNTRUSTED in told)


def is_login(told: str | None) -> bool:
    """Return whether the node refused for want of a right login."""
    return told is not None and "uthenticat" in told
