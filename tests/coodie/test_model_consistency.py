"""`Settings.consistency`: what every request of a model asks for, unless the call says another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie import aio
from coodie.exceptions import InvalidModelError, InvalidQueryError
from coodie.fields import ClusteringKey, Counter, PrimaryKey
from coodie.sync import BatchQuery, CounterDocument, Document, MaterializedView, execute_raw
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


@pytest.mark.parametrize("level", ["any", "SERIAL", "LOCAL_SERIAL"])
def test_a_level_of_reads_or_writes_alone_is_refused_for_both(level: str) -> None:
    with pytest.raises(
        InvalidModelError, match=r"^Wrong: Settings\.consistency: no .* it is for both; say it where it"
    ):

        class Wrong(Document):  # pyright: ignore[reportUnusedClass] - it is refused
            id: Annotated[int, PrimaryKey()]

            class Settings:
                consistency = level


def test_a_view_may_be_read_at_a_level_of_reads(driver: ScriptedDriver) -> None:
    class Shown(MaterializedView):
        id: Annotated[int, PrimaryKey()]

        class Settings:
            __base_table__ = "note"
            consistency = "SERIAL"

    assert Shown.find_one(id=1) is None
    assert driver.requests[-1].consistency == "SERIAL"


def query() -> Any:
    return Note.find(id=1, place=0)


def batched(level: str) -> None:
    with BatchQuery(consistency=level) as batch:
        Note(id=1).save(batch=batch)


raw: Any = execute_raw
WRITES: dict[str, Callable[[str], object]] = {
    "save": lambda level: Note(id=1).save(consistency=level),
    "save_json": lambda level: Note(id=1).save_json(consistency=level),
    "insert": lambda level: Note(id=1).insert(consistency=level),
    "delete": lambda level: Note(id=1).delete(consistency=level),
    "delete_columns": lambda level: Note(id=1).delete_columns("title", consistency=level),
    "a batch": batched,
    "update": lambda level: query().consistency(level).update(title="b"),
    "update on a condition": lambda level: query().consistency(level).if_exists().update(title="b"),
    "using": lambda level: query().using(consistency=level).update(title="b"),
    "delete of a query": lambda level: query().consistency(level).delete(),
    "create": lambda level: Note.find().consistency(level).create(id=1),
    "get_or_create": lambda level: Note.find().consistency(level).get_or_create(id=1, place=0),
    "save_many": lambda level: Note.find().consistency(level).save_many([Note(id=1)]),
    "raw": lambda level: raw("DELETE FROM ks.note WHERE id = 1 IF EXISTS", consistency=level),
}
READS: dict[str, Callable[[str], object]] = {
    "all": lambda level: query().consistency(level).all(),
    "first": lambda level: query().consistency(level).first(),
    "a loop": lambda level: list(query().consistency(level)),
    "pages": lambda level: list(query().consistency(level).pages()),
    "scan": lambda level: list(Note.find().consistency(level).scan()),
    "in_bulk": lambda level: Note.find().consistency(level).in_bulk([(1, 0)]),
    "exists": lambda level: query().consistency(level).exists(),
    "json": lambda level: query().consistency(level).json(),
    "explain": lambda level: query().consistency(level).explain(),
    "update of rows": lambda level: Note.find(id=1).consistency(level).update(title="b"),
    "raw": lambda level: raw("SELECT * FROM ks.note", consistency=level),
}


@pytest.mark.parametrize("level", ["SERIAL", "local_serial"])
@pytest.mark.parametrize("verb", WRITES)
def test_no_write_is_sent_at_a_level_of_reads(verb: str, level: str, driver: ScriptedDriver) -> None:
    with pytest.raises(
        InvalidQueryError, match=rf"^a write takes no consistency {level.upper()}, .* such as QUORUM; ser"
    ):
        WRITES[verb](level)
    assert driver.requests == []


@pytest.mark.parametrize("verb", READS)
def test_no_read_is_sent_at_a_level_of_writes(verb: str, driver: ScriptedDriver) -> None:
    with pytest.raises(
        InvalidQueryError, match=r"^a read takes no consistency ANY, which is for writes; give it ONE or"
    ):
        READS[verb]("ANY")
    assert driver.requests == []
    if verb not in ("explain", "update of rows"):
        READS[verb]("LOCAL_SERIAL")
        assert {request.consistency for request in driver.requests} == {"LOCAL_SERIAL"}


def test_writes_are_sent_at_any(driver: ScriptedDriver) -> None:
    for verb, write in WRITES.items():
        if verb != "get_or_create":
            write("ANY")
    assert {request.consistency for request in driver.requests} == {"ANY"}
