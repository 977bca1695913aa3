"""A table or view that is there, as values: what a model of it is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coodie._schema.columns import ViewDefinition
from coodie_drivers.errors import InvalidQueryError
from cql_builder import CqlError
from cql_builder.schema import TableSchema
from cql_builder.schema.definition_rows import read_type
from cql_builder.schema.rows import system_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cql_builder.schema import TypeSchema

    Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Reflected:
    """A table or view as the server has it.

    Attributes:
        table: its columns, key and indexes; of a view without indexes.
        types: the user types of its keyspace, by name.
        view: what makes it a view; None for a table.
    """

    table: TableSchema
    types: Mapping[str, TypeSchema]
    view: ViewDefinition | None = None


def reflected(table: Row, columns: Sequence[Row], indexes: Sequence[Row], types: Sequence[Row]) -> Reflected:
    """The table or view that rows of `system_schema` describe.

    Args:
        table: its row of `tables` or `views`.
        columns: its rows of `columns`.
        indexes: its rows of `indexes`.
        types: the rows of `types` of its keyspace.

    Raises:
        InvalidQueryError: something is spelled in a way that is not known.
    """
    keyspace, name = table["keyspace_name"], table.get("view_name") or table["table_name"]
    view = None
    try:
        there = TableSchema.from_system_rows({**table, "table_name": name}, columns, indexes)
        read = [read_type(row, keyspace) for row in system_rows("types", types)]
    except CqlError as error:
        raise InvalidQueryError(f"the table '{keyspace}.{name}' that is there cannot be read: {error}") from error
    if "view_name" in table:
        selected = ("*",) if table["include_all_columns"] else tuple(column.name for column in there.columns)
        view = ViewDefinition(table["base_table_name"], selected, table["where_clause"])
    return Reflected(there, {each.name: each for each in read}, view)
