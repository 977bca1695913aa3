"""Where a node listens, chosen so that two nodes started at the same moment do not meet."""

from __future__ import annotations

import errno
import ipaddress
import random
import socket
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coodie_drivers.errors import ConfigurationError
from coodie_drivers.testing.errors import PortTakenError

if TYPE_CHECKING:
    from collections.abc import Sequence

CQL_PORT, STORAGE_PORT = 9042, 7000
LOOPBACK = "127.0.0.1"
PORTS = range(1, 65_536)

# Below what Linux (from 32768) and macOS (from 49152) hand out to outgoing connections.
_FREE_PORTS = range(20_000, 32_000)
_TRIES = 50
_LAST_OF_NETWORK = 254


@dataclass(frozen=True)
class Address:
    """Where one node listens: for clients on `port`, for other nodes on `storage_port`."""

    host: str
    port: int
    storage_port: int

    def __str__(self) -> str:
        """`host:port`, as clients write it."""
        return f"{self.host}:{self.port}"


def choose_addresses(host: str | None = None, port: int | None = None, count: int = 1) -> list[Address]:
    """The addresses where the nodes of one cluster can listen now: consecutive hosts, and the same ports on each.

    Without wishes they are loopback addresses of the cluster's own where the system has all of 127.0.0.0/8 (Linux),
    with the usual ports if it can; elsewhere they begin with 127.0.0.1 and have free ports. Both are drawn at random,
    so that two processes that choose at the same moment draw differently.

    Raises:
        PortTakenError: another program listens on the wanted port.
        ConfigurationError: a host is no address of this machine, or the wanted port is none.
    """
    own = host is None and sys.platform == "linux"
    hosts = following_hosts(host or (_drawn_loopback() if own else LOOPBACK), count)
    if port is not None and port not in PORTS:
        message = f"{port} is no port; a port is a whole number from {PORTS.start} to {PORTS.stop - 1}"
        raise ConfigurationError(message)
    if port is not None:
        for place in hosts:
            _check_free(place, port)
    # A program that listens on 0.0.0.0 has the usual port on every loopback address too.
    client_port = port or _free_port(hosts, CQL_PORT if own else None)
    storage_port = _free_port(hosts, STORAGE_PORT if own else None, beside=client_port)
    return [Address(place, client_port, storage_port) for place in hosts]


def following_hosts(first: str, count: int) -> list[str]:
    """The hosts of a cluster of `count` nodes, by the first one.

    >>> following_hosts("127.0.0.1", 3)
    ['127.0.0.1', '127.0.0.2', '127.0.0.3']

    Raises:
        ConfigurationError: there are no addresses that follow.
    """
    if count == 1:
        return [first]
    try:
        network, _, last = str(ipaddress.IPv4Address(first)).rpartition(".")
    except ValueError:
        network, last = "", str(_LAST_OF_NETWORK)
    if int(last) + count - 1 > _LAST_OF_NETWORK:
        message = f"{count} nodes listen on consecutive addresses, such as 127.0.0.1 and up, and none follow '{first}'"
        raise ConfigurationError(message)
    return [f"{network}.{int(last) + place}" for place in range(count)]


def check_free(addresses: Sequence[Address]) -> None:
    """See that nodes can listen there now.

    Raises:
        PortTakenError: another program listens at one of the addresses.
    """
    for address in addresses:
        _check_free(address.host, address.port)


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


def _check_free(host: str, port: int) -> None:
    if not is_free(host, port):
        raise PortTakenError(host, port)


def _drawn_loopback() -> str:
    draw = random.SystemRandom()
    # The last number leaves room for the nodes that follow.
    return f"127.{draw.randrange(1, 255)}.{draw.randrange(256)}.{draw.randrange(1, 250)}"


def _free_port(hosts: Sequence[str], preferred: int | None = None, beside: int | None = None) -> int:
    """A port that is free on every host, other than the one that the nodes have already."""
    draw = random.SystemRandom()
    for port in [preferred, *(draw.choice(_FREE_PORTS) for _ in range(_TRIES))]:
        if port is not None and port != beside and all(is_free(host, port) for host in hosts):
            return port
    raise PortTakenError(hosts[0], _FREE_PORTS.start)
