"""What a server refuses in a materialized view of a table, found before anything is sent. Each rule has a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.analysis.walking import find
from cql_builder.ast.names import ColumnName
from cql_builder.compiler import type_text
from cql_builder.errors import suggestion
from cql_builder.schema.types import COUNTER
from cql_builder.schema.validation import key_fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cql_builder.schema.tables import TableSchema
    from cql_builder.schema.views import ViewSchema


def view_faults(view: ViewSchema, table: TableSchema) -> Iterator[str]:
    """Yield what is wrong with a view of a table (`CreateViewStatement` of Cassandra 5.0.9)."""
    columns, keys = table.columns_by_name, _keys(view)
    conditions = {each.name: None for relation in view.where for each in find(relation, ColumnName)}
    for name in dict.fromkeys((*view.columns, *keys, *conditions)):
        if name not in columns:
            yield f"table {table.name!r} has no column {name!r}{suggestion(name, columns)}"
    if any(column.type == COUNTER for column in table.columns):
        yield f"table {table.name!r} has counters, and no such table has views"
    yield from _key_faults(view, table)
    for column in table.columns:
        if column.static and (not view.columns or column.name in view.columns):
            yield f"column {column.name!r} is static, and no view has it: select the others by their names"
    for name in keys:
        if name not in conditions:
            yield f"column {name!r} is in its primary key, and its WHERE says nothing of it: write {name} IS NOT NULL"


def _key_faults(view: ViewSchema, table: TableSchema) -> Iterator[str]:
    columns, keys, base = table.columns_by_name, _keys(view), _keys(table)
    for key in base:
        if key not in keys:
            yield f"its primary key lacks {key!r}, and has in it all that the primary key of its table has"
    for name in sorted({name for name in keys if keys.count(name) > 1}):
        yield f"column {name!r} is in its primary key twice"
    others = [name for name in dict.fromkeys(keys) if name not in base]
    if len(others) > 1:
        listed = ", ".join([repr(name) for name in others])
        yield f"its primary key has {listed}, and may have one column more than that of its table has: leave out others"
    for name in others:
        fault = key_fault(columns[name])
        if fault:
            yield f"column {name!r} ({type_text(columns[name].type)}): {fault}"


def _keys(schema: TableSchema | ViewSchema) -> tuple[str, ...]:
    return (*schema.partition_key, *[column.name for column in schema.clustering_key])
