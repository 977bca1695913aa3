"""Renderers of the statements on indexes, triggers and materialized views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast import indexes
from cql_builder.compiler.clauses import option_texts, required_options, where, with_options
from cql_builder.compiler.columns import clustering_order, primary_key
from cql_builder.compiler.definitions import altered_if_exists, if_exists, if_not_exists
from cql_builder.compiler.names import column_name, joined_columns, qualified_name
from cql_builder.compiler.rendering import Rule
from cql_builder.compiler.selectors import selected
from cql_builder.dialects.features import COMPACT_VIEW, LOCAL_INDEX, TRIGGERS, VIEW_OF_INDEX
from cql_builder.quoting import quote_string

if TYPE_CHECKING:
    from cql_builder.compiler.rendering import Rendering

_PARTS = frozenset({"keys", "values", "entries", "full"})


def _index_target(node: indexes.IndexTarget, rendering: Rendering) -> str:
    column = column_name(node.column, rendering)
    if node.part is None:
        return column
    if node.part not in _PARTS:
        rendering.refuse(f"a collection has no part {node.part!r}; there is {', '.join(sorted(_PARTS))}")
    return f"{node.part}({column})"


def _local_index_target(node: indexes.LocalIndexTarget, rendering: Rendering) -> str:
    rendering.require(LOCAL_INDEX)
    rendering.require_some(node.columns, "the partition key of a local index", "name its columns")
    return f"({joined_columns(node.columns, rendering)})"


def _create_index(node: indexes.CreateIndex, rendering: Rendering) -> str:
    custom = "CUSTOM " if node.custom else ""
    name = "" if node.name is None else f" {rendering.identifier(node.name)}"
    text = f"CREATE {custom}INDEX{if_not_exists(node)}{name} ON {qualified_name(node.table, rendering)}"
    text += f" ({_TARGET.join(node.targets, rendering)})"
    if node.using is not None:
        text += f" USING {quote_string(node.using)}"
    before = [clustering_order(node.clustering_order, rendering)] if node.clustering_order else []
    if node.compact_storage:
        before.append("COMPACT STORAGE")
    if before:
        rendering.require(VIEW_OF_INDEX)
    # `options` stands in capitals, as everybody writes it; to the server it is an option like the others.
    options = [
        f"OPTIONS{option.removeprefix('options')}" if option.startswith("options ") else option
        for option in option_texts(node.options, rendering)
    ]
    properties = [*before, *options]
    return f"{text} WITH {' AND '.join(properties)}" if properties else text


def _drop_index(node: indexes.DropIndex, rendering: Rendering) -> str:
    return f"DROP INDEX{if_exists(node)} {qualified_name(node.name, rendering)}"


def _create_trigger(node: indexes.CreateTrigger, rendering: Rendering) -> str:
    rendering.require(TRIGGERS)
    name, table = rendering.identifier(node.name), qualified_name(node.table, rendering)
    return f"CREATE TRIGGER{if_not_exists(node)} {name} ON {table} USING {quote_string(node.using)}"


def _drop_trigger(node: indexes.DropTrigger, rendering: Rendering) -> str:
    rendering.require(TRIGGERS)
    name, table = rendering.identifier(node.name), qualified_name(node.table, rendering)
    return f"DROP TRIGGER{if_exists(node)} {name} ON {table}"


def _create_materialized_view(node: indexes.CreateMaterializedView, rendering: Rendering) -> str:
    text = f"CREATE MATERIALIZED VIEW{if_not_exists(node)} {qualified_name(node.view, rendering)}"
    text += f" AS SELECT {selected(node.selection, rendering)} FROM {qualified_name(node.table, rendering)}"
    key = primary_key(node.partition_key, node.clustering_key, rendering)
    text += f"{where(node.where, rendering)} {key}"
    before = [clustering_order(node.clustering_order, rendering)] if node.clustering_order else []
    if node.compact_storage:
        rendering.require(COMPACT_VIEW)
        before.append("COMPACT STORAGE")
    return text + with_options(node.options, rendering, *before)


def _alter_materialized_view(node: indexes.AlterMaterializedView, rendering: Rendering) -> str:
    view, options = qualified_name(node.view, rendering), required_options(node.options, rendering)
    return f"ALTER MATERIALIZED VIEW{altered_if_exists(node, rendering)} {view}{options}"


def _drop_materialized_view(node: indexes.DropMaterializedView, rendering: Rendering) -> str:
    return f"DROP MATERIALIZED VIEW{if_exists(node)} {qualified_name(node.view, rendering)}"


_TARGET = Rule(
    "what an index is made of",
    {indexes.IndexTarget: _index_target, indexes.LocalIndexTarget: _local_index_target},
)
INDEX_STATEMENT = Rule(
    "a statement",
    {
        indexes.CreateIndex: _create_index,
        indexes.DropIndex: _drop_index,
        indexes.CreateTrigger: _create_trigger,
        indexes.DropTrigger: _drop_trigger,
        indexes.CreateMaterializedView: _create_materialized_view,
        indexes.AlterMaterializedView: _alter_materialized_view,
        indexes.DropMaterializedView: _drop_materialized_view,
    },
)
