"""Closing a driver that still connects, by one who is cancelled, or where connecting fails."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from typing import Any

import pytest

from coodie_drivers.errors import DriverClosedError
from coodie_drivers.lazy import LazyDriver


def lazy() -> LazyDriver:
    return LazyDriver(["db1"], "shop", None, {"driver_type": "paper"})


@pytest.mark.parametrize("timeout", [0.1, 5.0])
async def test_closing_that_is_cancelled_while_connecting_is_finished_in_the_background(
    paper: Any, timeout: float
) -> None:
    paper.delay = 0.6
    driver = lazy()
    asking = asyncio.create_task(driver.execute_async("SELECT n FROM t", []))
    await asyncio.sleep(0.02)
    closing = asyncio.create_task(driver.close_async(timeout=timeout))
    await asyncio.sleep(0.02)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    asking.cancel()
    with contextlib.suppress(asyncio.CancelledError, DriverClosedError):
        await asking
    until = time.monotonic() + 10
    while not (paper.connected and paper.connected[0].closed) and time.monotonic() < until:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    assert [connected.closed for connected in paper.connected] == [1]
    with pytest.raises(DriverClosedError):
        await driver.execute_async("SELECT n FROM t", [])


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("kind", [SystemExit, asyncio.CancelledError])
async def test_closing_does_not_raise_why_there_is_no_connection(
    paper: Any, asynchronous: bool, kind: type[BaseException]
) -> None:
    paper.delay = 0.2
    paper.failures.append(kind("vault"))
    driver = lazy()
    heard: list[type[BaseException]] = []

    def ask() -> None:
        try:
            driver.execute("SELECT n FROM t", [])
        except kind as error:
            heard.append(type(error))

    asking = threading.Thread(target=ask)
    asking.start()
    await asyncio.sleep(0.02)
    if asynchronous:
        await driver.close_async()
    else:
        driver.close()
    asking.join(10)
    assert heard == [kind]
