"""Time limits by signals: what a handler raises surfaces as it is, wherever it comes, and no outcome is made of it."""

from __future__ import annotations

import random
import signal
import threading
import time
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import CoodieError, init_coodie, unregister_driver
from coodie_drivers.testing import proxy as faults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from coodie_drivers.testing.proxy import FaultProxy
    from coodie_drivers.testing.sources import CqlCluster

    Ask = Callable[[str], list[dict[str, object]]]

pytestmark = [pytest.mark.node, pytest.mark.adapter]

keys = count(1)
LATE = 0.3


class SoftTimeLimitError(Exception):
    """What a job queue raises from a signal handler."""


@pytest.fixture(scope="module")
def table(ask: Ask, cql_module_keyspace: str) -> str:
    """A table of counters."""
    name = f"{cql_module_keyspace}.interrupted"
    ask(f"CREATE TABLE {name} (id int PRIMARY KEY, n counter)")
    return name


def counted(ask: Ask, table: str, key: int) -> object:
    """Return how often a row was counted up; who was interrupted may ask before the node has done so."""
    until = time.monotonic() + 10
    while not (rows := ask(f"SELECT n FROM {table} WHERE id = {key}")) and time.monotonic() < until:
        time.sleep(0.05)
    return rows[0]["n"] if rows else None


@pytest.fixture
def raising() -> Iterator[list[BaseException]]:
    """What the handler of the alarm is to raise; it is switched off at the end."""
    errors: list[BaseException] = []

    def handle(*_: object) -> None:
        raise errors[-1]

    before = signal.signal(signal.SIGALRM, handle)
    yield errors
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.every_adapter
@pytest.mark.usefixtures("calm")
@pytest.mark.parametrize("error", [SoftTimeLimitError(), TimeoutError(), ValueError()])
def test_a_time_limit_by_a_signal_surfaces_while_an_answer_is_awaited(
    connect: Any, proxy: FaultProxy, ask: Ask, table: str, raising: list[BaseException], error: Exception
) -> None:
    driver, key = connect(), next(keys)
    cql = f"UPDATE {table} SET n = n + 1 WHERE id = ?"
    driver.execute(cql, [0])
    raising.append(error)
    with proxy.rules.add(faults.delay_reply(LATE), text=cql):
        signal.setitimer(signal.ITIMER_REAL, LATE / 3)
        with pytest.raises(type(error)) as raised:
            driver.execute(cql, [key])
    assert raised.value is error
    assert counted(ask, table, key) == 1
    driver.execute(cql, [key])
    assert counted(ask, table, key) == 2


@pytest.mark.every_adapter
@pytest.mark.excepted(driver_type="acsylla", reason="the C++ driver sends in threads that no signal interrupts")
@pytest.mark.excepted(driver_type="rust", reason="the Rust driver sends in threads that no signal interrupts")
@pytest.mark.usefixtures("calm")
def test_what_was_interrupted_when_it_was_sent_goes_to_no_other_node(
    proxy: FaultProxy, connect: Any, ask: Ask, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver, key = connect(), next(keys)
    cql = f"UPDATE {table} SET n = n + 1 WHERE id = ?"
    for _ in range(4):
        driver.execute(cql, [0])
    kind = next(iter(driver.session.get_pools())).get_connections()[0].__class__
    push = kind.push

    def interrupted(connection: Any, octets: bytes) -> None:
        push(connection, octets)
        if threading.current_thread() is threading.main_thread():
            raise SoftTimeLimitError

    with monkeypatch.context() as patched:
        patched.setattr(kind, "push", interrupted)
        with pytest.raises(SoftTimeLimitError):
            driver.execute(cql, [key])
    assert len(proxy.hosts) > 1
    for _ in range(4):
        driver.execute(cql, [0])
    assert counted(ask, table, key) == 1


@pytest.mark.every_adapter
@pytest.mark.long
# What is raised in a callback of a weak reference, Python swallows, and so a coroutine may never be handed over.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore:coroutine:RuntimeWarning")
@pytest.mark.timeout(600)
def test_wherever_a_signal_comes_nothing_false_is_told_and_the_driver_lives_on(
    cql_cluster: CqlCluster, driver_type: str, ask: Ask, table: str, raising: list[BaseException]
) -> None:
    requests = 3_000
    chosen, first = random.Random(5), 1_000_000 * next(keys)  # noqa: S311 - any moments will do
    driver = init_coodie(hosts=cql_cluster.hosts, port=cql_cluster.port, driver_type=driver_type, name="interrupted")
    cql, told = f"UPDATE {table} SET n = n + 1 WHERE id = ?", list[Exception]()
    driver.execute(cql, [0])
    raising.append(SoftTimeLimitError())
    try:
        for key in range(first, first + requests):
            try:
                signal.setitimer(signal.ITIMER_REAL, chosen.uniform(2e-5, 1e-3))
                try:
                    driver.execute(cql, [key])
                finally:
                    signal.setitimer(signal.ITIMER_REAL, 0)
            except SoftTimeLimitError:
                pass
            except CoodieError as error:
                told.append(error)
        driver.execute(cql, [first])
    finally:
        unregister_driver("interrupted")
        driver.close()
    assert told == []
    sent_once = range(first + 1, first + requests)
    assert [row for row in ask(f"SELECT id, n FROM {table}") if row["id"] in sent_once and row["n"] != 1] == []
