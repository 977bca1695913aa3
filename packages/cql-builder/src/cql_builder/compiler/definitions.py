"""Renderers of the statements that change the schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast import definitions
from cql_builder.quoting import quote_string

if TYPE_CHECKING:
    from cql_builder.ast.node import Node
    from cql_builder.compiler.rendering import AnyRenderer, Rendering


def _option(node: definitions.Option, rendering: Rendering) -> str:
    return f"{rendering.identifier(node.name)} = {rendering.text(node.value)}"


def _table_column(node: definitions.TableColumn, rendering: Rendering) -> str:
    static = " STATIC" if node.static else ""
    return f"{rendering.text(node.name)} {rendering.text(node.type)}{static}"


def _create_keyspace(node: definitions.CreateKeyspace, rendering: Rendering) -> str:
    name = rendering.identifier(node.name)
    return f"CREATE KEYSPACE{_if_not_exists(node)} {name} WITH {rendering.join(node.options, ' AND ')}"


def _drop_keyspace(node: definitions.DropKeyspace, rendering: Rendering) -> str:
    return f"DROP KEYSPACE{_if_exists(node)} {rendering.identifier(node.name)}"


def _create_table(node: definitions.CreateTable, rendering: Rendering) -> str:
    table, columns = rendering.text(node.table), rendering.join(node.columns)
    text = f"CREATE TABLE{_if_not_exists(node)} {table} ({columns}, {_primary_key(node, rendering)})"
    return text + _table_options(node, rendering)


def _add_columns(node: definitions.AddColumns, rendering: Rendering) -> str:
    columns = rendering.join(node.columns)
    return f"ALTER TABLE {rendering.text(node.table)} ADD {columns if len(node.columns) == 1 else f'({columns})'}"


def _drop_columns(node: definitions.DropColumns, rendering: Rendering) -> str:
    columns = rendering.join(node.columns)
    return f"ALTER TABLE {rendering.text(node.table)} DROP {columns if len(node.columns) == 1 else f'({columns})'}"


def _alter_table_options(node: definitions.AlterTableOptions, rendering: Rendering) -> str:
    return f"ALTER TABLE {rendering.text(node.table)} WITH {rendering.join(node.options, ' AND ')}"


def _drop_table(node: definitions.DropTable, rendering: Rendering) -> str:
    return f"DROP TABLE{_if_exists(node)} {rendering.text(node.table)}"


def _index_target(node: definitions.IndexTarget, rendering: Rendering) -> str:
    column = rendering.text(node.column)
    return column if node.part is None else f"{node.part}({column})"


def _create_index(node: definitions.CreateIndex, rendering: Rendering) -> str:
    name = "" if node.name is None else f" {rendering.identifier(node.name)}"
    text = f"CREATE INDEX{_if_not_exists(node)}{name} ON {rendering.text(node.table)} ({rendering.text(node.target)})"
    if node.using is not None:
        text += f" USING {quote_string(node.using)}"
    return text if node.options is None else f"{text} WITH OPTIONS = {rendering.text(node.options)}"


def _drop_index(node: definitions.DropIndex, rendering: Rendering) -> str:
    return f"DROP INDEX{_if_exists(node)} {rendering.text(node.name)}"


def _create_materialized_view(node: definitions.CreateMaterializedView, rendering: Rendering) -> str:
    view, selection = rendering.text(node.view), rendering.join(node.selection) or "*"
    text = (
        f"CREATE MATERIALIZED VIEW{_if_not_exists(node)} {view} AS SELECT {selection} FROM {rendering.text(node.table)}"
    )
    text += f" WHERE {rendering.join(node.where, ' AND ')} {_primary_key(node, rendering)}"
    return text + _table_options(node, rendering)


def _drop_materialized_view(node: definitions.DropMaterializedView, rendering: Rendering) -> str:
    return f"DROP MATERIALIZED VIEW{_if_exists(node)} {rendering.text(node.view)}"


def _primary_key(node: definitions.CreateTable | definitions.CreateMaterializedView, rendering: Rendering) -> str:
    partition_key = rendering.join(node.partition_key)
    if len(node.partition_key) > 1:
        partition_key = f"({partition_key})"
    return f"PRIMARY KEY ({', '.join([partition_key, *map(rendering.text, node.clustering_key)])})"


def _table_options(node: definitions.CreateTable | definitions.CreateMaterializedView, rendering: Rendering) -> str:
    parts = [rendering.text(option) for option in node.options]
    if node.clustering_order:
        parts.insert(0, f"CLUSTERING ORDER BY ({rendering.join(node.clustering_order)})")
    return f" WITH {' AND '.join(parts)}" if parts else ""


def _if_not_exists(
    node: definitions.CreateKeyspace
    | definitions.CreateTable
    | definitions.CreateIndex
    | definitions.CreateMaterializedView,
) -> str:
    return " IF NOT EXISTS" if node.if_not_exists else ""


def _if_exists(
    node: definitions.DropKeyspace | definitions.DropTable | definitions.DropIndex | definitions.DropMaterializedView,
) -> str:
    return " IF EXISTS" if node.if_exists else ""


RENDERERS: dict[type[Node], AnyRenderer] = {
    definitions.Option: _option,
    definitions.TableColumn: _table_column,
    definitions.CreateKeyspace: _create_keyspace,
    definitions.DropKeyspace: _drop_keyspace,
    definitions.CreateTable: _create_table,
    definitions.AddColumns: _add_columns,
    definitions.DropColumns: _drop_columns,
    definitions.AlterTableOptions: _alter_table_options,
    definitions.DropTable: _drop_table,
    definitions.IndexTarget: _index_target,
    definitions.CreateIndex: _create_index,
    definitions.DropIndex: _drop_index,
    definitions.CreateMaterializedView: _create_materialized_view,
    definitions.DropMaterializedView: _drop_materialized_view,
}
