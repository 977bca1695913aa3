"""What a server refuses in a materialized view of a table, found before anything is sent. Each rule has a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.analysis.walking import find
from cql_builder.ast.names import ColumnName
from cql_builder.ast.relations import IndexExpression, IsNotNull
from cql_builder.ast.terms import Token
from cql_builder.compiler import type_text
from cql_builder.errors import suggestion
from cql_builder.quoting import quote_identifier
from cql_builder.schema.options import complete_options
from cql_builder.schema.types import COUNTER
from cql_builder.schema.validation import key_fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cql_builder.dialects import Dialect
    from cql_builder.schema.tables import TableSchema
    from cql_builder.schema.views import ViewSchema


def view_faults(view: ViewSchema, table: TableSchema, dialect: Dialect) -> Iterator[str]:
    """Yield what is wrong with a view of a table.

    The rules are those of `CreateViewStatement` of Cassandra 5.0.9. ScyllaDB takes tokens and comparisons of the column
    that only the view has in its key (`create_view_statement.cc`).
    """
    columns, keys = table.columns_by_name, _keys(view)
    conditions = {each.name: None for relation in view.where for each in find(relation, ColumnName)}
    for name in dict.fromkeys((*view.columns, *keys, *conditions)):
        if name not in columns:
            yield f"table {table.name!r} has no column {name!r}{suggestion(name, columns)}"
    if any(column.type == COUNTER for column in table.columns):
        yield f"table {table.name!r} has counters, and no such table has views"
    if complete_options(table.options)["gc_grace_seconds"] == 0:
        kept = "updates that a view did not get are kept for so long"
        yield f"table {table.name!r} has gc_grace_seconds = 0, and {kept}: set it higher first"
    yield from _key_faults(view, table)
    for column in table.columns:
        if column.static and (not view.columns or column.name in view.columns):
            yield f"column {column.name!r} is static, and no view has it: select the others by their names"
    for name in keys:
        if name not in conditions:
            advice = f"write {quote_identifier(name, dialect.reserved)} IS NOT NULL"
            yield f"column {name!r} is in its primary key, and its WHERE says nothing of it: {advice}"
    yield from _where_faults(view, table, dialect)
    fault = lifetime_fault(view.options)
    if fault:
        yield fault


def lifetime_fault(options: Mapping[str, object]) -> str:
    """Return what is wrong with the options of a view, whose rows expire as those of its table; empty where nothing is.

    >>> lifetime_fault({"default_time_to_live": 0}), lifetime_fault({"default_time_to_live": 60})
    ('', 'no view has a default_time_to_live, for its rows expire with those of its table: leave it out')
    """
    if complete_options(options)["default_time_to_live"] == 0:
        return ""
    return "no view has a default_time_to_live, for its rows expire with those of its table: leave it out"


def _where_faults(view: ViewSchema, table: TableSchema, dialect: Dialect) -> Iterator[str]:
    is_scylla = dialect.name == "scylla"
    if not is_scylla and any(True for relation in view.where for _ in find(relation, Token)):
        yield "its WHERE has a token, and no view is of some tokens only: compare columns of the primary key"
    if any(isinstance(relation, IndexExpression) for relation in view.where):
        yield "its WHERE asks an index, and no view does: compare columns of the primary key"
    comparable = {*_keys(table), *(_keys(view) if is_scylla else ())}
    compared = [
        each.name for where in view.where if not isinstance(where, IsNotNull) for each in find(where, ColumnName)
    ]
    for name in dict.fromkeys(compared):
        if name in table.columns_by_name and name not in comparable:
            what = f"column {name!r} is not in the primary key of table {table.name!r}"
            yield f"{what}, so WHERE says nothing of it but IS NOT NULL"


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
