"""What holds for every test: which ones wait to be asked for, and what is said about those that did not run.

Options that only `./dev test` gives are registered here too. Where `CI=true` is set, a test that finds no Cassandra
node fails instead of being skipped.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

NO_NODE = "no Cassandra node:"
"""How the reason begins with which the fixture `cql_cluster` skips."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("coodie workspace")
    group.addoption("--long", action="store_true", help="run the tests that take long, too")
    group.addoption("--driver-type", help="the driver type that the tests of adapters are run with; scylla by default")
    group.addoption(
        "--conformance", action="append", help="a driver type that the conformance suite is run with; all by default"
    )
    group.addoption("--not-run", action="append", default=[], help="something that was left out, to be said at the end")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    asked = config.getoption("--conformance")
    if asked:
        others = [item for item in items if getattr(getattr(item, "cls", None), "driver_type", asked[0]) not in asked]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in others]
    for item in items:
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


def driver_type_of(item: pytest.Item) -> str:
    """Return the driver type that a test of adapters is about: its own, or that of the whole run."""
    parameters: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
    return str(parameters.get("driver_type") or item.config.getoption("--driver-type") or "scylla")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and skip_reason(report).startswith(NO_NODE):
        report.outcome = "failed"
        report.longrepr = f"{skip_reason(report)}\nCI=true: a test that needs a real node must run"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
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
