"""The entries of the clusters that run for this user, and the reaping of those whose owner is gone.

An entry is a folder in the cache. Whoever owns it (the process that started the cluster, and its supervisor) holds a
lock in it; the system lets go of the lock when they are dead, in whatever way they died. So an entry whose lock is free
is an entry of the dead, on every machine and in every container that shares the cache.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from coodie_drivers.testing.cache import cache_in_use, clusters_place, locks_place, log_place
from coodie_drivers.testing.errors import DirectoryInUseError, NodeError
from coodie_drivers.testing.local.addresses import following_hosts
from coodie_drivers.testing.local.configuration import node_files
from coodie_drivers.testing.local.supervisor import RECORDS
from coodie_drivers.testing.locks import locked, try_lock
from coodie_drivers.testing.processes import command_line

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCK, _FACTS, _PLANS, _CERTIFICATES = "alive.lock", "cluster.json", "plan*.json", "tls"
_END_WITHIN = 30.0
_LOOK_EVERY = 0.02


@dataclass(frozen=True)
class Facts:
    """What others may know about a cluster.

    Attributes:
        host: where its first node listens.
        port: where its nodes listen for clients.
        version: the Cassandra version.
        durable: whether what it acknowledged is on the disk.
        directory: where the nodes work, if not in the entry.
        detached: whether it lives on without the process that started it.
        nodes: how many nodes it has.
        tls: `server` where the nodes show a certificate, `mutual` where a client has to as well, else nothing.
        auth: whether a client has to log in.
    """

    host: str
    port: int
    version: str
    durable: bool = False
    directory: str | None = None
    detached: bool = False
    nodes: int = 1
    tls: str = ""
    auth: bool = False

    def __str__(self) -> str:
        """What kind of cluster it is, in words."""
        nodes = f" of {self.nodes} nodes" if self.nodes > 1 else ""
        extras = [{"server": "TLS", "mutual": "mutual TLS"}.get(self.tls, ""), "a login" if self.auth else ""]
        offered = " and ".join(extra for extra in extras if extra)
        return f"Cassandra {self.version}{nodes}{f' with {offered}' if offered else ''}"

    @property
    def hosts(self) -> list[str]:
        """Where its nodes listen."""
        return following_hosts(self.host, self.nodes)


class Entry:
    """One cluster's entry, owned by this process and by the supervisors that inherit its lock."""

    def __init__(self, place: Path, descriptor: int) -> None:
        """Take over a folder whose lock this process holds on `descriptor`."""
        self.place = place
        self.descriptor = descriptor

    @property
    def name(self) -> str:
        """What tells this cluster from every other one of this user."""
        return self.place.name

    @property
    def certificates(self) -> Path:
        """The folder of the certificates of a cluster that speaks TLS."""
        return self.place / _CERTIFICATES

    def plan(self, node: int = 0) -> Path:
        """The file with the plan of a node's supervisor."""
        return self.place / f"plan{node}.json"

    def processes(self, node: int = 0) -> Path:
        """The file in which a node's supervisor records its processes."""
        return self.place / f"processes{node}.json"

    def node_process(self, node: int) -> int:
        """The process of a node that runs; 0 where it has ended."""
        process = _recorded(self.processes(node)).get("node", 0)
        return process if process > 0 and str(self.place) in command_line(process) else 0

    def home(self, facts: Facts) -> Path:
        """Where the nodes of these facts work."""
        return _home(self.place, facts)

    def tell(self, facts: Facts) -> None:
        """Write down what others may know."""
        new = self.place / f"{_FACTS}.new"
        new.write_text(json.dumps(asdict(facts)), encoding="utf-8")
        new.replace(self.place / _FACTS)

    def release(self) -> None:
        """Let go of the lock and leave the folder to whoever else holds it; releasing twice is fine."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def remove(self) -> None:
        """Take the folder away and let go of the lock."""
        shutil.rmtree(self.place, ignore_errors=True)
        self.release()


@dataclass(frozen=True)
class RunningCluster:
    """A living cluster as others see it."""

    place: Path
    facts: Facts

    @property
    def home(self) -> Path:
        """Where the nodes work."""
        return _home(self.place, self.facts)

    @property
    def certificates(self) -> Path | None:
        """The folder of its certificates; None where it speaks plain text."""
        return self.place / _CERTIFICATES if self.facts.tls else None

    def was_started_with(self, path: Path) -> bool:
        """Whether a command that started one of its nodes names a file."""
        return any(str(path) in _command(plan) for plan in self.place.glob(_PLANS))

    def logs(self) -> dict[str, str]:
        """What each node logged since its last start, by where it listens."""
        return _logs(self.place, self.facts)

    def end(self) -> None:
        """Have the supervisors end its nodes, and wait until they have.

        Raises:
            NodeError: they did not end in time.
        """
        for record in self.place.glob(RECORDS):
            supervisor = _recorded(record).get("supervisor", 0)
            if supervisor > 0 and str(self.place) in command_line(supervisor):
                os.kill(supervisor, signal.SIGTERM)
        deadline = time.monotonic() + _END_WITHIN
        while _is_held(self.place):
            if time.monotonic() > deadline:
                message = f"the node at {self.facts.host}:{self.facts.port} did not end within {_END_WITHIN:g} s"
                raise NodeError(message)
            time.sleep(_LOOK_EVERY)


@cache_in_use()
def create_entry(facts: Facts) -> Entry:
    """A new entry; what the dead left is reaped first.

    Raises:
        FolderError: the cache cannot be used.
        DirectoryInUseError: a living cluster works in the directory that `facts` names.
    """
    with locked(_register()):
        _reap()
        for running in _living():
            if facts.directory is not None and running.facts.directory == facts.directory:
                raise DirectoryInUseError(facts.directory, f"{running.facts.host}:{running.facts.port}")
        place = clusters_place() / f"{os.getpid()}-{os.urandom(4).hex()}"
        place.mkdir(parents=True)
        descriptor = try_lock(place / _LOCK)
        if descriptor is None:  # pragma: no cover - nobody else knows this folder yet
            message = f"'{place}' was taken at the moment it was made"
            raise OSError(message)
        entry = Entry(place, descriptor)
        entry.tell(facts)
        return entry


@cache_in_use()
def reap() -> list[str]:
    """End and remove what dead owners left; gives the names of the entries that went.

    The log of a node that was served stays, in the cache's place for it.

    Raises:
        FolderError: the cache cannot be used.
    """
    with locked(_register()):
        return _reap()


@cache_in_use()
def running_clusters() -> list[RunningCluster]:
    """The living clusters of this user.

    Raises:
        FolderError: the cache cannot be used.
    """
    with locked(_register()):
        return list(_living())


def _home(place: Path, facts: Facts) -> Path:
    return Path(facts.directory) if facts.directory is not None else place / "node"


def _logs(place: Path, facts: Facts) -> dict[str, str]:
    files = node_files(_home(place, facts), facts.nodes)
    return {host: node.told() for host, node in zip(facts.hosts, files, strict=True)}


def _command(plan: Path) -> str:
    try:
        return " ".join(json.loads(plan.read_text(encoding="utf-8"))["command"])
    except (OSError, ValueError, KeyError, TypeError):
        # It may be about to be written; then what it names was looked at a moment ago.
        return ""


def _register() -> Path:
    return locks_place() / "clusters.lock"


def _living() -> Iterator[RunningCluster]:
    for place in _places():
        facts = _told_facts(place) if _is_held(place) else None
        if facts is not None:
            yield RunningCluster(place, facts)


def _told_facts(place: Path) -> Facts | None:
    with contextlib.suppress(OSError, ValueError, TypeError):
        return Facts(**json.loads((place / _FACTS).read_text(encoding="utf-8")))
    return None


def _is_held(place: Path) -> bool:
    try:
        descriptor = try_lock(place / _LOCK)
    except OSError:
        return False
    if descriptor is not None:
        os.close(descriptor)
    return descriptor is None


def _reap() -> list[str]:
    gone: list[str] = []
    for place in _places():
        with contextlib.suppress(OSError):
            descriptor = try_lock(place / _LOCK)
            if descriptor is None:
                continue
            for record in place.glob(RECORDS):
                _end_node(place, record)
            _keep_log(place)
            shutil.rmtree(place, ignore_errors=True)
            os.close(descriptor)
            gone.append(place.name)
    return gone


def _keep_log(place: Path) -> None:
    """Keep what a node that was served has logged, for nobody waited for it who could have been told."""
    facts = _told_facts(place)
    if facts is not None and facts.detached:
        for host, told in _logs(place, facts).items():
            log = log_place(host, facts.port)
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text(told, encoding="utf-8")


def _places() -> list[Path]:
    place = clusters_place()
    return sorted(entry for entry in place.iterdir() if entry.is_dir()) if place.is_dir() else []


def _recorded(record: Path) -> dict[str, int]:
    try:
        return {key: int(value) for key, value in json.loads(record.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError):
        return {}


def _end_node(place: Path, record: Path) -> None:
    """Kill a node that an entry records, unless the process of that id is a stranger that got the id since."""
    node = _recorded(record).get("node", 0)
    deadline = time.monotonic() + _END_WITHIN
    while node > 0 and str(place) in command_line(node) and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            os.kill(node, signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
        time.sleep(_LOOK_EVERY)
