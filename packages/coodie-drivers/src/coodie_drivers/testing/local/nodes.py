"""The nodes of one cluster as a group: started together, waited for until they know each other, ended one by one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from coodie_drivers.testing.errors import NodeError, StartTimeoutError
from coodie_drivers.testing.frames import ALL
from coodie_drivers.testing.local.launch import launched as start_process

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie_drivers.testing.certificates import Identity
    from coodie_drivers.testing.local.entries import Entry
    from coodie_drivers.testing.local.launch import Launch
    from coodie_drivers.testing.local.process import NodeProcess

_LOOK_EVERY = 0.1
_ANSWER_WITHIN = 15.0
# A table with replicas on two nodes: a read of all of it at ALL needs every node of up to three.
_OF_ALL_NODES = "SELECT session_id FROM system_traces.sessions"


class Nodes:
    """The nodes of one cluster, counted from 0; each is a process of its own."""

    def __init__(self, launches: Sequence[Launch], entry: Entry) -> None:
        """Take note of how each is started; nothing is started yet."""
        self._launches = list(launches)
        self._entry = entry
        self._processes: list[NodeProcess | None] = [None] * len(self._launches)
        self._paused: set[int] = set()

    @property
    def running(self) -> list[int]:
        """Those that were started and have not ended; a paused one runs."""
        return [number for number in range(len(self._launches)) if self._is_running(number)]

    def launch_all(self) -> list[int]:
        """Start those that do not run, and give their numbers; they do not answer yet."""
        ended = [number for number in range(len(self._launches)) if not self._is_running(number)]
        for number in ended:
            self.launch(number)
        return ended

    def launch(self, number: int, shown: Identity | None = None) -> None:
        """Start one that does not run.

        Args:
            number: which one.
            shown: with TLS, what it shows to clients instead of a certificate of its own.
        """
        launch = self._launches[number]
        certificates = launch.access.certificates
        own = certificates.nodes[number] if certificates is not None else None
        self._processes[number] = start_process(launch, self._entry, shown or own)

    def wait_ready(self, launched: Sequence[int], timeout: float) -> None:
        """Wait until those that were launched answer, and all that run know each other.

        Raises:
            StartError: a node ended; the finer errors say why.
            StartTimeoutError: it took longer than `timeout` seconds.
        """
        began = time.monotonic()
        for number in launched:
            self._started(number).wait_ready(timeout, began)
        if len(self._launches) == 1:
            return
        while not self._know_each_other():
            for number in launched:
                if not self._is_running(number):
                    self._started(number).wait_ready(timeout, began)
            if time.monotonic() > began + timeout:
                lack = "had nodes that did not see each other, or not the same schema,"
                raise StartTimeoutError(self._launches[0].installation.version, timeout, self._log_tail(), lack)
            time.sleep(_LOOK_EVERY)

    def kill(self, number: int) -> None:
        """End one as a crash would."""
        process = self._processes[number]
        if process is not None:
            process.kill()
        self._paused.discard(number)

    def pause(self, number: int) -> None:
        """Let one stand still."""
        self._running(number).pause()
        self._paused.add(number)

    def resume(self, number: int) -> None:
        """Let one that stands still go on."""
        self._running(number).resume()
        self._paused.discard(number)

    def stop(self, number: int | None = None) -> None:
        """End one in order, or all at the same time; twice is fine."""
        ending = range(len(self._launches)) if number is None else [number]
        processes = [process for place in ending if (process := self._processes[place]) is not None]
        for process in processes:
            process.begin_stop()
        for process in processes:
            process.stop()
        self._paused.difference_update(ending)

    def detach(self) -> None:
        """Let those that run outlive this process."""
        for number in self.running:
            self._started(number).detach()

    def _is_running(self, number: int) -> bool:
        process = self._processes[number]
        return process is not None and process.is_running

    def _answering(self) -> list[int]:
        return [number for number in self.running if number not in self._paused]

    def _started(self, number: int) -> NodeProcess:
        process = self._processes[number]
        if process is None:
            message = f"node {number} is not started; {self._remedy(number)}"
            raise NodeError(message)
        return process

    def _running(self, number: int) -> NodeProcess:
        process = self._started(number)
        if not process.is_running:
            message = f"node {number} has ended, so it cannot be paused or resumed; {self._remedy(number)}"
            raise NodeError(message)
        return process

    def _remedy(self, number: int) -> str:
        """Return how one that does not run is had again."""
        if self._launches[number].durable:
            return f"restart({number}) brings it back"
        return "the cluster is not durable, so stop() and start() bring an empty one back"

    def _know_each_other(self) -> bool:
        answering = self._answering()
        versions: set[object] = set()
        try:
            for number in answering:
                launch = self._launches[number]
                with launch.access.connected(launch.address, _ANSWER_WITHIN) as probe:
                    if len(probe.rows("SELECT peer FROM system.peers_v2")) < len(self._launches) - 1:
                        return False
                    versions.add(probe.rows("SELECT schema_version FROM system.local")[0]["schema_version"])
                    if len(answering) == len(self._launches):
                        probe.rows(_OF_ALL_NODES, ALL)
        except (OSError, NodeError, IndexError):
            return False
        return len(versions) == 1

    def _log_tail(self) -> str:
        return "\n".join(line for launch in self._launches for line in launch.files.told().splitlines()[-8:])
