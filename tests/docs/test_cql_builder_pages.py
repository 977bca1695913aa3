"""The pages about cql_builder: complete, and their tables and figures those of the code and its tests.

Where a table has become wrong, the failing test shows the rows that would be right.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cql_builder import errors, fn, parse_cql
from cql_builder.analysis import is_idempotent
from cql_builder.dialects import DIALECTS, Feature, features

if TYPE_CHECKING:
    from cql_builder.ast import Statement

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "cql-builder"
ERROR_PAGES = ROOT / "docs" / "errors"
CORPUS = ROOT.parent / "shared" / "corpus" / "cql_statements.jsonl"
LISTS = ROOT / "tests" / "cql_builder"
README = ROOT / "packages" / "cql-builder" / "README.md"
CONTROL_CHARACTERS = str.maketrans("␊␍␉", "\n\r\t")
VERDICTS = {
    "cassandra-4.0": "c40",
    "cassandra-4.1": "c41",
    "cassandra-5.0": "c50",
    "cassandra-6.0": "c60",
    "scylla": "scylla",
}
ERRORS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.CqlError)]
HOMES = {
    "cql_builder.builder": "building.md",
    "cql_builder.parser": "parsing.md",
    "cql_builder.compiler": "building.md",
    "cql_builder.dialects": "dialects.md",
    "cql_builder.schema": "schema.md",
    "cql_builder.analysis": "analysis.md",
}
"""The page on which the public names of a module are explained."""

NOT_FOR_PAGES = {"forget", "render", "require_feature"}
"""What is public for the rooms of this package, not for its users."""


def table_rows(page: str, heading: str) -> list[list[str]]:
    """The rows of all tables below a heading of this page, cell by cell, without their own headings."""
    text = (PAGES / page).read_text("utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    assert text, f"{page} has no heading {heading!r}"
    lines = [line for line in text.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    rulers = [at for at, row in enumerate(rows) if re.fullmatch(r":?-+:?", row[0])]
    return [row for at, row in enumerate(rows) if at not in rulers and at + 1 not in rulers]


def feature_row(feature: Feature) -> list[str]:
    marks = ["yes" if feature in dialect.features else "" for dialect in DIALECTS.values()]
    return [feature.name.replace("<", r"\<"), *marks, feature.alternative.replace("<", r"\<")]


def test_the_table_of_features_is_that_of_the_dialects() -> None:
    known = [feature for feature in vars(features).values() if isinstance(feature, Feature)]
    wanted = [feature_row(feature) for feature in known]
    shown = "\n".join(f"| {' | '.join(row)} |" for row in wanted)
    assert sorted(table_rows("dialects.md", "What not every server has")) == sorted(wanted), shown


def test_the_table_of_dialects_names_all() -> None:
    assert [row[0].strip("`") for row in table_rows("dialects.md", "The dialects")] == list(DIALECTS)


def known_differences(dialect: str) -> int:
    lines = (LISTS / "corpus_differences.txt").read_text("utf-8").partition("# Not in the corpus")[0].splitlines()
    return sum(line.startswith(f"{dialect}\t") for line in lines)


def test_the_table_of_verdicts_is_that_of_the_corpus() -> None:
    rows = {row[0].strip("`"): row[2:] for row in table_rows("parsing.md", "What is refused, and what is not")}
    assert {dialect: row[2] for dialect, row in rows.items()} == {
        dialect: str(known_differences(dialect)) for dialect in DIALECTS
    }
    if not CORPUS.exists():
        pytest.skip("the corpus is not beside the repository (../shared/corpus)")
    statements = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    assert f"{len(statements):,} statements" in (PAGES / "parsing.md").read_text("utf-8")
    for dialect, field in VERDICTS.items():
        accepted = sum(statement[field] for statement in statements)
        assert rows[dialect][:2] == [f"{accepted:,}", f"{len(statements) - accepted:,}"], dialect


def test_the_figures_of_the_readme_are_those_of_the_corpus() -> None:
    readme = README.read_text("utf-8")
    differing = {known_differences(dialect) for dialect in DIALECTS if dialect != "scylla"}
    assert len(differing) == 1, "the versions of Cassandra have figures of their own: give each a row"
    assert f"on {6482 - differing.pop():,} of 6,482 statements" in readme
    assert f"on {6482 - known_differences('scylla'):,} of them" in readme


def idempotence_labels() -> list[tuple[bool, bool]]:
    """Of each statement of the list: whether it is idempotent, and whether it counts as such."""
    found: list[tuple[bool, bool]] = []
    for line in (LISTS / "idempotence.txt").read_text("utf-8").split("\n"):
        label, _, text = line.partition(" ")
        if label in {"yes", "no"}:
            found.append((label == "yes", is_idempotent(parsed(text.translate(CONTROL_CHARACTERS)))))
    return found


def parsed(text: str) -> Statement:
    for dialect in reversed(DIALECTS):
        with suppress(errors.CqlSyntaxError):
            return parse_cql(text, dialect=dialect)
    pytest.fail(f"no dialect has {text!r}")


def test_the_figures_of_idempotence_are_those_of_the_list() -> None:
    labels = idempotence_labels()
    yes, no = labels.count((True, True)) + labels.count((True, False)), labels.count((False, False))
    cautious = labels.count((True, False))
    assert yes + no == len(labels)
    page = (PAGES / "analysis.md").read_text("utf-8")
    assert f"{yes} idempotent and {no} not: none that is not counts as idempotent, and {cautious}" in unwrapped(page)
    claim = f"{len(labels)} statements, none wrongly idempotent, {cautious} too cautious"
    assert claim in README.read_text("utf-8")


def unwrapped(text: str) -> str:
    return text.replace("\n", " ")


def public_names(module: str) -> list[str]:
    return [name for name in importlib.import_module(module).__all__ if name not in NOT_FOR_PAGES]


@pytest.mark.parametrize("module", HOMES)
def test_every_public_name_is_on_its_page(module: str) -> None:
    text = (PAGES / HOMES[module]).read_text("utf-8")
    missing = [name for name in public_names(module) if not re.search(rf"\b{name}\b", text)]
    assert not missing, f"{HOMES[module]} says nothing of {', '.join(missing)}"


def test_every_function_of_fn_is_on_the_page_about_building() -> None:
    text = (PAGES / "building.md").read_text("utf-8")
    names = [name for name in vars(type(fn)) if name[0] != "_"]
    assert [name for name in names if f"fn.{name}(" not in text] == []


def builder_methods() -> dict[str, str]:
    """The public methods of all classes of the builder, with the class that each belongs to."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "packages/cql-builder/src/cql_builder/builder").glob("[a-z]*.py")):
        module = importlib.import_module(f"cql_builder.builder.{path.stem}")
        for kind in vars(module).values():
            if inspect.isclass(kind) and kind.__module__ == module.__name__ and kind.__name__ != "Functions":
                methods = [name for name, value in vars(kind).items() if inspect.isfunction(value) and name[0] != "_"]
                found.update(dict.fromkeys(methods, kind.__name__))
    return found


