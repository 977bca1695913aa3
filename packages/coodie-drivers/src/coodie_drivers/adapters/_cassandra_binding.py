"""Binders: for each prepared statement a function, generated once, from a call's values to the cells of its frame.

It checks and serializes all values at once, each in an expression for the one Python type that the column mostly gets,
and lays out sizes and octets as they stand in a frame.
Any other value goes through the checks of `_cassandra_encoding` and the library's own serializer; whatever a binder
cannot do it refuses, in no particular words, for the caller to bind the slow way and say what is wrong.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID

from coodie_drivers.adapters._cassandra_batches import Column, LayOut, Run, head_of, lines_laying_out
from coodie_drivers.adapters._cassandra_encoding import encoder_of
from coodie_drivers.adapters._cassandra_frames import KEPT_SIZES, SIZES, Cells, parts_of
from coodie_drivers.adapters._cassandra_library import cqltypes, query
from coodie_drivers.adapters._cassandra_retries import NO_EARLIER
from coodie_drivers.adapters._generated import generated
from coodie_drivers.adapters._value_checks import EPOCH, EPOCH_ORDINAL, NAIVE_EPOCH, has_elements, milliseconds_of
from coodie_drivers.values import UNSET

Bind = Callable[[Sequence[object]], Cells]


class Binder:
    """How values of one prepared statement are laid out. What it refuses it raises something for, whatever it is.

    Attributes:
        bind: lays out the values of one call.
    """

    __slots__ = ("_columns", "_keys", "_known", "_lay_out", "_query_id", "bind")

    def __init__(
        self, query_id: bytes, columns: Sequence[Column], with_list: str, known: dict[str, Any], keys: frozenset[int]
    ) -> None:
        """Make it.

        Args:
            query_id: what the server calls the statement.
            columns: how the values are written.
            with_list: the source that tells whether a list with elements is among them.
            known: what the sources mention.
            keys: which values are of the partition key.
        """
        self._query_id, self._columns, self._known, self._keys = query_id, columns, known, keys
        self._lay_out: LayOut | None = None
        places = range(len(columns))
        lines = [
            f" {', '.join(f'v{place}' for place in places)}, = values",
            *[line for column in columns for line in column.lines],
            " cells = Cells()",
            f" cells.parts = ({', '.join(f'size{place}, octets{place}' for place in places)})",
            f" cells.with_list = {with_list}",
            " return cells",
        ]
        self.bind: Bind = generated("bind(values)", lines, known)

    def bind_many(self, rows: Sequence[Sequence[object]]) -> Run:
        """Lay out the values of many calls, as the parts of a batch have them, which mostly are of one partition."""
        lay_out = self._lay_out
        if lay_out is None:  # few statements are ever in batches
            known = dict(self._known)
            lines = lines_laying_out(self._columns, self._keys, known)
            made: LayOut = generated("lay_out(rows, head)", lines, known)
            lay_out = self._lay_out = made
        return Run(self._query_id, len(rows), lay_out(rows, head_of(self._query_id, len(self._columns))))


_UNSET_VERSION: Final = 4
"""The version of the protocol since which a value may be left unset."""

_DATE_ZERO: Final = 2**31 - EPOCH_ORDINAL

_UTF8: Final = "{0}.encode()"

_FAST: Final = {
    "ascii": ("str", "{0}.encode('ascii')", ""),
    "bigint": ("int", "{0}", "q"),
    "blob": ("bytes", "{0}", ""),
    "counter": ("int", "{0}", "q"),
    "date": ("date", "{0}.toordinal() + date_zero", "I"),
    "double": ("float", "{0}", "d"),
    "float": ("float", "{0}", "f"),
    "int": ("int", "{0}", "i"),
    "smallint": ("int", "{0}", "h"),
    "text": ("str", _UTF8, ""),
    "time": ("time", "time_of_day({0})", "q"),
    "timestamp": ("datetime", "timestamp({0})", "q"),
    "tinyint": ("int", "{0}", "b"),
    "uuid": ("UUID", "{0}.int.to_bytes(16, 'big')", "16s"),
    "varchar": ("str", _UTF8, ""),
}
"""For a type the Python type that its values mostly have, how that is written, and how it is packed then, if at all.

