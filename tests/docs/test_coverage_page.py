"""`docs/reference/coverage.md` has every documented feature, and names the tests that are marked as showing it."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from coodie_drivers.testing.conformance.lines import CONTRACT
from documented import page
from documented.catalogue import DOCUMENTS, FEATURES, WITHOUT_NODE, Document, shown_by_cases
from spec_documents import facts, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/reference/coverage.md").read_text("utf-8")
PLACES = ("tests/shells/aio", "tests/node")


def marked(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The tests of a module, each with every feature that its decorators say that it shows."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            calls = [call for decorator in node.decorator_list for call in ast.walk(decorator)]
            for call in calls:
                if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("shows"):
                    yield from ((node.name, ast.literal_eval(argument)) for argument in call.args)


def showing() -> dict[str, set[tuple[str, str]]]:
    """The tests of each feature, each by its file and its name."""
    found: dict[str, set[tuple[str, str]]] = {}
    for path in sorted(path for place in PLACES for path in (ROOT / place).rglob("test_*.py")):
        for name, feature in marked(ast.parse(path.read_text("utf-8"))):
            found.setdefault(feature, set()).add((path.relative_to(ROOT).as_posix(), name))
    for case, features in shown_by_cases(CONTRACT).items():
        for feature in features:
            found.setdefault(feature, set()).add((page.SUITE, case))
    for feature, test in WITHOUT_NODE.items():
        file, _, name = test.partition("::")
        assert feature not in found, f"{feature!r} is shown on a node: take it out of WITHOUT_NODE"
        found[feature] = {(file, name)}
    return found


TESTS = showing()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.title)
def test_the_catalogue_has_what_is_documented(document: Document) -> None:
    """Each name, parameter, call of an example and row of a table stands for a feature of its section."""
    text = texts().get(document.number)
    if text is None:
        pytest.skip("the documents that define the API are not beside the repository (../shared/spec)")
    listed = {
        section: {fact for facts_of_feature in features.values() for fact in facts_of_feature}
        for section, features in document.sections.items()
    }
    assert {section: found for section, found in listed.items() if found} == facts(document.number, text)


def test_every_feature_has_a_test() -> None:
    assert sorted(FEATURES - TESTS.keys()) == []
    assert sorted(TESTS.keys() - FEATURES) == []


def test_what_shows_without_a_node_is_a_test() -> None:
    for test in WITHOUT_NODE.values():
        file, _, name = test.partition("::")
        assert f"def {name}(" in (ROOT / file).read_text("utf-8")


def rows_of(section: str) -> list[list[str]]:
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def sections_of_page() -> dict[tuple[str, str], list[list[str]]]:
    """The rows of the page, by the document and the section."""
    found: dict[tuple[str, str], list[list[str]]] = {}
    for part in PAGE.partition("\n## Why not\n")[0].split("\n## ")[1:]:
        title, _, rest = part.partition("\n")
        for section in rest.split("\n### ")[1:]:
            found[title, section.partition("\n")[0]] = rows_of(section)
    return found


def test_the_page_has_every_feature_with_the_tests_that_are_marked_for_it() -> None:
    wanted = {
        (document.title, section): [
            (feature, "<br>".join(page.link(*test) for test in sorted(TESTS[feature]))) for feature in features
        ]
        for document in DOCUMENTS
        for section, features in document.sections.items()
    }
    there = {place: [(row[0], row[-1]) for row in rows] for place, rows in sections_of_page().items()}
    assert there == wanted, "write the page anew: ./dev test --coverage-page"


def test_each_link_leads_to_a_file() -> None:
    labels = dict(re.findall(r"^\[(\w+)\]: \.\./\.\./(\S+)$", PAGE, re.MULTILINE))
    files = {file for tests in TESTS.values() for file, _ in tests}
    assert labels == {page.label(file): file for file in files}
    assert len(labels) == len(files)
    assert [file for file in files if not (ROOT / file).exists()] == []


def test_each_cell_says_in_which_ways_it_was_shown_or_why_not() -> None:
    reasons = re.findall(r"^(\d+)\. \S", PAGE.partition("\n## Why not\n")[2], re.MULTILINE)
    referred: set[str] = set()
    for rows in sections_of_page().values():
        for feature, *cells, _ in rows:
            assert len(cells) == len(page.ADAPTERS)
            for cell in cells:
                assert re.fullmatch(r"without a node|both( \(\d+\))*|(sync|async)?( ?\(\d+\))+", cell), (feature, cell)
                referred |= set(re.findall(r"\((\d+)\)", cell))
    assert sorted(referred, key=int) == reasons
