"""A keyspace from the server's own tables: which questions to ask, and what the rows of the answers come to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from cql_builder.builder.literals import is_mapping
from cql_builder.dialects import DEFAULT_DIALECT, find_dialect
from cql_builder.dialects.features import MASKING
from cql_builder.errors import SchemaError
from cql_builder.schema import definition_rows
from cql_builder.schema.arguments import checked
from cql_builder.schema.keyspaces import KeyspaceSchema
from cql_builder.schema.rows import system_rows
from cql_builder.schema.tables import TableSchema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cql_builder.dialects import Dialect, DialectName
    from cql_builder.schema.rows import SystemRow

    Row = Mapping[str, object]
    SystemRows = Mapping[str, Iterable[Row]]

_TABLES = ("keyspaces", "tables", "columns", "types", "views", "indexes", "functions", "aggregates", "triggers")
# Not `dropped_time`: of columns dropped by a timestamp of one's own it may be no date that Python has.
_DROPPED = "SELECT keyspace_name, table_name, column_name, type, kind FROM system_schema.dropped_columns"


class SystemQuery(NamedTuple):
    """One question to the server about a keyspace.

    Attributes:
        table: the table of `system_schema` whose rows are the answer.
        cql: the text; it has one marker.
        params: what the marker stands for: the keyspace's name.

    >>> from cql_builder.schema import system_queries
    >>> keyspaces = system_queries("shop")[0]
    >>> keyspaces.cql, keyspaces.params
    ('SELECT * FROM system_schema.keyspaces WHERE keyspace_name = ?', ('shop',))
    """

    table: str
    cql: str
    params: tuple[str, ...]


def system_queries(keyspace: str, *, dialect: DialectName | Dialect = DEFAULT_DIALECT) -> tuple[SystemQuery, ...]:
    """Return the questions whose answers `schema_from_rows` takes.

    There is one for each table of `system_schema`, about one keyspace.

    Args:
        keyspace: the keyspace's name.
        dialect: the dialect of the server: only some have masked columns.

    Raises:
        ArgumentError: if the name is no str.

    >>> from cql_builder.schema import system_queries
    >>> system_queries("shop")[1]
    SystemQuery(table='tables', cql='SELECT * FROM system_schema.tables WHERE keyspace_name = ?', params=('shop',))
    """
    checked(keyspace, str, "system_queries", "the keyspace")
    texts = {table: f"SELECT * FROM system_schema.{table}" for table in _TABLES}
    # ScyllaDB keeps nothing of dropped static columns.
    texts["dropped_columns"] = _DROPPED if find_dialect(dialect).name != "scylla" else _DROPPED.replace(", kind", "")
    if MASKING in find_dialect(dialect).features:
        texts["column_masks"] = "SELECT * FROM system_schema.column_masks"
    return tuple([SystemQuery(table, f"{text} WHERE keyspace_name = ?", (keyspace,)) for table, text in texts.items()])


def schema_from_rows(keyspace: str, rows: SystemRows) -> KeyspaceSchema | None:
    """Return the keyspace that rows of `system_schema` describe.

    None where there is no such keyspace.

    Args:
        keyspace: the keyspace's name; rows of others are passed over.
        rows: the rows by the name of their table, each row a mapping as any driver makes it; a table that is not
            there counts as empty.

    Raises:
        CqlSyntaxError: if a type, a condition or a constant is spelled in a way that is not known.
        SchemaError: if the rows are none, or lack a column that is needed; the sentence names it.
        ArgumentError: if the keyspace's name is no str.

    >>> from cql_builder.schema import schema_from_rows
    >>> class_name = "org.apache.cassandra.locator.SimpleStrategy"
    >>> row = {"keyspace_name": "shop", "durable_writes": True, "replication": {"class": class_name}}
    >>> schema_from_rows("shop", {"keyspaces": [row], "tables": []}).name
    'shop'
    """
    checked(keyspace, str, "schema_from_rows", "the keyspace")
    answers: object = rows
    if not is_mapping(answers):
        given = type(rows).__name__
        reason = f"the rows of system_schema are a mapping, by the name of their table, not of the type {given}"
        raise SchemaError(keyspace, reason, "keyspace")
    found = {
        table: [row for row in system_rows(table, given) if row["keyspace_name"] == keyspace]
        for table, given in rows.items()
    }
    if not found.get("keyspaces"):
        return None
    row = found["keyspaces"][0]
    return KeyspaceSchema(
        keyspace,
        row.mapping("replication"),
        bool(row["durable_writes"]),
        {},
        tuple([definition_rows.read_type(each, keyspace) for each in found.get("types", ())]),
        tuple([_read_table(each, found, keyspace) for each in found.get("tables", ())]),
        tuple(
            [
                definition_rows.read_view(each, _of(found, "columns", each["view_name"]), keyspace)
                for each in found.get("views", ())
            ]
        ),
        tuple([definition_rows.read_function(each, keyspace) for each in found.get("functions", ())]),
        tuple([definition_rows.read_aggregate(each, keyspace) for each in found.get("aggregates", ())]),
    )


def _read_table(row: SystemRow, found: Mapping[str, list[SystemRow]], keyspace: str) -> TableSchema:
    name = row.text("table_name")
    table = TableSchema.from_system_rows(row, _of(found, "columns", name), _of(found, "indexes", name))
    masks = definition_rows.read_masks(_of(found, "column_masks", name))
    return replace(
        table,
        columns=tuple([replace(column, mask=masks.get(column.name)) for column in table.columns]),
        triggers=definition_rows.read_triggers(_of(found, "triggers", name)),
        dropped=definition_rows.read_dropped(_of(found, "dropped_columns", name), keyspace),
    )


def _of(found: Mapping[str, list[SystemRow]], system_table: str, name: object) -> list[SystemRow]:
    return [row for row in found.get(system_table, ()) if row["table_name"] == name]
