"""Values of every native CQL type, the extremes among them, and how two values are told apart exactly."""

from __future__ import annotations

from datetime import date, datetime, time, timezone
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Final
from uuid import UUID

from coodie_drivers.values import INT32, INT64, CqlDate, CqlDuration

__all__ = ["KEY_TYPES", "SAMPLES", "exactly", "fit_for_keys"]

SAMPLES: Final[dict[str, list[Any]]] = {
    "ascii": ["", "plain", "\x00\x7f"],
    "bigint": [0, -1, INT64.start, INT64.stop - 1],
    "blob": [b"", b"\x00\xff", bytes(range(256))],
    "boolean": [True, False],
    "date": [date(1970, 1, 1), date.min, date.max, CqlDate(-(2**31)), CqlDate(2**31 - 1), CqlDate(-719_163)],
    "decimal": [Decimal(0), Decimal("-1.50"), Decimal("1E+20"), Decimal("9" * 5_000), Decimal("1E-1000")],
    "double": [0.0, -0.0, 1.1, 5e-324, 1.7976931348623157e308, float("inf"), float("-inf"), float("nan")],
    "duration": [CqlDuration(), CqlDuration(1, 2, 3), CqlDuration(1 - 2**31, 1 - 2**31, 1 - 2**63)],
    "float": [0.0, -0.0, 0.5, 3.4028234663852886e38, float("-inf"), float("nan")],
    "inet": [IPv4Address("127.0.0.1"), IPv4Address(0), IPv6Address("::1"), IPv6Address(2**128 - 1)],
    "int": [0, INT32.start, INT32.stop - 1],
    "smallint": [0, -(2**15), 2**15 - 1],
    "text": ["", "héllo \U0001f9e5", "\x00", "a" * 70_000],
    "time": [time.min, time.max, time(12, 34, 56, 789_012)],
    "timestamp": [
        datetime(1970, 1, 1, tzinfo=timezone.utc),
        datetime(1, 1, 1, tzinfo=timezone.utc),
        datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=timezone.utc),
        datetime(1969, 12, 31, 23, 59, 59, 1_000, tzinfo=timezone.utc),
    ],
    "timeuuid": [UUID("00000000-0000-1000-8000-000000000000"), UUID("ffffffff-ffff-1fff-bfff-ffffffffffff")],
    "tinyint": [0, -128, 127],
    "uuid": [UUID(int=0), UUID(int=2**128 - 1), UUID("11111111-2222-4333-8444-555555555555")],
    "varchar": ["", "x"],
    "varint": [0, -1, 10**10_000 - 1, -(10**400)],
}
"""For each native type but `counter` the values that every adapter has to carry to the server and back."""

KEY_TYPES: Final = tuple(sorted(set(SAMPLES) - {"duration"}))
"""The types of keys, of elements of sets and of keys of maps. A duration has no order."""


def fit_for_keys(cql_type: str) -> list[Any]:
    """Return the samples that a key or an element of a set can be, no two equal.

    Such a value is part of the cell's name on the server, which holds 65,535 bytes; and NaN is not equal to itself.
    """
    return [
        value
        for value in dict.fromkeys(SAMPLES[cql_type])
        if not (isinstance(value, str) and len(value) > 60_000) and value == value  # noqa: PLR0124 - NaN is not
    ]


def exactly(left: object, right: object) -> bool:
    """Return whether two values are equal and of the same types throughout; -0.0 is not 0.0, and NaN is NaN.

    >>> exactly([1, -0.0], [1, 0.0])
    False
    """
    return bool(_described(left) == _described(right))


def _described(value: Any) -> Any:
    """Return a value with the type of each of its parts."""
    kind = type(value).__name__
    if kind in {"list", "tuple"}:
        return kind, [_described(each) for each in value]
    if kind in {"dict", "FrozenMap"}:
        return kind, sorted([(repr(_described(key)), _described(value[key])) for key in value], key=str)
    if kind in {"set", "frozenset"}:
        return kind, sorted(repr(_described(each)) for each in value)
    if isinstance(value, int):
        return kind, hex(value)  # Python writes no number of more than 4,300 digits as such
    return kind, repr(value)
