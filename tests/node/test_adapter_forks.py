"""Many children of a process that is using its driver while it forks: each is answered or refused, none waits for ever.

A server that loads its application before it forks its workers (gunicorn with `--preload`) does the same.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.sources import CqlCluster

pytestmark = [
    pytest.mark.node,
    pytest.mark.adapter,
    pytest.mark.every_adapter,
    pytest.mark.timed,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork"),
]

PROMISED, WORKERS = 1.0, 4
"""Seconds within which a child is answered or refused, and how many there are at a time."""

ASKING = """
import asyncio, multiprocessing, os, selectors, signal, sys, threading, time
from coodie_drivers import init_coodie
from coodie_drivers.errors import CoodieError

host, port, driver_type, lazy, number_of_children = sys.argv[1:]
driver = init_coodie(hosts=[host], port=int(port), driver_type=driver_type, lazy=lazy == "lazy", connect_timeout=20)
STMT, LOCAL = "SELECT key FROM system.local WHERE key = ?", [{"key": "local"}]


def ask(way):
    if way == "sync":
        return driver.execute(STMT, ["local"])
    return asyncio.run(driver.execute_async(STMT, ["local"]))


def told(number):
    began = time.monotonic()
    try:
        became = "answered" if ask("async" if number % 2 else "sync") == LOCAL else "wrong"
    except CoodieError as error:
        became = f"{type(error).__name__}:{error.outcome}"
    except BaseException as error:
        became = repr(error)
    taken, began, spent = time.monotonic() - began, time.monotonic(), time.process_time()
    while time.process_time() - spent < 0.005:
        pass
    return f"{became} {taken:.3f} {(time.monotonic() - began) / 0.005:.3f}"
"""
"""How a program connects, how it asks in a child, and how much longer a busy machine makes work take there."""

FORKING = """
WORKERS, HANGS = 4, 20.0
over = threading.Event()


def go_on_asking(way):
    while not over.is_set():
        assert ask(way) == LOCAL


def forked(number):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, told(number).encode())
        os._exit(0)
    os.close(writing)
    return child, reading


asking = [threading.Thread(target=go_on_asking, args=(way,)) for way in ("sync", "async") if lazy != "lazy"]
for thread in asking:
    thread.start()
for start in range(0, int(number_of_children), WORKERS):
    children = [forked(number) for number in range(start, start + WORKERS)]
    for child, reading in children:
        with selectors.DefaultSelector() as selector:
            selector.register(reading, selectors.EVENT_READ)
            said = os.read(reading, 1_000) if selector.select(HANGS) else b"hangs 20 1"
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        print(said.decode() or "died 0 1")
over.set()
for thread in asking:
    thread.join()
assert ask("sync") == LOCAL
"""
"""Four children at a time; the parent itself goes on asking in two threads, so that locks are held when it forks."""

POOL = """
assert lazy == "lazy" or ask("sync") == LOCAL
with multiprocessing.get_context("fork").Pool(4) as workers:
    for each in workers.map(told, range(int(number_of_children))):
        print(each)
assert ask("sync") == LOCAL
"""
"""Four workers that share many requests."""


class Told(NamedTuple):
    """What became of the requests of children.

    Attributes:
        became: how often each thing came of one.
        seconds: how long they took, the longest at the end.
        longer: how many times longer work took than with a processor of its own, in the middle.
    """

    became: Counter[str]
    seconds: list[float]
    longer: float

    @property
    def in_time(self) -> bool:
        """Whether 99 % of them took no longer than promised on a machine that has nothing else to do."""
        of_its_own = max(1.0, self.longer * (os.cpu_count() or 1) / WORKERS)
        return self.seconds[len(self.seconds) * 99 // 100 - 1] < PROMISED * of_its_own


def told_by(program: str, cluster: CqlCluster, driver_type: str, lazy: str, children: int) -> Told:
    given = [cluster.hosts[0], str(cluster.port), driver_type, lazy, str(children)]
    command = [sys.executable, "-W", "ignore", "-c", ASKING + program, *given]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1_500, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    told = [line.rsplit(" ", 2) for line in done.stdout.splitlines()]
    longer = median([float(longer) for _, _, longer in told])
    return Told(Counter(became for became, _, _ in told), sorted([float(seconds) for _, seconds, _ in told]), longer)


def expected_of(driver_type: str, lazy: str) -> str:
    """What a child is told: the runtime of one library cannot be started anew once the parent has used it."""
    return "ForkedDriverError:not_applied" if driver_type == "rust" and lazy != "lazy" else "answered"


@pytest.mark.parametrize("lazy", ["connected", "lazy"])
@pytest.mark.parametrize("children", [20, pytest.param(1_000, marks=pytest.mark.long)])
@pytest.mark.timeout(1_800)
def test_no_child_waits_for_ever(
    cql_cluster: CqlCluster, driver_type: str, children: int, lazy: str, note: Callable[..., None]
) -> None:
    told = told_by(FORKING, cql_cluster, driver_type, lazy, children)
    note(seconds=told.seconds[-3:], longer=told.longer)
    assert told.became == {expected_of(driver_type, lazy): children}
    assert told.in_time


@pytest.mark.parametrize("lazy", ["connected", "lazy"])
@pytest.mark.parametrize("requests", [100, pytest.param(1_000, marks=pytest.mark.long)])
def test_workers_of_a_pool_share_the_requests(
    cql_cluster: CqlCluster, driver_type: str, lazy: str, requests: int, note: Callable[..., None]
) -> None:
    told = told_by(POOL, cql_cluster, driver_type, lazy, requests)
    note(seconds=told.seconds[-3:], longer=told.longer)
    assert told.became == {expected_of(driver_type, lazy): requests}
    assert told.in_time
