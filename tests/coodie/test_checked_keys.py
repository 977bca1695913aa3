"""A key that is compared for equality is held to what its field demands, as one that is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

import pytest
from pydantic import AfterValidator, ConfigDict, Field, field_validator

from coodie import Token
from coodie.exceptions import DocumentNotFound, InvalidValueError
from coodie.fields import ClusteringKey, Counter, PrimaryKey
from coodie.sync import CounterDocument, Document

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.messages import Request
    from coodie_drivers.testing.scripted import ScriptedDriver

Lower = AfterValidator(str.lower)


class Member(Document):
    email: Annotated[str, Lower, PrimaryKey()]
    code: Annotated[str, ClusteringKey()] = Field(default="x", max_length=3, pattern="^[a-z]+$", frozen=True)
    n: int = 0


class Trimmed(Document):
    model_config = ConfigDict(str_strip_whitespace=True)
    id: Annotated[str, PrimaryKey()]


class Spelt(Document):
    id: Annotated[str, PrimaryKey()]

    @field_validator("id")
    @classmethod
    def upper(cls, value: str) -> str:
        return value.upper()


class Hits(CounterDocument):
    url: Annotated[str, Lower, PrimaryKey()]
    views: Annotated[int, Counter()] = 0


def sent(driver: ScriptedDriver) -> list[object]:
    return list(cast("Request", driver.requests[-1]).params)


def test_validators_of_a_key_make_what_is_looked_for(driver: ScriptedDriver) -> None:
    calls: dict[str, Callable[[], object]] = {
        "all": lambda: Member.find(email="ANN@x").all(),
        "expression": lambda: Member.find(Member.email == "ANN@x").all(),
        "delete": lambda: Member.find(email="ANN@x").delete(),
        "exists": lambda: Member.find(email="ANN@x").exists(),
    }
    for call in calls.values():
        call()
        assert sent(driver)[0] == "ann@x"
    with pytest.raises(DocumentNotFound):
        Member.get(email="ANN@x", code="ab")
    assert sent(driver)[:2] == ["ann@x", "ab"]
    Member.find(email="ANN@x", code="ab").update(n=5)
    assert sent(driver) == [5, "ann@x", "ab"]
    Member.find(email__in=["ANN@x", "bob@x"]).all()
    assert sent(driver) == [["ann@x", "bob@x"]]
    assert Member.find().in_bulk([("ANN@x", "ab")]) == {}
    assert sent(driver) == ["ann@x", "ab"]
    Hits.increment(url="A.org", views=1)
    assert sent(driver) == [1, "a.org"]
    Trimmed.find(id=" a ").all()
    assert sent(driver) == ["a"]
    Spelt.find(id="a").all()
    assert sent(driver) == ["A"]
    lower, upper = Member.find(email__token__gt=Token("a")), Member.find(email__token__gt=Token("A"))
    lower.all()
    first = sent(driver)
    upper.all()
    assert sent(driver) == first


def test_constraints_of_a_key_are_asked_before_the_network(driver: ScriptedDriver) -> None:
    for wrong in ("long", "A", ""):
        with pytest.raises(InvalidValueError, match=r"Member\.code"):
            Member.find(email="a", code=wrong)
        with pytest.raises(InvalidValueError, match=r"Member\.code"):
            Member.find(email="a", code__in=["a", wrong])
    Member.find(email="a", code__gte="A", code__lt="longer").all()  # bounds are no values of a row
    assert sent(driver) == ["a", "A", "longer"]


def test_a_validator_of_a_key_that_needs_other_fields_is_told_of_none(driver: ScriptedDriver) -> None:
    seen: list[dict[str, Any]] = []

    class Watching(Document):
        day: Annotated[int, PrimaryKey()]
        number: Annotated[int, ClusteringKey()] = 0

        @field_validator("number")
        @classmethod
        def note(cls, value: int, info: Any) -> int:
            seen.append(dict(info.data))
            return value

    Watching.find(day=1, number=2).all()
    assert seen == [{}]
    assert sent(driver) == [1, 2]


class Derived(Document):
    """Fields whose validators take others for granted."""

    day: Annotated[str, PrimaryKey()]
    code: Annotated[str, ClusteringKey()] = ""
    low: int = 0
    high: int = 10

    @field_validator("code")
    @classmethod
    def begin_with_day(cls, value: str, info: Any) -> str:
        return value if ":" in value else f"{info.data['day']}:{value}"

    @field_validator("high")
    @classmethod
    def be_above_low(cls, value: int, info: Any) -> int:
        if value < info.data["low"]:
            raise ValueError("high is below low")
        return value


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: Derived.get(day="m", code="x"), r"^Derived\.code: its validator takes info\.data\['day'\], and here"),
        (lambda: Derived.find(day="m", code__in=["x"]), r"use info\.data\.get\('day'\) in the validator$"),
        (lambda: Derived.find(Derived.code == "x"), r"use info\.data\.get\('day'\) in the validator$"),
        (lambda: Derived.find().in_bulk([("m", "x")]), r"^Derived\.code: its validator takes info\.data\['day'\], and"),
        (lambda: Derived.find(day="m").update(high=3), r"^Derived\.high: its validator takes info\.data\['low'\], and"),
    ],
)
def test_a_validator_that_takes_another_field_for_granted_is_told_how_not_to(
    call: Callable[[], object], sentence: str, driver: ScriptedDriver
) -> None:
    with pytest.raises(InvalidValueError, match=sentence):
        call()
    assert driver.requests == []
    Derived(day="m", code="x", low=1).update(high=3)  # a document has the others
    assert sent(driver) == [3, "m", "m:x"]
