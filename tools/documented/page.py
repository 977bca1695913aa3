"""`docs/reference/coverage.md`, from what reports of pytest say of the tests that show documented features."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from devtools.matrix import outcome_of
from documented.catalogue import DOCUMENTS, ONE_WAY, WITHOUT_NODE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

ADAPTERS = {
    "scylla": "scylla-driver",
    "cassandra": "cassandra-driver",
    "acsylla": "acsylla",
    "rust": "scylladb-rs-driver",
}
"""The driver types, and the client library of each."""

WAYS = ("sync", "async")

NOT_SHOWN = "not shown"
"""What stands in a cell where no test passed in one of the two ways, and none says why."""

SUITE = "packages/coodie-drivers/src/coodie_drivers/testing/conformance"

OPENING = """\
# What is documented, and what shows it

Each row is a feature of one of the documents that define the public API, each cell what came of its tests on a real
Cassandra node with one client library: `both` when they passed synchronously and asynchronously. A number in brackets
leads to the reason at the end. The tests of `tests/shells/aio` are written once, asynchronously; those of the same name
in `tests/shells/sync` are generated from them. *Without a node*: it shows without a connection, and so with every
library alike.

`./dev test --coverage-page` runs these tests and writes this page; `./dev test` runs them with every client library
that its environment has, `./dev test --adapter cassandra` with cassandra-driver.
"""


@dataclass
class Shown:
    """What is known of one feature: what became of its tests by driver type and way, and which these are.

    Attributes:
        passed: where a test has passed.
        failed: where one has failed.
        reasons: where one could not, and why.
        tests: the tests, as links.
    """

    passed: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    failed: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    reasons: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    tests: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])


@dataclass
class Evidence:
    """What reports of pytest say.

    Attributes:
        features: what is known of each feature.
    """

    features: dict[str, Shown] = field(default_factory=dict[str, Shown])

    def read(self, report: Path) -> None:
        """Add what a report in the form of JUnit says."""
        for case in ET.parse(report).iter("testcase"):  # noqa: S314 - written by our own pytest a moment ago
            told = [(node.get("name", ""), node.get("value", "")) for node in case.iter("property")]
            features = [value for name, value in told if name == "shows"]
            if features:
                self._add(case, features, dict(told))

    def _add(self, case: ET.Element, features: list[str], told: dict[str, str]) -> None:
        outcome, why = outcome_of(case)
        where = told["driver_type"], told["way"]
        for feature in features:
            shown = self.features.setdefault(feature, Shown())
            shown.tests.add(test_of(case))
            if outcome == "passed":
                shown.passed.add(where)
            elif outcome == "failed":
                shown.failed.add(where)
            else:
                shown.reasons[where] = why.removeprefix(f"{where[0]}: ")


def test_of(case: ET.Element) -> tuple[str, str]:
    """Give the file and the name of a test; of a synchronous one those of the asynchronous test it is made from."""
    parts = case.get("classname", "").split(".")
    end = next((at for at, part in enumerate(parts) if part.startswith("test_")), len(parts) - 1)
    file = f"{'/'.join(parts[: end + 1])}.py".replace("tests/shells/sync/", "tests/shells/aio/")
    name = case.get("name", "").partition("[")[0]
    return (SUITE, name) if file.rpartition("/")[2].startswith("test_conformance") else (file, name)


def page(evidence: Evidence) -> str:
    """Give the whole page."""
    reasons: dict[str, int] = {}
    lines = [OPENING]
    for document in DOCUMENTS:
        lines.append(f"## {document.title}\n")
        for section, features in document.sections.items():
            lines += [f"### {section}\n", *table(features, evidence, reasons), ""]
    lines += ["## Why not\n", *(f"{number}. {reason}" for reason, number in reasons.items()), ""]
    return "\n".join([*lines, *addresses(evidence), ""])


def table(features: Iterable[str], evidence: Evidence, reasons: dict[str, int]) -> Iterator[str]:
    """Give the lines of one section's table; `reasons` are numbered as they come."""
    yield f"| feature | {' | '.join(ADAPTERS.values())} | shown by |"
    yield "|---" * (len(ADAPTERS) + 2) + "|"
    for feature in features:
        shown = evidence.features.get(feature, Shown())
        if feature in WITHOUT_NODE:
            file, _, name = WITHOUT_NODE[feature].partition("::")
            cells, tests = ["without a node"] * len(ADAPTERS), [(file, name)]
        else:
            cells = [cell(feature, shown, adapter, reasons) for adapter in ADAPTERS]
            tests = sorted(shown.tests)
        yield f"| {' | '.join([feature, *cells, '<br>'.join(link(*test) for test in tests)])} |"


def cell(feature: str, shown: Shown, adapter: str, reasons: dict[str, int]) -> str:
    """Say in which ways a feature was shown with an adapter, with the number of the reason where it was not."""
    passed = [way for way in WAYS if (adapter, way) in shown.passed - shown.failed]
    told = {shown.reasons[adapter, way] for way in WAYS if (adapter, way) in shown.reasons}
    if len(passed) == 1 and feature in ONE_WAY:
        told.add(ONE_WAY[feature])
    numbers = [f"({reasons.setdefault(why, len(reasons) + 1)})" for why in sorted(told)]
    ways = "both" if len(passed) == len(WAYS) else "".join(passed)
    if not numbers and len(passed) < len(WAYS):
        return NOT_SHOWN
    return " ".join([ways, *numbers]).strip()


def link(file: str, name: str) -> str:
    """Name a test, with a link to its file, whose address stands at the end of the page."""
    return f"[{name.removeprefix('test_').replace('_', ' ')}][{label(file)}]"


def label(file: str) -> str:
    """Name a file, for links to it."""
    return "conformance" if file == SUITE else file.rpartition("/")[2].removesuffix(".py").removeprefix("test_")


def addresses(evidence: Evidence) -> list[str]:
    """Give the addresses of all files that links name."""
    files = {file for shown in evidence.features.values() for file, _ in shown.tests}
    files |= {test.partition("::")[0] for test in WITHOUT_NODE.values()}
    return [f"[{label(file)}]: ../../{file}" for file in sorted(files, key=label)]
