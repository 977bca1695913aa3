"""Timing things side by side: taking turns, so that what else the machine does hits all of them."""

from __future__ import annotations

import asyncio
import gc
import time
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

ROUNDS = 7
NODE_ROUNDS = 9
"""Of measurements on a node, which stray more."""

ASYNC_ROUNDS, AT_ONCE = 21, 32
"""Of measurements with many asyncio tasks, and how many these are."""


class Taken(NamedTuple):
    """What one operation took: seconds of CPU time, and seconds."""

    cpu: float
    wall: float


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


async def compared_at_once(
    name: str, ours: Callable[[], Awaitable[object]], theirs: Callable[[], Awaitable[object]], repeats: int
) -> float:
    """Print the CPU time that one call of each takes with 32 asyncio tasks at once, and return the ratio.

    It is the median over rounds of `repeats` calls of each, in turn.
    """
    taken: tuple[list[float], list[float]] = ([], [])
    for turn in range(2 * (ASYNC_ROUNDS + 1)):
        gc.collect()
        one = await at_once((ours, theirs)[turn % 2], repeats, AT_ONCE)
        if turn > 1:  # the first of each is for warming up
            taken[turn % 2].append(one.cpu)
    mine, other = (median(times) * 1e6 for times in taken)
    print(f"{name}: by hand {other:.1f} µs of CPU, ours {mine:.1f} µs")
    return median(mine / other for mine, other in zip(*taken, strict=True))


def judge(claim: str, ratio: float, limit: float) -> bool:
    """Print a ratio beside its limit and tell whether it holds."""
    held = ratio <= limit
    print(f"{claim}: {ratio:.3f} (claimed: at most {limit:g}) {'holds' if held else 'DOES NOT HOLD'}")
    return held


def in_turn(call: Callable[[], object], repeats: int) -> Callable[[], Taken]:
    """Return what makes the calls one after the other, and says what one of them took."""

    def measured() -> Taken:
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(repeats):
            call()
        return Taken((time.process_time() - cpu) / repeats, (time.perf_counter() - wall) / repeats)

    return measured


def together(call: Callable[[], Awaitable[object]], repeats: int, in_flight: int) -> Callable[[], Taken]:
    """Return what makes the calls in an event loop of their own, so many at once, and says what one of them took."""
    return lambda: asyncio.run(at_once(call, repeats, in_flight))


async def at_once(call: Callable[[], Awaitable[object]], repeats: int, in_flight: int) -> Taken:
    """Make the calls, so many at once, and return what one of them took."""
    each = repeats // in_flight

    async def worker() -> None:
        for _ in range(each):
            await call()

    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.gather(*[worker() for _ in range(in_flight)])
    made = each * in_flight
    return Taken((time.process_time() - cpu) / made, (time.perf_counter() - wall) / made)


def taken_each(calls: Mapping[str, Callable[[], Taken]]) -> dict[str, Taken]:
    """Return what each takes: the median over rounds, in turn, after one to warm up."""
    found: dict[str, list[Taken]] = {side: [] for side in calls}
    for call in calls.values():
        call()
    for _ in range(NODE_ROUNDS):
        for side, call in calls.items():
            gc.collect()
            found[side].append(call())
    return {side: _middle(all_) for side, all_ in found.items()}


def _middle(taken: list[Taken]) -> Taken:
    return Taken(median(each.cpu for each in taken), median(each.wall for each in taken))
