"""Timing things side by side: taking turns, so that what else the machine does hits all of them."""

from __future__ import annotations

import gc
import time
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROUNDS = 7


def seconds_each(calls: Mapping[str, Callable[[], object]], repeats: int, rounds: int = ROUNDS) -> dict[str, float]:
    """Return the CPU seconds that one call of each takes: the median over rounds of `repeats` calls, in turn."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(rounds):
        for name, call in calls.items():
            gc.collect()
            began = time.process_time()
            for _ in range(repeats):
                call()
            taken[name].append((time.process_time() - began) / repeats)
    return {name: median(times) for name, times in taken.items()}


def judge(claim: str, ratio: float, limit: float) -> bool:
    """Print a ratio beside its limit and tell whether it holds."""
    held = ratio <= limit
    print(f"{claim}: {ratio:.3f} (claimed: at most {limit:g}) {'holds' if held else 'DOES NOT HOLD'}")
    return held
