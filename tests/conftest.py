"""What holds for every test: which adapter it runs with, which ones wait to be asked for, what is said of the others.

Options that only `./dev test` gives are registered here too. Where `CI=true` is set, a test that finds no Cassandra
node fails instead of being skipped. What is said of a process of the run that crashes is in `tools/crashes.py`.
"""

from __future__ import annotations

import os
from collections import Counter
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from coodie_drivers.testing.conformance.lines import CONTRACT
from crashes import pytest_configure_node, pytest_testnodedown, say_crashes, write_crashes
from documented.catalogue import FEATURES, shown_by_cases

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["pytest_configure_node", "pytest_testnodedown"]

# A test may run beside others, and some wait until Java has started.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

NO_NODE = "no Cassandra node:"
"""How the reason begins with which the fixture `cql_cluster` skips."""

DRIVER_TYPES = {"scylla": "cassandra", "acsylla": "acsylla", "rust": "scylla"}
"""The driver types that tests marked `every_adapter` or `shows` run with, and the package that each needs.

With `scylla` it is whichever of scylla-driver and cassandra-driver is installed.
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("coodie workspace")
    group.addoption("--long", action="store_true", help="run the tests that take long, too")
    group.addoption("--driver-type", help="the driver type that the tests of adapters are run with; scylla by default")
    group.addoption(
        "--conformance", action="append", help="a driver type that the conformance suite is run with; all by default"
    )
    group.addoption("--not-run", action="append", default=[], help="something that was left out, to be said at the end")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what is marked `every_adapter` or `shows`, and with `--long` all about faults, with every adapter.

    Where an adapter was chosen for the run, it is that one alone.
    """
    config = metafunc.config
    long_run = config.getoption("--long") and "faults" in metafunc.definition.path.parts
    every = long_run or any(metafunc.definition.get_closest_marker(mark) for mark in ("every_adapter", "shows"))
    if not every or config.getoption("--driver-type") or "driver_type" not in metafunc.fixturenames:
        return
    asked = config.getoption("--conformance") or list(DRIVER_TYPES)
    installed = [name for name, package in DRIVER_TYPES.items() if name in asked and find_spec(package) is not None]
    if installed:
        metafunc.parametrize("driver_type", installed, scope="module")


@pytest.fixture(scope="session")
def driver_type(request: pytest.FixtureRequest) -> str:
    """The driver type that the run is about."""
    return str(request.config.getoption("--driver-type") or "scylla")


@pytest.hookimpl(tryfirst=True)  # for `-m shows` selects by these marks too
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    asked = config.getoption("--conformance")
    if asked:
        others = [item for item in items if getattr(getattr(item, "cls", None), "driver_type", asked[0]) not in asked]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in others]
    note_features(items)
    for item in items:
        if "faults" in item.path.parts:  # each looks at how long something took, or gives it so long
            item.add_marker("timed")
        refuse_misplaced(item)
        for excepted in item.iter_markers("excepted"):
            if excepted.kwargs["driver_type"] == driver_type_of(item):
                item.add_marker(
                    pytest.mark.skip(reason=f"{excepted.kwargs['driver_type']}: {excepted.kwargs['reason']}")
                )
    if config.getoption("--long"):
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="takes long; ./dev test --long runs it"))


def refuse_misplaced(item: pytest.Item) -> None:
    """Refuse a test where the run of its kind, by tools/devtools/suites.py, does not look for it."""
    room = item.path.relative_to(Path(__file__).parent).parts[0]
    if room in ("node", "shells") and not item.get_closest_marker("node"):
        raise pytest.UsageError(f"{item.nodeid} is not marked `node`, as all of tests/{room} is; mark or move it")
    if room not in ("node", "coodie_drivers") and item.get_closest_marker("timed"):
        raise pytest.UsageError(f"{item.nodeid} is about time; such tests are in tests/node and tests/coodie_drivers")


def driver_type_of(item: pytest.Item) -> str:
    """Return the driver type that a test of adapters is about: its own, or that of the whole run."""
    parameters: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
    return str(parameters.get("driver_type") or item.config.getoption("--driver-type") or "scylla")


def note_features(items: list[pytest.Item]) -> None:
    """Have reports say which documented features each test shows, with which adapter, in which way."""
    of_cases = shown_by_cases(CONTRACT)
    for item in items:
        case = getattr(item, "originalname", "")
        if hasattr(getattr(item, "cls", None), "driver_type") and case in of_cases:
            item.add_marker(pytest.mark.shows(*of_cases[case]))
        for mark in item.iter_markers("shows"):
            unknown = [feature for feature in mark.args if feature not in FEATURES]
            if unknown:
                raise pytest.UsageError(f"{item.nodeid} shows {unknown[0]!r}, which tools/documented does not list")
            item.user_properties += [("shows", feature) for feature in mark.args]
        if item.get_closest_marker("shows"):
            item.user_properties += [("driver_type", adapter_of(item)), ("way", way_of(item))]


def adapter_of(item: pytest.Item) -> str:
    """Return the adapter that a test runs with, by its client library's own driver type."""
    asked = driver_type_of(item)
    return "cassandra" if asked == "scylla" and not is_installed("scylla-driver") else asked


def way_of(item: pytest.Item) -> str:
    """Return whether a test is about what blocks ("sync") or what is awaited ("async")."""
    parameters: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
    told = [value for value in parameters.values() if value in ("sync", "async")]
    return str(told[0]) if told else "async" if "aio" in item.path.parts else "sync"


@cache
def is_installed(distribution: str) -> bool:
    try:
        metadata.distribution(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and skip_reason(report).startswith(NO_NODE):
        report.outcome = "failed"
        report.longrepr = f"{skip_reason(report)}\nCI=true: a test that needs a real node must run"
    return report


@pytest.hookimpl(trylast=True)  # after pytest's own, which writes where the end of a long run shows nothing
def pytest_configure(config: pytest.Config) -> None:
    write_crashes(config)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    say_crashes(terminalreporter, config)
    skipped = Counter(skip_reason(report) for report in terminalreporter.stats.get("skipped", []))
    left_out: list[str] = list(config.getoption("--not-run") or ())
    left_out += [f"{count} test{'s' if count > 1 else ''}: {reason}" for reason, count in sorted(skipped.items())]
    if left_out:
        terminalreporter.section("not run")
        for line in left_out:
            terminalreporter.write_line(line)


def skip_reason(report: pytest.TestReport) -> str:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return reason.removeprefix("Skipped: ")
