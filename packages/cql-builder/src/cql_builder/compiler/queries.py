"""Renderers of the statements that read and write rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast import relations, statements
from cql_builder.dialects.dialect import CONTAINS_CONDITION, LIKE_CONDITION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cql_builder.ast.clauses import UsingOption
    from cql_builder.ast.node import Node
    from cql_builder.compiler.rendering import AnyRenderer, Rendering


def _select(node: statements.Select, rendering: Rendering) -> str:
    json = "JSON " if node.json else ""
    distinct = "DISTINCT " if node.distinct else ""
    text = f"SELECT {json}{distinct}{rendering.join(node.selection) or '*'} FROM {rendering.text(node.table)}"
    if node.where:
        text += f" WHERE {rendering.join(node.where, ' AND ')}"
    if node.order_by:
        text += f" ORDER BY {rendering.join(node.order_by)}"
    if node.per_partition_limit is not None:
        text += f" PER PARTITION LIMIT {rendering.text(node.per_partition_limit)}"
    if node.limit is not None:
        text += f" LIMIT {rendering.text(node.limit)}"
    return f"{text} ALLOW FILTERING" if node.allow_filtering else text


def _insert(node: statements.Insert, rendering: Rendering) -> str:
    table, columns = rendering.text(node.table), rendering.join(node.columns)
    text = f"INSERT INTO {table} ({columns}) VALUES ({rendering.join(node.values)})"
    return text + _if_not_exists(node) + _using(node.using, rendering)


def _insert_json(node: statements.InsertJson, rendering: Rendering) -> str:
    default = "" if node.default is None else f" DEFAULT {node.default.upper()}"
    text = f"INSERT INTO {rendering.text(node.table)} JSON {rendering.text(node.json)}{default}"
    return text + _if_not_exists(node) + _using(node.using, rendering)


def _update(node: statements.Update, rendering: Rendering) -> str:
    text = f"UPDATE {rendering.text(node.table)}{_using(node.using, rendering)}"
    text += f" SET {rendering.join(node.assignments)} WHERE {rendering.join(node.where, ' AND ')}"
    return text + _if(node, rendering)


def _delete(node: statements.Delete, rendering: Rendering) -> str:
    targets = f"{rendering.join(node.targets)} " if node.targets else ""
    text = f"DELETE {targets}FROM {rendering.text(node.table)}{_using(node.using, rendering)}"
    text += f" WHERE {rendering.join(node.where, ' AND ')}"
    return text + _if(node, rendering)


def _truncate(node: statements.Truncate, rendering: Rendering) -> str:
    return f"TRUNCATE {rendering.text(node.table)}"


def _if_not_exists(node: statements.Insert | statements.InsertJson) -> str:
    return " IF NOT EXISTS" if node.if_not_exists else ""


def _using(options: Sequence[UsingOption], rendering: Rendering) -> str:
    return f" USING {rendering.join(options, ' AND ')}" if options else ""


def _if(node: statements.Update | statements.Delete, rendering: Rendering) -> str:
    if node.if_exists:
        return " IF EXISTS"
    for condition in node.conditions:
        if isinstance(condition, relations.Contains | relations.ContainsKey):
            rendering.require(CONTAINS_CONDITION)
        elif isinstance(condition, relations.Like):
            rendering.require(LIKE_CONDITION)
    return f" IF {rendering.join(node.conditions, ' AND ')}" if node.conditions else ""


RENDERERS: dict[type[Node], AnyRenderer] = {
    statements.Select: _select,
    statements.Insert: _insert,
    statements.InsertJson: _insert_json,
    statements.Update: _update,
    statements.Delete: _delete,
    statements.Truncate: _truncate,
}
