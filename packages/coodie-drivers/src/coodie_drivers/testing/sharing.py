"""One cluster for all processes of a test run: the first that needs it has it started, by a process of its own.

That process is the holder (`holding.py`). It belongs to the run's controlling process, not to the one that needed the
cluster first, and ends the cluster when the controlling process is gone.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coodie_drivers.testing.errors import NodeError, NoNodeError
from coodie_drivers.testing.locks import locked
from coodie_drivers.testing.sources import CqlCluster

if TYPE_CHECKING:
    from pathlib import Path

_LOOK_EVERY = 0.1


@dataclass(frozen=True)
class Run:
    """A test run of several processes.

    Attributes:
        state: the file that tells them of the cluster; its folder exists.
        owner: the id of the controlling process.
        version: the Cassandra version that is asked for.
    """

    state: Path
    owner: int
    version: str | None


def shared_cluster(run: Run) -> CqlCluster:
    """The run's cluster; it is started when this is the first process that asks.

    Raises:
        NoNodeError: no source of a node is there.
        NodeError: the cluster could not be started.
    """
    with locked(run.state.with_suffix(".lock")):
        if not run.state.exists():
            _start_holder(run)
    told = json.loads(run.state.read_text(encoding="utf-8"))
    if "missing" in told:
        raise NoNodeError(told["missing"])
    if "failed" in told:
        raise NodeError(told["failed"])
    return CqlCluster(**told)


def _start_holder(run: Run) -> None:
    command = [sys.executable, "-m", "coodie_drivers.testing.holding", str(run.state), str(run.owner)]
    if run.version:
        command.append(run.version)
    holder = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    while not run.state.exists():
        if holder.poll() is not None and not run.state.exists():
            message = (
                f"the process that was to hold the cluster ended with code {holder.returncode}; see its output above"
            )
            raise NodeError(message)
        time.sleep(_LOOK_EVERY)
    # It outlives whoever started it; told so, Python does not complain that it was never waited for.
    holder.returncode = 0
