"""Going through trees: `walk`, `find`, `transform`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cql_builder import col, compile_statement, delete_from, select, update
from cql_builder.analysis import find, transform, walk
from cql_builder.ast import Batch, Bind, ColumnName, Comparison, IntegerLiteral, MapLiteral, Relation, TableName
from cql_builder.errors import ArgumentError

if TYPE_CHECKING:
    from cql_builder.ast import Node

TREE = select("a", "b").from_("ks.t").where(col("c") > 1, col("m")["k"] == 2).tree


def test_walking_meets_every_node_in_the_order_of_the_fields() -> None:
    names = [type(node).__name__ for node in walk(TREE)]
    assert names == (
        [
            "Select",
            "ColumnName",
            "ColumnName",
            "TableName",
            "Comparison",
            "ColumnName",
            "Bind",
            "Comparison",
            "Element",
            "ColumnName",
            "Bind",
            "Bind",
        ]
    )


def test_pairs_inside_tuples_are_met_too() -> None:
    one, two = IntegerLiteral("1"), IntegerLiteral("2")
    assert list(walk(MapLiteral(((one, two),)))) == [MapLiteral(((one, two),)), one, two]


def test_finding_asks_for_a_class_or_what_is_below_it() -> None:
    assert [column.name for column in find(TREE, ColumnName)] == ["a", "b", "c", "m"]
    assert list(find(TREE, Relation)) == list(find(TREE, Comparison))
    assert len(list(find(TREE, Relation))) == 2
    assert list(find(TREE, Batch)) == []


def test_where_nothing_changes_the_very_same_tree_comes_back() -> None:
    assert transform(TREE, lambda node: node) is TREE


def test_a_changed_node_changes_what_holds_it_and_nothing_else() -> None:
    def of_tenant(node: Node) -> Node:
        return TableName(node.name, "tenant") if isinstance(node, TableName) else node

    changed = transform(TREE, of_tenant)
    assert compile_statement(changed).cql == "SELECT a, b FROM tenant.t WHERE c > ? AND m[?] = ?"
    assert changed.where is TREE.where
    assert TREE.table == TableName("t", "ks")


def test_the_innermost_is_changed_first() -> None:
    seen: list[str] = []

    def note(node: Node) -> Node:
        seen.append(type(node).__name__)
        return node

    transform(delete_from("t").where(col("a") == 1).tree, note)
    assert seen == ["TableName", "ColumnName", "Bind", "Comparison", "Delete"]


def test_markers_in_a_batch_can_be_named() -> None:
    names = iter(["one", "two"])
    tree = Batch((update("t").set(a=1).where(col("b") == 2).tree,))
    named = transform(tree, lambda node: Bind(next(names)) if isinstance(node, Bind) else node)
    assert [bind.name for bind in find(named, Bind)] == ["one", "two"]


def test_a_node_is_never_replaced_by_something_else() -> None:
    def forgets_to_return(_: Node) -> Any:
        return None

    with pytest.raises(ArgumentError, match="what stands in the place of a ColumnName takes a node, not None"):
        transform(ColumnName("a"), forgets_to_return)
