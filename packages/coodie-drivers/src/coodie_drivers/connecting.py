"""Connecting by an adapter, and again for as long as was asked for while no node can be reached."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Final

from coodie_drivers.blocking import in_background
from coodie_drivers.errors import ClusterUnavailableError
from coodie_drivers.reaching import closed_among

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from coodie_drivers.config import ConnectionConfig
    from coodie_drivers.contract import AbstractDriver, Adapter

__all__ = ["connected", "connected_async"]

_LOG: Final = logging.getLogger("coodie.connecting")

_FIRST_PAUSE: Final = 0.25
_LONGEST_PAUSE: Final = 2.0
"""Seconds between two tries: short at first, for nodes that start together with the program."""


def connected(
    adapter: Adapter, config: ConnectionConfig, wait: Callable[[float], object] = time.sleep
) -> AbstractDriver:
    """Return a driver, blocking while it connects.

    Args:
        adapter: by which.
        config: how.
        wait: waits so many seconds before the next try; returns something true when there is to be none.

    Raises:
        ClusterUnavailableError: if no host could be reached, not even by trying again for `retry_connect` seconds.
        ConfigurationError: if the library refuses an argument.
    """
    pauses = _pauses(config, time.monotonic())
    while True:
        try:
            return _looking_at_others(adapter.connect(config), config)
        except ClusterUnavailableError as error:
            pause = _pause_after(error, pauses)
            if pause is None or wait(pause):
                raise


async def connected_async(adapter: Adapter, config: ConnectionConfig) -> AbstractDriver:
    """Return a driver without blocking the event loop; see `connected`."""
    pauses = _pauses(config, time.monotonic())
    while True:
        try:
            return _looking_at_others(await adapter.connect_async(config), config)
        except ClusterUnavailableError as error:
            pause = _pause_after(error, pauses)
            if pause is None:
                raise
        await asyncio.sleep(pause)


def _pause_after(error: ClusterUnavailableError, pauses: Iterator[float]) -> float | None:
    """Return how long to wait before the next try; None where there is none, or it could not help."""
    return next(pauses, None) if error.retryable else None


def _pauses(config: ConnectionConfig, began: float) -> Iterator[float]:
    """Give the pauses before further tries, while there is time for another; say once that there is one."""
    if config.retry_connect is None:
        return
    until, pause = began + config.retry_connect, _FIRST_PAUSE
    left = until - time.monotonic()
    if left > 0:
        hosts = ", ".join(map(str, config.hosts))
        _LOG.warning("no node could be reached yet at %s: trying again for %g s", hosts, config.retry_connect)
    while left > 0:
        yield min(pause, left)
        pause = min(2 * pause, _LONGEST_PAUSE)
        left = until - time.monotonic()


def _looking_at_others(driver: AbstractDriver, config: ConnectionConfig) -> AbstractDriver:
    """Return the driver, and look meanwhile whether it was to be had from each of the hosts.

    One is enough to connect; that another is gone, or misspelt, would be noticed when that one goes as well.
    """
    if len(config.hosts) > 1:
        in_background(lambda: _warn_of_closed(config))
    return driver


def _warn_of_closed(config: ConnectionConfig) -> None:
    closed = closed_among(config.hosts)
    if closed:
        told = "; ".join(f"{host}: {reason}" for host, reason in closed.items())
        _LOG.warning("connected, but not by %d of %d hosts: %s", len(closed), len(config.hosts), told)
