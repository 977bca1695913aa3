"""How long an event loop is kept from running: what the conformance suite goes by."""

from __future__ import annotations

import asyncio
import time
from itertools import count

from coodie_drivers.testing.conformance.stalls import STALL, stall_of


async def test_work_that_waits_lets_the_event_loop_run() -> None:
    assert await stall_of(lambda: asyncio.sleep(0.05)) < STALL


async def test_work_that_keeps_it_waiting_in_most_tries_is_found() -> None:
    tries = count()

    async def blocking() -> None:
        if next(tries) % 7 > 1:
            time.sleep(0.3)  # noqa: ASYNC251 - what is to be found

    assert await stall_of(blocking) > STALL


async def test_what_happens_seldom_is_not() -> None:
    tries = count()

    async def seldom() -> None:
        if next(tries) % 7 < 2:
            time.sleep(0.3)  # noqa: ASYNC251 - what a busy machine may do
        await asyncio.sleep(0.01)

    assert await stall_of(seldom) < STALL
