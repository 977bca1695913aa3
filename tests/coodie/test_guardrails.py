"""`Settings.guardrails`: how much one query may ask for, refused before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import pytest

from coodie import aio
from coodie.exceptions import GuardrailExceededError, InvalidModelError
from coodie.fields import ClusteringKey, Indexed, PrimaryKey
from coodie.sync import Document
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Sale(Document):
    shop: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    status: Annotated[str, Indexed()] = "new"
    price: float = 0.0

    class Settings:
        guardrails: ClassVar[dict[str, object]] = {"max_in": 3, "max_rows": 10, "allow_filtering": False}


class Inherited(Sale):
    pass


class Later(aio.Document):
    shop: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]

    class Settings:
        guardrails: ClassVar[dict[str, object]] = {"max_rows": 10}


TOO_MUCH: list[tuple[Callable[[], object], str]] = [
    (lambda: Sale.find(shop__in=list("abcd")), r"^Sale\.shop: __in has 4 values, and .* allows 3; ask for some at a"),
    (lambda: Inherited.find(shop="a", number__in=range(4)), r"^Inherited\.number: __in has 4 values"),
    (lambda: Sale(shop="a", number=1).delete(if_conditions={"status__in": list("abcd")}), r"Sale\.status: __in has 4"),
    (lambda: Sale.find(shop="a").all(), r"^Sale: a query without limit\(\) may hold .* 10 rows .*; write limit\(10\)"),
    (lambda: Sale.find(shop="a").limit(11).all(), r"^Sale: limit\(11\) may hold more than the 10 rows"),
    (lambda: Sale.find(shop="a").all(lazy=True), r"or ask for pages\(\); exists\(\) tells whether there is any$"),
    (lambda: list(Sale.find(shop="a")), r"loop over the query, which holds a page at a time"),
    (Sale.find(shop="a")[20:].all, r"^Sale: \[20:\], for which the 20 rows in front are fetched too, may hold more"),
    (
        lambda: Sale.find(shop="a")[10],
        r"^Sale: \[10\], for which the 10 rows in front are fetched too, .* 10 rows .* take places below 10, loop over",
    ),
    (Sale.find(shop="a")[8:11].all, r"^Sale: \[8:11\], for which the 8 rows .* a page at a time; exists\(\) tells"),
    (Sale.find(shop="a")[:11].all, r"^Sale: \[:11\] may hold more than the 10 rows .* or ask for pages\(\); exists"),
    (lambda: Sale.find(shop="a").json(), r"without limit\(\)"),
    (lambda: Sale.find().in_bulk([("a", number) for number in range(11)]), r"^in_bulk\(\) of Sale would hold more"),
    (
        lambda: Sale.find().count(),
        r"^count\(\) of Sale would read the whole table, .* allows 10 rows; give the partiti",
    ),
    (lambda: Sale.find().sum("price"), r"^sum\(\) of Sale would read the whole table"),
    (
        lambda: Sale.find(shop="a").group_by("shop", "number").aggregate(n="count(*)"),
        r"^Sale: a query without limit\(\) may hold .* 10 rows .*; write limit\(10\) or less, or group by fewer",
    ),
    (
        lambda: Sale.find(shop__in=["a", "b"]).group_by("shop").limit(11).aggregate(n="count(*)"),
        r"^Sale: limit\(11\) may hold more than the 10 rows",
    ),
    (
        lambda: Sale.find(price=1.0).limit(1).all(),
        r"serves 'price', and Settings\.guardrails forbids ALLOW FILTERING; give the .* or mark the field Indexed",
    ),
    (lambda: Sale.find(shop="a", price__gt=1.0).allow_filtering().first(), "forbids ALLOW FILTERING"),
    (lambda: Sale.find(shop="a", price__gt=1.0).count(), "FILTERING; leave 'price' out and compare in Python$"),
    (lambda: Sale.find(shop="a", price__gt=1.0).update(status="x"), "forbids ALLOW FILTERING"),
    (lambda: Sale.find(shop="a", price__gt=1.0).delete(), "forbids ALLOW FILTERING"),
    (lambda: Sale.get(price=1.0), r"forbids ALLOW FILTERING; (?!.*allow_filtering\(\))"),
]


@pytest.mark.parametrize(("call", "sentence"), TOO_MUCH)
def test_what_asks_for_too_much_is_refused(call: Callable[[], object], sentence: str, driver: ScriptedDriver) -> None:
    with pytest.raises(GuardrailExceededError, match=sentence):
        call()
    assert driver.requests == []


@pytest.mark.parametrize(
    "call",
    [
        lambda: Sale.find(shop__in=list("abc"), number=1).limit(10).all(),
        lambda: Sale.find(shop="a", number=1).all(),
        lambda: Sale.find_one(shop="a", number=1),
        lambda: Sale.find(shop="a").first(),
        Sale.find(status="new")[:10].all,
        Sale.find(status="new")[7:10].all,
        lambda: [each for each in Sale.find(shop="a")[8:11]],  # noqa: C416 - list() asks for the length, and holds all
        lambda: [each for each in Sale.find(shop="a")],  # noqa: C416 - list() asks for the length, and holds all
        lambda: list(Sale.find(shop="a").pages()),
        lambda: Sale.find(shop="a").paged_all(),
        lambda: list(Sale.find().scan(splits=1)),
        lambda: Sale.find().in_bulk([("a", number) for number in range(10)]),
        lambda: Sale.find().exists(),
        lambda: Sale.find(shop="a").limit(5).json(),
        lambda: Sale.find(shop="a").group_by("shop").limit(10).aggregate(n="count(*)"),
        lambda: Sale.find(shop="a", number__in=[1, 2]).group_by("shop", "number").limit(5).aggregate(n="count(*)"),
        lambda: Sale.find(shop="a").group_by("shop").aggregate(n="count(*)"),
    ],
)
def test_what_is_bounded_is_sent(call: Callable[[], object], driver: ScriptedDriver) -> None:
    call()
    assert driver.requests


async def test_the_asynchronous_form_is_bounded_too(driver: ScriptedDriver) -> None:
    with pytest.raises(GuardrailExceededError, match=r"without limit\(\)"):
        await Later.find(shop="a").all()
    assert driver.requests == []
    await Later.find(number=1).allow_filtering().limit(3).all()
    assert len(driver.requests) == 1


def test_what_is_sorted_here_is_counted_as_it_comes(script: Callable[..., ScriptedDriver]) -> None:
    columns = ("shop", "number", "status", "price")
    page = Reply([("a", number, "new", 1.0) for number in range(6)], columns, b"more")
    single = Reply([("a", number, "new", 1.0) for number in range(11)], columns)
    script(page, page, page, page, single, single)
    query = Sale.find(shop="a").order_by("price")
    calls: list[Callable[[], object]] = [query.limit(2).all, lambda: [each.price for each in query]]
    for call in (*calls, *calls):
        with pytest.raises(
            GuardrailExceededError, match=r"more than the 10 rows that Settings\.guardrails allows; narrow"
        ):
            call()


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (5, 'is a dict, such as {"max_rows": 1000'),
        ({"max_row": 5}, "has no guardrail 'max_row'; did you mean 'max_rows'"),
        ({"max_in": 0}, r"guardrails\['max_in'\] is a whole number from 1 on"),
        ({"max_rows": True}, "whole number from 1 on"),
        ({"allow_filtering": 1}, "is True or False"),
    ],
)
def test_a_wrong_guardrail_is_refused_when_the_class_is_made(given: Any, problem: str) -> None:
    with pytest.raises(InvalidModelError, match=problem):

        class Wrong(Document):  # pyright: ignore[reportUnusedClass] - it is refused
            id: Annotated[int, PrimaryKey()]

            class Settings:
                guardrails: ClassVar[Any] = given


def test_explaining_tells_what_all_would_refuse(driver: ScriptedDriver) -> None:
    query = Sale.find(shop="a")
    (told,) = [each for each in query.explain().warnings if "guardrails" in each]
    with pytest.raises(GuardrailExceededError) as caught:
        query.all()
    assert told == f"all() is refused: {caught.value}"
    assert not [each for each in query.limit(10).explain().warnings if "guardrails" in each]
    assert driver.requests == []
