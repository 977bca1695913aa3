"""Of a user type that is not frozen `update()` without fields writes the fields that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import pytest
from pydantic import Field

from coodie.exceptions import InvalidValueError
from coodie.fields import Frozen, PrimaryKey
from coodie.sync import BatchQuery, Document
from coodie.usertype import UserType
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Geo(UserType):
    lat: float = 0.0


class Address(UserType):
    street: str
    town: str | None = Field(default=None, alias="Town")
    number: int | None = None
    tags: set[str] = set()
    geo: Geo | None = None


class Customer(Document):
    id: Annotated[int, PrimaryKey()]
    home: Address | None = None
    away: Address = Address(street="none")
    fixed: Annotated[Address | None, Frozen()] = None
    name: str = ""


def renumber(address: Address) -> None:
    address.number, address.street = 2, "c"


HOME: list[tuple[Callable[[Address], object], str, list[object]]] = [
    (lambda a: setattr(a, "street", "b"), "home.street = ?", ["b"]),
    (lambda a: setattr(a, "town", None), 'home."Town" = ?', [None]),
    (lambda a: a.tags.add("x"), "home.tags = ?", [{"x"}]),
    (lambda a: setattr(a, "geo", Geo(lat=1.5)), "home.geo = ?", [{"lat": 1.5}]),
    (renumber, "home.street = ?, home.number = ?", ["c", 2]),
]


@pytest.mark.parametrize(("change", "assignments", "sent"), HOME)
def test_of_a_user_type_the_fields_that_changed_are_written(
    change: Callable[[Address], object], assignments: str, sent: list[object], driver: ScriptedDriver
) -> None:
    customer = Customer(id=1, home=Address.model_validate({"street": "a", "Town": "York"}))
    customer.save()
    assert customer.home is not None
    change(customer.home)
    customer.update()
    request = driver.requests[-1]
    assert request.statement.cql == f"UPDATE ks.customer SET {assignments} WHERE id = ?"
    assert [*request.params] == [*sent, 1]
    assert request.statement.idempotent
    customer.update()
    assert len(driver.requests) == 2
    customer.home.street = "z"
    customer.update()
    assert driver.requests[-1].params[0] == "z"


WHOLE: list[tuple[Address | None, Address | None]] = [
    (None, Address(street="a")),
    (Address(street="a"), None),
]


@pytest.mark.parametrize(("before", "now"), WHOLE)
def test_a_user_type_that_was_or_becomes_null_is_written_whole(
    before: Address | None, now: Address | None, driver: ScriptedDriver
) -> None:
    customer = Customer(id=1, home=before)
    customer.save()
    customer.home = now
    customer.update()
    assert "SET home = ? WHERE" in driver.requests[-1].statement.cql
    customer.update()
    assert len(driver.requests) == 2


def made_of_others(data: dict[str, Any]) -> str:
    shown: str = data["theme"].upper()
    return shown


class Prefs(UserType):
    theme: str | None = None
    lang: str | None = None
    sizes: list[int] = []
    key: UUID = Field(default_factory=uuid4)
    shown: str = Field(default_factory=made_of_others)


class Settled(Document):
    id: Annotated[int, PrimaryKey()]
    prefs: Prefs = Field(default_factory=lambda: Prefs(shown="no", key=UUID(int=7)))


def test_where_the_row_has_a_null_what_differs_from_it_is_written(script: Callable[..., ScriptedDriver]) -> None:
    driver = script(Reply([(1, None)], ("id", "prefs")), Reply(), Reply(), Reply())
    (settled,) = Settled.find(id=1).all()
    settled.prefs.theme = "dark"
    settled.update()
    cql = "UPDATE ks.settled SET prefs.theme = ?, prefs.key = ?, prefs.shown = ? WHERE id = ?"
    assert driver.requests[-1].statement.cql == cql
    assert [*driver.requests[-1].params] == ["dark", UUID(int=7), "no", 1]
    settled.update()
    assert len(driver.requests) == 2
    settled.prefs.sizes.append(3)
    settled.update()
    assert driver.requests[-1].statement.cql == "UPDATE ks.settled SET prefs.sizes = ? WHERE id = ?"
    broken: Any = ["x"]
    settled.prefs.sizes = broken
    with pytest.raises(InvalidValueError, match=r"^Settled\.prefs\.sizes\[0\]: "):
        settled.update()


def test_of_what_stands_for_a_null_its_parts_are_written_and_what_is_frozen_is_whole(
    script: Callable[..., ScriptedDriver],
) -> None:
    fixed = {"street": "a", "Town": None, "number": None, "tags": None, "geo": None}
    row = Reply([(1, None, None, fixed, "")], ("id", "home", "away", "fixed", "name"))
    driver = script(row, Reply(), Reply())
    (customer,) = Customer.find(id=1).all()
    customer.away.number = 3
    customer.update()
    assert driver.requests[-1].statement.cql == "UPDATE ks.customer SET away.street = ?, away.number = ? WHERE id = ?"
    assert customer.fixed is not None
    customer.fixed.number = 3
    customer.update()
    assert driver.requests[-1].statement.cql == "UPDATE ks.customer SET fixed = ? WHERE id = ?"


def test_what_changed_in_a_user_type_since_a_batch_took_it_is_written_next(driver: ScriptedDriver) -> None:
    home = Address(street="a")
    customer = Customer(id=1, home=home)
    customer.save()
    customer.home = home.model_copy(update={"street": "b"})
    with BatchQuery() as batch:
        customer.update(batch=batch)
        customer.home.street = "c"
    customer.update()
    assert [*driver.requests[-1].params] == ["c", 1]
    customer.home.tags = {"\ud800"}
    with BatchQuery() as refusing, pytest.raises(InvalidValueError, match=r"^Customer\.home\.tags"):
        customer.update(batch=refusing)
    broken: Any = "x"
    customer.home.number = broken
    customer.home.tags = set()
    with pytest.raises(InvalidValueError, match=r"^Customer\.home\.number: "):
        customer.update()
