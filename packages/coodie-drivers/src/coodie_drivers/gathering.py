"""Doing what an operation asks for over any driver: requests, a bounded number of them at once, and pauses."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from coodie_drivers.contract import send_async_to, send_to
from coodie_drivers.messages import ManyRequests, Pause, Reply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coodie_drivers.contract import AbstractDriver
    from coodie_drivers.messages import BatchRequest, Request, TableRequest

__all__ = ["send_anything", "send_anything_async"]


def send_anything(driver: AbstractDriver, asked: Request | BatchRequest | ManyRequests | TableRequest | Pause) -> Reply:
    """Send what an operation asks for, blocking until it is answered."""
    if isinstance(asked, Pause):
        time.sleep(asked.seconds)
        return Reply()
    if not isinstance(asked, ManyRequests):
        return send_to(driver, asked)
    places = _Places(asked)
    threads = [
        threading.Thread(target=_work, args=(driver, asked, places), name=f"coodie-many_{number}", daemon=True)
        for number in range(1, min(asked.at_once, len(asked.requests)))
    ]
    for thread in threads:
        thread.start()
    try:
        _work(driver, asked, places)
    finally:  # also where this thread is interrupted: what is under way is not left alone
        places.end()
        for thread in threads:
            thread.join()
    return Reply()


async def send_anything_async(
    driver: AbstractDriver, asked: Request | BatchRequest | ManyRequests | TableRequest | Pause
) -> Reply:
    """Send what an operation asks for, without blocking the event loop."""
    if not isinstance(asked, (ManyRequests, Pause)):
        return await send_async_to(driver, asked)
    import asyncio  # noqa: PLC0415 - whoever is here has an event loop running

    if isinstance(asked, Pause):
        await asyncio.sleep(asked.seconds)
        return Reply()
    places = _Places(asked)
    tasks = [
        asyncio.ensure_future(_work_async(driver, asked, places))
        for _ in range(min(asked.at_once, len(asked.requests)))
    ]
    try:
        await asyncio.gather(*tasks)
    finally:
        places.end()
        for task in tasks:
            task.cancel()
    return Reply()


class _Places:
    """The places of the requests that are yet to be begun; none any more once one has failed."""

    def __init__(self, asked: ManyRequests) -> None:
        self._left: Iterator[int] = iter(range(len(asked.requests)))
        self._lock = threading.Lock()

    def take(self) -> int | None:
        """Return the next place, or None."""
        with self._lock:
            return next(self._left, None)

    def end(self) -> None:
        """Let nothing more be begun."""
        with self._lock:
            self._left = iter(())


def _work(driver: AbstractDriver, asked: ManyRequests, places: _Places) -> None:
    while (place := places.take()) is not None:
        try:
            asked.outcomes[place] = send_to(driver, asked.requests[place])
        except Exception as error:  # noqa: BLE001 - the operation decides what becomes of it
            asked.outcomes[place] = error
            places.end()


async def _work_async(driver: AbstractDriver, asked: ManyRequests, places: _Places) -> None:
    while (place := places.take()) is not None:
        try:
            asked.outcomes[place] = await send_async_to(driver, asked.requests[place])
        except Exception as error:  # noqa: BLE001 - the operation decides what becomes of it
            asked.outcomes[place] = error
            places.end()
