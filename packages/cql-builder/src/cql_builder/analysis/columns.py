"""Which names in a part of a statement are columns: what a type before braces makes names of fields is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.names import ColumnName
from cql_builder.ast.node import Node, children
from cql_builder.ast.terms import ListLiteral, MapLiteral, SetLiteral, TupleLiteral, TypeHint
from cql_builder.ast.types import (
    DataType,
    FrozenType,
    ListType,
    MapType,
    SetType,
    TupleType,
    UserType,
    VectorType,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Typed = tuple[object, DataType | None]

_LITERALS = (ListLiteral, SetLiteral)
_TYPES = (ListType, SetType, VectorType)
# No unions: what asks them on Python 3.10 needs more of the stack, of which callers may have left little.


def columns_in(part: Node) -> Iterator[ColumnName]:
    """Yield the columns in a part of a statement, in the order of the text.

    In SELECT, Cassandra reads `{a: b}` as a map of columns or as a value of a user-defined type, and only the type
    tells which (`Selectable.WithMapOrUdt`). In `(address){a: b}`, `a` is a field. Without a type before them, or inside
    a field, the names before the colons may be either, and count as columns.
    """
    waiting: list[Typed] = [(part, None)]
    while waiting:
        found, hinted = waiting.pop()
        if isinstance(found, ColumnName):
            yield found
        elif isinstance(found, TypeHint):
            waiting.append((found.term, _plain(found.type)))
        elif isinstance(found, Node):
            waiting.extend(reversed(_inside(found, hinted)))
        else:
            waiting.extend([(child, None) for child in children(found)][::-1])


def _plain(hinted: DataType) -> DataType:
    while isinstance(hinted, FrozenType):
        hinted = hinted.inner
    return hinted


def _inside(node: Node, hinted: DataType | None) -> list[Typed]:
    """Return what is in a node, each with the type that it is told to have."""
    if isinstance(node, MapLiteral) and isinstance(hinted, UserType):
        return [(part, None) for name, value in node.entries for part in _without_field(name, value)]
    if isinstance(node, MapLiteral) and isinstance(hinted, MapType):
        key, value = _plain(hinted.key), _plain(hinted.value)
        return [typed for entry in node.entries for typed in zip(entry, (key, value), strict=True)]
    if isinstance(node, _LITERALS) and isinstance(hinted, _TYPES):
        return [(element, _plain(hinted.element)) for element in node.elements]
    if isinstance(node, TupleLiteral) and isinstance(hinted, TupleType):
        types: Iterable[DataType | None] = map(_plain, hinted.elements)
        more = [None] * len(node.elements)
        return list(zip(node.elements, [*types, *more], strict=False))
    if isinstance(node, TupleLiteral) and len(node.elements) == 1:
        return [(node.elements[0], hinted)]
    return [(getattr(node, field), None) for field in type(node).field_names]


def _without_field(name: object, value: object) -> tuple[object, ...]:
    return (value,) if isinstance(name, ColumnName) else (name, value)
