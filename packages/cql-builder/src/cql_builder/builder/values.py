"""Values as they are written where a plain one will not do: `bind(…)`, `lit(…)`, `duration("1h")`, `tuple_of(…)`."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timezone
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import TYPE_CHECKING, TypeVar, overload
from uuid import UUID

from cql_builder.ast.terms import (
    Bind,
    BlobLiteral,
    DurationLiteral,
    FloatLiteral,
    IntegerLiteral,
    ListLiteral,
    MapLiteral,
    NullLiteral,
    SetLiteral,
    StringLiteral,
    Term,
    TupleLiteral,
    TypeHint,
    UserTypeLiteral,
    UuidLiteral,
)
from cql_builder.ast.types import DataType
from cql_builder.builder.expressions import Expression
from cql_builder.builder.literals import is_mapping, plain_literal
from cql_builder.builder.names import checked_name, once_named
from cql_builder.builder.parts import (
    Written,
    as_selectable,
    as_selectables,
    as_terms,
    is_collection,
    is_list,
    refuse_parts_inside,
)
from cql_builder.errors import ArgumentError, LiteralError, StatementError

if TYPE_CHECKING:
    from collections.abc import Mapping

K = TypeVar("K")

_DURATION = re.compile(
    r"-?(?:(?:\d+(?:mo|ms|us|µs|ns|[ywdhms]))+"
    r"|P\d+W|P(?=[\dT])(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?"
    r"|P\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)",
    re.IGNORECASE,
)


def bind(value: object, *, name: str | None = None) -> Expression[Bind]:
    """Return a value as a marker: `?`, or `:name`.

    Where only values can stand, plain values become markers anyway.

    Raises:
        ArgumentError: if the name is no str, or the value a piece of CQL or a statement.
        StatementError: if the value is a collection with a piece of CQL in it.

    >>> from cql_builder import col, fn, select
    >>> select(fn.abs(bind(-5))).from_("t").where(col("id") == bind(7, name="id")).compile().cql
    'SELECT abs(?) FROM t WHERE id = :id'
    """
    if isinstance(value, Written):
        raise ArgumentError("bind()", "it", "a value", value)
    refuse_parts_inside(value, "bind()")
    return Expression(Bind(None if name is None else checked_name(name, "bind()", "the name of a marker")), (value,))


@overload
def lit(value: int) -> Expression[IntegerLiteral]: ...
@overload
def lit(value: object) -> Expression[Term]: ...
def lit(value: object) -> Expression[Term]:
    """Return a value as part of the text, escaped as CQL wants it.

    Values get into the text in no other way.

    It takes None, bool, int, float, `Decimal`, str, bytes, `UUID`, `date`, `time`, an aware `datetime`, IP addresses,
    and lists, tuples, sets and mappings of these. A `datetime` is written in UTC, and has whole milliseconds, for that
    is what a timestamp holds. Statements that differ in a literal are prepared one by one: use
    it for constants, and in the statements that change the schema, which have no markers.

    Raises:
        LiteralError: if CQL has no literal for the value.

    >>> from cql_builder import col, select
    >>> select("id").from_("t").where(col("kind") == lit("it's")).limit(lit(5)).compile().cql
    "SELECT id FROM t WHERE kind = 'it''s' LIMIT 5"
    """
    return Expression(literal_of(value))


def duration(text: str) -> Expression[DurationLiteral]:
    """Return a duration as part of the text.

    It is spelled as in CQL: `1h30m`, `2mo`, `P1Y2M3DT4H5M6S`.

    Raises:
        LiteralError: if it is none.

    >>> from cql_builder import duration, insert_into
    >>> insert_into("t").values(id=1, pause=duration("1h30m")).compile().cql
    'INSERT INTO t (id, pause) VALUES (?, 1h30m)'
    """
    return Expression(duration_literal(text))


def type_hint(cql_type: str | DataType, value: object) -> Expression[TypeHint]:
    """Return a value, or in SELECT a column, that is told its type: `(int)?`.

    Raises:
        CqlSyntaxError: if the type is none.

    >>> from cql_builder import fn, insert_into
    >>> insert_into("t").values(a=fn.call("f", type_hint("int", 5))).compile().cql
    'INSERT INTO t (a) VALUES (f((int)?))'
    """
    if not isinstance(cql_type, DataType):
        from cql_builder.parser.types import parse_type  # noqa: PLC0415 - few values need the parser

        cql_type = parse_type(checked_name(cql_type, "type_hint()", "the type"))
    node, values = as_selectable(value, "type_hint()")
    return Expression(TypeHint(cql_type, node), values)


def list_of(*elements: object) -> Expression[ListLiteral]:
    """Return a list or vector, element by element: `[?, now(), a]`.

    Each element is a marker, a term or, in SELECT, a column.

    What is given is an element, a list too: `list_of([1, 2])` is a list of one list. For the elements of a list write
    `list_of(*elements)`; a list that is given to a statement as it is becomes one marker.

    >>> from cql_builder import insert_into
    >>> insert_into("t").values(a=list_of(*[1, 2]), b=list_of([1, 2]), c=[1, 2]).compile()
    Compiled('INSERT INTO t (a, b, c) VALUES ([?, ?], [?], ?)', 4 values)
    """
    nodes, values = as_selectables(elements, "list_of()")
    return Expression(ListLiteral(nodes), values)


def set_of(*elements: object) -> Expression[Term]:
    """Return a set, element by element: `{?, now(), a}`.

    Each element is a marker, a term or, in SELECT, a column.

    What is given is an element, a set too: for the elements of a set write `set_of(*elements)`.

    >>> from cql_builder import fn, insert_into
    >>> insert_into("t").values(id=1, seen=set_of(fn.now(), fn.uuid())).compile().cql
    'INSERT INTO t (id, seen) VALUES (?, {now(), uuid()})'
    """
    nodes, values = as_selectables(elements, "set_of()")
    return Expression(SetLiteral(nodes) if nodes else MapLiteral(()), values)


@overload
def map_of(entries: Mapping[K, object], /) -> Expression[MapLiteral]: ...
@overload
def map_of(*entries: tuple[object, object]) -> Expression[MapLiteral]: ...
def map_of(*entries: object) -> Expression[MapLiteral]:
    """Return a map, entry by entry: `{?: now(), a: b}`.

    Each key and value is a marker, a term or, in SELECT, a column.

    It is given as one mapping, or as pairs: columns and functions cannot be keys of a dict.

    Raises:
        ArgumentError: if something is no pair.
        StatementError: if a pair has not two parts.

    >>> from cql_builder import fn, insert_into
    >>> insert_into("t").values(a=map_of({"k": fn.now()}), b=map_of((fn.uuid(), 1), ("k", 2))).compile()
    Compiled('INSERT INTO t (a, b) VALUES ({?: now()}, {uuid(): ?, ?: ?})', 4 values)
    """
    pairs = entries[0].items() if len(entries) == 1 and is_mapping(entries[0]) else map(_pair, entries)
    nodes, values = as_selectables([each for pair in pairs for each in pair], "map_of()")
    return Expression(MapLiteral(tuple(zip(nodes[::2], nodes[1::2], strict=True))), values)


def tuple_of(*elements: object) -> Expression[TupleLiteral]:
    """Return a tuple, element by element: `(?, now(), a)`.

    Each element is a marker, a term or, in SELECT, a column.

    Raises:
        LiteralError: if there are no elements.

    >>> from cql_builder import col, select
    >>> select(tuple_of(col("a"), col("b")).as_("both")).from_("t").compile().cql
    'SELECT (a, b) AS both FROM t'
    """
    if not elements:
        raise LiteralError("a tuple has at least one element")
    nodes, values = as_selectables(elements, "tuple_of()")
    return Expression(TupleLiteral(nodes), values)


def user_type_of(fields: Mapping[str, object] | None = None, /, **more: object) -> Expression[UserTypeLiteral]:
    """Return a value of a user-defined type: `{street: ?, zip: ?}`.

    Each field is a marker or a term.

    Raises:
        StatementError: if a name is no str, or a field is given twice.
        LiteralError: if there are no fields.

    >>> from cql_builder import insert_into
    >>> insert_into("t").values(id=1, address=user_type_of(street="x", zip=1)).compile().cql
    'INSERT INTO t (id, address) VALUES (?, {street: ?, zip: ?})'
    """
    together = once_named(fields, more, "user_type_of()", "user_type_of()")
    if not together:
        raise LiteralError("a value of a user-defined type has at least one field")
    terms, values = as_terms(together.values(), "user_type_of()")
    return Expression(UserTypeLiteral(tuple(zip(together, terms, strict=True))), values)


def duration_literal(text: object) -> DurationLiteral:
    """Return the literal of a duration.

    Raises:
        ArgumentError: if it is no str.
        LiteralError: if CQL has no such duration.
    """
    if not isinstance(text, str):
        raise ArgumentError("duration()", "a duration", 'a str such as "1h30m"', text)
    if (not text.isascii() and "µ" not in text) or not _DURATION.fullmatch(text):
        raise LiteralError('a duration is numbers with units, such as "1h30m" or "2mo", or ISO 8601 such as "PT1H"')
    return DurationLiteral(str.__str__(text))


def literal_of(value: object) -> Term:
    """Return the literal of a Python value.

    Raises:
        LiteralError: if CQL has no literal for it, or it is nested too deep.
    """
    try:
        return _literal(value)
    except RecursionError:
        raise LiteralError("it is nested too deep, or holds itself") from None


def _pair(given: object) -> tuple[object, object]:
    if not is_list(given):
        raise ArgumentError("map_of()", "an entry", "a pair of key and value, and map_of() one mapping of all", given)
    if len(given) != 2:  # noqa: PLR2004 - a key and a value
        raise StatementError("map_of()", f"an entry is a pair of key and value, not of {len(given)} things")
    return given[0], given[1]


def _literal(value: object) -> Term:
    literal = plain_literal(value)
    if literal is None:
        literal = _number_or_name(value)
    if literal is None:
        literal = _moment(value)
    if literal is None:
        literal = _collection(value)
    if literal is None:
        raise LiteralError(f"there is none for a {type(value).__name__}; bind the value")
    return literal


def _number_or_name(value: object) -> Term | None:
    if value is None:
        return NullLiteral()
    if isinstance(value, bytes | bytearray):
        return BlobLiteral(value.hex())
    if isinstance(value, UUID):
        return UuidLiteral(str(value))
    if isinstance(value, IPv4Address | IPv6Address):
        return _address(value)
    if not isinstance(value, Decimal):
        return None
    if value.is_snan():
        raise LiteralError("CQL has no signalling NaN")
    digits = str(value)
    if value.is_nan():
        return FloatLiteral("NaN")
    return FloatLiteral(digits) if {".", "E", "I"}.intersection(digits) else IntegerLiteral(digits)


def _address(value: IPv4Address | IPv6Address) -> StringLiteral:
    if isinstance(value, IPv4Interface | IPv6Interface):
        raise LiteralError("an inet is an address without its network; give the interface's .ip")
    if isinstance(value, IPv6Address) and value.scope_id is not None:
        raise LiteralError("an inet has no zone, which is what stands after %; give the address without it")
    return StringLiteral(str(value))


def _moment(value: object) -> Term | None:
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise LiteralError("a datetime without a time zone is no moment; give it one")
        return StringLiteral(_timestamp(value))
    if isinstance(value, time) and value.tzinfo is not None:
        raise LiteralError("a time of CQL has no time zone; give one without")
    return StringLiteral(value.isoformat()) if isinstance(value, date | time) else None


def _timestamp(value: datetime) -> str:
    """Return a moment in UTC: offsets with seconds, which zones of old have, CQL does not read."""
    try:
        moment = value.astimezone(timezone.utc)
    except OverflowError:
        raise LiteralError("a datetime is beyond the years that Python counts when it is in UTC; bind it") from None
    if moment.microsecond % 1000:
        raise LiteralError("a timestamp has milliseconds and nothing finer; round the datetime")
    return moment.isoformat(timespec="milliseconds")


def _collection(value: object) -> Term | None:
    if is_mapping(value):
        return MapLiteral(tuple([(_literal(key), _literal(inner)) for key, inner in value.items()]))
    if not is_collection(value):
        return None
    elements = tuple([_literal(element) for element in value])
    if isinstance(value, list):
        return ListLiteral(elements)
    if isinstance(value, tuple):
        if not elements:
            raise LiteralError("a tuple has at least one element")
        return TupleLiteral(elements)
    # Python's sets have another order in each process: one value is to have one text.
    return SetLiteral(tuple(sorted(elements, key=repr))) if elements else MapLiteral(())
