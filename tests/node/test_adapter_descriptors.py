"""A process without file descriptors is told so, in the contract's error, and what is connected works on."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from coodie_drivers.testing.sources import CqlCluster

pytestmark = [
    pytest.mark.node,
    pytest.mark.adapter,
    pytest.mark.every_adapter,
    pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit"),
]

PROGRAM = """
import asyncio, os, resource, sys
from coodie_drivers import CoodieError, init_coodie, init_coodie_async, get_driver
from coodie_drivers.loading import load_adapter

host, port, driver_type, way, first, *left = sys.argv[1:]
asked = {"hosts": [host], "port": int(port), "driver_type": driver_type, "connect_timeout": 5.0}
CQL = "SELECT key FROM system.local"
held = []

def leave(free):
    for each in held:
        os.close(each)
    held.clear()
    try:
        while True:
            held.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        pass
    for each in held[len(held) - free:]:
        os.close(each)
    del held[len(held) - free:]

async def connect(**more):
    if way == "sync":
        return init_coodie(**asked, **more)
    return await init_coodie_async(**asked, **more)

async def ask(driver):
    return driver.execute(CQL, []) if way == "sync" else await driver.execute_async(CQL, [])

async def tell(work):
    try:
        await work
        print("done")
    except CoodieError as error:
        print(type(error).__name__, error.outcome, error.retryable, "file descriptors left" in str(error))

async def main():
    load_adapter(driver_type)
    lazy = init_coodie(**asked, lazy=True, name="lazy")
    if first == "again":
        before = await connect(name="before")
        await ask(before)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    for free in left:
        leave(int(free))
        await tell(ask(lazy))
        await tell(connect(name=f"with {free}"))
    if first == "again":
        for _ in range(150):
            await ask(before)
    leave(0)
    for each in held:
        os.close(each)
    await ask(lazy)
    await ask(await connect(name="after"))

asyncio.run(main())
sys.stdout.flush()
os._exit(0)  # how a process ends is not the question
"""


LEFT = {"acsylla": ["17", "9", "2", "0"], "scylla": ["2", "1", "0"], "rust": ["0"]}
"""How few file descriptors are left: fewer than a connection takes."""


@pytest.mark.parametrize("first", ["first", "again"])
@pytest.mark.parametrize("way", ["sync", "async"])
def test_connecting_without_file_descriptors_is_told_as_such(
    cql_cluster: CqlCluster, driver_type: str, way: str, first: str
) -> None:
    left = LEFT[driver_type]
    done = subprocess.run(
        [
            *[sys.executable, "-W", "ignore", "-c", PROGRAM],
            *[cql_cluster.hosts[0], str(cql_cluster.port), driver_type, way, first, *left],
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["ClusterUnavailableError not_applied True True"] * 2 * len(left)
