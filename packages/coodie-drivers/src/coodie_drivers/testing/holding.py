"""The process that holds a run's cluster: `python -m coodie_drivers.testing.holding STATE OWNER [VERSION]`.

The run's own processes start it (`sharing.py`); it is nothing to be called by hand.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from coodie_drivers.errors import CoodieError
from coodie_drivers.testing.errors import NoNodeError
from coodie_drivers.testing.processes import Owner
from coodie_drivers.testing.sharing import Run
from coodie_drivers.testing.sources import cluster_for_tests

if TYPE_CHECKING:
    from types import FrameType

_LOOK_EVERY = 0.1


def hold(run: Run) -> None:
    """Have a cluster, tell of it, and end it when the controlling process is gone."""
    signal.signal(signal.SIGTERM, _exit)
    owner = Owner(run.owner)
    try:
        with cluster_for_tests(run.version) as cluster:
            _tell(run.state, asdict(cluster))
            # From here on there is nothing to say, and a reader of the run's output must not wait for this process.
            with contextlib.suppress(OSError), open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123
                os.dup2(nowhere.fileno(), 1)
                os.dup2(nowhere.fileno(), 2)
            while owner.is_alive:
                time.sleep(_LOOK_EVERY)
    except NoNodeError as error:
        _tell(run.state, {"missing": error.reasons})
    except CoodieError as error:
        _tell(run.state, {"failed": str(error)})


def _exit(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def _tell(state: Path, told: dict[str, object]) -> None:
    new = state.with_suffix(".new")
    new.write_text(json.dumps(told), encoding="utf-8")
    new.replace(state)


if __name__ == "__main__":
    hold(Run(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None))  # noqa: PLR2004 - as the first line says
