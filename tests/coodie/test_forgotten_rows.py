"""Documents that had a row and know it no more, since they were pickled or deleted: errors say so."""

from __future__ import annotations

import pickle
from copy import copy
from typing import TYPE_CHECKING, Annotated

import pytest

from coodie import using
from coodie.exceptions import InvalidQueryError, StaleDocumentError
from coodie.fields import PrimaryKey, Version
from coodie.sync import Document
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Note(Document):
    id: Annotated[int, PrimaryKey()]
    title: str = ""


class Plan(Document):
    id: Annotated[int, PrimaryKey()]
    title: str = ""
    version: Annotated[int, Version()] = 0


FORGOTTEN = "this Note was pickled or deleted since, and knows its row no more; name the fields, or save"
REJECTED = Reply([(False, 1, "t", 3)], ("[applied]", "id", "title", "version"), applied=False)
READ = Reply([(1, "t", 3)], ("id", "title", "version"))


def pickled(document: Document) -> Document:
    again = pickle.loads(pickle.dumps(document))  # noqa: S301 - our own
    assert isinstance(again, type(document))
    return again


def test_a_document_that_was_pickled_says_so(driver: ScriptedDriver) -> None:
    note = Note(id=1)
    note.save()
    for forgetful in (pickled(note), copy(pickled(note)), pickled(pickled(note))):
        with pytest.raises(InvalidQueryError, match=FORGOTTEN):
            forgetful.update()
        assert forgetful == note
    again = pickled(note)
    again.update(title="x")
    with pytest.raises(InvalidQueryError, match=FORGOTTEN):
        again.update()
    again.save()
    again.update()
    assert len(driver.requests) == 3


def test_a_document_that_was_deleted_says_so(driver: ScriptedDriver) -> None:
    note = Note(id=1)
    note.save()
    note.delete()
    for forgetful in (note, pickled(note)):
        with pytest.raises(InvalidQueryError, match=FORGOTTEN):
            forgetful.update()
    assert len(driver.requests) == 2


@pytest.mark.usefixtures("driver")
def test_a_new_document_stays_new_when_it_is_pickled() -> None:
    for new in (Note(id=1), pickled(Note(id=1))):
        with pytest.raises(InvalidQueryError, match="this Note was neither read from the table nor saved"):
            new.update()


def test_a_document_of_another_place_stays_there_when_it_is_pickled(driver: ScriptedDriver) -> None:
    note = Note(id=1)
    with using(keyspace="other"):
        note.save()
    again = pickled(note)
    with pytest.raises(InvalidQueryError, match=FORGOTTEN):
        again.update()
    again.update(title="x")
    assert driver.requests[-1].statement.cql.startswith("UPDATE other.note ")


def test_a_document_of_its_own_place_goes_where_it_is_sent_when_it_is_pickled(driver: ScriptedDriver) -> None:
    note = Note(id=1)
    note.save()
    again = pickled(note)
    with using(keyspace="other"):
        again.save()
    assert driver.requests[-1].statement.cql.startswith("INSERT INTO other.note ")


def test_of_a_version_it_is_told_that_its_document_was_read_once(script: Callable[..., ScriptedDriver]) -> None:
    script(READ, REJECTED, Reply([(True,)], ("[applied]",), applied=True), REJECTED, REJECTED)
    plan = Plan.get(id=1)
    forgotten = (
        "this Plan was pickled or deleted since it was read, and its row exists, and nothing was written; read it"
    )
    with pytest.raises(StaleDocumentError, match=forgotten) as caught:
        pickled(plan).save()
    assert caught.value.existing == {"id": 1, "title": "t", "version": 3}
    plan.delete()
    with pytest.raises(StaleDocumentError, match=forgotten):
        plan.save()
    with pytest.raises(
        StaleDocumentError, match="this Plan was not read from the row that it is written to, which exists already"
    ):
        Plan(id=1).save()
