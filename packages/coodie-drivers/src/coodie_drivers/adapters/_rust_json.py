"""Values as the JSON of `fromJson`, for what the package `scylla` cannot write.

It writes no null inside a tuple or a user-defined type and nothing below a microsecond of a duration.
"""

from __future__ import annotations

import contextlib
import json
from decimal import Decimal
from math import isfinite
from typing import Any

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
from coodie_drivers.adapters._value_checks import EPOCH_ORDINAL, UnbindableError, milliseconds_of
from coodie_drivers.values import INT32, INT64, CqlDate, CqlDuration


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
        return str(value.days + 2**31) if isinstance(value, CqlDate) else str(_in_json(value))
    if name == "inet" and getattr(value, "ipv4_mapped", None) is not None:
        # The server would read the IPv4 address.
        msg = "the client library cannot write an IPv6 address with an IPv4 address in it beside a null"
        raise UnbindableError(msg)
    if name == "timestamp":
        return str(milliseconds_of(value))  # as text, for the server takes no number of less than 33 bits
    if name == "date":
        return str(value.toordinal() - EPOCH_ORDINAL + 2**31)
    if name == "duration":
        return str(_in_json(CqlDuration(value.months, value.days, value.microseconds * 1_000)))
    if name == "blob":
        return f"0x{value.hex()}"
    if name in {"double", "float"}:
        return value if isfinite(value) else str(value).replace("inf", "Infinity").replace("nan", "NaN")
    if name == "varint":
        return str(Decimal(value))  # as text, for Python writes no int of more than 4,300 digits
    return value if isinstance(value, (bool, int, str)) else str(value)


def _in_json(duration: CqlDuration) -> CqlDuration:
    """Return a duration if the server reads it: it takes off the sign of each part, which the least one cannot be."""
    if INT32.start in {duration.months, duration.days} or duration.nanoseconds == INT64.start:
        msg = "the client library cannot write a duration here of which a part is the least number that it can be"
        raise UnbindableError(msg)
    return duration


def _key_of(cql_type: Any, key: Any) -> str:
    found = _json_of(cql_type, key)
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
