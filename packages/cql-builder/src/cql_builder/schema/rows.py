"""Rows of `system_schema` as any client library makes them: what is not there, or no text, is named."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cql_builder.builder.literals import is_mapping
from cql_builder.builder.parts import is_list
from cql_builder.errors import SchemaError

if TYPE_CHECKING:
    from typing import NoReturn, TypeGuard


class SystemRow(dict[str, object]):
    """One row of a table of `system_schema`.

    >>> SystemRow("columns", {"column_name": "id"})["kind"]
    Traceback (most recent call last):
    ...
    cql_builder.errors.SchemaError: table 'system_schema.columns': a row has no 'kind'; select all columns of this table
    """

    def __init__(self, table: str, row: object) -> None:
        """Copy a row.

        Raises:
            SchemaError: if it is no mapping.
        """
        self.table = table
        if not is_mapping(row):
            raise self.refuse(f"a row is a mapping of names to values, not {_kind(row)}")
        super().__init__({str(name): value for name, value in row.items()})

    def __missing__(self, column: str) -> NoReturn:
        """Say which column is not there."""
        raise self.refuse(f"a row has no {column!r}; select all columns of this table")

    def refuse(self, reason: str) -> SchemaError:
        """Return the error about the row."""
        return SchemaError(f"system_schema.{self.table}", reason)

    def text(self, column: str) -> str:
        """Return the text in a column.

        Raises:
            SchemaError: if it is none.
        """
        value = self[column]
        if not isinstance(value, str):
            raise self.refuse(f"in a row, {column!r} is {_kind(value)} and not a text")
        return value

    def texts(self, column: str) -> list[str]:
        """Return the texts in a column of lists; the server has null for an empty one.

        Raises:
            SchemaError: if something in it is no text.
        """
        found: list[str] = []
        for value in self.values_in(column):
            if not isinstance(value, str):
                raise self.refuse(f"in a row, {column!r} has {_kind(value)} in it and not texts alone")
            found.append(value)
        return found

    def values_in(self, column: str) -> list[object]:
        """Return what is in a column of lists; the server has null for an empty one.

        Raises:
            SchemaError: if it is no list.
        """
        value = self[column]
        if value is None:
            return []
        if not is_list(value):
            raise self.refuse(f"in a row, {column!r} is {_kind(value)} and not a list")
        return list(value)

    def mapping(self, column: str) -> dict[str, object]:
        """Return the map in a column; the server has null for an empty one.

        Raises:
            SchemaError: if it is none.
        """
        value = self[column]
        if value is None:
            return {}
        if not is_mapping(value):
            raise self.refuse(f"in a row, {column!r} is {_kind(value)} and not a mapping")
        return {str(name): each for name, each in value.items()}

    def require_equal_lengths(self, *columns: str) -> None:
        """Refuse lists that belong together and are not of one length.

        Raises:
            SchemaError: naming them.
        """
        if len({len(self.values_in(column)) for column in columns}) > 1:
            names = ", ".join([repr(column) for column in columns])
            raise self.refuse(f"in a row, {names} are not of one length")


def system_rows(table: str, rows: object) -> list[SystemRow]:
    """Return rows of a table of `system_schema`.

    Raises:
        SchemaError: if they are no rows.
    """
    if not _is_iterable(rows) or isinstance(rows, str | bytes):
        raise SchemaError(f"system_schema.{table}", f"its rows are a list of mappings, not {_kind(rows)}")
    return [row if isinstance(row, SystemRow) else SystemRow(table, row) for row in rows]


def _is_iterable(value: object) -> TypeGuard[Iterable[object]]:
    return isinstance(value, Iterable)


def _kind(value: object) -> str:
    return "None" if value is None else f"of the type {type(value).__name__}"
