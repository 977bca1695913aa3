"""A program that is done leaves at once, whether it closed its driver or forgot to, and says nothing more."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers.testing.proxy import FaultProxy, delay_reply, drop_reply

if TYPE_CHECKING:
    from coodie_drivers.testing import CqlCluster

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.timed]

PROGRAM = """
import sys, time
from coodie_drivers import init_coodie
driver = init_coodie(hosts=[sys.argv[1]], port=int(sys.argv[2]), driver_type=sys.argv[4])
driver.execute("SELECT release_version FROM system.local", [])
if sys.argv[3] == "closes":
    driver.close()
print(time.time())
"""


@pytest.mark.parametrize("ending", ["closes", "forgets"])
def test_a_program_that_is_done_leaves_at_once(ending: str, cql_cluster: CqlCluster, driver_type: str) -> None:
    # The library's own exit handler waited five seconds in about every second run.
    for _ in range(4):
        command = [sys.executable, "-c", PROGRAM, cql_cluster.hosts[0], str(cql_cluster.port), ending, driver_type]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert time.time() - float(done.stdout) < 4
        assert done.stderr == ""


CUT = """
import asyncio, sys, threading, time
from coodie_drivers import init_coodie
from coodie_drivers.errors import CoodieError

driver = init_coodie(hosts=[sys.argv[1]], port=int(sys.argv[2]), driver_type=sys.argv[4])
slow, ended = "SELECT key FROM system.local WHERE key = ?", []

def ask():
    try:
        driver.execute(slow, ["slow"])
    except CoodieError as error:
        ended.append(error.outcome)

def report(began):
    print(time.monotonic() - began < 1, ended, flush=True)
    sys.stdin.readline()

def blocking():
    asking = threading.Thread(target=ask)
    asking.start()
    sys.stdin.readline()
    began = time.monotonic()
    driver.close(timeout=0)
    asking.join()
    report(began)

async def awaiting():
    await asyncio.gather(*[driver.execute_async("SELECT key FROM system.local", []) for _ in range(200)])
    await asyncio.sleep(0.3)
    asking = asyncio.ensure_future(driver.execute_async(slow, ["slow"]))
    await asyncio.to_thread(sys.stdin.readline)
    began = time.monotonic()
    await driver.close_async(timeout=0)
    try:
        await asking
    except CoodieError as error:
        ended.append(error.outcome)
    return began

if sys.argv[3] == "sync":
    blocking()
else:
    report(asyncio.run(awaiting()))
"""


@pytest.mark.parametrize("way", ["sync", "async"])
def test_a_program_that_cut_its_calls_and_lost_its_nodes_says_nothing_and_leaves_at_once(
    way: str, cql_cluster: CqlCluster, driver_type: str
) -> None:
    with FaultProxy(cql_cluster) as proxy:
        rule = proxy.rules.add(delay_reply(20), opcode="EXECUTE", text="SELECT key FROM system.local WHERE key = ?")
        command = [sys.executable, "-W", "always::ResourceWarning", "-c", CUT]
        running = subprocess.Popen(
            [*command, proxy.hosts[0], str(proxy.port), way, driver_type],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        with running:
            assert running.stdin is not None
            assert running.stdout is not None
            rule.wait()
            running.stdin.write("close\n")
            running.stdin.flush()
            told = running.stdout.readline()
            proxy.refuse_connections()
            proxy.cut_connections()
            time.sleep(1.5)  # in which a client that were still there would find that its nodes are gone
            began = time.monotonic()
            _, complaints = running.communicate("leave\n", timeout=15)
    assert (told, running.returncode, complaints) == ("True ['not_applied']\n", 0, "")
    assert time.monotonic() - began < 3


UNAWAITED = """
import asyncio, sys, threading, time
from coodie_drivers import init_coodie

host, port, driver_type, way = sys.argv[1:]
driver = init_coodie(hosts=[host], port=int(port), driver_type=driver_type, lazy=way == "connecting")
slow = "SELECT key FROM system.local WHERE key = ?"

def ask():
    try:
        driver.execute(slow, ["slow"])
    except Exception:
        pass

if way == "loop":
    loop = asyncio.new_event_loop()
    asking = loop.create_task(driver.execute_async(slow, ["slow"]))
    asking._log_destroy_pending = False
    loop.run_until_complete(asyncio.sleep(0.2))
else:
    threading.Thread(target=ask, daemon=True).start()
