"""Fixtures for the drivers' tests: a registry of one's own, and a client library that somebody else brought."""

from __future__ import annotations

import asyncio
import importlib
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

SHORT = 0.02
"""Seconds of a stall that needs no second look."""

PAPER = """
import asyncio, threading, time
from coodie_drivers import AbstractDriver, Reply
from coodie_drivers.messages import Rows

connected = []
failures = []
delay = 0.0
lock = threading.Lock()


class PaperDriver(AbstractDriver):
    needs_row_validation = True
    supports_unset = True

    def __init__(self, config):
        self.config, self.default_keyspace, self.asked, self.closed = config, config.keyspace, [], 0

    def send(self, request):
        self.asked.append(request)
        return Reply([(1,)], ("n",))

    async def send_async(self, request):
        return self.send(request)

    def execute(self, stmt, params, consistency=None, timeout=None, fetch_size=None, paging_state=None):
        self.asked.append((stmt, params, consistency, timeout, fetch_size, paging_state))
        return Rows(Reply([(1,)], ("n",)))

    async def execute_async(self, *arguments):
        return self.execute(*arguments)

    def sync_table(self, *arguments):
        self.asked.append(arguments)
        return ["CREATE"]

    async def sync_table_async(self, *arguments):
        return self.sync_table(*arguments)

    def close(self):
        self.closed += 1

    async def close_async(self):
        self.close()


class PaperSession:
    pass


driver_class = PaperDriver


def option_names():
    return {"protocol_version"}


def recognizes(session):
    return isinstance(session, PaperSession)


def adopt(session, default_keyspace):
    from coodie_drivers.config import ConnectionConfig
    return PaperDriver(ConnectionConfig(keyspace=default_keyspace))


def connect(config):
    time.sleep(delay)
    with lock:
        if failures:
            raise failures.pop()
        driver = PaperDriver(config)
        connected.append(driver)
    return driver


async def connect_async(config):
    await asyncio.sleep(delay)
    return connect(config)
"""
"""A client library of paper, with an adapter: what another distribution would bring."""


@pytest.fixture
def distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Make it look as if a distribution were installed, with these entry points."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    importlib.invalidate_caches()

    def install(name: str, entry_points: str = "") -> None:
        folder = tmp_path / f"{name.replace('-', '_')}-99.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 99\n", "utf-8")
        (folder / "entry_points.txt").write_text(entry_points, "utf-8")

    return install


@pytest.fixture
def paper(tmp_path: Path, distribution: Callable[[str, str], None]) -> Iterator[Any]:
    """The module of a third-party adapter, installed as `driver_type="paper"`."""
    (tmp_path / "paper_driver.py").write_text(PAPER, "utf-8")
    distribution("paper-driver", "[coodie_drivers.adapters]\npaper = paper_driver\n")
    sys.modules.pop("paper_driver", None)
    import paper_driver  # type: ignore[import-not-found]  # noqa: PLC0415 - written a moment ago

    yield paper_driver
    del sys.modules["paper_driver"]


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry of the test's own, with no driver in it."""
    monkeypatch.setattr("coodie_drivers.registry.REGISTRY", Registry())


@pytest.fixture
def stall_of() -> Callable[[Callable[[], Awaitable[object]]], Awaitable[float]]:
    """How long, in seconds, a piece of work keeps the event loop from running anything else.

    The least of five tries, for on a busy machine anything may be kept from running for a while.
    """

    async def once(work: Callable[[], Awaitable[object]]) -> float:
        longest, last = 0.0, time.perf_counter()
        working = asyncio.ensure_future(work())
        while not working.done():
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            longest, last = max(longest, now - last), now
        await working
        return longest

    async def least(work: Callable[[], Awaitable[object]]) -> float:
        found = await once(work)
        for _ in range(4):
            if found > SHORT:
                found = min(found, await once(work))
        return found

    return least