What does not fit, raises.
"""

_MOMENT: Final = (
    "(since := {0} - (naive_epoch if {0}.tzinfo is None else epoch)).days * 86_400_000"
    " + (since.seconds * 1_000 + since.microseconds // 1_000)"
)
"""How a timestamp is written that has a UTC between the years 1 and 9999."""

_AT_ONCE: Final = 4
"""How many texts of a list or set are written in one step: mostly there are a few."""


def _ascii_texts() -> list[str]:
    """Return the lines that write the elements of a list or set that are short texts of ASCII.

    Sizes and texts become one text. What is no text raises when it is joined.
    """
    lines = [" try:", "  count = len(values)"]
    for count in range(1, _AT_ONCE + 1):
        names = [f"e{place}" for place in range(count)]
        parts = ", ".join(f"short_sizes[len({name})], {name}" for name in names)
        lines += [
            f"  {'if' if count == 1 else 'elif'} count == {count}:",
            f"   {', '.join(names)}, = values",
            f"   text = ''.join((short_sizes[{count}], {parts}))",
        ]
    return [
        *lines,
        "  else:",
        "   text = short_sizes[count]",
        "   for each in values:",
        "    text += short_sizes[len(each)] + each",
        "  if text.isascii():",
        "   return text.encode()",
        " except (IndexError, TypeError):",
        "  pass",
    ]


_SIZE: Final = "sizes[size] if (size := len({0})) < kept_sizes else int32(size)"
"""How the size of octets is written that is not known before."""


class RefusedError(Exception):
    """The values cannot be bound this way."""


class _Bound(query.BoundStatement):  # type: ignore[misc]  # the library carries no types
    """A prepared statement with its values; what is the same for all of them is set on a class of its own."""

    coodie_earlier_attempts = NO_EARLIER

    # Whoever makes one fills in the values, and nothing else is of one call.
    __init__ = object.__init__

    def __str__(self) -> str:
        """Name the statement; values are never shown, they may be secrets."""
        return f"<BoundStatement query={self.prepared_statement.query_string!r}, {len(self.values or ())} values>"

    __repr__ = __str__


def binder_of(prepared: Any, list_indexes: Sequence[int]) -> Binder | None:
    """Return the binder of a prepared statement; None where the library has to bind it.

    Args:
        prepared: the library's prepared statement.
        list_indexes: which of its columns are lists.
    """
    columns = prepared.column_metadata
    if not columns or getattr(prepared, "column_encryption_policy", None) is not None:
        return None
    keys: frozenset[int] = frozenset(prepared.routing_key_indexes or ())
    known: dict[str, Any] = {**_KNOWN}
    # Nearly always it is None or a list: to ask `has_elements` is to call it.
    lists = " or ".join(
        f"(v{index} if v{index}.__class__ is list else v{index} is not None and has_elements(v{index}))"
        for index in list_indexes
    )
    written: list[Column] = []
    for index, column in enumerate(columns):
        known[f"other{index}"] = _other(column.type, prepared.protocol_version, is_key=index in keys)
        written.append(_writing(column.type, index, known))
    return Binder(prepared.query_id, written, f"True if {lists} else False" if lists else "False", known, keys)


def _writing(cql_type: Any, index: int, known: dict[str, Any]) -> Column:
    """Return how the values of a column are written."""
    if issubclass(cql_type, (cqltypes.FrozenType, cqltypes.ReversedType)):
        return _writing(cql_type.subtypes[0], index, known)
    value, octets = f"v{index}", f"octets{index}"
    other = f"size{index}, {octets} = other{index}({value})"
    test, expression, code = _usual(cql_type, value, index, known)
    if not test:
        return Column([f" {other}"], "", "", "")
    lines = [
        f" if {test}:",
        f"  {octets} = {_octets(expression, code) if code != '?' else f'true if {value} else false'}",
        f"  size{index} = {_size(octets, code)}",
        " else:",
        f"  {other}",
    ]
    return Column(lines, test, expression if code else "", code)


def _usual(cql_type: Any, value: str, index: int, known: dict[str, Any]) -> tuple[str, str, str]:
    """Return the test of a usual value, what it is written from, and how that is packed, if all are of one size."""
    if cql_type is cqltypes.BooleanType:
        return f"{value} is True or {value} is False", value, "?"
    fast = _fast(cql_type)
    if fast is not None:
        kind, expression, code = fast
        if kind == "datetime":
            return f"type({value}) is {kind} and 1 < {value}.year < 9999", _MOMENT.format(value), code
        return f"type({value}) is {kind}", expression.format(value), code
    elements = _elements_writer(cql_type)
    if elements is None:
        return "", "", ""
    kind, known[f"elements{index}"] = elements
    return f"type({value}) is {kind}", f"elements{index}({value})", ""


def _octets(expression: str, code: str) -> str:
    """Return the source of the octets of what is packed so."""
    return f"pack_{code}({expression})" if len(code) == 1 else expression


def _size(octets: str, code: str) -> str:
    """Return the source of the size of octets."""
    return f"size_of_{struct.calcsize(f'>{code}')}" if code else _SIZE.format(octets)


def _fast(cql_type: Any) -> tuple[str, str, str] | None:
    # A user-defined type may have the name of any other, in quotes.
    return None if issubclass(cql_type, cqltypes.UserType) else _FAST.get(cql_type.typename)


def _elements_writer(cql_type: Any) -> tuple[str, Callable[[Any], bytes]] | None:
    """Return what writes the elements of a list, set or vector of fast values; None for all other types."""
    if issubclass(cql_type, cqltypes.VectorType):
        code = {cqltypes.DoubleType: "d", cqltypes.FloatType: "f"}.get(cql_type.subtype)
        if code is None:
            return None
        pack, wanted = struct.Struct(f">{cql_type.vector_size}{code}").pack, {float}
        return "list", lambda values: pack(*values) if set(map(type, values)) <= wanted else _refuse()
    if not issubclass(cql_type, (cqltypes.ListType, cqltypes.SetType)):
        return None
    fast = _fast(cql_type.subtypes[0])
    if fast is None:
        return None
    kind, expression, code = fast
    lines = [
        *(_ascii_texts() if expression == _UTF8 else ()),
        f" parts = [{_SIZE.format('values')}]",
        " for each in values:",
        f"  if type(each) is not {kind}:",
        "   refuse()",
        f"  octets = {_octets(expression.format('each'), code)}",
        f"  parts.append({_size('octets', code)})",
        "  parts.append(octets)",
        " return b''.join(parts)",
    ]
    write: Callable[[Any], bytes] = generated("write(values)", lines, _KNOWN)
    return ("set" if issubclass(cql_type, cqltypes.SetType) else "list"), write


def _other(cql_type: Any, version: int, *, is_key: bool) -> Callable[[Any], tuple[bytes, bytes]]:
    """Return what gives size and octets of any value that is not of the usual type."""
    encode, serialize = encoder_of(cql_type), cql_type.serialize
    may_be_unset = version >= _UNSET_VERSION and not is_key

    def other(value: Any) -> tuple[bytes, bytes]:
        if value is None and not is_key:
            return parts_of(None)
        if value is UNSET and may_be_unset:
            return parts_of(query.UNSET_VALUE)
        if value is None or value is UNSET:
            raise RefusedError
        return parts_of(serialize(encode(value), version))

    return other


def bound_class(prepared: Any) -> Any:
    """Make the class of the statements bound to this prepared one: what is the same for all of them is set on it."""
    column = next(iter(prepared.column_metadata or ()), None)  # there is none where the text has no markers
    shared = {
        "prepared_statement": prepared,
        "keyspace": getattr(column, "keyspace_name", None),
        "retry_policy": prepared.retry_policy,
        "consistency_level": prepared.consistency_level,
        "fetch_size": prepared.fetch_size,
        "custom_payload": prepared.custom_payload,
        "is_idempotent": prepared.is_idempotent,
    }
    if hasattr(query.BoundStatement, "table"):  # scylla-driver sends by it to the right tablet
        shared["table"] = getattr(column, "table_name", None)
    return type("BoundStatement", (_Bound,), shared)


def _refuse() -> Any:
    raise RefusedError


def _time_of_day(value: time) -> int:
    if value.tzinfo is not None:
        raise RefusedError
    seconds = value.hour * 3_600 + value.minute * 60 + value.second
    return seconds * 1_000_000_000 + value.microsecond * 1_000


_KNOWN: Final[dict[str, Any]] = {
    "Cells": Cells,
    "UUID": UUID,
    "date": date,
    "date_zero": _DATE_ZERO,
    "datetime": datetime,
    "epoch": EPOCH,
    "false": b"\x00",
    "has_elements": has_elements,
    "int32": struct.Struct(">i").pack,
    "kept_sizes": KEPT_SIZES,
    "naive_epoch": NAIVE_EPOCH,
    "never": object(),
    **{f"pack_{code}": struct.Struct(f">{code}").pack for code in "bdfhiqI"},
    "refuse": _refuse,
    **{f"size_of_{size}": SIZES[size] for size in (1, 2, 4, 8, 16)},
    "short_sizes": [size.decode() for size in SIZES[:128]],
    "sizes": SIZES,
    "time": time,
    "time_of_day": _time_of_day,
    "timestamp": milliseconds_of,
    "true": b"\x01",
}
"""What the generated functions know."""
