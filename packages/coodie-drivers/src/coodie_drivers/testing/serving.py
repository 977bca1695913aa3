"""A node that the command line serves at a known address until it is told to stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coodie_drivers.testing.cache import durable_place, locks_place
from coodie_drivers.testing.errors import NodeError
from coodie_drivers.testing.local.cluster import LocalCluster
from coodie_drivers.testing.local.configuration import NodeFiles
from coodie_drivers.testing.local.entries import RunningCluster, running_clusters
from coodie_drivers.testing.local.releases import find_release
from coodie_drivers.testing.locks import locked
from coodie_drivers.testing.progress import moving_line, say

if TYPE_CHECKING:
    from pathlib import Path

_WAITING = "waiting: another process starts or stops a node"


@dataclass(frozen=True)
class Served:
    """The node that is to be served."""

    host: str
    port: int
    version: str
    durable: bool

    def __str__(self) -> str:
        """What the node is, in words."""
        return f"{'a durable ' if self.durable else ''}Cassandra {self.version}"


def serve(wanted: Served) -> bool:
    """Start the node and let it live on; False when it is served already.

    Raises:
        NodeError: another node is served at that address, or it could not be started.
    """
    version = find_release(wanted.version)[1]
    wanted = Served(wanted.host, wanted.port, version, wanted.durable)
    with locked(_lock(wanted.port), lambda: say(_WAITING)):
        running = _served(wanted.host, wanted.port)
        if running is not None:
            serves = Served(wanted.host, wanted.port, running.facts.version, running.facts.durable)
            if serves == wanted:
                return False
            message = (
                f"{wanted.host}:{wanted.port} serves {serves}, not {wanted}; stop it first, or choose another port"
            )
            raise NodeError(message)
        directory = durable_place(f"{version}-{wanted.host}-{wanted.port}") if wanted.durable else None
        cluster = LocalCluster(version, wanted.durable, host=wanted.host, port=wanted.port, directory=directory)
        cluster.start()
        cluster.detach()
    return True


def stop_serving(host: str, port: int) -> bool:
    """End the node that is served there; False when there is none.

    Raises:
        NodeError: it did not end in time.
    """
    with locked(_lock(port)):
        running = _served(host, port)
        if running is None:
            return False
        with moving_line(f"stopping the node at {host}:{port}", usual=True):
            running.end()
    return True


def served_log(host: str, port: int) -> str:
    """The log of the node that is served there.

    Raises:
        NodeError: there is none.
    """
    running = _served(host, port)
    if running is None:
        message = f"no node is served at {host}:{port}; `status` lists those that run"
        raise NodeError(message)
    return NodeFiles(running.home).told()


def _lock(port: int) -> Path:
    return locks_place() / f"serve-{port}.lock"


def _served(host: str, port: int) -> RunningCluster | None:
    for running in running_clusters():
        if running.facts.detached and (running.facts.host, running.facts.port) == (host, port):
            return running
    return None
