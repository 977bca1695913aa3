"""`Settings.consistency`: what every request of a model asks for, unless the call says another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie import aio
from coodie.exceptions import InvalidModelError, InvalidQueryError
from coodie.fields import ClusteringKey, Counter, PrimaryKey
from coodie.sync import BatchQuery, CounterDocument, Document
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Note(Document):
    id: Annotated[int, PrimaryKey()]
    place: Annotated[int, ClusteringKey()] = 0
    title: str = ""

    class Settings:
        consistency = "LOCAL_QUORUM"


class Inherited(Note):
    pass


class Hits(CounterDocument):
    url: Annotated[str, PrimaryKey()]
    views: Annotated[int, Counter()] = 0

    class Settings:
        consistency = "ONE"


class Later(aio.Document):
    id: Annotated[int, PrimaryKey()]

    class Settings:
        consistency = "QUORUM"


CALLS: dict[str, tuple[Callable[[], object], str]] = {
    "save": (lambda: Note(id=1).save(), "LOCAL_QUORUM"),
    "inherited": (lambda: Inherited(id=1).save(), "LOCAL_QUORUM"),
    "said": (lambda: Note(id=1).save(consistency="ALL"), "ALL"),
    "update": (lambda: Note(id=1).update(title="x"), "LOCAL_QUORUM"),
    "find": (lambda: Note.find(id=1).all(), "LOCAL_QUORUM"),
    "find, said": (lambda: Note.find(id=1).consistency("ONE").all(), "ONE"),
    "loop": (lambda: list(Note.find(id=1)), "LOCAL_QUORUM"),
    "count": (lambda: Note.find(id=1).exists(), "LOCAL_QUORUM"),
    "many": (lambda: Note.find().save_many([Note(id=1), Note(id=2)]), "LOCAL_QUORUM"),
    "keys": (lambda: Note.find().in_bulk([(1, 0), (2, 0)]), "LOCAL_QUORUM"),
    "scan": (lambda: list(Note.find().scan(splits=2)), "LOCAL_QUORUM"),
    "increment": (lambda: Hits.increment(url="/", views=1), "ONE"),
}


@pytest.mark.parametrize("call", CALLS)
def test_every_request_asks_for_the_models_level(call: str, driver: ScriptedDriver) -> None:
    verb, level = CALLS[call]
    verb()
    assert {request.consistency for request in driver.requests} == {level}


async def test_awaited_requests_ask_for_it_too(driver: ScriptedDriver) -> None:
    await Later(id=1).save()
    assert [later async for later in Later.find(id=1)] == []
    assert [request.consistency for request in driver.requests] == ["QUORUM", "QUORUM"]


def test_a_batch_asks_for_that_of_its_first_write_or_its_own(driver: ScriptedDriver) -> None:
    for batch in (BatchQuery(), BatchQuery(consistency="ALL")):
        with batch:
            Note(id=1).save(batch=batch)
    assert [request.consistency for request in driver.requests] == ["LOCAL_QUORUM", "ALL"]


def test_errors_and_answers_come_through(script: Callable[..., ScriptedDriver]) -> None:
    script(InvalidQueryError("no"), Reply([(1, 0, "a")], ("id", "place", "title")))
    with pytest.raises(InvalidQueryError, match="no"):
        Note(id=1).save()
    assert Note.get(id=1, place=0) == Note(id=1, title="a")


@pytest.mark.parametrize("level", ["QUORM", 5, ""])
def test_a_wrong_level_is_refused_when_the_class_is_made(level: Any) -> None:
    with pytest.raises(InvalidModelError, match=r"^Wrong: Settings\.consistency: "):

        class Wrong(Document):  # pyright: ignore[reportUnusedClass] - it is refused
            id: Annotated[int, PrimaryKey()]

            class Settings:
                consistency = level
