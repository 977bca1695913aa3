"""Every verb that writes can hand its write to a batch; what no server takes together is refused when it is added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from coodie import aio
from coodie.exceptions import InvalidQueryError, InvalidValueError
from coodie.fields import ClusteringKey, Counter, PrimaryKey
from coodie.results import WriteResult
from coodie.sync import BatchQuery, CounterDocument, Document
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Note(Document):
    id: Annotated[int, PrimaryKey()]
    place: Annotated[int, ClusteringKey()] = 0
    title: str = ""
    lines: list[str] = []


class Hits(CounterDocument):
    url: Annotated[str, PrimaryKey()]
    views: Annotated[int, Counter()] = 0


class Lot(Document):
    id: Annotated[int, PrimaryKey()]
    batch: str = ""


class Later(aio.Document):
    id: Annotated[int, PrimaryKey()]
    title: str = ""


class LaterHits(aio.CounterDocument):
    url: Annotated[str, PrimaryKey()]
    views: Annotated[int, Counter()] = 0


class Patch(BaseModel):
    title: str = ""
    lines: list[str] = []


VERBS: dict[str, tuple[Callable[[Any], object], str]] = {
    "update": (lambda b: Note(id=1).update(title="x", batch=b), "UPDATE"),
    "update with ttl": (lambda b: Note(id=1).update(title="x", ttl=5, batch=b), "UPDATE"),
    "create": (lambda b: Note.create(id=1, batch=b), "INSERT"),
    "save_json": (lambda b: Note(id=1).save_json(batch=b), "INSERT"),
    "create of a query": (lambda b: Note.find().create(id=1, batch=b), "INSERT"),
    "update of a query": (lambda b: Note.find(id=1, place=0).update(title="x", batch=b), "UPDATE"),
    "update_from of a query": (lambda b: Note.find(id=1, place=0).update_from(Patch(title="x"), batch=b), "UPDATE"),
    "delete of a query": (lambda b: Note.find(id=1, place=0).delete(batch=b), "DELETE"),
    "delete of a range": (lambda b: Note.find(id=1, place__gt=0).delete(batch=b), "DELETE"),
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_hands_its_write_to_the_batch(verb: str, driver: ScriptedDriver) -> None:
    call, word = VERBS[verb]
    with BatchQuery() as batch:
        call(batch)
        assert driver.requests == []
    (request,) = driver.requests
    assert [statement.cql.partition(" ")[0] for statement, _ in request.parts] == [word]
    with pytest.raises(InvalidQueryError, match="cannot take the write"):
        call(aio.AsyncBatchQuery())
    assert len(driver.requests) == 1


TAKEN: list[Callable[[Any], object]] = [
    lambda b: Note.find(id=1, place=0).update(title="x", batch=b),
    lambda b: Note.find(id=1, place=0).iff(title="y").update(title="x", batch=b),
    lambda b: Note.find(id=1, place=0).update_from(Patch(title="x"), batch=b),
    lambda b: Note.find(id=1, place=0).delete(batch=b),
    lambda b: Note.find(id=1, place=0).if_exists().delete(batch=b),
    lambda b: Note.find(id=1, place__gt=0).delete(batch=b),
    lambda b: Note(id=1).update(title="x", if_exists=True, batch=b),
    lambda b: Note(id=1).delete(if_exists=True, batch=b),
    lambda b: Note(id=1).insert(batch=b),
]


@pytest.mark.parametrize("write", TAKEN)
def test_nothing_is_said_of_a_write_that_a_batch_has_taken(
    write: Callable[[Any], object], driver: ScriptedDriver
) -> None:
    batch = BatchQuery()
    assert write(batch) is None
    assert driver.requests == []


def test_without_a_batch_the_writes_of_a_query_say_what_they_did(driver: ScriptedDriver) -> None:
    lot = WriteResult(applied=True, written=1)
    assert Note.find(id=1, place=0).update(title="x", batch=None) == lot
    assert Note.find(id=1, place=0).delete(batch=None) == lot
    assert Lot.find(id=1).update(batch="x") == lot
    assert Note.find(id=1, place=0).update_from(Patch(title="x"), batch=None) == lot
    assert len(driver.requests) == 4


@pytest.mark.parametrize("bounds", [{}, {"place__gt": 0}, {"place__gte": 0, "place__lt": 9}])
def test_of_what_one_statement_deletes_nobody_knows_the_number(bounds: Any, driver: ScriptedDriver) -> None:
    assert Note.find(id=1, **bounds).delete() == WriteResult(applied=True, written=None)
    assert len(driver.requests) == 1


def test_counters_go_into_counter_batches(driver: ScriptedDriver) -> None:
    with BatchQuery(batch_type="counter") as batch:
        Hits(url="/").increment(views=1, batch=batch)
        Hits.decrement(url="/home", views=2, batch=batch)
    assert [list(values) for _, values in driver.requests[0].parts] == [[1, "/"], [2, "/home"]]
    with BatchQuery(logged=False) as unlogged:
        Hits.increment(url="/", views=1, batch=unlogged)
    assert len(driver.requests) == 2


async def test_the_asynchronous_form_takes_batches_too(driver: ScriptedDriver) -> None:
    async with aio.AsyncBatchQuery() as batch:
        await Later(id=1).update(title="x", batch=batch)
        await Later.find(id=2).update(title="y", batch=batch)
    async with aio.AsyncBatchQuery(batch_type="counter") as counting:
        await LaterHits.increment(url="/", views=1, batch=counting)
    assert [len(request.parts) for request in driver.requests] == [2, 1]


REFUSED: list[tuple[BatchQuery, Callable[[Any], object], str]] = [
    (
        BatchQuery(),
        lambda b: Hits.increment(url="/", views=1, batch=b),
        "whose writes no logged batch takes; make it a",
    ),
    (BatchQuery(), lambda b: Hits(url="/").delete(batch=b), "whose writes no logged batch takes"),
    (BatchQuery(batch_type="counter"), lambda b: Note(id=1).save(batch=b), "^Note is no counter table, and a counter"),
    (BatchQuery(), lambda b: Note.find(id=1).update(title="x", batch=b), r"writes one row; .* \('id', 'place'\)"),
    (BatchQuery(), lambda b: Note.find(title="x").allow_filtering().delete(batch=b), "in a batch writes one row"),
]


@pytest.mark.parametrize(("batch", "call", "sentence"), REFUSED)
def test_what_no_batch_takes_is_refused_when_it_is_added(
    batch: BatchQuery, call: Callable[[Any], object], sentence: str, driver: ScriptedDriver
) -> None:
    with pytest.raises(InvalidQueryError, match=sentence):
        call(batch)
    batch.execute()
    assert driver.requests == []


def test_counters_and_others_do_not_mix(driver: ScriptedDriver) -> None:
    with BatchQuery(logged=False) as batch:
        Note(id=1).save(batch=batch)
        with pytest.raises(InvalidQueryError, match=r"^one of Note and Hits is a counter table"):
            Hits.increment(url="/", views=1, batch=batch)
    assert len(driver.requests[0].parts) == 1


def test_the_document_changes_when_the_batch_was_sent(script: Callable[..., ScriptedDriver]) -> None:
    refused = Reply([(False,)], ("[applied]",), applied=False)
    driver = script(Reply(), Reply(), refused, Reply())
    note = Note(id=1, title="a")
    note.save()
    with BatchQuery() as batch:
        note.update(title="b", append__lines="x", batch=batch)
        assert (note.title, note.lines) == ("a", [])
    assert (note.title, note.lines) == ("b", ["x"])
    note.update()
    assert len(driver.requests) == 2
    with BatchQuery() as batch:
        note.update(title="c", if_conditions={"title": "z"}, batch=batch)
    assert note.title == "b"
    dropped = BatchQuery()
    note.update(title="d", batch=dropped)
    dropped.__exit__(KeyError, KeyError(), None)
    assert (note.title, len(driver.requests)) == ("b", 3)


def test_a_field_of_that_name_keeps_the_keyword(driver: ScriptedDriver) -> None:
    Lot.create(id=1, batch="x")
    Lot(id=1).update(batch="y")
    Lot.find(id=1).update(batch="z")
    assert [list(request.params) for request in driver.requests] == [[1, "x"], ["y", 1], ["z", 1]]


def test_a_value_that_could_not_be_sent_is_not_added(driver: ScriptedDriver) -> None:
    with BatchQuery() as batch, pytest.raises(InvalidValueError, match=r"^Note\.title: .*surrogate"):
        Note.find(id=1, place=0).update(title="\ud800", batch=batch)
    with BatchQuery(batch_type="counter") as batch, pytest.raises(InvalidValueError, match=r"^Hits\.url: .*surrogate"):
        Hits.increment(url="\ud800", views=1, batch=batch)
    assert driver.requests == []
