"""Binders: for each prepared statement a function, generated once, from a call's values to the cells of its frame.

It checks and serializes all values at once, each in an expression for the one Python type that the column mostly gets,
and lays out sizes and octets as they stand in a frame.
Any other value goes through the checks of `_cassandra_encoding` and the library's own serializer; whatever a binder
cannot do it refuses, in no particular words, for the caller to bind the slow way and say what is wrong.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID

from coodie_drivers.adapters._cassandra_encoding import encoder_of
from coodie_drivers.adapters._cassandra_frames import KEPT_SIZES, SIZES, Cells, parts_of
from coodie_drivers.adapters._cassandra_library import cqltypes, query
from coodie_drivers.adapters._cassandra_retries import NO_EARLIER
from coodie_drivers.adapters._value_checks import EPOCH, EPOCH_ORDINAL, NAIVE_EPOCH, has_elements, milliseconds_of
from coodie_drivers.values import UNSET

Bind = Callable[[Sequence[object]], Cells]
BindMany = Callable[[Iterable[Sequence[object]]], list[Cells]]


class Binder:
    """How values of one prepared statement are laid out. What it refuses it raises something for, whatever it is.

    Attributes:
        bind: lays out the values of one call.
    """

    __slots__ = ("_keys", "_known", "_lines", "_many", "_names", "bind")

    def __init__(
        self, names: Sequence[str], lines: Sequence[Sequence[str]], known: dict[str, Any], keys: frozenset[int]
    ) -> None:
        """Make it.

        Args:
            names: what the values are called.
            lines: those that lay out each value, and those that gather all.
            known: what these mention.
            keys: which values are of the partition key.
        """
        self._names, self._lines, self._known, self._keys = names, lines, known, keys
        self._many: BindMany | None = None
        each = [line for some in lines for line in some]
        self.bind: Bind = _made("bind(values)", [f" {', '.join(names)}, = values", *each, " return cells"], known)

    def bind_many(self, rows: Iterable[Sequence[object]]) -> list[Cells]:
        """Lay out the values of many calls, as the parts of a batch have them, which mostly are of one partition."""
        many = self._many
        if many is None:  # few statements are ever in batches
            lines = [" made = []", " add = made.append", *[f" before{key} = never" for key in self._keys]]
            lines.append(f" for {', '.join(self._names)}, in rows:")
            for index, some in enumerate(self._lines):
                if index not in self._keys:
                    lines += [f" {line}" for line in some]
                    continue
                lines.append(f"  if v{index} is not before{index}:")  # else it is laid out already
                lines += [*[f"  {line}" for line in some], f"   before{index} = v{index}"]
            made: BindMany = _made("bind_many(rows)", [*lines, "  add(cells)", " return made"], self._known)
            many = self._many = made
        return many(rows)


def _made(signature: str, lines: Sequence[str], known: dict[str, Any]) -> Any:
    names = dict(known)
    source = "\n".join([f"def {signature}:", *lines])
    exec(compile(source, "<binder>", "exec"), names)  # noqa: S102 - of words that stand here and numbers
    return names[signature.partition("(")[0]]


_UNSET_VERSION: Final = 4
"""The version of the protocol since which a value may be left unset."""

_DATE_ZERO: Final = 2**31 - EPOCH_ORDINAL

_UTF8: Final = "{0}.encode()"

_FAST: Final = {
    "ascii": ("str", "{0}.encode('ascii')", None),
    "bigint": ("int", "int64({0})", 8),
    "blob": ("bytes", "{0}", None),
    "counter": ("int", "int64({0})", 8),
    "date": ("date", "uint32({0}.toordinal() + date_zero)", 4),
    "double": ("float", "double({0})", 8),
    "float": ("float", "single({0})", 4),
    "int": ("int", "int32({0})", 4),
    "smallint": ("int", "int16({0})", 2),
    "text": ("str", _UTF8, None),
    "time": ("time", "time_of_day({0})", 8),
    "timestamp": ("datetime", "timestamp({0})", 8),
    "tinyint": ("int", "int8({0})", 1),
    "uuid": ("UUID", "{0}.int.to_bytes(16, 'big')", 16),
    "varchar": ("str", _UTF8, None),
}
"""For a type the Python type that its values mostly have, how that is written, and the size if it is always the same.

