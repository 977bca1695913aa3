"""One node as a process: started under its supervisor, waited for, stopped, and its end explained."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from coodie_drivers.testing.errors import (
    DamagedJarsError,
    NodeError,
    NodeKilledError,
    NodeMemoryError,
    PortTakenError,
    StartError,
    StartTimeoutError,
)
from coodie_drivers.testing.local import supervisor
from coodie_drivers.testing.processes import is_paused

if TYPE_CHECKING:
    from pathlib import Path

    from coodie_drivers.testing.local.access import Access
    from coodie_drivers.testing.local.addresses import Address
    from coodie_drivers.testing.local.configuration import NodeFiles
    from coodie_drivers.testing.local.entries import Entry

_POLL_EVERY = 0.02
_ANSWER_WITHIN = 5.0
_END_WITHIN = 15.0
_LINES_TOLD = 25
_KILLED = 137
# With the package's name it was thrown; without, it is a word of advice in the log of every start.
_NO_MEMORY = re.compile(r"java\.lang\.OutOfMemoryError")
# What Java prints itself; in the log the same words may speak of the disk.
_NO_MEMORY_FOR_JAVA = re.compile(
    r"insufficient memory for the Java|Could not (reserve|allocate)|Cannot allocate memory|Not enough space|"
    r"Initial heap size set to a larger value"
)
_DAMAGED = re.compile(
    r"java\.util\.zip\.ZipException|Invalid or corrupt jarfile|Could not find or load main class|"
    r"java\.lang\.(NoClassDefFoundError|ClassFormatError|VerifyError)"
)
_PORT_TAKEN = re.compile(r"Address already in use|is in use by another process|BindException")

# A supervisor that was told to live on is no longer waited for; kept, so that Python does not complain about that.
_detached: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class NodePlan:
    """What is needed to start one node.

    Attributes:
        command: Java with its flags and the main class.
        files: where the node's files lie.
        address: where it will listen.
        cluster_name: what the node will say when asked for its cluster's name.
        version: the Cassandra version, for messages.
        grace: how many seconds the node has to end by itself; 0 kills it at once.
        jars: the folder that Cassandra is read from.
        number: which of its cluster's nodes it is.
        access: how clients get in.
    """

    command: list[str]
    files: NodeFiles
    address: Address
    cluster_name: str
    version: str
    grace: float
    jars: Path
    number: int
    access: Access


class NodeProcess:
    """A started node; `wait_ready` tells when it answers."""

    def __init__(self, plan: NodePlan, entry: Entry) -> None:
        """Start the supervisor, which starts the node."""
        self._plan = plan
        self._entry = entry
        written = supervisor.Plan(
            command=[*plan.command[:1], f"-Dcoodie.entry={entry.place}", *plan.command[1:]],
            directory=str(plan.files.home),
            console=str(plan.files.console_log),
            record=str(entry.processes(plan.number)),
            remove=[str(entry.place)],
            grace=plan.grace,
            starter=os.getpid(),
        )
        plan_file = entry.plan(plan.number)
        plan_file.write_text(json.dumps(asdict(written)), encoding="utf-8")
        with plan.files.console_log.open("ab") as console:
            self._supervisor = subprocess.Popen(
                [sys.executable, "-I", "-S", supervisor.__file__, str(plan_file)],
                stdin=subprocess.PIPE,
                stdout=console,
                stderr=console,
                pass_fds=(entry.descriptor,),
                # Ctrl-C in a terminal reaches the starter alone, which then stops the node in order.
                start_new_session=True,
            )

    @property
    def is_running(self) -> bool:
        """Whether the node has not ended."""
        return self._supervisor.poll() is None

    def wait_ready(self, timeout: float, began: float | None = None) -> None:
        """Wait until the node answers a CQL query.

        Args:
            timeout: how many seconds it has.
            began: since when, by the monotonic clock; by default from now on.

        Raises:
            PortTakenError: another program came first where the node was to listen.
            StartError: the node ended; the finer errors say why.
            StartTimeoutError: it answered no query within `timeout` seconds.
        """
        deadline = (time.monotonic() if began is None else began) + timeout
        while not self._answers():
            if not self.is_running:
                raise self._end_explained()
            if time.monotonic() > deadline:
                raise StartTimeoutError(self._plan.version, timeout, self._log_tail())
            time.sleep(_POLL_EVERY)

    def begin_stop(self) -> None:
        """Let the node be ended; `stop` waits for it. So several can end at the same time."""
        self._say("stop")

    def stop(self) -> None:
        """End the node and wait until it has ended; stopping twice is fine."""
        self.begin_stop()
        self._wait_ended()

    def kill(self) -> None:
        """End the node as a crash would, and wait until it has ended; one that has ended is left as it is."""
        self._signal(signal.SIGKILL)
        self._wait_ended()

    def pause(self) -> None:
        """Let the node stand still; its connections stay open, and nothing is answered."""
        self._signal(signal.SIGSTOP)
        deadline = time.monotonic() + _END_WITHIN
        while not is_paused(self._entry.node_process(self._plan.number)) and time.monotonic() < deadline:
            time.sleep(_POLL_EVERY)

    def resume(self) -> None:
        """Let a paused node go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        process = self._entry.node_process(self._plan.number)
        if process:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)

    def _wait_ended(self) -> None:
        try:
            self._supervisor.wait(self._plan.grace + _END_WITHIN)
        except subprocess.TimeoutExpired:  # pragma: no cover - the supervisor kills a node that does not end
            self._supervisor.kill()
            self._supervisor.wait()

    def detach(self) -> None:
        """Let the node live on when this process ends; it is not this object's any more."""
        self._say("detach")
        _detached.append(self._supervisor)

    def _answers(self) -> bool:
        try:
            with self._plan.access.connected(self._plan.address, _ANSWER_WITHIN) as probe:
                row = probe.rows("SELECT cluster_name FROM system.local")[0]
        except (OSError, NodeError, IndexError):
            return False
        # Where somebody else's node answers, ours cannot have got the port.
        return row["cluster_name"] == self._plan.cluster_name

    def _end_explained(self) -> NodeError:
        version, log, told = self._plan.version, self._log_tail(), self._plan.files.told()
        if _PORT_TAKEN.search(told):
            return PortTakenError(self._plan.address.host, self._plan.address.port)
        if _NO_MEMORY.search(told) or _NO_MEMORY_FOR_JAVA.search(self._plan.files.printed()):
            return NodeMemoryError(version, log)
        if self._supervisor.returncode == _KILLED:
            return NodeKilledError(version, log)
        if _DAMAGED.search(told):
            return DamagedJarsError(version, log, self._plan.jars)
        return StartError(version, log)

    def _log_tail(self) -> str:
        return "\n".join(self._plan.files.told().splitlines()[-_LINES_TOLD:])

    def _say(self, word: str) -> None:
        if self._supervisor.stdin is None or self._supervisor.stdin.closed:
            return
        # A supervisor whose node ended is gone and hears nothing.
        with contextlib.suppress(OSError):
            self._supervisor.stdin.write(f"{word}\n".encode())
            self._supervisor.stdin.flush()
        with contextlib.suppress(OSError):
            self._supervisor.stdin.close()
