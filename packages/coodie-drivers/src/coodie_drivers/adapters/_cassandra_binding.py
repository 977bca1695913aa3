"""Binders: for each prepared statement a function, generated once, from a call's values to the library's statement.

It checks and serializes all values at once, each in an expression for the one Python type that the column mostly gets.
Any other value goes through the checks of `_cassandra_encoding` and the library's own serializer; whatever a binder
cannot do it refuses, in no particular words, for the caller to bind the slow way and say what is wrong.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID

from coodie_drivers.adapters._cassandra_encoding import encoder_of
from coodie_drivers.adapters._cassandra_library import cqltypes, query
from coodie_drivers.adapters._cassandra_retries import NO_EARLIER
from coodie_drivers.adapters._value_checks import EPOCH, EPOCH_ORDINAL, NAIVE_EPOCH, has_elements, milliseconds_of
from coodie_drivers.values import UNSET

Bind = Callable[[Sequence[object], Any, Any], Any]

_UNSET_VERSION: Final = 4
"""The version of the protocol since which a value may be left unset."""

_DATE_ZERO: Final = 2**31 - EPOCH_ORDINAL

_FAST: Final = {
    "ascii": ("str", "{0}.encode('ascii')"),
    "bigint": ("int", "int64({0})"),
    "blob": ("bytes", "{0}"),
    "counter": ("int", "int64({0})"),
    "date": ("date", "uint32({0}.toordinal() + date_zero)"),
    "double": ("float", "double({0})"),
    "float": ("float", "single({0})"),
    "int": ("int", "int32({0})"),
    "smallint": ("int", "int16({0})"),
    "text": ("str", "{0}.encode()"),
    "time": ("time", "time_of_day({0})"),
    "timestamp": ("datetime", "timestamp({0})"),
    "tinyint": ("int", "int8({0})"),
    "uuid": ("UUID", "{0}.int.to_bytes(16, 'big')"),
    "varchar": ("str", "{0}.encode()"),
}
"""For a type the Python type that its values mostly have, and how that is written; what does not fit, raises."""


_MOMENT: Final = (
    "int64((since := {0} - (naive_epoch if {0}.tzinfo is None else epoch)).days * 86_400_000"
    " + since.seconds * 1_000 + since.microseconds // 1_000)"
)
"""How a timestamp is written that has a UTC between the years 1 and 9999."""


class RefusedError(Exception):
    """The values cannot be bound this way."""


class _Bound(query.BoundStatement):  # type: ignore[misc]  # the library carries no types
    """A prepared statement with its values; what is the same for all of them is set on a class of its own."""

    coodie_earlier_attempts = NO_EARLIER

    def __init__(self) -> None:
        """Never called: a binder fills in the values, and nothing else is of one call."""

    def __str__(self) -> str:
        """Name the statement; values are never shown, they may be secrets."""
        return f"<BoundStatement query={self.prepared_statement.query_string!r}, {len(self.values)} values>"

    __repr__ = __str__


def binder_of(prepared: Any, list_indexes: Sequence[int]) -> Bind | None:
    """Return the binder of a prepared statement; None where the library has to bind it.

    The binder takes values, and the class of the bound statement, which `bound_class` made: one where no list with
    elements is among the values, and one where there is. It raises an exception, of whatever kind, for values that it
    refuses.

    Args:
        prepared: the library's prepared statement.
        list_indexes: which of its columns are lists.
    """
    columns = prepared.column_metadata
    if not columns or getattr(prepared, "column_encryption_policy", None) is not None:
        return None
    keys: frozenset[int] = frozenset(prepared.routing_key_indexes or ())
    known: dict[str, Any] = {**_KNOWN}
    expressions: list[str] = []
    for index, column in enumerate(columns):
        cell = f"v{index}"
        known[f"other{index}"] = _other(column.type, prepared.protocol_version, is_key=index in keys)
        expressions.append(_expression(column.type, cell, f"other{index}({cell})", index, known))
    names = ", ".join(f"v{index}" for index in range(len(columns)))
    # Nearly always it is None or a list: to ask `has_elements` is to call it.
    lists = " or ".join(
        f"(v{index} if v{index}.__class__ is list else v{index} is not None and has_elements(v{index}))"
        for index in list_indexes
    )
    lines = [
        "def bind(values, kind, kind_with_list):",
        f" {names}, = values",
        f" bound = new(kind_with_list if {lists} else kind)" if lists else " bound = new(kind)",
        f" bound.values = [{', '.join(expressions)}]",
        " return bound",
    ]
    exec(compile("\n".join(lines), "<binder>", "exec"), known)  # noqa: S102 - of the words above and numbers
    bind: Bind = known["bind"]
    return bind


def _expression(cql_type: Any, cell: str, other: str, index: int, known: dict[str, Any]) -> str:
    """Return the expression that serializes one value."""
    if issubclass(cql_type, (cqltypes.FrozenType, cqltypes.ReversedType)):
        return _expression(cql_type.subtypes[0], cell, other, index, known)
    if cql_type is cqltypes.BooleanType:
        return f"true if {cell} is True else false if {cell} is False else {other}"
    fast = _fast(cql_type)
    if fast is not None:
        kind, expression = fast
        if kind == "datetime":
            return f"{_MOMENT.format(cell)} if type({cell}) is {kind} and 1 < {cell}.year < 9999 else {other}"
        return f"{expression.format(cell)} if type({cell}) is {kind} else {other}"
    elements = _elements_writer(cql_type)
    if elements is None:
        return other
    kind, known[f"elements{index}"] = elements
    return f"elements{index}({cell}) if type({cell}) is {kind} else {other}"


def _fast(cql_type: Any) -> tuple[str, str] | None:
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
    kind, expression = fast
    known: dict[str, Any] = {**_KNOWN}
    lines = [
        "def write(values):",
        " parts = [int32(len(values))]",
        " for each in values:",
        f"  if type(each) is not {kind}:",
        "   refuse()",
        f"  octets = {expression.format('each')}",
        "  size = len(octets)",
        "  parts.append(sizes[size] if size < kept_sizes else int32(size))",
        "  parts.append(octets)",
        " return b''.join(parts)",
    ]
    exec(compile("\n".join(lines), "<elements writer>", "exec"), known)  # noqa: S102 - of the words above
    write: Callable[[Any], bytes] = known["write"]
    return ("set" if issubclass(cql_type, cqltypes.SetType) else "list"), write


def _other(cql_type: Any, version: int, *, is_key: bool) -> Callable[[Any], Any]:
    """Return what serializes any value that is not of the usual type."""
    encode, serialize = encoder_of(cql_type), cql_type.serialize
    may_be_unset = version >= _UNSET_VERSION and not is_key

    def other(value: Any) -> Any:
        if value is None and not is_key:
            return None
        if value is UNSET and may_be_unset:
            return query.UNSET_VALUE
        if value is None or value is UNSET:
            raise RefusedError
        return serialize(encode(value), version)

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


_KEPT_SIZES: Final = 256
"""Up to which size of an element, in octets, its size is written already."""

_int64: Final = struct.Struct(">q").pack

_KNOWN: Final[dict[str, Any]] = {
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
    "kept_sizes": _KEPT_SIZES,
    "naive_epoch": NAIVE_EPOCH,
    "new": object.__new__,
    "refuse": _refuse,
    "single": struct.Struct(">f").pack,
    "sizes": [struct.pack(">i", size) for size in range(_KEPT_SIZES)],
    "time": time,
    "time_of_day": _time_of_day,
    "timestamp": _timestamp,
    "true": b"\x01",
    "uint32": struct.Struct(">I").pack,
}
"""What the generated functions know."""
