"""Docstrings say what there is and show it, and their examples run; those of the pages do so in tests/docs."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil

import pytest

import cql_builder
from cql_builder import analysis, col, dialects, errors, schema, select
from cql_builder.dialects import DIALECTS, DialectName

MODULES = [
    "cql_builder",
    *sorted(module.name for module in pkgutil.walk_packages(cql_builder.__path__, "cql_builder.")),
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def public_objects() -> dict[str, object]:
    """The classes and functions that are offered, each by one name."""
    offered = [(module, name) for module in (cql_builder, analysis, dialects, schema) for name in module.__all__]
    offered += [(errors, name) for name in vars(errors) if name.endswith("Error")]
    found = {f"{module.__name__}.{name}": getattr(module, name) for module, name in offered}
    return {name: each for name, each in found.items() if inspect.isclass(each) or inspect.isfunction(each)}


@pytest.mark.parametrize("each", public_objects().values(), ids=public_objects())
def test_what_is_public_is_said_in_a_line_and_shown(each: object) -> None:
    documented = inspect.getdoc(each) or ""
    assert ">>> " in documented
    offered: list[object] = (
        [getattr(each, name) for name in vars(each) if name[0] != "_"] if inspect.isclass(each) else []
    )
    members = [member for member in offered if inspect.isroutine(member) or isinstance(member, property)]
    described = [documented, *[inspect.getdoc(member) or "" for member in members]]
    assert [first for text in described if len(first := text.partition("\n")[0]) > 100] == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_filtered_and_ordered_page_compiles_in_every_dialect(dialect: DialectName) -> None:
    query = (
        select("id", "name")
        .from_("shop.products")
        .where(col("price") >= 3, col("tags").contains("vip"))
        .order_by("price", desc=True)
        .limit(10)
    )
    cql, params, _ = query.compile(dialect)
    assert cql.startswith("SELECT id, name FROM shop.products WHERE price >= ? AND tags CONTAINS ? ORDER BY price DESC")
    assert params == (3, "vip", 10)
