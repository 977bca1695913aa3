"""Tokens of keys and the bounds of moments as values of lookups; views that the planner names."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from uuid import UUID, uuid1

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from coodie import MaxTimeUUID, MinTimeUUID, Token
from coodie.exceptions import InvalidQueryError, InvalidValueError, UnknownNameError
from coodie.fields import BigInt, ClusteringKey, Frozen, PrimaryKey, TimeUUID
from coodie.sync import Document, MaterializedView

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Shop(Document):
    name: Annotated[str, PrimaryKey()]
    town: str = ""
    owner: str = ""
    size: int = 0


class Visit(Document):
    site: Annotated[str, PrimaryKey(partition_key_index=0)]
    day: Annotated[dt.date, PrimaryKey(partition_key_index=1)]
    number: Annotated[int, BigInt(), PrimaryKey(partition_key_index=2)]
    at: Annotated[UUID, TimeUUID(), ClusteringKey()]


class Renamed(Document):
    user_id: Annotated[int, PrimaryKey(partition_key_index=0), Field(alias="userId")]
    at_day: Annotated[int, PrimaryKey(partition_key_index=1), Field(alias="at__day")]
    pk: Annotated[int, Field(alias="other")] = 0


class Tagged(Document):
    tags: Annotated[set[str], Frozen(), PrimaryKey()]
    pk: str = ""


class ShopByTown(MaterializedView):
    town: Annotated[str, PrimaryKey()]
    size: Annotated[int, ClusteringKey(clustering_key_index=0)]
    name: Annotated[str, ClusteringKey(clustering_key_index=1)]

    class Settings:
        name = "shops_by_town"
        __base_table__ = "shop"


class ShopElsewhere(MaterializedView):
    owner: Annotated[str, PrimaryKey()]
    name: Annotated[str, ClusteringKey()]

    class Settings:
        name = "shops_by_owner"
        __base_table__ = "shop"
        keyspace: ClassVar[str] = "elsewhere"


DAY = dt.date(2026, 3, 1)
KEY = ("example.org", DAY, 1 << 40)
ROME = -466125199279825503
"""What Cassandra says of `token('Rome')`."""


def sent(driver: ScriptedDriver) -> tuple[str, list[object]]:
    request = driver.requests[-1]
    return request.statement.cql.partition(" WHERE ")[2], list(request.params)


def test_a_token_is_a_value_of_lookups(driver: ScriptedDriver) -> None:
    Shop.find(name__token__gt=Token("Rome"), name__token__lte=5).all()
    assert sent(driver) == ("token(name) > ? AND token(name) <= ?", [ROME, 5])
    Shop.find(Token(Shop.name) >= Token("Rome"), Token(Shop.name) < 7).all()
    assert sent(driver) == ("token(name) >= ? AND token(name) < ?", [ROME, 7])


@pytest.mark.parametrize("keyword", ["site__day__number", "site", "number", "pk"])
def test_the_token_of_several_columns_is_that_of_the_whole_key(keyword: str, driver: ScriptedDriver) -> None:
    Visit.find(**{f"{keyword}__token__gt": -5}).all()
    assert sent(driver) == ("token(site, day, number) > ?", [-5])
    Visit.find(Token(Visit.site, Visit.day, Visit.number) <= Token(*KEY)).all()
    text, values = sent(driver)
    Visit.find(**{f"{keyword}__token__lte": Token(*KEY)}).all()
    assert sent(driver) == (text, values) == ("token(site, day, number) <= ?", values)
    with pytest.raises(InvalidQueryError, match=r"^Visit\.site has two lower bounds"):
        Visit.find(site__token__gt=1, number__token__gte=2).all()


NAMES = ["user_id", "userId", "at_day", "at__day", "user_id__at_day", "userId__at__day", "user_id__at__day"]


@pytest.mark.parametrize("names", NAMES)
def test_a_field_and_its_column_name_the_same_token(names: str, driver: ScriptedDriver) -> None:
    Renamed.find(**{f"{names}__token__gt": 3, f"{names}__token__lte": 9}).all()
    assert sent(driver) == ('token("userId", at__day) > ? AND token("userId", at__day) <= ?', [3, 9])


WRONG: list[tuple[Callable[[], object], type[Exception], str]] = [
    (lambda: Shop.find(name__token__gt=Token("a", "b")), InvalidValueError, r"has 2 values, .* 1; write Token\(name\)"),
    (lambda: Visit.find(site__token__gt=Token("a")), InvalidValueError, r"write Token\(site, day, number\)$"),
    (lambda: Shop.find(name__token__gt=Token(5)), InvalidValueError, r"^Shop\.name: .*valid string"),
    (lambda: Shop.find(name__token__gt=Token(None)), InvalidValueError, "never null"),
    (lambda: Shop.find(name__token__gt="x"), InvalidValueError, r"whole number of 64 bits, or Token\(\.\.\.\)"),
    (lambda: Shop.find(town__token__gt=5), InvalidQueryError, "compares the partition key, which is 'name' here"),
    (lambda: Shop.find(name__token__eq=5), UnknownNameError, "no lookup 'token__eq'; did you mean 'token__"),
    (lambda: Tagged.find(pk__token__gt=5), InvalidQueryError, "compares the partition key, which is 'tags' here"),
    (lambda: Renamed.find(other__token__gt=5), InvalidQueryError, "^Renamed.pk: __token compares the partition key, "),
    (lambda: Renamed.find(userId__user_id__token__gt=5), UnknownNameError, "no lookup 'user_id__token__gt'"),
    (lambda: Tagged.find(tags__token__gt=Token({"a"})), InvalidValueError, "the server orders sets and maps before"),
    (lambda: Shop.find(Token("a") > 5), InvalidQueryError, "the token of values is compared with that of fields"),
    (lambda: Shop.find(Token(Shop.town) > 5), InvalidQueryError, "which is 'name' here"),
    (lambda: Shop.find(5 < Token(Shop.name) < 7), InvalidQueryError, "no truth value"),
    (Token, InvalidQueryError, "takes the values of a partition key, or its fields"),
    (lambda: bool(Token("a")), InvalidQueryError, "no truth value"),
]


@pytest.mark.parametrize(("call", "error", "sentence"), WRONG)
def test_a_wrong_token_is_refused(
    call: Callable[[], object], error: type[Exception], sentence: str, driver: ScriptedDriver
) -> None:
    with pytest.raises(error, match=sentence):
        call()
    assert driver.requests == []


def test_a_token_shows_no_values() -> None:
    assert repr(Token("secret", 5)) == "Token(..., ...)"
    assert repr(Token(Visit.site, Visit.day)) == "Token(Visit.site, Visit.day)"


MOMENT = dt.datetime(2026, 3, 1, 12, 0, 0, 123_456, tzinfo=dt.timezone.utc)
MILLISECOND = dt.timedelta(milliseconds=1)


def test_moments_are_bounds_of_timeuuids(driver: ScriptedDriver) -> None:
    at_least, at_most = MinTimeUUID(MOMENT), MaxTimeUUID(MOMENT)
    Visit.find(site="a", day=DAY, number=1, at__gte=at_least, at__lte=at_most).all()
    assert sent(driver)[1][3:] == [at_least, at_most]
    assert MinTimeUUID(MOMENT.replace(tzinfo=None)) == at_least
    assert MinTimeUUID(MOMENT.replace(microsecond=123_000)) == at_least
    assert MinTimeUUID(MOMENT + MILLISECOND).time == at_most.time + 1
    # What the server says: SELECT minTimeuuid('2026-03-01 12:00+0000').
    assert str(MinTimeUUID(dt.datetime(2026, 3, 1, 12))) == "2c57e000-1566-11f1-8080-808080808080"  # noqa: DTZ001
    with pytest.raises(ValueError, match="a time from 1582"):
        MinTimeUUID(dt.datetime(1582, 1, 1, tzinfo=dt.timezone.utc))
    with pytest.raises(InvalidValueError):
        Shop.find(town=MinTimeUUID(MOMENT))


@pytest.mark.parametrize("function", [MinTimeUUID, MaxTimeUUID])
def test_what_is_no_moment_of_a_timeuuid_is_refused(function: Any) -> None:
    for wrong, problem in [
        ("2020", "is a datetime, not str"),
        (MOMENT.replace(year=1500), "a timeuuid has a time from 1582"),
    ]:
        with pytest.raises(InvalidValueError, match=rf"^{function.__name__}\.moment: {problem}"):
            function(wrong)


@given(st.integers(0, (1 << 14) - 1), st.integers(0, (1 << 48) - 1))
def test_every_timeuuid_of_the_moment_lies_between_its_bounds(clock: int, node: int) -> None:
    """By Cassandra's order: the time, then what follows it byte by byte, with signs."""
    made = uuid1(node, clock)
    moment = dt.datetime(1582, 10, 15, tzinfo=dt.timezone.utc) + dt.timedelta(microseconds=made.time // 10)

    def place(each: UUID) -> tuple[int, list[int]]:
        return each.time, [byte - (byte >> 7 << 8) for byte in each.bytes[8:]]

    assert place(MinTimeUUID(moment)) <= place(made) <= place(MaxTimeUUID(moment))


@pytest.mark.parametrize(
    ("lookups", "named"),
    [
        ({"town": "Rome"}, True),
        ({"town__in": ["Rome"], "size__gt": 3}, True),
        ({"town": "Rome", "size": 3, "name": "a"}, False),
        ({"size__gt": 3}, False),
        ({"town": "Rome", "owner": "a"}, False),
        ({"town__gt": "Rome"}, False),
        ({"owner": "a"}, False),
    ],
)
def test_a_view_that_would_serve_is_named(lookups: dict[str, object], named: bool, driver: ScriptedDriver) -> None:
    if "name" in lookups:
        Shop.find(**lookups).all()
        assert len(driver.requests) == 1
        return
    with pytest.raises(InvalidQueryError, match="no key and no index serves") as caught:
        Shop.find(**lookups).all()
    assert (", or read ShopByTown, a materialized view whose key serves it, or" in str(caught.value)) is named
    assert "ShopElsewhere" not in str(caught.value)
    assert driver.requests == []
