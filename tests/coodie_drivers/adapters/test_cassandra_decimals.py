"""Decimals of any length, in every place of a type."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

cqltypes: Any = pytest.importorskip("cassandra.cqltypes", reason="needs scylla-driver or cassandra-driver")
adapter: Any = pytest.importorskip("coodie_drivers.adapters._cassandra_decimals")

pytestmark = pytest.mark.adapter


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_the_octets_are_those_of_the_library(value: Decimal) -> None:
    octets = adapter.LongDecimal.serialize(value, 4)
    assert octets == cqltypes.DecimalType.serialize(value, 4)
    assert str(adapter.LongDecimal.deserialize(octets, 4)) == str(cqltypes.DecimalType.deserialize(octets, 4))


@pytest.mark.parametrize("value", [Decimal("9" * 9_000), Decimal("-0." + "9" * 9_000), -(Decimal(10) ** 27) * 128])
def test_no_digit_is_lost(value: Decimal) -> None:
    assert adapter.LongDecimal.deserialize(adapter.LongDecimal.serialize(value, 4), 4) == value


def test_a_type_without_decimals_is_left_alone() -> None:
    listed = cqltypes.ListType.apply_parameters((cqltypes.Int32Type,))
    assert adapter.with_long_decimals(listed) is listed
    decimals = cqltypes.ListType.apply_parameters((cqltypes.DecimalType,))
    assert adapter.with_long_decimals(decimals).serialize([Decimal("9" * 9_000)], 4)
    assert cqltypes.lookup_casstype("DecimalType") is cqltypes.DecimalType
    assert decimals.subtypes == (cqltypes.DecimalType,)
