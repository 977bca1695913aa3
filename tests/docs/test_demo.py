"""What `./dev demo` shows on a node, and how it ends when it cannot go on."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from coodie_drivers.testing.probe import Probe
from snippets.places import address_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing import CqlCluster

ROOT = Path(__file__).resolve().parents[2]
SOURCE = "COODIE_TEST_HOSTS"
PROGRESS = re.compile(r" *this step is at work … \d+ s")
"""What the demo says of a step that takes more than two seconds, as any may on a busy machine."""


def demo(variables: dict[str, str], root: Path = ROOT) -> subprocess.Popen[str]:
    environ = {name: value for name, value in os.environ.items() if name != SOURCE}
    return subprocess.Popen(
        [sys.executable, "-W", "error", root / "tools/demo.py"],
        env={**environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        # A test run in the background ignores Ctrl-C, and what it starts would inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no thread is at work here
    )


def complaints_in(said: str) -> list[str]:
    """The lines of standard error that speak of anything but progress."""
    return [line for line in said.splitlines() if not PROGRESS.fullmatch(line)]


@pytest.fixture
def on_the_node(cql_cluster: CqlCluster) -> dict[str, str]:
    """The variable that leads the demo to the session's node."""
    return {SOURCE: address_of(cql_cluster.hosts[0], cql_cluster.port)}


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[str], Path]:
    """Copy what the demo is made of to a path with spaces; after its first steps the tour ends in another one."""

    def copy(last_step: str) -> Path:
        root = tmp_path / "with spaces"
        for folder in ("tools", "examples"):
            shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
        tour = root / "examples/tour.py"
        begun = tour.read_text("utf-8").partition("# Within a partition")[0]
        tour.write_text(f"{begun}# The last step\n{last_step}\n", "utf-8")
        return root

    return copy


def demo_keyspaces(cluster: CqlCluster) -> set[str]:
    with Probe(cluster.hosts[0], cluster.port) as probe:
        rows = probe.rows("SELECT keyspace_name FROM system_schema.keyspaces")
    return {str(row["keyspace_name"]) for row in rows if str(row["keyspace_name"]).startswith("coodie_demo_")}


@pytest.mark.node
def test_every_step_is_shown_with_what_came_back(cql_cluster: CqlCluster, on_the_node: dict[str, str]) -> None:
    shown, complaints = (process := demo(on_the_node)).communicate()
    assert (process.returncode, *complaints_in(complaints)) == (0,)
    assert "\x1b" not in shown
    assert f"Cassandra {cql_cluster.version} at {cql_cluster.hosts[0]}" in shown
    alices = re.findall(
        r"^  → \[User\(id=UUID\('.*'\), name='Alice', email='alice@example\.com'\)", shown, re.MULTILINE
    )
    assert len(alices) == 2
    for way in ("all()", "for", "count()", "async for"):
        assert re.search(rf"^  → {re.escape(way)} +12,000$", shown, re.MULTILINE), way
    assert "  → Reading has no field 'ctiy'; did you mean 'city'?\n" in shown
    keyspaces = set(re.findall(r"coodie_demo_\w+", shown))
    assert len(keyspaces) == 1
    assert not keyspaces & demo_keyspaces(cql_cluster)


@pytest.mark.node
def test_a_step_that_takes_long_is_no_complaint(changed: Callable[[str], Path], on_the_node: dict[str, str]) -> None:
    _, said = (process := demo(on_the_node, changed("import time\ntime.sleep(2.5)"))).communicate()
    assert (process.returncode, *complaints_in(said)) == (0,)
    assert PROGRESS.fullmatch(said.splitlines()[-1])


@pytest.mark.node
def test_an_interrupted_demo_leaves_nothing(
    changed: Callable[[str], Path], cql_cluster: CqlCluster, on_the_node: dict[str, str]
) -> None:
    process = demo(on_the_node, changed("import time\ntime.sleep(60)"))
    assert process.stdout is not None
    keyspace = ""
    for line in process.stdout:
        keyspace = keyspace or "".join(re.findall(r"coodie_demo_\w+", line))
        if "time.sleep" in line:
            break
    assert keyspace in demo_keyspaces(cql_cluster)
    process.send_signal(signal.SIGINT)
    _, complaints = process.communicate()
    assert process.returncode == 130
    assert complaints.splitlines()[-1] == "interrupted; nothing is left running"
    assert keyspace not in demo_keyspaces(cql_cluster)


@pytest.mark.node
@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("Reading.find(celsius=4.0).all()", "InvalidQueryError: Reading: no key and no index serves 'celsius'"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
    ],
)
def test_a_step_that_fails_is_named_with_what_to_do(
    changed: Callable[[str], Path], on_the_node: dict[str, str], broken: str, said: str
) -> None:
    shown, complaints = (process := demo(on_the_node, changed(broken))).communicate()
    assert process.returncode == 1
    assert shown.splitlines()[-2].strip() == broken
    assert said in complaints
    assert "a step of examples/tour.py failed" in complaints
    assert complaints.splitlines()[-1].startswith("→ look at it alone: ./dev node start")


def test_without_any_source_of_a_node_it_says_which_three_would_do(tmp_path: Path) -> None:
    nowhere = {
        "PATH": str(tmp_path),
        "JAVA_HOME": "",
        "DOCKER_HOST": "tcp://127.0.0.1:9",
        "XDG_CACHE_HOME": str(tmp_path),
    }
    process = demo(nowhere)
    _, complaints = process.communicate()
    if process.returncode == 0:
        pytest.skip("a Java runtime is installed as a wheel, and so there is a source of a node")
    assert process.returncode == 3
    last = complaints.splitlines()[-1]
    assert re.search(r"→ .*COODIE_TEST_HOSTS.*Docker.*Java 17 or 21", last), complaints


@pytest.mark.parametrize("address", ["127.0.0.1:9", "db:x"])
def test_an_address_that_leads_nowhere_is_named(address: str) -> None:
    _, complaints = (process := demo({SOURCE: address})).communicate()
    assert process.returncode == 1
    assert SOURCE in complaints
    assert complaints.splitlines()[-1] == "→ mend that, then: ./dev demo"
