"""Computed fields of documents that were fetched in part: left out where they need what was not fetched."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import Field, computed_field, field_serializer
from pydantic_core import PydanticSerializationError

from coodie.exceptions import FieldNotLoadedError
from coodie.fields import PrimaryKey
from coodie.sync import Document
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Person(Document):
    id: Annotated[int, PrimaryKey()]
    first: str = ""
    last: str = ""
    secret: Annotated[str, Field(repr=False)] = "s"

    @computed_field  # type: ignore[prop-decorator]
    @property
    def initial(self) -> str:
        return self.first[:1]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def both(self) -> str:
        return f"{self.first} {self.last}"

    @computed_field  # type: ignore[prop-decorator]
    @functools.cached_property
    def loud(self) -> str:
        return self.first.upper()

    @computed_field(repr=False)  # type: ignore[prop-decorator]
    @property
    def length(self) -> int:
        return len(self.first)


class Strange(Document):
    id: Annotated[int, PrimaryKey()]
    name: str = ""
    other: str = ""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def broken(self) -> str:
        raise RuntimeError(self.name)

    @field_serializer("name")
    def shown(self, name: str) -> str:
        return f"{name} {self.other}"


@pytest.fixture
def part(script: Callable[..., ScriptedDriver]) -> Person:
    """Somebody of whom the first name was fetched, and what the repr hides."""
    script(Reply([(1, "Ann", "hidden")], ("id", "first", "secret")))
    (person,) = Person.find(id=1).only("first", "secret").all()
    return person


DUMPED = {"id": 1, "first": "Ann", "secret": "hidden", "initial": "A", "loud": "ANN", "length": 3}


def test_what_is_shown_leaves_out_what_cannot_be_computed(part: Person) -> None:
    assert repr(part) == "Person(id=1, first='Ann', initial='A', loud='ANN')"
    assert str(part) == "id=1 first='Ann' initial='A' loud='ANN'"
    assert repr([part]).startswith("[Person(id=1")
    assert str(part) == "id=1 first='Ann' initial='A' loud='ANN'"  # what is computed once stands beside the fields now


def test_what_is_dumped_leaves_out_what_cannot_be_computed(part: Person) -> None:
    assert part.model_dump() == DUMPED
    assert part.model_dump(mode="json") == DUMPED
    assert Person.model_validate_json(part.model_dump_json(exclude={"loud"})).first == "Ann"
    assert part.model_dump_json() == '{"id":1,"first":"Ann","secret":"hidden","initial":"A","loud":"ANN","length":3}'


@pytest.mark.parametrize("exclude", [{"secret", "length", "loud"}, {"secret": True, "length": True, "loud": True}])
def test_what_is_left_out_by_name_stays_out(part: Person, exclude: Any) -> None:
    assert part.model_dump(exclude=exclude) == {"id": 1, "first": "Ann", "initial": "A"}
    assert part.model_dump_json(exclude=exclude) == '{"id":1,"first":"Ann","initial":"A"}'
    assert part.model_dump(include={"id", "both"}) == {"id": 1}
    assert part.model_dump_json(include={"id", "both"}, indent=None) == '{"id":1}'


def test_reading_such_a_field_still_says_what_was_not_fetched(part: Person) -> None:
    with pytest.raises(FieldNotLoadedError, match=r"Person\.last was not fetched"):
        _ = part.both
    part.last = "Lee"
    assert part.model_dump()["both"] == "Ann Lee"
    assert "both='Ann Lee'" in repr(part)


def test_whole_documents_are_dumped_as_pydantic_dumps_them() -> None:
    person = Person(id=2, first="Bo", last="Ek")
    assert person.model_dump(exclude={"secret", "loud", "length", "initial"}, mode="python") == {
        "id": 2,
        "first": "Bo",
        "last": "Ek",
        "both": "Bo Ek",
    }
    assert repr(person) == "Person(id=2, first='Bo', last='Ek', initial='B', both='Bo Ek', loud='BO')"


def test_other_failures_are_raised(script: Callable[..., ScriptedDriver]) -> None:
    with pytest.raises(RuntimeError):
        Strange(id=1).model_dump()
    with pytest.raises(PydanticSerializationError):
        Strange(id=1).model_dump_json()
    with pytest.raises(RuntimeError):
        repr(Strange(id=1))
    script(Reply([(1, "a")], ("id", "name")))
    (strange,) = Strange.find(id=1).only("name").all()
    for dump in (strange.model_dump, strange.model_dump_json):
        with pytest.raises((FieldNotLoadedError, PydanticSerializationError), match="other"):
            dump()
