"""What the page of documented features says of reports of pytest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from documented.page import Evidence, page

ROOT = Path(__file__).resolve().parents[2]
CASE = """
<testcase classname="{module}" name="{name}" time="0.1"><properties>
<property name="shows" value="{feature}"/>
<property name="driver_type" value="{adapter}"/><property name="way" value="{way}"/>
</properties>{became}</testcase>
"""
SKIPPED = '<skipped type="pytest.skip" message="rust: the library has none">where</skipped>'
FAILED = '<failure message="assert 1 == 2">its traceback</failure>'
MODULE = "tests.shells.{kind}.test_documented_verbs"


def case(adapter: str, way: str, became: str = "", *, feature: str = "truncate", name: str = "test_it[a]") -> str:
    module = MODULE.format(kind={"sync": "sync", "async": "aio"}[way])
    return CASE.format(module=module, name=name, feature=feature, adapter=adapter, way=way, became=became)


def evidence_of(folder: Path, *cases: str) -> Evidence:
    report = folder / "report.xml"
    other = '<testcase classname="tests.other" name="test_of_something_else" time="0.1"/>'
    report.write_text(f"<testsuites><testsuite>{''.join(cases)}{other}</testsuite></testsuites>", "utf-8")
    evidence = Evidence()
    evidence.read(report)
    return evidence


def row_of(written: str, feature: str) -> list[str]:
    (line,) = [line for line in written.splitlines() if line.startswith(f"| {feature} |")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_cell_says_in_which_ways_the_tests_passed(tmp_path: Path) -> None:
    cases = [case("scylla", "sync"), case("scylla", "async"), case("acsylla", "async"), case("rust", "sync", SKIPPED)]
    written = page(evidence_of(tmp_path, *cases))
    assert row_of(written, "truncate") == [
        "truncate",
        "both",
        "not shown",
        "not shown",
        "(1)",
        "[it][documented_verbs]",
    ]
    assert "## Why not\n\n1. the library has none\n" in written
    assert "\n[documented_verbs]: ../../tests/shells/aio/test_documented_verbs.py\n" in written


def test_what_is_shown_in_one_way_has_a_reason(tmp_path: Path) -> None:
    feature = "connect: speculative_execution_policy"
    written = page(evidence_of(tmp_path, case("scylla", "sync", feature=feature)))
    assert row_of(written, feature)[1:3] == ["sync (1)", "not shown"]


def test_a_way_with_a_reason_beside_what_passed_has_both(tmp_path: Path) -> None:
    cases = [case("rust", "sync", name="test_it[a]"), case("rust", "sync", SKIPPED, name="test_it[b]")]
    assert row_of(page(evidence_of(tmp_path, *cases)), "truncate")[4] == "sync (1)"


@pytest.mark.parametrize("cases", [[FAILED], ["", FAILED], [FAILED, ""]])
def test_what_failed_is_not_shown(tmp_path: Path, cases: list[str]) -> None:
    made = [
        case("scylla", way, became, name=f"test_{place}")
        for way in ("sync", "async")
        for place, became in enumerate(cases)
    ]
    assert row_of(page(evidence_of(tmp_path, *made)), "truncate")[1] == "not shown"


def test_the_tool_says_what_was_not_shown(tmp_path: Path) -> None:
    evidence_of(tmp_path, *(case(adapter, way) for adapter in ("scylla", "rust") for way in ("sync", "async")))
    written = tmp_path / "page.md"
    done = subprocess.run(
        [sys.executable, ROOT / "tools/coverage_page.py", tmp_path / "report.xml", "--file", written],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "not shown with every adapter: truncate\n" in done.stderr
    assert row_of(written.read_text("utf-8"), "truncate")[1:5] == ["both", "not shown", "not shown", "both"]


def test_what_shows_without_a_node_says_so(tmp_path: Path) -> None:
    row = row_of(page(evidence_of(tmp_path)), "both kinds are imported alike")
    test = "[documented imports work][spec_tables]"
    assert row[1:] == [*["without a node"] * 4, test]


def test_the_same_results_make_the_same_page(tmp_path: Path) -> None:
    places = [(adapter, way) for adapter in ("rust", "scylla") for way in ("sync", "async")]
    cases = [case(*place, name=name) for place in places for name in ("test_a", "test_b")]
    assert page(evidence_of(tmp_path, *cases)) == page(evidence_of(tmp_path, *reversed(cases)))
