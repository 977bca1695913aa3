"""Renderers of the statements that change tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast import tables, terms
from cql_builder.compiler.clauses import required_options, with_options
from cql_builder.compiler.columns import added_column, check, clustering_order, created_column, mask, primary_key
from cql_builder.compiler.definitions import altered_if_exists, if_exists, if_not_exists, part_if
from cql_builder.compiler.literals import WHOLE_NUMBER
from cql_builder.compiler.names import column_name, defined_column, defined_columns, qualified_name
from cql_builder.compiler.rendering import Rule
from cql_builder.compiler.types import TYPE
from cql_builder.dialects.features import (
    CONSTRAINTS,
    COPY_TABLE,
    DROP_COMPACT_STORAGE,
    MARKER_IN_DROP,
    MASKING,
    ROW_TTL,
)

if TYPE_CHECKING:
    from typing import Protocol

    from cql_builder.ast.names import TableName
    from cql_builder.compiler.definitions import Change
    from cql_builder.compiler.rendering import Rendering

    class TableChange(Change, Protocol):
        """A statement that changes a table."""

        @property
        def table(self) -> TableName:
            """Which one."""
            ...


_COPIED_PARTS = frozenset({"indexes", "comments", "security labels"})


def _create_table(node: tables.CreateTable, rendering: Rendering) -> str:
    rendering.require_once((column.name for column in node.columns), lambda name: f"the column {name.name!r}")
    parts = [created_column(column, rendering) for column in node.columns]
    # Cassandra's parser takes a table without a key, and its server does not: text that was parsed can be written.
    if node.partition_key or node.clustering_key or not parts:
        parts.append(primary_key(node.partition_key, node.clustering_key, rendering))
    before = [clustering_order(node.clustering_order, rendering)] if node.clustering_order else []
    if node.compact_storage:
        before.append("COMPACT STORAGE")
    text = f"CREATE TABLE{if_not_exists(node)} {qualified_name(node.table, rendering)} ({', '.join(parts)})"
    return text + with_options(node.options, rendering, *before)


def _copy_table(node: tables.CopyTable, rendering: Rendering) -> str:
    rendering.require(COPY_TABLE)
    unknown = [part for part in node.parts if part not in _COPIED_PARTS]
    if unknown:
        rendering.refuse(f"LIKE takes over no {unknown[0]!r}; it takes over {', '.join(sorted(_COPIED_PARTS))}")
    table, source = qualified_name(node.table, rendering), qualified_name(node.source, rendering)
    text = f"CREATE TABLE{if_not_exists(node)} {table} LIKE {source}"
    return text + with_options(node.options, rendering, *[part.upper() for part in node.parts])


def _alter(node: TableChange, rendering: Rendering) -> str:
    return f"ALTER TABLE{altered_if_exists(node, rendering)} {qualified_name(node.table, rendering)}"


def _add_columns(node: tables.AddColumns, rendering: Rendering) -> str:
    rendering.require_some(node.columns, "the column to add", "give at least one")
    text = f"{_alter(node, rendering)} ADD{part_if(node.if_not_exists, 'IF NOT EXISTS', rendering)}"
    columns = ", ".join([added_column(column, rendering) for column in node.columns])
    return f"{text} {columns}" if len(node.columns) == 1 else f"{text} ({columns})"


def _drop_columns(node: tables.DropColumns, rendering: Rendering) -> str:
    rendering.require_some(node.columns, "the column to drop", "name at least one")
    text = f"{_alter(node, rendering)} DROP{part_if(node.if_columns_exist, 'IF EXISTS', rendering)}"
    columns = defined_columns(node.columns, rendering)
    text += f" {columns}" if len(node.columns) == 1 else f" ({columns})"
    if node.timestamp is None:
        return text
    if isinstance(node.timestamp, terms.Bind):
        rendering.require(MARKER_IN_DROP)
    return f"{text} USING TIMESTAMP {WHOLE_NUMBER.text(node.timestamp, rendering)}"


def _rename_columns(node: tables.RenameColumns, rendering: Rendering) -> str:
    rendering.require_some(node.names, "the column to rename", "give at least one pair of old and new name")
    text = f"{_alter(node, rendering)} RENAME{part_if(node.if_columns_exist, 'IF EXISTS', rendering)}"
    pairs = [f"{defined_column(old, rendering)} TO {defined_column(new, rendering)}" for old, new in node.names]
    return f"{text} {' AND '.join(pairs)}"


def _alter_column_type(node: tables.AlterColumnType, rendering: Rendering) -> str:
    column, data_type = column_name(node.column, rendering), TYPE.text(node.type, rendering)
    return f"{_alter(node, rendering)} ALTER {column} TYPE {data_type}"


def _mask_column(node: tables.MaskColumn, rendering: Rendering) -> str:
    rendering.require(MASKING)
    what = "DROP MASKED" if node.mask is None else mask(node.mask, rendering)
    return f"{_altered_column(node, rendering)} {what}"


def _constrain_column(node: tables.ConstrainColumn, rendering: Rendering) -> str:
    rendering.require(CONSTRAINTS)
    what = check(node.column, node.constraints, rendering) if node.constraints else "DROP CHECK"
    return f"{_altered_column(node, rendering)} {what}"


def _altered_column(node: tables.MaskColumn | tables.ConstrainColumn, rendering: Rendering) -> str:
    exists = part_if(node.if_column_exists, "IF EXISTS", rendering)
    return f"{_alter(node, rendering)} ALTER{exists} {column_name(node.column, rendering)}"


def _alter_table_options(node: tables.AlterTableOptions, rendering: Rendering) -> str:
    return _alter(node, rendering) + required_options(node.options, rendering)


def _drop_compact_storage(node: tables.DropCompactStorage, rendering: Rendering) -> str:
    rendering.require(DROP_COMPACT_STORAGE)
    return f"{_alter(node, rendering)} DROP COMPACT STORAGE"


def _expire_rows(node: tables.ExpireRows, rendering: Rendering) -> str:
    rendering.require(ROW_TTL)
    column = "NULL" if node.column is None else defined_column(node.column, rendering)
    return f"ALTER TABLE {qualified_name(node.table, rendering)} TTL {column}"


def _drop_table(node: tables.DropTable, rendering: Rendering) -> str:
    return f"DROP TABLE{if_exists(node)} {qualified_name(node.table, rendering)}"


TABLE_STATEMENT = Rule(
    "a statement",
    {
        tables.CreateTable: _create_table,
        tables.CopyTable: _copy_table,
        tables.AddColumns: _add_columns,
        tables.DropColumns: _drop_columns,
        tables.RenameColumns: _rename_columns,
        tables.AlterColumnType: _alter_column_type,
        tables.MaskColumn: _mask_column,
        tables.ConstrainColumn: _constrain_column,
        tables.AlterTableOptions: _alter_table_options,
        tables.DropCompactStorage: _drop_compact_storage,
        tables.ExpireRows: _expire_rows,
        tables.DropTable: _drop_table,
    },
)