def test_every_clause_is_on_the_page_about_building() -> None:
    text = (PAGES / "building.md").read_text("utf-8")
    missing = [f"{owner}.{name}" for name, owner in builder_methods().items() if not re.search(rf"\b{name}\(", text)]
    assert not missing, f"building.md says nothing of {', '.join(missing)}"


def test_every_error_has_its_page_and_every_page_its_error() -> None:
    slugs = [kind.slug for kind in ERRORS]
    assert len(set(slugs)) == len(slugs)
    assert sorted(slugs) == sorted(path.stem for path in ERROR_PAGES.glob("*.md") if path.stem != "index")


@pytest.mark.parametrize("kind", ERRORS, ids=[kind.slug for kind in ERRORS])
def test_the_page_of_an_error_shows_it(kind: type[errors.CqlError]) -> None:
    """The example catches the error by its name; it runs with those of the other pages."""
    text = (ERROR_PAGES / f"{kind.slug}.md").read_text("utf-8")
    assert text.startswith(f"# {kind.slug}\n")
    assert f"`{kind.__name__}`" in text
    assert f"except {kind.__name__}" in text
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["What happened", "Why", "Mend it"]
    index = (ERROR_PAGES / "index.md").read_text("utf-8")
    assert f"[{kind.slug}]({kind.slug}.md)" in index
