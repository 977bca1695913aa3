"""Options: what WITH says of a keyspace, table, view, index or service level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.definitions import Option, Word
from cql_builder.ast.terms import (
    BlobLiteral,
    BooleanLiteral,
    DurationLiteral,
    FloatLiteral,
    IntegerLiteral,
    ListLiteral,
    MapLiteral,
    NullLiteral,
    StringLiteral,
    UuidLiteral,
)
from cql_builder.dialects import features
from cql_builder.parser.terms import constant, signed_constant

if TYPE_CHECKING:
    from cql_builder.ast.terms import Term
    from cql_builder.parser.cursor import Cursor


def options(cursor: Cursor) -> tuple[Option, ...]:
    """Read one option or more, with AND between them."""
    names: set[str] = set()
    read = [option(cursor, names)]
    while cursor.accept("and"):
        read.append(option(cursor, names))
    return tuple(read)


def option(cursor: Cursor, names: set[str]) -> Option:
    """Read one option and add its name to those that there are, none of which may come twice."""
    start = cursor.mark()
    name = cursor.identifier("an option")
    cursor.expect("=")
    value = _value(cursor)
    if name in names:
        raise cursor.refusal(f"the option {name!r} is given twice; give it once", start)
    names.add(name)
    return Option(name, value)


def option_map(cursor: Cursor, *, lists: bool = False) -> MapLiteral:
    """Read a map of constants; with `lists`, a value may be a list of constants where the dialect has that.

    Cassandra refuses any other term there while it parses, and two keys that read alike: `1` and `'1'`.
    """
    cursor.expect("{")
    entries: list[tuple[Term, Term]] = []
    keys: set[str] = set()
    while entries or not cursor.at("}"):
        start = cursor.mark()
        key = _constant(cursor)
        text = _text(key)
        if text in keys:
            raise cursor.refusal("a key is given twice; give it once", start)
        keys.add(text)
        cursor.expect(":")
        entries.append((key, _list(cursor) if lists and cursor.at("[") else _constant(cursor)))
        if not cursor.accept(","):
            break
    cursor.expect("}")
    return MapLiteral(tuple(entries))


def _value(cursor: Cursor) -> Term | Word:
    if cursor.at("{"):
        return option_map(cursor, lists=True)
    value = _optional_constant(cursor)
    if value is not None:
        return value
    if cursor.at("null"):
        cursor.require(features.NULL_OPTION)
        cursor.expect("null")
        return NullLiteral()
    word = cursor.peek()
    if word not in cursor.dialect.unreserved:
        raise cursor.error("a constant, a map or a keyword as the option's value")
    cursor.expect(word)
    return Word(word)


def _list(cursor: Cursor) -> ListLiteral:
    cursor.require(features.COLLECTION_OPTION)
    cursor.expect("[")
    elements = () if cursor.at("]") else cursor.comma_separated(lambda: _constant(cursor))
    cursor.expect("]")
    return ListLiteral(elements)


def _constant(cursor: Cursor) -> Term:
    value = _optional_constant(cursor)
    if value is None:
        raise cursor.error("a constant")
    return value


def _optional_constant(cursor: Cursor) -> Term | None:
    return signed_constant(cursor) if cursor.at("-") else constant(cursor)


def _text(value: Term) -> str:
    """Return what the server takes a key to be: the constant's text, whatever its type."""
    match value:
        case StringLiteral(text) | UuidLiteral(text) | DurationLiteral(text):
            return text
        case IntegerLiteral(digits):
            return digits
        case FloatLiteral(digits):
            return "NaN" if digits == "-NaN" else digits
        case BlobLiteral(digits):
            return f"0x{digits}"
        case BooleanLiteral(true):
            return str(true).lower()
        case _:
            return repr(value)
