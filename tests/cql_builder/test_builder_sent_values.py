from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from ipaddress import ip_address, ip_interface
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from cql_builder import bind, col, lit, select, update
from cql_builder.errors import LiteralError, StatementError

if TYPE_CHECKING:
    from cql_builder.builder.select import SelectBuilder

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


class Raising:
    """A value that does not compare, as arrays with several elements do not."""

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        raise ValueError


class Listing:
    """A value that compares element by element."""

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> Any:
        return [True]


SAME = Raising()


def twice(one: object, other: object) -> SelectBuilder:
    """A statement with one name for two values."""
    return select("a").from_("t").where(col("a") == bind(one, name="x"), col("b") == bind(other, name="x"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Decimal("1.0"), Decimal("1.00")),
        (0.0, -0.0),
        (1, True),
        (1, 1.0),
        ([1], [True]),
        ([1], (1,)),
        ({"a": [0.0]}, {"a": [-0.0]}),
        ({1: "a"}, {True: "a"}),
        ({1, 2}, {1.0, 2}),
        ({1}, {1, 2}),
        (NOON, NOON + timedelta(1)),
        (Raising(), Raising()),
        ([Raising()], [Raising()]),
        (Listing(), Listing()),
    ],
)
def test_one_name_for_two_values_is_refused_where_they_are_only_equal(one: object, other: object) -> None:
    assert twice(one, other).compile().params == (one, other)
    with pytest.raises(StatementError, match="the markers :x have one value in this dialect, and were given two"):
        twice(one, other).compile("scylla")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("77", str(77)),
        (10**20, 10**19 * 10),
        (math.nan, float("nan")),
        (Decimal("1.0"), Decimal("1.0")),
        ([1, {"a": (2.5,)}], [1, {"a": (2.5,)}]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({1, 2}, {2, 1}),
        (UUID(int=7), UUID(int=7)),
        (NOON, datetime(2026, 3, 1, 12, tzinfo=timezone.utc)),
        (SAME, SAME),
    ],
)
def test_one_name_has_the_same_value_twice(one: object, other: object) -> None:
    assert twice(one, other).compile("scylla").params[0] is one


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (ip_interface("10.0.0.1/8"), r"an inet is an address without its network; give the interface's \.ip"),
        (ip_interface("fe80::1/64"), r"an inet is an address without its network; give the interface's \.ip"),
        (ip_address("fe80::1%eth0"), "an inet has no zone, which is what stands after %; give the address without it"),
        ([ip_address("fe80::1%eth0")], "an inet has no zone"),
    ],
)
def test_an_address_that_is_no_inet_is_no_literal(value: object, sentence: str) -> None:
    with pytest.raises(LiteralError, match=sentence):
        lit(value)


def test_an_address_is_a_literal() -> None:
    written = lit([ip_address("10.0.0.1"), ip_interface("10.0.0.1/8").ip, ip_address("fe80::1")])
    assert (
        select("a")
        .from_("t")
        .where(col("a") == written)
        .compile()
        .cql.endswith("a = ['10.0.0.1', '10.0.0.1', 'fe80::1']")
    )


@pytest.mark.parametrize("by", [2**63, -(2**63) - 1, bind(2**63), lit(2**63), lit(-(10**30))])
def test_a_counter_does_not_change_by_more_than_it_can_hold(by: Any) -> None:
    sentence = "a counter changes by a whole number from -9223372036854775808 to 9223372036854775807"
    with pytest.raises(StatementError, match=rf"increment\(\): {sentence}"):
        col("n").increment(by)
    with pytest.raises(StatementError, match=rf"decrement\(\): {sentence}"):
        col("n").decrement(by)


@pytest.mark.parametrize("by", [2**63 - 1, -(2**63), bind(2**63 - 1), lit(-(2**63)), bind(object())])
def test_a_counter_changes_by_all_that_it_can_hold(by: Any) -> None:
    assert "SET n = n + " in update("t").set(col("n").increment(by)).where(col("id") == 1).compile().cql