What does not fit, raises.
"""

_MOMENT: Final = (
    "int64((since := {0} - (naive_epoch if {0}.tzinfo is None else epoch)).days * 86_400_000"
    " + since.seconds * 1_000 + since.microseconds // 1_000)"
)
"""How a timestamp is written that has a UTC between the years 1 and 9999."""

_ASCII_TEXTS: Final = (
    " try:",
    "  text = short_sizes[len(values)]",
    "  for each in values:",
    "   text += short_sizes[len(each)] + each",
    "  if text.isascii():",
    "   return text.encode()",
    " except (IndexError, TypeError):",
    "  pass",
)
"""How the elements of a list or set are written that are short texts of ASCII: sizes and texts as one text."""

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
    names = [f"v{index}" for index in range(len(columns))]
    parts = ", ".join(f"size{index}, octets{index}" for index in range(len(columns)))
    # Nearly always it is None or a list: to ask `has_elements` is to call it.
    lists = " or ".join(
        f"(v{index} if v{index}.__class__ is list else v{index} is not None and has_elements(v{index}))"
        for index in list_indexes
    )
    lines: list[list[str]] = []
    for index, column in enumerate(columns):
        known[f"other{index}"] = _other(column.type, prepared.protocol_version, is_key=index in keys)
        lines.append(_writing(column.type, index, known))
    with_list = f"True if {lists} else False" if lists else "False"
    lines.append([" cells = Cells()", f" cells.parts = ({parts})", f" cells.with_list = {with_list}"])
    return Binder(names, lines, known, keys)


def _writing(cql_type: Any, index: int, known: dict[str, Any]) -> list[str]:
    """Return the lines that write one value."""
    if issubclass(cql_type, (cqltypes.FrozenType, cqltypes.ReversedType)):
        return _writing(cql_type.subtypes[0], index, known)
    value, octets = f"v{index}", f"octets{index}"
    other = f"size{index}, {octets} = other{index}({value})"
    test, expression, size = _usual(cql_type, value, index, known)
    if not test:
        return [f" {other}"]
    known_size = _SIZE.format(octets) if size is None else f"size_of_{size}"
    return [
        f" if {test}:",
        f"  {octets} = {expression}",
        f"  size{index} = {known_size}",
        " else:",
        f"  {other}",
    ]


def _usual(cql_type: Any, value: str, index: int, known: dict[str, Any]) -> tuple[str, str, int | None]:
    """Return the test of a usual value, how it is written, and its size if that is always the same."""
    if cql_type is cqltypes.BooleanType:
        return f"{value} is True or {value} is False", f"true if {value} else false", 1
    fast = _fast(cql_type)
    if fast is not None:
        kind, expression, size = fast
        if kind == "datetime":
            return f"type({value}) is {kind} and 1 < {value}.year < 9999", _MOMENT.format(value), size
        return f"type({value}) is {kind}", expression.format(value), size
    elements = _elements_writer(cql_type)
    if elements is None:
        return "", "", None
    kind, known[f"elements{index}"] = elements
    return f"type({value}) is {kind}", f"elements{index}({value})", None


def _fast(cql_type: Any) -> tuple[str, str, int | None] | None:
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
    kind, expression, size = fast
    known: dict[str, Any] = {**_KNOWN}
    lines = [
        "def write(values):",
        *(_ASCII_TEXTS if expression == _UTF8 else ()),
        f" parts = [{_SIZE.format('values')}]",
        " for each in values:",
        f"  if type(each) is not {kind}:",
        "   refuse()",
        f"  octets = {expression.format('each')}",
        f"  parts.append({_SIZE.format('octets') if size is None else f'size_of_{size}'})",
        "  parts.append(octets)",
        " return b''.join(parts)",
    ]
    exec(compile("\n".join(lines), "<elements writer>", "exec"), known)  # noqa: S102 - of the words above
    write: Callable[[Any], bytes] = known["write"]
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


def _timestamp(value: datetime) -> bytes:
    return _int64(milliseconds_of(value))


def _time_of_day(value: time) -> bytes:
    if value.tzinfo is not None:
        raise RefusedError
    seconds = value.hour * 3_600 + value.minute * 60 + value.second
    return _int64(seconds * 1_000_000_000 + value.microsecond * 1_000)


_int64: Final = struct.Struct(">q").pack

_KNOWN: Final[dict[str, Any]] = {
    "Cells": Cells,
    "UUID": UUID,
    "date": date,
    "date_zero": _DATE_ZERO,
    "datetime": datetime,
    "double": struct.Struct(">d").pack,
    "epoch": EPOCH,
    "false": b"\x00",
    "has_elements": has_elements,
    "int16": struct.Struct(">h").pack,
    "int32": struct.Struct(">i").pack,
    "int64": _int64,
    "int8": struct.Struct(">b").pack,
    "kept_sizes": KEPT_SIZES,
    "naive_epoch": NAIVE_EPOCH,
    "never": object(),
    "refuse": _refuse,
    "single": struct.Struct(">f").pack,
    **{f"size_of_{size}": SIZES[size] for size in (1, 2, 4, 8, 16)},
    "short_sizes": [size.decode() for size in SIZES[:128]],
    "sizes": SIZES,
    "time": time,
    "time_of_day": _time_of_day,
    "timestamp": _timestamp,
    "true": b"\x01",
    "uint32": struct.Struct(">I").pack,
}
"""What the generated functions know."""
