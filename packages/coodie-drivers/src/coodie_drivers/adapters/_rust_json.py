"""Values as the JSON of `fromJson` and `toJson`, for what the package `scylla` can neither write nor read.

It writes no null inside a tuple or a user-defined type and nothing below a microsecond of a duration; it reads no
duration at all, no element of a set that Python's own list or dict would be, and a null collection like an empty one.
"""

from __future__ import annotations

import contextlib
import json
import re
import struct
from datetime import date, datetime, time
from decimal import Decimal
from ipaddress import ip_address
from math import isfinite
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from coodie_drivers.adapters._rust_encoding import UnwritableError, checked_fields, encoder_of
from coodie_drivers.adapters._rust_types import (
    NATIVE_NAMES,
    CqlList,
    CqlMap,
    CqlSet,
    CqlTuple,
    CqlUserDefinedType,
    CqlVector,
)
from coodie_drivers.adapters._value_checks import EPOCH_ORDINAL, milliseconds_of
from coodie_drivers.values import CqlDate, CqlDuration, FrozenMap

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_DAYS_OF_400_YEARS: Final = 146_097
_FLOAT: Final = struct.Struct(">f")


class UnreadableError(Exception):
    """A value has no Python form, or JSON has lost it."""


class _Number(str):
    """A number as its digits: what they mean depends on the column's type."""

    __slots__ = ()


def json_text(cql_type: Any, value: Any) -> str:
    """Return the JSON from which the server makes this value.

    Raises:
        UnbindableError: if the type cannot carry the value.
    """
    return json.dumps(_json_of(cql_type, value), ensure_ascii=False)


def _json_of(cql_type: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(cql_type, CqlUserDefinedType):
        fields = checked_fields(cql_type, value)
        return {f'"{field}"': _json_of(part, fields[field]) for field, part in cql_type.field_types}
    if isinstance(cql_type, CqlMap):
        key, part = cql_type.key_type, cql_type.value_type
        return {_key_of(key, each): _json_of(part, value[each]) for each in _checked(cql_type, value)}
    if isinstance(cql_type, (CqlList, CqlSet)):
        return [_json_of(cql_type.column_type, each) for each in _checked(cql_type, value)]
    if isinstance(cql_type, CqlVector):
        return [_json_of(cql_type.typ, each) for each in _checked(cql_type, value)]
    if isinstance(cql_type, CqlTuple):
        parts = _checked(cql_type, value)
        return [_json_of(part, each) for part, each in zip(cql_type.element_types, parts, strict=True)]
    return _scalar_json(NATIVE_NAMES[type(cql_type)], cql_type, value)


def _checked(cql_type: Any, value: Any) -> Any:
    """Return the value again if its container is one that the type takes; its parts are checked one by one."""
    with contextlib.suppress(UnwritableError):
        encoder_of(cql_type)(value)
    return value


def _scalar_json(name: str, cql_type: Any, value: Any) -> Any:
    try:
        value = encoder_of(cql_type)(value)
    except UnwritableError:
        return str(value.days + 2**31) if isinstance(value, CqlDate) else str(value)
    if name == "timestamp":
        return milliseconds_of(value)
    if name == "date":
        return str(value.toordinal() - EPOCH_ORDINAL + 2**31)
    if name == "duration":
        return str(CqlDuration(value.months, value.days, value.microseconds * 1_000))
    if name == "blob":
        return f"0x{value.hex()}"
    if name in {"double", "float"}:
        return value if isfinite(value) else str(value).replace("inf", "Infinity").replace("nan", "NaN")
    if name == "varint":
        return str(Decimal(value))  # as text, for Python writes no int of more than 4,300 digits
    return value if isinstance(value, (bool, int, str)) else str(value)


def _key_of(cql_type: Any, key: Any) -> str:
    found = _json_of(cql_type, key)
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)


def value_from_json(cql_type: Any, text: str | None) -> Any:
    """Return the contract's value of what the server wrote as JSON.

    Raises:
        UnreadableError: if it has no Python form, or JSON has none for it, as for NaN.
    """
    if text is None:
        return None
    try:
        return _value_of(cql_type, parsed(text), hashable=False)
    except (ArithmeticError, TypeError, ValueError):
        raise UnreadableError from None


def with_nulls(value: Any, found: Any) -> Any:
    """Return the library's value, None where its empty collections are null in the JSON of the same value.

    All else is the library's: JSON has no NaN.
    """
    if found is None:
        return None if _is(value, list, set, dict) and not value else value
    if _is(value, dict):
        return {key: with_nulls(each, other) for (key, each), other in zip(value.items(), found.values(), strict=True)}
    if _is(value, list, tuple):
        return type(value)([with_nulls(each, other) for each, other in zip(value, found, strict=True)])
    return value


def _is(value: object, *kinds: type) -> bool:
    """Return whether `value` is of one of these kinds; unlike isinstance it leaves the checkers' `Any` alone."""
    return isinstance(value, kinds)


