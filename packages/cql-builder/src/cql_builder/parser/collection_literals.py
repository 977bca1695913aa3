"""Lists, sets and maps from text, whatever their elements are: terms, or what SELECT can ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from cql_builder.ast.terms import ListLiteral, MapLiteral, SetLiteral

if TYPE_CHECKING:
    from collections.abc import Callable

    from cql_builder.ast.terms import Selectable
    from cql_builder.parser.cursor import Cursor

S = TypeVar("S", bound="Selectable")


def elements(cursor: Cursor, read: Callable[[Cursor], S]) -> tuple[S, ...]:
    """Read one element or more, with commas between them."""
    found = [read(cursor)]
    while cursor.kinds[cursor.position] == ",":
        cursor.position += 1
        found.append(read(cursor))
    return tuple(found)


def list_literal(cursor: Cursor, read: Callable[[Cursor], Selectable]) -> ListLiteral:
    """Read a list in brackets, each element with `read`."""
    cursor.position += 1
    if cursor.accept("]"):
        return ListLiteral(())
    with cursor.nested("terms"):
        found = elements(cursor, read)
    cursor.expect("]")
    return ListLiteral(found)


def set_or_map(cursor: Cursor, read: Callable[[Cursor], Selectable]) -> SetLiteral | MapLiteral:
    """Read what is between the braces of a set or map, each element, key and value with `read`."""
    first = read(cursor)
    if cursor.kinds[cursor.position] == ":":
        return entries(cursor, first, read)
    found = [first]
    while cursor.accept(","):
        found.append(read(cursor))
    return SetLiteral(tuple(found))


def entries(cursor: Cursor, key: Selectable, read: Callable[[Cursor], Selectable]) -> MapLiteral:
    """Read what follows the first key of a map."""
    cursor.expect(":")
    found = [(key, read(cursor))]
    while cursor.accept(","):
        key = read(cursor)
        cursor.expect(":")
        found.append((key, read(cursor)))
    return MapLiteral(tuple(found))
