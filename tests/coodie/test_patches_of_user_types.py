"""`update_from(...)` of models that have plain models where the document has user types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from coodie.exceptions import InvalidValueError, UnknownNameError
from coodie.fields import Frozen, PrimaryKey
from coodie.sync import Document
from coodie.usertype import UserType

if TYPE_CHECKING:
    from coodie_drivers.testing.scripted import ScriptedDriver


class Point(UserType):
    x: int = 0
    y: int = 0


class Address(UserType):
    street: str
    number: int | None = 1
    at: Point | None = None


class Person(Document):
    id: Annotated[int, PrimaryKey()]
    home: Address | None = None
    others: Annotated[list[Address], Frozen()] = []
    named: dict[str, Address] = {}
    pair: tuple[str, Address] | None = None
    nick: str = ""


class Spot(BaseModel):
    x: int


class Street(BaseModel):
    street: str
    number: int | None = None
    at: Spot | Point | None = None


class Patch(BaseModel):
    home: Street | Address | None = None
    others: list[Street] = []
    named: dict[str, Street] = {}
    pair: tuple[str, Street] | None = None
    nick: str | None = None


ELM = {"street": "Elm", "number": None, "at": None}
GIVEN: dict[str, tuple[Patch, object]] = {
    "plain": (Patch(home=Street(street="Elm")), ELM),
    "inside": (Patch(home=Street(street="Elm", at=Spot(x=3))), {**ELM, "at": {"x": 3, "y": 0}}),
    "own inside": (Patch(home=Street(street="Elm", at=Point(x=3, y=4))), {**ELM, "at": {"x": 3, "y": 4}}),
    "own": (Patch(home=Address(street="Elm")), {**ELM, "number": 1}),
    "none": (Patch(home=None), None),
    "tuple for a list": (Patch.model_construct({"others"}, others=(Street(street="Elm"),) * 2), [ELM, ELM]),
    "list": (Patch(others=[Street(street="Elm")]), [ELM]),
    "map": (Patch(named={"a": Street(street="Elm")}), {"a": ELM}),
    "tuple": (Patch(pair=("a", Street(street="Elm"))), ("a", ELM)),
}


@pytest.mark.parametrize("case", GIVEN)
def test_plain_models_are_written_as_user_types(case: str, driver: ScriptedDriver) -> None:
    patch, sent = GIVEN[case]
    Person.find(id=1).update_from(patch)
    (name,) = patch.model_fields_set
    assert driver.requests[-1].statement.cql == f"UPDATE ks.person SET {name} = ? WHERE id = ?"
    assert driver.requests[-1].params[0] == sent


class Number(BaseModel):
    number: int


class Misspelt(BaseModel):
    street: str
    nubmer: int | None = None


class Wrong(BaseModel):
    home: Any = None
    pair: Any = None
    nick: Any = None


@pytest.mark.parametrize(
    ("patch", "sentence"),
    [
        (Wrong(home=Number(number=3)), r"^Person\.home\.street: Field required"),
        (Wrong(pair=("a", Street(street="Elm"), "more")), r"^Person\.pair\[1\]: |^Person\.pair: "),
        (Wrong(nick=Number(number=3)), r"^Person\.nick: .*valid string"),
    ],
)
def test_a_model_without_what_the_type_needs_is_refused(patch: Wrong, sentence: str, driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidValueError, match=sentence):
        Person.find(id=1).update_from(patch)
    assert driver.requests == []


def test_a_field_that_the_type_has_not_is_refused_where_it_is_set(driver: ScriptedDriver) -> None:
    sentence = r"^update_from\(Wrong\): Address has no field 'nubmer'; did you mean 'number'\?$"
    with pytest.raises(UnknownNameError, match=sentence):
        Person.find(id=1).update_from(Wrong(home=Misspelt(street="Elm", nubmer=2)))
    assert driver.requests == []
    Person.find(id=1).update_from(Wrong(home=Misspelt(street="Elm")))
    assert driver.requests[-1].params[0] == {**ELM, "number": 1}