sys.stdin.readline()
"""


@pytest.mark.every_adapter
@pytest.mark.parametrize("way", ["thread", "loop", "connecting"])
def test_a_program_does_not_wait_for_what_nobody_waits_for(way: str, cql_cluster: CqlCluster, driver_type: str) -> None:
    silent: dict[str, Any] = {"text": "SELECT key FROM system.local WHERE key = ?"}
    if way == "connecting":
        silent = {"opcode": "OPTIONS"}
    with FaultProxy(cql_cluster) as proxy, proxy.rules.add(drop_reply(), **silent) as rule:
        command = [sys.executable, "-c", UNAWAITED, proxy.hosts[0], str(proxy.port), driver_type, way]
        running = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        with running:
            rule.wait()
            began = time.monotonic()
            _, complaints = running.communicate("leave\n", timeout=15)
    assert (running.returncode, complaints) == (0, "")
    assert time.monotonic() - began < 3


LATE = """
import asyncio, atexit, faulthandler, sys, weakref
from coodie_drivers import init_coodie
from coodie_drivers.errors import CoodieError

faulthandler.dump_traceback_later(10, exit=True)
host, port, driver_type, when, way = sys.argv[1:]
connecting = {"hosts": [host], "port": int(port), "driver_type": driver_type}
asked = "SELECT key FROM system.local WHERE key = ?"

def ask():
    try:
        if way == "connects":
            return init_coodie(name="late", connect_timeout=1, **connecting).execute(asked, ["local"])
        if way == "sync":
            return driver.execute(asked, ["local"])
        return asyncio.run(driver.execute_async(asked, ["local"]))
    except CoodieError as error:
        return error.outcome

class Holder:
    def __del__(self):
        print(ask(), flush=True)

if when == "atexit":
    atexit.register(lambda: print(ask(), flush=True))
elif when == "finalize":
    weakref.finalize(Holder, lambda: print(ask(), flush=True))
driver = init_coodie(**connecting)
driver.execute(asked, ["local"])
if when == "atexit after":
    atexit.register(lambda: print(ask(), flush=True))
elif when == "del":
    holder = Holder()
"""


def leaving(cql_cluster: CqlCluster, driver_type: str, when: str, way: str) -> tuple[str, str]:
    """Return what a program that asks for something while the interpreter ends prints, and what it complains of."""
    command = [sys.executable, "-c", LATE, cql_cluster.hosts[0], str(cql_cluster.port), driver_type, when, way]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout, done.stderr


@pytest.mark.every_adapter
@pytest.mark.parametrize("when", ["atexit", "finalize", "del"])
def test_a_request_after_the_library_has_ended_with_the_interpreter_is_refused(
    when: str, cql_cluster: CqlCluster, driver_type: str
) -> None:
    assert leaving(cql_cluster, driver_type, when, "sync") == ("not_applied\n", "")


@pytest.mark.parametrize("way", ["async", "connects"])
def test_nothing_waits_for_the_library_of_rust_when_it_has_ended_with_the_interpreter(
    way: str, cql_cluster: CqlCluster
) -> None:
    assert leaving(cql_cluster, "rust", "atexit", way) == ("not_applied\n", "")


def test_a_function_of_atexit_that_was_registered_after_connecting_is_answered(
    cql_cluster: CqlCluster, driver_type: str
) -> None:
    assert leaving(cql_cluster, driver_type, "atexit after", "sync") == ("[{'key': 'local'}]\n", "")


LEFT = """
import asyncio, gc, os, sys, time
from coodie_drivers import init_coodie_async, unregister_driver

gc.disable()

def held():
    return len(os.listdir("/proc/self/fd"))

async def use(cancels):
    driver = await init_coodie_async(hosts=[sys.argv[1]], port=int(sys.argv[2]), driver_type=sys.argv[3], name="used")
    ask = lambda: driver.execute_async("SELECT key FROM system.local WHERE key = ?", ["local"])
    await ask()
    for burst in range(3):
        tasks = [asyncio.ensure_future(ask()) for _ in range(150)]
        await asyncio.sleep(burst / 1000)
        for task in tasks if cancels else ():
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await unregister_driver("used").close_async()

asyncio.run(use(False))
time.sleep(0.5)
first = held()
asyncio.run(use(True))
given_up = time.monotonic() + 3
while held() > first and time.monotonic() < given_up:
    time.sleep(0.05)
print(first, held())
"""


@pytest.mark.every_adapter
def test_what_a_closed_driver_used_ends_without_the_garbage_collector(
    cql_cluster: CqlCluster, driver_type: str
) -> None:
    command = [sys.executable, "-c", LEFT, cql_cluster.hosts[0], str(cql_cluster.port), driver_type]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    plain, cancelled = map(int, done.stdout.split())
    assert cancelled <= plain, "file descriptors"
