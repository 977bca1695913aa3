"""What the conformance suite does with a case that is excepted, and with one that the server is too old for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.once  # whole runs of pytest, which say the same on every Python

ADAPTER = """
import pytest

from coodie_drivers.testing.conformance.suite import Suite, since
from coodie_drivers.testing.scripted import ScriptedDriver

class TestPaper(Suite):
    driver_type = "paper"
    exceptions = {"test_a_case": "the library has no paper"}

    @pytest.fixture
    def driver(self):
        return ScriptedDriver()

    def test_a_case(self, way):
        assert way.execute("SELECT a FROM t") == [] and CAN

    @since("5.0", "vectors")
    def test_of_a_later_server(self, way):
        assert way.execute("SELECT a FROM t") == []
"""


class Stub(Protocol):
    host: str
    port: int
    release: str


@pytest.fixture
def told(run: Run, cql_stub: Stub) -> Callable[[str], str]:
    """Run the suite of an adapter whose excepted case passes, or does not, and give what pytest says."""

    def told_by_pytest(can: str) -> str:
        hosts = f"--cql-hosts={cql_stub.host}:{cql_stub.port}"
        return run(ADAPTER.replace("CAN", can), hosts, "-rfsx").stdout

    return told_by_pytest


def test_an_excepted_case_runs_and_may_fail(told: Callable[[str], str]) -> None:
    output = told("False")
    assert "2 passed, 2 xfailed" in output
    assert output.count("paper: the library has no paper") == 2


def test_an_excepted_case_that_passes_is_a_failure(told: Callable[[str], str]) -> None:
    output = told("True")
    assert "2 failed, 2 passed" in output
    assert output.count("[XPASS(strict)] paper: the library has no paper") >= 2


@pytest.mark.parametrize(
    ("release", "counted"),
    [
        ("4.1.10", "2 skipped, 2 xfailed"),
        ("5.0-beta1", "2 passed, 2 xfailed"),
        ("5.0.9", "2 passed, 2 xfailed"),
        ("6.0-alpha2", "2 passed, 2 xfailed"),
    ],
)
def test_a_case_of_a_later_server_is_skipped(
    told: Callable[[str], str], cql_stub: Stub, release: str, counted: str
) -> None:
    cql_stub.release = release
    output = told("False")
    assert counted in output
    assert ("vectors: since Cassandra 5.0" in output) == ("skipped" in counted)
