"""References of a transaction to the rows that it has read: `row`, `row.price`, `row.prices[1]`, `row.home.city`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.names import ColumnName
from cql_builder.ast.terms import Element, Field, RowReference
from cql_builder.parser.terms import term

if TYPE_CHECKING:
    from cql_builder.parser.cursor import Cursor


def at_row_reference(cursor: Cursor) -> bool:
    """Whether a transaction is read and a name is next that calls no function."""
    if not cursor.in_transaction or not cursor.is_name():
        return False
    return cursor.peek(3 if cursor.peek(1) == "." else 1) != "("


def row_reference(cursor: Cursor) -> RowReference:
    """Read a reference to a row, to a column of it, or to one element or field of a column."""
    row = cursor.identifier("a row that the transaction has read")
    if not cursor.accept("."):
        return RowReference(row)
    column = ColumnName(cursor.identifier("a column"))
    if cursor.accept("."):
        return RowReference(row, Field(column, cursor.identifier("a field")))
    if not cursor.accept("["):
        return RowReference(row, column)
    key = term(cursor)
    cursor.expect("]")
    return RowReference(row, Element(column, key))
