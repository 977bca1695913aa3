"""What is looked for is what rows have of it: as the field's validators make it."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Annotated, Any, cast

import pytest
from pydantic import AfterValidator, Base64Str, ConfigDict, Field, StringConstraints, field_validator

from coodie.exceptions import InvalidValueError
from coodie.fields import Frozen, Indexed, PrimaryKey
from coodie.sync import Document, col

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.messages import Request
    from coodie_drivers.testing.scripted import ScriptedDriver

Email = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True)]


def digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


class Person(Document):
    id: Annotated[int, PrimaryKey()]
    email: Annotated[Email | None, Indexed()] = None
    name: str = ""
    code: Annotated[str, Field(max_length=3, pattern="^[A-Z]*$"), AfterValidator(str.upper)] = ""
    secret: Annotated[str, AfterValidator(digest)] = ""
    coded: Base64Str = ""
    rank: Annotated[int, Field(gt=0)] = 1
    tags: set[Email] = set()
    marks: list[Email] = []
    limits: dict[Email, Annotated[str, AfterValidator(str.title)]] = {}
    fixed: Annotated[set[Email], Frozen()] = set()
    of: str = ""

    @field_validator("name")
    @classmethod
    def tidy(cls, value: str) -> str:
        return " ".join(value.split())

    @field_validator("of")
    @classmethod
    def beside(cls, value: str, info: Any) -> str:
        return value + str(info.data["id"])


class Low(Document):
    model_config = ConfigDict(str_to_lower=True)
    id: Annotated[int, PrimaryKey()]
    name: str = ""
    limits: dict[str, int] = {}


def sent(driver: ScriptedDriver) -> list[object]:
    return list(cast("Request", driver.requests[-1]).params)


HELD = base64.b64encode(b"text").decode()
FOUND: dict[str, tuple[Callable[[], Any], list[object]]] = {
    "equality": (lambda: Person.find(email=" Ann@X "), ["ann@x"]),
    "expression": (lambda: Person.find(Person.email == "ANN@x"), ["ann@x"]),
    "in": (lambda: Person.find(email__in=["ANN@x", "bob@x"]), [["ann@x", "bob@x"]]),
    "validator of the model": (lambda: Person.find(name=" Ann  Lee "), ["Ann Lee"]),
    "contains of a set": (lambda: Person.find(tags__contains=" A "), ["a"]),
    "contains of a list": (lambda: Person.find(marks__contains="A"), ["a"]),
    "contains of a dict": (lambda: Person.find(limits__contains="big"), ["Big"]),
    "key of a dict": (lambda: Person.find(limits__contains_key="DAY"), ["day"]),
    "entry of a dict": (lambda: Person.find(col(Person.limits)["DAY"] == "big"), ["day", "Big"]),
    "frozen set": (lambda: Person.find(fixed={" A ", "b"}), [{"a", "b"}]),
    "configuration": (lambda: Low.find(name="ANN"), ["ann"]),
    "key by configuration": (lambda: Low.find(limits__contains_key="DAY"), ["day"]),
    "what is refused": (lambda: Person.find(code="much too long"), ["much too long"]),
    "number that is refused": (lambda: Person.find(rank=0), [0]),
    "what is hashed": (lambda: Person.find(secret=digest("x")), [digest("x")]),
    "what is decoded": (lambda: Person.find(coded=HELD), [HELD]),
    "what needs other fields": (lambda: Person.find(of="x"), ["x"]),
    "bound": (lambda: Person.find(email__gte="A", name__lt=" B "), ["A", " B "]),
    "pattern": (lambda: Person.find(email__like="A%"), ["A%"]),
}


@pytest.mark.parametrize("what", FOUND)
def test_rows_are_asked_for_what_they_have(what: str, driver: ScriptedDriver) -> None:
    query, values = FOUND[what]
    query().allow_filtering().all()
    assert sent(driver) == values


def test_a_value_of_another_type_is_refused_as_before() -> None:
    wrong: Any = 5
    for keyword in ("email", "tags__contains", "limits__contains_key"):
        with pytest.raises(InvalidValueError, match=r"^Person\..*valid string"):
            Person.find(**{keyword: wrong})
    with pytest.raises(InvalidValueError, match="None"):
        Person.find(email=None)


def test_conditions_compare_what_is_given(driver: ScriptedDriver) -> None:
    """What was read may have been written by others, or assigned, which validates nothing."""
    Person.find(id=1).iff(email="ANN@x").update(rank=2)
    assert sent(driver) == [2, 1, "ANN@x"]
    Person.find(id=1).iff(col(Person.limits)["DAY"] == "big").update(rank=2)
    assert sent(driver) == [2, 1, "DAY", "big"]
    Person(id=1).update(rank=2, if_conditions={"email__in": ["ANN@x"]})
    assert sent(driver) == [2, 1, ["ANN@x"]]


def test_what_is_removed_is_what_was_put(driver: ScriptedDriver) -> None:
    person = Person(id=1, tags={"t"}, limits={"day": "x"})
    person.save()
    Person.find(id=1).update(remove__limits={" DAY "})
    assert sent(driver) == [{"day"}, 1]
    person.delete_columns(collection_elements=[("tags", "T")])
    assert (sent(driver), person.tags) == (["t", 1], set())
    person.update(remove__limits="DAY")
    assert (sent(driver), person.limits) == ([{"day"}, 1], {})


def test_what_a_document_holds_is_removed_as_it_holds_it(driver: ScriptedDriver) -> None:
    person = Person(id=1)
    person.limits = {"DAY": "x", "NIGHT": "y"}
    person.save()
    person.delete_columns(collection_elements=[("limits", "DAY")])
    assert (sent(driver), person.limits) == (["DAY", 1], {"NIGHT": "y"})
    person.update(remove__limits=["NIGHT"])
    assert (sent(driver), person.limits) == ([{"NIGHT"}, 1], {})
    wrong: Any = [["list"]]
    with pytest.raises(InvalidValueError, match="valid string"):
        person.delete_columns(collection_elements=[("limits", wrong[0])])
