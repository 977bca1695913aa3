"""Whether hosts accept connections at all, and in one sentence why not and what to do about it."""

from __future__ import annotations

import errno
import os
import socket
from concurrent.futures import wait
from functools import partial
from typing import TYPE_CHECKING, Final

from coodie_drivers.blocking import in_background
from coodie_drivers.errors import ClusterUnavailableError

if TYPE_CHECKING:
    from collections.abc import Collection

    from coodie_drivers.hosts import Host

NOT_RESOLVED: Final = "the name could not be resolved: is it written correctly?"
WHICH_PORT: Final = "is this the port of CQL (native_transport_port, 9042 by default)"
NO_TLS: Final = "it does not speak TLS: leave the TLS arguments out, or give the port that is encrypted"
EXPIRED: Final = "its certificate has expired: have a new one made for the node"

_ROUTE: Final = "there is no route to it: is the address right, and reachable from this network?"
_CLOSE_SOME: Final = "close what is not needed any more, or allow more of them"
_SYSTEM: Final = {
    errno.EMFILE: f"this process has not enough file descriptors left: {_CLOSE_SOME} (ulimit -n)",
    errno.ENFILE: f"this machine has not enough file descriptors left: {_CLOSE_SOME} (fs.file-max)",
    errno.ECONNREFUSED: f"it refused the connection: does a node run there, and {WHICH_PORT}?",
    errno.EHOSTUNREACH: _ROUTE,
    errno.ENETUNREACH: _ROUTE,
}
_NOT_ACCEPTED: Final = "it does not accept a connection: is the address right, and no firewall in the way?"

_PATIENCE: Final = 1.0
"""Seconds that an address is given to accept a connection, when all that is asked is why none could be made."""


def system_reason(error: OSError) -> str | None:
    """Return what the operating system's refusal means here; None where it is not one of the usual."""
    return _SYSTEM.get(error.errno or 0)


def check_descriptors(hosts: Collection[Host], needed: int) -> None:
    """Refuse to connect where this process cannot open so many files and sockets.

    It is tried: a client library may end the process, or never answer, when it is refused one half way.

    Raises:
        ClusterUnavailableError: says so.
    """
    held: list[int] = []
    try:
        while len(held) < needed:
            held.append(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        reason = system_reason(error) or str(error)
        reasons = {str(host): reason for host in hosts}
        raise ClusterUnavailableError(reasons, outcome="not_applied", retryable=True, attempts=0) from error
    finally:
        for each in held:
            os.close(each)


def addresses_of(host: Host) -> list[tuple[str, int]]:
    """Return where a host listens; nothing if its name cannot be resolved. Blocks while that is looked up."""
    try:
        listed = socket.getaddrinfo(host.address, host.port, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return [(str(address[0]), int(address[1])) for _, _, _, _, address in listed]


def why_closed(host: Host) -> str | None:
    """Return why a host accepts no connection; None if it does. Blocks while it is knocked at."""
    reason = NOT_RESOLVED
    for address in addresses_of(host):
        try:
            socket.create_connection(address, _PATIENCE).close()
        except TimeoutError:
            reason = _NOT_ACCEPTED
        except OSError as error:
            reason = system_reason(error) or str(error)
        else:
            return None
    return reason


def why_each_closed(hosts: Collection[Host], within: float) -> dict[str, str | None]:
    """Return for each host why it accepts no connection; None if it does.

    Blocks while all of them are knocked at beside each other, for `within` seconds at most: one that has not accepted
    by then does not.
    """
    looks = {str(host): in_background(partial(why_closed, host)) for host in hosts}
    wait(looks.values(), within)
    return {host: look.result() if look.done() else _NOT_ACCEPTED for host, look in looks.items()}


def closed_among(hosts: Collection[Host]) -> dict[str, str]:
    """Return those that accept no connection, with the reason. Blocks while one after the other is knocked at."""
    found = {str(host): why_closed(host) for host in hosts}
    return {host: reason for host, reason in found.items() if reason is not None}
