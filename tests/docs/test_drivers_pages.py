"""The pages about coodie_drivers: their tables hold what the code has, all of it and nothing else."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from coodie_drivers import errors, init_coodie, init_coodie_async, observing
from coodie_drivers.arguments import ARGUMENTS
from coodie_drivers.config import DEFAULT_CONNECT_TIMEOUT, DEFAULT_REQUEST_TIMEOUT
from coodie_drivers.dsn import arguments_from_dsn, arguments_from_environment
from coodie_drivers.request_driver import CLOSE_TIMEOUT
from coodie_drivers.testing import conformance
from coodie_drivers.tls import TLS_ARGUMENTS

PAGES = Path(__file__).resolve().parents[2] / "docs" / "coodie-drivers"


def first_cells(page: str) -> list[str]:
    """The names in backticks in the first cell of each row of each table of a page."""
    lines = (PAGES / page).read_text("utf-8").splitlines()
    rows = [line.strip("|").split("|")[0] for line in lines if line.startswith("|") and not line.startswith("|--")]
    return [name for row in rows for name in re.findall(r"`(\w+)`", row)]


def test_every_argument_of_a_connection_is_on_its_page() -> None:
    signatures = [inspect.signature(function).parameters for function in (init_coodie, init_coodie_async)]
    named = {name for parameters in signatures for name in parameters} - {"kwargs"}
    assert named <= ARGUMENTS
    assert sorted(first_cells("connecting.md")) == sorted(ARGUMENTS)


def test_every_tls_argument_is_on_its_page() -> None:
    assert sorted(first_cells("tls.md")) == sorted([*TLS_ARGUMENTS, "ssl_context", "require_tls"])


def test_every_error_is_on_its_page() -> None:
    kinds = [kind for name in errors.__all__ if inspect.isclass(kind := getattr(errors, name))]
    known = {kind.__name__ for kind in kinds if issubclass(kind, errors.CoodieError)}
    left_out = {"CoodieError", "DriverError"}
    assert {name for name in first_cells("errors.md") if name.endswith("Error")} == known - left_out


def test_the_limits_are_those_of_the_page() -> None:
    rows = (PAGES / "timeouts-and-retries.md").read_text("utf-8")
    told = re.findall(r"^\| `(\w+)=` of `(\w+)` \| (\d+) s \|", rows, re.MULTILINE)
    assert {(name, of): float(seconds) for name, of, seconds in told} == {
        ("connect_timeout", "init_coodie"): DEFAULT_CONNECT_TIMEOUT,
        ("request_timeout", "init_coodie"): DEFAULT_REQUEST_TIMEOUT,
        ("timeout", "close"): CLOSE_TIMEOUT,
    }


def test_every_part_of_the_conformance_suite_is_on_its_page() -> None:
    parts = [name for name in first_cells("testing.md") if name.endswith("Cases")]
    assert sorted(parts) == sorted(set(conformance.__all__) - {"DriverConformance"})


def test_the_dsn_of_the_page_and_its_environment_are_read() -> None:
    text = (PAGES / "connecting.md").read_text("utf-8")
    (dsn,) = re.findall(r'dsn="([^"]+)"', text)
    assert arguments_from_dsn(dsn)["hosts"] == ["db1", "db2:9142"]
    variables = dict.fromkeys(re.findall(r"`(COODIE_\w+)`", text), "7")
    assert len(arguments_from_environment(variables)) == len(variables) > 4


def test_what_an_observer_sees_is_documented() -> None:
    documented = inspect.getdoc(observing.Passed) or ""
    public = [name for name in dir(observing.Passed) if not name.startswith("_")]
    assert [name for name in public if f"{name}:" not in documented] == []
