"""The index has every page, and each how-to page what such a page consists of."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
HOW_TO = sorted((DOCS / "coodie/howto").glob("*.md"))


def test_the_index_has_every_page() -> None:
    index = (DOCS / "index.md").read_text("utf-8")
    linked = {target.partition("#")[0] for target in re.findall(r"\]\(([^)]+)\)", index)}
    there = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    listed_elsewhere = {f"errors/{path.name}" for path in (DOCS / "errors").glob("*.md") if path.stem != "index"}
    assert there - listed_elsewhere - {"index.md"} - linked == set()


@pytest.mark.parametrize("path", HOW_TO, ids=[path.stem for path in HOW_TO])
def test_a_how_to_page_shows_both_forms_and_what_goes_wrong(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.splitlines()[2].startswith("You want ")
    assert "## What can go wrong" in text
    assert re.search(r"^async def ", text, re.MULTILINE)
    assert re.search(r"\bsync\b", text)
    assert "except " in text, "no error is shown"
