"""What a driver or a server refuses, and how the error then names the model and the way out."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from enum import Enum, Flag, auto
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

import pytest

from coodie import aio
from coodie.exceptions import InvalidQueryError, InvalidValueError
from coodie.fields import Counter, PrimaryKey
from coodie.sync import BatchQuery, CounterDocument, Document

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Right(Flag):
    READ = auto()
    WRITE = auto()


class Loose(Enum):
    ON = "on"

    @classmethod
    def _missing_(cls, value: object) -> Loose | None:
        return cls.ON if value == "off" else None


class Paint(Document):
    id: Annotated[UUID, PrimaryKey()]
    name: str = ""
    glossy: bool = False
    made: dt.datetime = dt.datetime(2026, 3, 1, tzinfo=dt.timezone.utc)
    day: dt.date = dt.date(2026, 3, 1)
    recipe: bytes = b""
    coats: int = 1
    litres: float = 1.0
    tags: list[str] = []
    prices: dict[str, int] = {}
    size: tuple[int, str] = (1, "l")
    maker: UUID | None = None


class AsyncPaint(aio.Document):
    id: Annotated[UUID, PrimaryKey()]
    name: str = ""


class Choice(Document):
    id: Annotated[int, PrimaryKey()]
    kind: Literal["matt", "gloss"] = "matt"
    step: Literal[1, 2] = 1
    colour: Colour = Colour.RED
    rights: Right = Right.READ
    loose: Loose = Loose.ON
    kinds: list[Literal["matt", "gloss"]] = []
    primary: Literal[Colour.RED] | None = None
    address: ipaddress.IPv4Address | None = None


UNBINDABLE = InvalidQueryError("column 'name' (text): text takes str, not int")
"""What an adapter says of a value that it cannot bind."""


def paint(**values: Any) -> Paint:
    made = Paint(id=UUID(int=1))
    for name, value in values.items():
        setattr(made, name, value)
    return made


def field_of(path: str) -> str:
    """The field that a place is in."""
    return re.split(r"[.\[]", path)[0]


OF_WRONG_TYPE: list[tuple[str, Any, str]] = [
    ("name", 5, "CQL text takes str, not int"),
    ("id", "a", "CQL uuid takes UUID, not str"),
    ("maker", "a", "CQL uuid takes UUID, not str"),
    ("glossy", "yes", "CQL boolean takes bool, not str"),
    ("glossy", 1, "CQL boolean takes bool, not int"),
    ("made", dt.date(2026, 3, 1), "CQL timestamp takes datetime, not date"),
    ("day", dt.datetime(2026, 3, 1, tzinfo=dt.timezone.utc), "CQL date takes date, not datetime"),
    ("recipe", "a", "CQL blob takes bytes, not str"),
    ("litres", True, "CQL float takes float, not bool"),
    ("tags", [5], "CQL text takes str, not int"),
    ("prices", {1: 1}, "CQL text takes str, not int"),
    ("size", (1, 2), "CQL text takes str, not int"),
]


@pytest.mark.parametrize(
    ("path", "value", "sentence"), [*OF_WRONG_TYPE, ("name", "\ud800", "half of a surrogate pair")]
)
def test_a_value_that_the_driver_cannot_bind_names_model_and_field(
    path: str, value: object, sentence: str, script: Callable[..., ScriptedDriver]
) -> None:
    script(UNBINDABLE, UNBINDABLE)
    broken = paint(**{field_of(path): value})
    for verb in (broken.save, broken.insert):
        with pytest.raises(InvalidValueError, match=rf"^Paint\.{re.escape(path)}: .*{sentence}") as caught:
            verb()
        assert (caught.value.model, caught.value.field) == ("Paint", field_of(path))
        assert type(caught.value.__cause__) is InvalidQueryError


@pytest.mark.parametrize(("path", "value", "sentence"), OF_WRONG_TYPE)
def test_a_batch_takes_no_document_that_it_could_not_send(
    path: str, value: object, sentence: str, driver: ScriptedDriver
) -> None:
    with BatchQuery() as batch:
        paint().save(batch=batch)
        with pytest.raises(InvalidValueError, match=rf"^Paint\.{re.escape(path)}: .*{sentence}"):
            paint(**{field_of(path): value}).save(batch=batch)
    assert len(driver.requests[-1].parts) == 1


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("coats", "5", "CQL int takes int, not str"),
        ("coats", True, "CQL int takes int, not bool"),
        ("litres", "5", "CQL float takes float, not str"),
        ("prices.values()[0]", {"a": "1"}, "CQL int takes int, not str"),
        ("prices", 5, "takes dict, not int"),
        ("tags", 5, "takes a collection, not int"),
    ],
)
def test_a_value_that_is_checked_anyway_never_reaches_the_driver(
    path: str, value: object, sentence: str, driver: ScriptedDriver
) -> None:
    with pytest.raises(InvalidValueError, match=rf"^Paint\.{re.escape(path)}: .*{sentence}") as caught:
        paint(**{field_of(path): value}).save()
    assert caught.value.__cause__ is not None
    assert driver.requests == []


async def test_the_asynchronous_form_names_the_field_too(script: Callable[..., ScriptedDriver]) -> None:
    script(UNBINDABLE)
    broken = AsyncPaint(id=UUID(int=1))
    broken.name = 5  # type: ignore[assignment]  # what the test is about
    with pytest.raises(InvalidValueError, match=r"^AsyncPaint\.name: CQL text takes str, not int"):
        await broken.save()


class Letter(Document):
    place: Annotated[str, PrimaryKey()]
    text: str = ""
    words: set[str] = set()
    lines: list[str] = []
    extra: dict[str, str] = {}


class Seen(CounterDocument):
    place: Annotated[str, PrimaryKey()]
    count: Annotated[int, Counter()] = 0


HALF = "\ud800"
"""Half of a surrogate pair, which Python's text can hold and UTF-8 cannot."""


