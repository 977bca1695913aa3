"""A driver in forked children: it connects anew, whichever way the child ends, or is refused."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from coodie_drivers.messages import statement_of

if TYPE_CHECKING:
    from coodie_drivers.testing.sources import CqlCluster

pytestmark = [pytest.mark.node, pytest.mark.adapter]

ONE_ROW = statement_of("SELECT key FROM system.local")
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")

CHILD = """
import asyncio, os, sys, time
from coodie_drivers import get_driver, init_coodie
from coodie_drivers.errors import CoodieError

def ask(way):
    driver = get_driver()
    rows = driver.execute(CQL, []) if way == "sync" else asyncio.run(driver.execute_async(CQL, []))
    return [row["key"] for row in rows]

def in_child(task):
    child = os.fork()
    if child == 0:
        began = time.monotonic()
        status = 1
        try:
            status = task()
        except CoodieError as error:
            print(type(error).__name__, error.outcome, flush=True)
        print(time.monotonic() - began < 5, flush=True)
        if sys.argv[3] == "plain":
            os._exit(status)
        sys.exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

CQL = "SELECT key FROM system.local"
hosts, port = [sys.argv[1]], int(sys.argv[2])
"""


def child_of(cluster: CqlCluster, program: str, driver_type: str, leaving: str = "plain") -> str:
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "ignore",
            "-c",
            CHILD + textwrap.dedent(program),
            cluster.hosts[0],
            str(cluster.port),
            leaving,
            driver_type,
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


NO_ANEW = pytest.mark.excepted(driver_type="rust", reason="its library cannot be started anew in a forked child")


@forks
@NO_ANEW
@pytest.mark.parametrize("way", ["sync", "async"])
def test_a_forked_child_that_ends_by_its_exit_handlers_connects_anew(
    cql_cluster: CqlCluster, driver_type: str, way: str
) -> None:
    program = f"""
    init_coodie(hosts=hosts, port=port, driver_type=sys.argv[4])
    assert ask("{way}") == ["local"]
    for _ in range(3):
        assert in_child(lambda: 7 if ask("{way}") == ["local"] else 2) == 7
    assert ask("{way}") == ["local"]  # the parent's own connection is as it was
    """
    assert child_of(cql_cluster, program, driver_type, "by the exit handlers").split() == ["True"] * 3


@forks
@NO_ANEW
def test_a_lazy_driver_connects_in_each_child(cql_cluster: CqlCluster, driver_type: str) -> None:
    program = """
    init_coodie(hosts=hosts, port=port, driver_type=sys.argv[4], lazy=True)
    assert in_child(lambda: 7 if ask("sync") == ["local"] else 2) == 7
    assert ask("sync") == ["local"]
    assert in_child(lambda: 7 if ask("async") == ["local"] else 2) == 7
    """
    assert child_of(cql_cluster, program, driver_type).split() == ["True"] * 2


@forks
@pytest.mark.parametrize("lazy", [True, False])
def test_a_library_that_cannot_be_started_anew_says_so_at_once(
    cql_cluster: CqlCluster, driver_type: str, lazy: bool
) -> None:
    if driver_type != "rust":
        pytest.skip("its library can")
    program = f"""
    init_coodie(hosts=hosts, port=port, driver_type=sys.argv[4], lazy={lazy})
    assert ask("sync") == ["local"]
    assert in_child(lambda: len(ask("sync"))) == 1
    assert in_child(lambda: len(ask("async"))) == 1
    assert ask("sync") == ["local"]
    """
    told = ["ForkedDriverError", "not_applied", "True"]
    assert child_of(cql_cluster, program, driver_type).split() == told * 2


@forks
def test_a_lazy_driver_that_was_not_used_connects_in_a_child(cql_cluster: CqlCluster, driver_type: str) -> None:
    program = """
    init_coodie(hosts=hosts, port=port, driver_type=sys.argv[4], lazy=True)
    assert in_child(lambda: 7 if ask("sync") == ["local"] else 2) == 7
    """
    assert child_of(cql_cluster, program, driver_type, "by the exit handlers").split() == ["True"]


@forks
def test_a_session_of_somebody_else_s_is_refused_in_a_child(cql_cluster: CqlCluster) -> None:
    pytest.importorskip("cassandra")
    program = """
    from cassandra.cluster import Cluster
    init_coodie(session=Cluster(hosts, port=port).connect())
    assert ask("sync") == ["local"]
    assert in_child(lambda: len(ask("sync"))) == 1
    """
    assert child_of(cql_cluster, program, "scylla", "by the exit handlers").split() == [
        "ForkedDriverError",
        "not_applied",
        "True",
    ]


GIVEN_ACSYLLA = """
import threading
import acsylla

async def opened():
    return await acsylla.create_cluster(hosts, port=port, log_level="disabled").create_session()

loop = asyncio.new_event_loop()
threading.Thread(target=loop.run_forever, daemon=True).start()
init_coodie(session=asyncio.run_coroutine_threadsafe(opened(), loop).result())
assert ask("sync") == ["local"]
assert in_child(lambda: len(ask("sync"))) == 1
assert in_child(lambda: len(ask("async"))) == 1
assert ask("async") == ["local"]
sys.stdout.flush()
os._exit(0)  # whose sockets and threads are left is not the question
"""


@forks
def test_a_session_of_acsylla_whose_loop_runs_in_another_thread_is_refused_in_a_child(cql_cluster: CqlCluster) -> None:
    pytest.importorskip("acsylla")
    told = ["ForkedDriverError", "not_applied", "True"]
    assert child_of(cql_cluster, GIVEN_ACSYLLA, "acsylla").split() == told * 2


CLOSING = """
import threading
from coodie_drivers.errors import ConnectionLostError, DriverClosedError

async def awaiting(driver, timeout):
    asked = [asyncio.ensure_future(driver.execute_async(CQL, [])) for _ in range(10)]
    await asyncio.sleep(0.005)
    await driver.close_async(timeout=timeout)
    return await asyncio.gather(*asked, return_exceptions=True)

def blocking(driver, timeout):
    ended = []
    def asking():
        try:
            ended.append(driver.execute(CQL, []))
        except BaseException as error:
            ended.append(error)
    threads = [threading.Thread(target=asking, daemon=True) for _ in range(10)]
    for thread in threads:
        thread.start()
    time.sleep(0.005)
    driver.close(timeout=timeout)
    for thread in threads:
        thread.join(5)
    return ended

def close_while_asking(way, timeout):
    driver = get_driver()
    ended = blocking(driver, timeout) if way == "sync" else asyncio.run(awaiting(driver, timeout))
    wrong = [each for each in ended if not isinstance(each, (list, ConnectionLostError, DriverClosedError))]
    print(len(ended), *[type(each).__name__ for each in wrong], flush=True)
    return 0

init_coodie(hosts=hosts, port=port, driver_type="acsylla")
assert ask("sync") == ["local"]
for way in ("sync", "async"):
    for timeout in (0, 0.5):
        assert in_child(lambda: close_while_asking(way, timeout)) == 0
"""


@forks
def test_closing_while_a_child_connects_anew_ends_every_call(cql_cluster: CqlCluster) -> None:
    pytest.importorskip("acsylla")
    assert child_of(cql_cluster, CLOSING, "acsylla").split() == ["10", "True"] * 4
