"""Where a node listens, chosen so that two nodes started at the same moment do not meet."""

from __future__ import annotations

import errno
import random
import socket
import sys
from dataclasses import dataclass

from coodie_drivers.errors import ConfigurationError
from coodie_drivers.testing.errors import PortTakenError

CQL_PORT, STORAGE_PORT = 9042, 7000
LOOPBACK = "127.0.0.1"
PORTS = range(1, 65_536)

# Below what Linux (from 32768) and macOS (from 49152) hand out to outgoing connections.
_FREE_PORTS = range(20_000, 32_000)
_TRIES = 50


@dataclass(frozen=True)
class Address:
    """Where one node listens: for clients on `port`, for other nodes on `storage_port`."""

    host: str
    port: int
    storage_port: int

    def __str__(self) -> str:
        """`host:port`, as clients write it."""
        return f"{self.host}:{self.port}"


def choose_address(host: str | None = None, port: int | None = None) -> Address:
    """An address where a node can listen now.

    Without wishes it is a loopback address of the node's own where the system has all of 127.0.0.0/8 (Linux), with the
    usual ports if it can; elsewhere 127.0.0.1 with free ports. Both are drawn at random, so that two processes that
    choose at the same moment draw differently.

    Raises:
        PortTakenError: another program listens on the wanted port.
        ConfigurationError: the wanted host is no address of this machine, or the wanted port is none.
    """
    own = host is None and sys.platform == "linux"
    place = host or (_drawn_loopback() if own else LOOPBACK)
    if port is not None and port not in PORTS:
        message = f"{port} is no port; a port is a whole number from {PORTS.start} to {PORTS.stop - 1}"
        raise ConfigurationError(message)
    if port is not None and not is_free(place, port):
        raise PortTakenError(place, port)
    # A program that listens on 0.0.0.0 has the usual port on every loopback address too.
    client_port = port or _free_port(place, CQL_PORT if own else None)
    return Address(place, client_port, _free_port(place, STORAGE_PORT if own else None, beside=client_port))


def is_free(host: str, port: int) -> bool:
    """Whether a program could listen there now.

    Raises:
        ConfigurationError: `host` is no address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as candidate:
        # As Java does it, or an address that was in use a moment ago would look taken.
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            message = f"a node cannot listen on {host}:{port} ({error.strerror or error}); choose another host or port"
            raise ConfigurationError(message) from error
    return True


def _drawn_loopback() -> str:
    draw = random.SystemRandom()
    return f"127.{draw.randrange(1, 255)}.{draw.randrange(256)}.{draw.randrange(1, 255)}"


def _free_port(host: str, preferred: int | None = None, beside: int | None = None) -> int:
    """A free port other than the one that the node has already."""
    if preferred is not None and preferred != beside and is_free(host, preferred):
        return preferred
    draw = random.SystemRandom()
    for _ in range(_TRIES):
        port = draw.choice(_FREE_PORTS)
        if port != beside and is_free(host, port):
            return port
    raise PortTakenError(host, _FREE_PORTS.start)