def letter() -> Letter:
    return Letter(place="p")


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        (lambda: letter().update(text=HALF), "text"),
        (lambda: letter().update(lines=["a", HALF]), "lines"),
        (lambda: letter().update(add__words=HALF), "words"),
        (lambda: letter().update(remove__extra=HALF), "extra"),
        (lambda: letter().update(lines=["a"], if_conditions={"text": HALF}), "text"),
        (lambda: letter().update(lines=["a"], if_conditions={"text__in": ["a", HALF]}), "text"),
        (lambda: letter().delete(if_conditions={"text__ne": HALF}), "text"),
        (lambda: letter().delete_columns(collection_elements=[("lines", 0), ("extra", HALF)]), "extra"),
        (lambda: letter().delete_columns(collection_elements=[("words", HALF)]), "words"),
        (lambda: Letter(place=HALF).delete(), "place"),
        (lambda: Letter.get(place=HALF), "place"),
        (lambda: Letter.find(place__in=["a", HALF]).all(), "place"),
        (lambda: Letter.find(place=HALF).count(), "place"),
        (lambda: list(Letter.find(place="p", text=HALF)), "text"),
        (lambda: Letter.find(place__token__gt=1, words__contains=HALF).allow_filtering().first(), "words"),
        (lambda: Letter.find(place="p", extra__contains="a", extra__contains_key=HALF).all(), "extra"),
        (lambda: Letter.find(place="p", text__like=HALF).all(), "text"),
        (lambda: Seen.increment(place=HALF, count=1), "place"),
        (lambda: Seen(place=HALF).increment(count=1), "place"),
    ],
)
def test_a_text_that_cannot_be_sent_names_model_and_field_in_every_verb(
    verb: Callable[[], object], path: str, script: Callable[..., ScriptedDriver]
) -> None:
    script(UNBINDABLE)
    with pytest.raises(
        InvalidValueError, match=rf"^(Letter|Seen)\.{re.escape(path)}: .*half of a surrogate pair"
    ) as caught:
        verb()
    assert type(caught.value.__cause__) is InvalidQueryError


def test_a_batch_takes_no_text_that_it_could_not_send(driver: ScriptedDriver) -> None:
    with BatchQuery() as batch:
        letter().save(batch=batch)
        Letter(place="q", text="é").save(batch=batch)
        with pytest.raises(InvalidValueError, match=r"^Letter\.text: .*half of a surrogate pair"):
            Letter(place="p", text=HALF).save(batch=batch)
        with pytest.raises(InvalidValueError, match=r"^Letter\.text: .*half of a surrogate pair"):
            letter().delete(batch=batch, if_conditions={"text": HALF})
    assert len(driver.requests[-1].parts) == 2


@pytest.mark.parametrize(
    "verb", [lambda: letter().update(text="a"), lambda: Letter.find(place="p").count(), lambda: list(Letter.find())]
)
def test_a_refusal_of_good_values_stays_what_it_is(
    verb: Callable[[], object], script: Callable[..., ScriptedDriver]
) -> None:
    script(UNBINDABLE)
    with pytest.raises(InvalidQueryError) as caught:
        verb()
    assert caught.value is UNBINDABLE


def test_a_refusal_for_another_reason_stays_what_it_is(script: Callable[..., ScriptedDriver]) -> None:
    script(UNBINDABLE)
    with pytest.raises(InvalidQueryError, match=r"^column 'name'") as caught:
        paint().save()
    assert type(caught.value) is InvalidQueryError


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("kind", "satin", "the field's type allows only 'matt', 'gloss'"),
        ("step", 3, "allows only 1, 2"),
        ("step", True, "CQL int takes int, not bool"),
        ("primary", "blue", "allows only <Colour.RED"),
        ("kinds[1]", ["matt", "satin"], "allows only 'matt', 'gloss'"),
        ("colour", "green", "Colour has no such member"),
        ("rights", 64, "Right has no such member"),
        ("rights", 65, "Right has no such member"),
        ("loose", "off", "Loose has no such member"),
        ("address", ipaddress.IPv6Address("::1"), "the field holds IPv4Address, not IPv6Address"),
    ],
)
def test_a_value_that_the_field_excludes_is_not_stored_after_a_change(
    path: str, value: object, sentence: str, driver: ScriptedDriver
) -> None:
    broken = Choice(id=1)
    setattr(broken, field_of(path), value)
    with pytest.raises(InvalidValueError, match=rf"^Choice\.{re.escape(path)}: .*{sentence}"):
        broken.save()
    assert driver.requests == []


def test_what_an_enum_makes_of_a_value_is_stored(driver: ScriptedDriver) -> None:
    choice = Choice(id=1)
    choice.rights = Right.READ | Right.WRITE
    choice.colour = Colour.BLUE
    for primary in (Colour.RED, Choice(id=1, primary=Colour.RED).primary):
        choice.primary = primary
        choice.save()
        assert list(driver.requests[-1].params) == [1, "matt", 1, "blue", 3, "on", [], "red", None]
