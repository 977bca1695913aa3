"""A node that the command line serves at a known address until it is told to stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coodie_drivers.testing.cache import cache_in_use, durable_place, locks_place, log_place
from coodie_drivers.testing.errors import NodeError
from coodie_drivers.testing.local.cluster import LocalCluster
from coodie_drivers.testing.local.configuration import NodeFiles
from coodie_drivers.testing.local.entries import RunningCluster, reap, running_clusters
from coodie_drivers.testing.local.installation import check_installation
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


@dataclass(frozen=True)
class ServedLog:
    """What the node at an address has logged since its last start.

    Attributes:
        text: the log.
        is_running: whether the node still runs.
    """

    text: str
    is_running: bool


@cache_in_use()
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
        passed_over = check_installation(version).passed_over
        if passed_over:
            say(f"{passed_over}: another one is used")
        directory = durable_place(f"{version}-{wanted.host}-{wanted.port}") if wanted.durable else None
        cluster = LocalCluster(version, wanted.durable, host=wanted.host, port=wanted.port, directory=directory)
        cluster.start()
        cluster.detach()
        # That of a node that crashed there before.
        log_place(wanted.host, wanted.port).unlink(missing_ok=True)
    return True


@cache_in_use()
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


@cache_in_use()
def served_log(host: str, port: int) -> ServedLog:
    """The log of the node that is served there, or that was served there until it crashed.

    Raises:
        NodeError: there is none.
    """
    running = _served(host, port)
    if running is not None:
        return ServedLog(NodeFiles(running.home).told(), is_running=True)
    reap()
    try:
        return ServedLog(log_place(host, port).read_text(encoding="utf-8"), is_running=False)
    except FileNotFoundError:
        message = f"no node is served at {host}:{port}; `status` lists those that run"
        raise NodeError(message) from None


def _lock(port: int) -> Path:
    return locks_place() / f"serve-{port}.lock"


def _served(host: str, port: int) -> RunningCluster | None:
    for running in running_clusters():
        if running.facts.detached and (running.facts.host, running.facts.port) == (host, port):
            return running
    return None
