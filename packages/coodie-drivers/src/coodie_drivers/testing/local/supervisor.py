"""The small process between a node and whoever started it: it ends the node when that one is gone, however it went.

Run as a file by a bare Python (`python -I -S supervisor.py plan.json`), so it imports the standard library alone and
starts within milliseconds. The starter holds the other end of standard input and writes one word a line into it:
`stop` ends the node, `detach` lets it live on without the starter; the end of the input means that the starter is gone.
SIGTERM ends the node as `stop` does, and takes its files away as well. A cluster of several nodes has as many of these
processes, and the last that ends takes the files away.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

RECORDS = "processes*.json"
"""What the records of a cluster's nodes are called."""

_LOOK_EVERY = 0.1
_PR_SET_PDEATHSIG = 1


@dataclass
class Plan:
    """What the starter wrote down for the supervisor.

    Attributes:
        command: what to run.
        directory: where to run it.
        console: the file that takes what it prints.
        record: the file that tells others which processes belong to this node; beside it are those of the other nodes.
        remove: what goes when the last node of the cluster has ended without its starter.
        grace: how many seconds the node has to end by itself; 0 kills it at once.
        starter: the process that started the supervisor.
    """

    command: list[str]
    directory: str
    console: str
    record: str
    remove: list[str]
    grace: float
    starter: int


class Supervisor:
    """Runs one node to its end."""

    def __init__(self, plan: Plan) -> None:
        """Start the node, and record its process before anything else happens."""
        self._plan = plan
        self._watching = True
        self._terminated = False
        signal.signal(signal.SIGTERM, self._on_terminate)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with open(plan.console, "ab") as console:  # noqa: PTH123 - pathlib's open is no shorter here
            self._node = subprocess.Popen(
                plan.command,
                cwd=plan.directory,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - this process has one thread
            )
        temporary = Path(f"{plan.record}.new")
        temporary.write_text(json.dumps({"supervisor": os.getpid(), "node": self._node.pid}), encoding="utf-8")
        temporary.replace(plan.record)

    def run(self) -> int:
        """Wait for whatever comes first, end what has to be ended, and give the node's exit code."""
        while True:
            code = self._node.poll()
            if code is not None:
                self._forget()
                return code
            if self._terminated:
                return self._end(remove=True)
            word = self._word()
            if word == "stop":
                return self._end(remove=False)
            if word == "gone":
                return self._end(remove=True)
            if word == "detach":
                self._watching = False

    def _word(self) -> str:
        """The starter's next word, `gone` when there is no starter any more, or nothing after a short wait."""
        if not self._watching:
            time.sleep(_LOOK_EVERY)
            return ""
        readable, _, _ = select.select([sys.stdin.fileno()], [], [], _LOOK_EVERY)
        if readable:
            said = os.read(sys.stdin.fileno(), 64).decode()
            return said.split()[-1] if said else "gone"
        # A process forked from the starter may still hold the other end, so its end alone is not enough.
        return "gone" if os.getppid() != self._plan.starter else ""

    def _end(self, *, remove: bool) -> int:
        if self._plan.grace:
            self._node.terminate()
            # One that is paused hears nothing until it goes on.
            self._node.send_signal(signal.SIGCONT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._node.wait(self._plan.grace)
        if self._node.poll() is None:
            self._node.kill()
        code = self._node.wait()
        is_last = self._forget()
        for path in self._plan.remove if remove and is_last else ():
            shutil.rmtree(path, ignore_errors=True)
        return code

    def _forget(self) -> bool:
        """Take the record of a node that has ended away; gives whether there is no other node's beside it."""
        record = Path(self._plan.record)
        record.unlink(missing_ok=True)
        return not list(record.parent.glob(RECORDS))

    def _on_terminate(self, _number: int, _frame: FrameType | None) -> None:
        self._terminated = True


def _die_with_parent() -> None:
    """Let the node be killed when the supervisor dies, where the system can do that (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def main(plan_file: str) -> int:
    """Run the plan in `plan_file`; gives an exit code a shell would understand."""
    plan = Plan(**json.loads(Path(plan_file).read_text(encoding="utf-8")))
    code = Supervisor(plan).run()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
