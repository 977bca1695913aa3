"""The tables of pages and examples: who follows several of them in one keyspace meets no table of another shape."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from tests.docs.test_pages import WRITTEN, python_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
NAMED = ("name", "type_name")
BASES = re.compile(r"Document|MaterializedView|UserType")


def sources() -> Iterator[tuple[str, str]]:
    """The text of each page's code, and of each example, with where it stands."""
    for page in WRITTEN:
        for block in python_blocks(page):
            if block.why_not_run is None and not block.text.startswith(">>>"):
                yield page, block.text
    for path in sorted((ROOT / "examples").glob("*.py")):
        yield path.name, path.read_text("utf-8")


def tables(source: str) -> Iterator[tuple[str, str]]:
    """The name of each table and type that a text declares, and its fields."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef) and any(BASES.search(ast.unparse(base)) for base in node.bases):
            fields = [ast.unparse(each) for each in node.body if isinstance(each, ast.AnnAssign)]
            yield name_of(node), "\n".join(fields)


def name_of(model: ast.ClassDef) -> str:
    settings = [each for each in model.body if isinstance(each, ast.ClassDef) and each.name == "Settings"]
    for each in (line for found in settings for line in found.body):
        if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) in NAMED:
            return str(ast.literal_eval(each.value))
    return re.sub(r"(?<!^)(?=[A-Z])", "_", model.name).lower()


def test_no_two_pages_declare_one_table_in_two_ways() -> None:
    declared: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for place, source in sources():
        for name, fields in tables(source):
            declared[name][fields].add(place)
    assert len(declared) > 30
    clashes: dict[str, list[str]] = {}
    for name, shapes in declared.items():
        places = sorted({place for where in shapes.values() for place in where})
        if len(shapes) > 1 and len(places) > 1:
            clashes[name] = places
    assert clashes == {}
