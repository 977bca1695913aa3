"""The page about adapters: the one on it is found by its entry point, and passes what the page says that it passes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from coodie_drivers.testing import CqlCluster

pytestmark = [pytest.mark.node]

PAGE = (Path(__file__).resolve().parents[2] / "docs/coodie-drivers/writing-an-adapter.md").read_text("utf-8")

PROGRAM = """
import asyncio, sys
from cassandra.cluster import Cluster
from coodie_drivers import BatchRequest, Request, init_coodie, init_coodie_async, statement_of
from coodie_drivers.errors import ClusterUnavailableError, ConfigurationError, DriverClosedError

host, port, hosts = sys.argv[1], int(sys.argv[2]), [f"{sys.argv[1]}:{sys.argv[2]}"]

with init_coodie(hosts=hosts, driver_type="plain", metrics_enabled=False) as driver:
    print(type(driver).__module__, driver.execute("SELECT key FROM system.local WHERE key = ?", ["local"]))
try:
    driver.execute("SELECT key FROM system.local", [])
except DriverClosedError as error:
    print(error.outcome)

async def main():
    async with await init_coodie_async(hosts=hosts, driver_type="plain", keyspace="shop") as driver:
        print(driver.default_keyspace, await driver.execute_one_async("SELECT key FROM system.local", []))

asyncio.run(main())
for wrong in ({"metrics": True}, {"hosts": [f"{host}:1"]}):
    try:
        init_coodie(**{"hosts": hosts, "driver_type": "plain", **wrong})
    except (ConfigurationError, ClusterUnavailableError) as error:
        print(type(error).__name__)
"""


class Installed(NamedTuple):
    """A folder in which the page's adapter stands as if it were installed."""

    folder: Path

    def run(self, *arguments: str) -> str:
        """Run Python with this folder on its path; give what was printed."""
        environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env={**environ, "PYTHONPATH": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    """The adapter of the page, its entry point, and its test."""
    pytest.importorskip("cassandra", reason="the adapter of the page is for scylla-driver and cassandra-driver")
    (adapter,) = [block for block in blocks("python") if "driver_class = " in block]
    (suite,) = [block for block in blocks("python") if "class TestPlain" in block]
    (entry,) = blocks("toml")
    found = re.fullmatch(r'\[project\.entry-points\."(?P<group>.+)"\]\n(?P<line>\w+) = "(?P<module>\w+)"\n', entry)
    assert found is not None
    (tmp_path / f"{found['module']}.py").write_text(adapter, "utf-8")
    (tmp_path / "test_plain.py").write_text(suite, "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n", "utf-8")
    metadata = tmp_path / "plain_adapter-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: plain-adapter\nVersion: 1.0\n", "utf-8")
    lines = f"[{found['group']}]\n{found['line']} = {found['module']}\n"
    (metadata / "entry_points.txt").write_text(lines, "utf-8")
    return Installed(tmp_path)


def test_it_is_found_by_its_driver_type(installed: Installed, cql_cluster: CqlCluster) -> None:
    assert installed.run("-c", PROGRAM, cql_cluster.hosts[0], str(cql_cluster.port)).splitlines() == [
        "plain_adapter [{'key': 'local'}]",
        "not_applied",
        "shop local",
        "ConfigurationError",
        "ClusterUnavailableError",
    ]


def test_it_passes_the_parts_of_the_suite_that_the_page_names(installed: Installed, cql_cluster: CqlCluster) -> None:
    hosts = f"--cql-hosts={cql_cluster.hosts[0]}:{cql_cluster.port}"
    told = installed.run("-m", "pytest", "-q", "-p", "no:cacheprovider", hosts)
    assert re.search(r"\b\d\d+ passed, 6 xfailed", told), told
