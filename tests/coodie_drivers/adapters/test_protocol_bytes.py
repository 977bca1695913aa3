"""What native libraries cannot write or read goes through our own reading and writing of the protocol's bytes."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import CqlDate, CqlDuration
from coodie_drivers.adapters._protocol_reading import reader_of
from coodie_drivers.adapters._protocol_scalars import WRITTEN
from coodie_drivers.adapters._protocol_types import CqlType
from coodie_drivers.adapters._protocol_writing import writer_of
from coodie_drivers.adapters._value_checks import CHECKS, UnbindableError
from coodie_drivers.values import FrozenMap

if TYPE_CHECKING:
    from collections.abc import Callable

FLOAT, TEXT, DATE = CqlType("float"), CqlType("text"), CqlType("date")


@pytest.mark.parametrize(
    ("cql_type", "value", "data"),
    [
        (CqlType("varint"), -129, b"\xff\x7f"),
        (CqlType("decimal"), Decimal("-1.50"), b"\0\0\0\x02\xff\x6a"),
        (CqlType("duration"), CqlDuration(1, 2, 3), b"\x02\x04\x06"),
        (CqlType("duration"), CqlDuration(0, 0, -(2**63)), b"\0\0\xff" + b"\xff" * 8),
        (DATE, date(1970, 1, 2), b"\x80\0\0\x01"),
        (DATE, CqlDate(-(2**31)), b"\0\0\0\0"),
        (CqlType("inet"), IPv4Address("1.2.3.4"), b"\x01\x02\x03\x04"),
        (CqlType("inet"), IPv6Address("::1"), b"\0" * 15 + b"\x01"),
        (CqlType("timestamp"), datetime(9999, 12, 31, 23, 59, 59, 999_000, timezone.utc),
         b"\0\0\xe6w\xd2\x1f\xdb\xff"),
        (CqlType("vector", (FLOAT,), size=2), [1.0, 2.0], b"\x3f\x80\0\0\x40\0\0\0"),
        (CqlType("vector", (TEXT,), size=2), ["a", "bc"], b"\x01a\x02bc"),
        (CqlType("set", (CqlType("map", (TEXT, TEXT)),)), {FrozenMap({"a": "b"})},
         b"\0\0\0\x01\0\0\0\x0e\0\0\0\x01\0\0\0\x01a\0\0\0\x01b"),
        (CqlType("tuple", (TEXT, FLOAT)), ("a", None), b"\0\0\0\x01a\xff\xff\xff\xff"),
        (CqlType("udt", (TEXT, FLOAT), ("one", "two"), 0, "pair"), {"one": "a", "two": None},
         b"\0\0\0\x01a\xff\xff\xff\xff"),
    ],
    ids=lambda value: None if isinstance(value, bytes) else str(value)[:30],
)  # fmt: skip
def test_bytes_are_the_protocols_and_come_back_as_they_were(cql_type: CqlType, value: Any, data: bytes) -> None:
    assert writer_of(cql_type)(value) == data
    assert reader_of(cql_type)(data) == value


def test_fields_added_to_a_type_since_are_null() -> None:
    grown = CqlType("udt", (TEXT, FLOAT), ("one", "two"), 0, "pair")
    assert reader_of(grown)(b"\0\0\0\x01a") == {"one": "a", "two": None}


@pytest.mark.parametrize(
    ("value", "refusal"),
    [
        (Decimal("NaN"), "decimal takes finite numbers, neither NaN nor Infinity"),
        (Decimal("-Infinity"), "decimal takes finite numbers, neither NaN nor Infinity"),
        (Decimal("1E-2147483648"), "decimal takes exponents from -2147483647 to 2147483648, and this one is beyond"),
        (1.5, "decimal takes Decimal or int, not float"),
        (True, "decimal takes Decimal or int, not bool"),
    ],
)
@pytest.mark.parametrize("check", [CHECKS["decimal"], WRITTEN["decimal"]], ids=["libraries", "bytes"])
def test_wrong_decimals_are_refused_in_the_same_words_by_every_adapter(
    check: Callable[[Any], object], value: object, refusal: str
) -> None:
    with pytest.raises(UnbindableError) as refused:
        check(value)
    assert str(refused.value) == refusal