def parsed(text: str | None) -> Any:
    """Return what a JSON text holds, numbers as their digits."""
    if text is None:
        return None
    return json.loads(text, parse_float=_Number, parse_int=_Number)


def _value_of(cql_type: Any, found: Any, *, hashable: bool) -> Any:
    if found is None:
        if NATIVE_NAMES.get(type(cql_type)) in {"double", "float"}:
            raise UnreadableError  # null, or a number that JSON has not
        return None
    native = NATIVE_NAMES.get(type(cql_type))
    if native is not None:
        return SCALARS.get(native, _same)(found)
    if isinstance(cql_type, CqlUserDefinedType):
        fields = {
            name: _value_of(part, found.get(name, found.get(f'"{name}"')), hashable=hashable)
            for name, part in cql_type.field_types
        }
        return FrozenMap(fields) if hashable else fields
    if isinstance(cql_type, CqlMap):
        items = {
            _key_from(cql_type.key_type, key): _value_of(cql_type.value_type, value, hashable=hashable)
            for key, value in found.items()
        }
        return FrozenMap(items) if hashable else items
    if isinstance(cql_type, CqlTuple):
        pairs = zip(cql_type.element_types, found, strict=True)
        return tuple([_value_of(part, each, hashable=hashable) for part, each in pairs])
    if isinstance(cql_type, CqlSet):
        elements = [_value_of(cql_type.column_type, each, hashable=True) for each in found]
        return frozenset(elements) if hashable else set(elements)
    part = cql_type.typ if isinstance(cql_type, CqlVector) else cql_type.column_type
    listed = [_value_of(part, each, hashable=hashable) for each in found]
    return tuple(listed) if hashable else listed


def _key_from(cql_type: Any, key: str) -> Any:
    """Return the key of a map, which JSON has as text, whatever its type."""
    native = NATIVE_NAMES.get(type(cql_type))
    if native == "boolean":
        return key == "true"
    return _value_of(cql_type, key if native is not None else parsed(key), hashable=True)


def _float(found: str) -> float:
    # The server writes the shortest digits that mean this float; a double has others.
    unpacked: float = _FLOAT.unpack(_FLOAT.pack(float(found)))[0]
    return unpacked


def _date(found: str) -> date | CqlDate:
    before, year, month, day = _date_parts(found)
    # Python's own calendar repeats every 400 years.
    cycles, within = divmod(-year if before else year, 400)
    days = date(within + 400, month, day).toordinal() + (cycles - 1) * _DAYS_OF_400_YEARS - EPOCH_ORDINAL
    return CqlDate.from_days(days)


def _date_parts(found: str) -> tuple[bool, int, int, int]:
    before = found.startswith("-")
    year, month, day = found.lstrip("-+").split("-")
    return before, int(year), int(month), int(day)


def _time(found: str) -> time:
    clock, _, fraction = found.partition(".")
    hour, minute, second = map(int, clock.split(":"))
    return time(hour, minute, second, int(f"{fraction:0<6}"[:6]))


def _timestamp(found: str) -> datetime:
    return datetime.fromisoformat(found.replace("Z", "+00:00"))


def _duration(found: str) -> CqlDuration:
    sign = -1 if found.startswith("-") else 1
    totals = {"months": 0, "days": 0, "nanoseconds": 0}
    for digits, unit in _DURATION_PART.findall(found):
        part, size = _UNITS[unit]
        totals[part] += sign * int(digits) * size
    return CqlDuration(**totals)


def _same(found: Any) -> Any:
    return found


_DURATION_PART: Final = re.compile(r"(\d+)(y|mo|w|d|h|ms|us|µs|ns|m|s)")
_UNITS: Final = {
    "y": ("months", 12),
    "mo": ("months", 1),
    "w": ("days", 7),
    "d": ("days", 1),
    "h": ("nanoseconds", 3_600_000_000_000),
    "m": ("nanoseconds", 60_000_000_000),
    "s": ("nanoseconds", 1_000_000_000),
    "ms": ("nanoseconds", 1_000_000),
    "us": ("nanoseconds", 1_000),
    "µs": ("nanoseconds", 1_000),
    "ns": ("nanoseconds", 1),
}

SCALARS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "bigint": int,
    "blob": lambda found: bytes.fromhex(found[2:]),
    "counter": int,
    "date": _date,
    "decimal": Decimal,
    "double": float,
    "duration": _duration,
    "float": _float,
    "inet": ip_address,
    "int": int,
    "smallint": int,
    "time": _time,
    "timestamp": _timestamp,
    "timeuuid": UUID,
    "tinyint": int,
    "uuid": UUID,
    "varint": lambda found: int(Decimal(found)),  # `int` takes no text of more than 4,300 digits
}
"""For each native type what makes its value of JSON's, where the two differ."""
