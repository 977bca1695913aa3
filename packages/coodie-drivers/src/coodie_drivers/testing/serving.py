"""A cluster that the command line serves at a known address until it is told to stop."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from coodie_drivers.testing.cache import cache_in_use, durable_place, locks_place, log_place
from coodie_drivers.testing.errors import NodeError
from coodie_drivers.testing.local.cluster import LocalCluster
from coodie_drivers.testing.local.entries import Facts, RunningCluster, reap, running_clusters
from coodie_drivers.testing.local.installation import check_installation
from coodie_drivers.testing.locks import locked
from coodie_drivers.testing.progress import moving_line, say

if TYPE_CHECKING:
    from pathlib import Path

_WAITING = "waiting: another process starts or stops a node"


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
def serve(wanted: Facts) -> bool:
    """Start the cluster and let it live on; False when it is served already.

    Raises:
        NodeError: another cluster is served at that address, or it could not be started.
    """
    with locked(_lock(wanted.port), lambda: say(_WAITING)):
        running = _served(wanted.host, wanted.port)
        if running is not None:
            serves = replace(running.facts, directory=None, detached=False)
            if serves == wanted:
                return False
            told = [f"{'a durable ' if facts.durable else ''}{facts}" for facts in (serves, wanted)]
            message = (
                f"{wanted.host}:{wanted.port} serves {told[0]}, not {told[1]}; stop it first, or choose another port"
            )
            raise NodeError(message)
        passed_over = check_installation(wanted.version).passed_over
        if passed_over:
            say(f"{passed_over}: another one is used")
        _start(wanted)
    return True


@cache_in_use()
def served_certificates(host: str, port: int) -> Path | None:
    """The folder of the certificates of the cluster that is served there; None where it speaks plain text."""
    running = _served(host, port)
    return running.certificates if running is not None else None


def _start(wanted: Facts) -> None:
    # Nodes that were several come back as several only.
    number = f"-{wanted.nodes}-nodes" if wanted.nodes > 1 else ""
    directory = durable_place(f"{wanted.version}-{wanted.host}-{wanted.port}{number}") if wanted.durable else None
    cluster = LocalCluster(
        wanted.version,
        wanted.durable,
        host=wanted.host,
        port=wanted.port,
        directory=directory,
        nodes=wanted.nodes,
        tls="mutual" if wanted.tls == "mutual" else bool(wanted.tls),
        auth=wanted.auth,
    )
    cluster.start()
    cluster.detach()
    for host in wanted.hosts:
        # That of a node that crashed there before.
        log_place(host, wanted.port).unlink(missing_ok=True)


@cache_in_use()
def stop_serving(host: str, port: int) -> bool:
    """End the cluster that is served there; False when there is none.

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
        return ServedLog(running.logs()[host], is_running=True)
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
        if running.facts.detached and host in running.facts.hosts and running.facts.port == port:
            return running
    return None
