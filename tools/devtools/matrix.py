"""`./dev test --matrix`: what the conformance suite says of each adapter, by each way, as one table."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from pathlib import Path

OUTCOMES = ("passed", "excepted", "failed", "not run")
"""What can become of a case; not run: it is about something that the server is too old for."""


@dataclass
class Results:
    """How the cases ended.

    Attributes:
        counts: how many, by driver type, way and outcome.
        reasons: for each driver type its exceptions, and why.
        failed: the names of the cases that failed.
    """

    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter[tuple[str, str, str]])
    reasons: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    failed: list[str] = field(default_factory=list[str])


def read_results(report: Path, into: Results) -> None:
    """Add what a report of pytest, in the form of JUnit, says of the cases of the suite."""
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - written by our own pytest a moment ago
        told = {node.get("name", ""): node.get("value", "") for node in case.iter("property")}
        if "driver_type" not in told:
            continue
        adapter, way, name = told["driver_type"], told["way"], case.get("name", "")
        outcome, why = outcome_of(case)
        into.counts[adapter, way, outcome] += 1
        if outcome == "excepted":
            into.reasons.setdefault(adapter, {})[name.partition("[")[0]] = why.removeprefix(f"{adapter}: ")
        if outcome == "failed":
            into.failed.append(f"{adapter}: {name}")


def outcome_of(case: ET.Element) -> tuple[str, str]:
    """Give what became of a case, and why."""
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed", ""
    skipped = case.find("skipped")
    if skipped is None:
        return "passed", ""
    return ("excepted" if skipped.get("type") == "pytest.xfail" else "not run"), skipped.get("message", "")


def printed(results: Results) -> str:
    """Give the table, the reasons of the exceptions, and what failed."""
    rows = [["adapter", "way", *OUTCOMES]]
    for adapter, way in sorted({key[:2] for key in results.counts}, key=lambda pair: (pair[0], pair[1] == "async")):
        rows.append([adapter, way, *(str(results.counts[adapter, way, outcome]) for outcome in OUTCOMES)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    for adapter, reasons in sorted(results.reasons.items()):
        lines += ["", f"{adapter} is excepted from"]
        lines += [f"  {re.sub('^test_', '', name).replace('_', ' ')}: {why}" for name, why in sorted(reasons.items())]
    if results.failed:
        lines += ["", "failed", *(f"  {name}" for name in sorted(results.failed))]
    return "\n".join(["", *lines])
