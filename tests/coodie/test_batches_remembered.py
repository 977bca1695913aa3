"""What documents know of their rows when a batch was sent, and what a batch that failed knows of its writes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie.exceptions import InvalidQueryError, WriteTimeoutError
from coodie.fields import PrimaryKey
from coodie.hooks import after_save, after_update, before_update
from coodie.sync import BatchQuery, Document
from coodie_drivers.errors import ReplicaAnswers
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from coodie_drivers.testing.scripted import ScriptedDriver


class Note(Document):
    id: Annotated[int, PrimaryKey()]
    title: str = ""
    lines: list[str] = []


class Loud(Note):
    @after_save
    @after_update
    def shout(self) -> None:
        if self.title == "loud":
            raise RuntimeError("a hook was loud")


def saved(model: type[Note] = Note, number: int = 1) -> Note:
    note = model(id=number, lines=["a"])
    note.save()
    return note


def sent(driver: ScriptedDriver) -> list[tuple[str, list[Any]]]:
    """Return the writes of the last batch."""
    return [(statement.cql, list(values)) for statement, values in driver.requests[-1].parts]


APPEND = "UPDATE ks.note SET lines = lines + ? WHERE id = ?"


def test_a_call_that_raises_keeps_no_document_from_knowing_its_row(driver: ScriptedDriver) -> None:
    note, other = saved(), saved(number=2)

    def fail() -> None:
        raise RuntimeError("metrics are down")

    batch = BatchQuery()
    batch.add_callback(fail)
    for each in (note, other):
        each.lines.append("b")
        each.update(batch=batch)
    with pytest.raises(RuntimeError, match="metrics are down"):
        batch.execute()
    before = len(driver.requests)
    note.update()
    other.update()
    batch.execute()
    assert len(driver.requests) == before


def test_a_hook_that_raises_keeps_no_document_from_knowing_its_row(driver: ScriptedDriver) -> None:
    loud, quiet = Loud(id=1, title="loud"), Loud(id=2)
    batch = BatchQuery()
    loud.save(batch=batch)
    quiet.save(batch=batch)
    with pytest.raises(RuntimeError, match="a hook was loud"):
        batch.execute()
    before = len(driver.requests)
    quiet.update()
    loud.update()
    assert len(driver.requests) == before


@pytest.mark.parametrize("first", ["update", "save", "save_json"])
def test_what_one_batch_has_taken_is_not_written_twice(driver: ScriptedDriver, first: str) -> None:
    note = saved()
    with BatchQuery() as batch:
        note.lines.append("b")
        getattr(note, first)(batch=batch)
        note.lines.append("c")
        note.update(batch=batch)
        note.update(batch=batch)
    assert len(sent(driver)) == 2
    assert sent(driver)[1] == (APPEND, [["c"], 1])
    before = len(driver.requests)
    note.update()
    assert len(driver.requests) == before


def test_what_another_batch_has_taken_is_written_until_it_was_sent(driver: ScriptedDriver) -> None:
    note = saved()
    note.lines.append("b")
    note.update(batch=BatchQuery())  # which is never sent
    with BatchQuery() as batch:
        note.update(batch=batch)
    assert sent(driver) == [(APPEND, [["b"], 1])]


def test_an_update_that_names_a_field_is_not_taken_back_by_the_next(driver: ScriptedDriver) -> None:
    note = saved()
    with BatchQuery() as batch:
        note.update(title="named", batch=batch)
        note.lines.append("b")
        note.update(batch=batch)
    assert sent(driver)[1] == (APPEND, [["b"], 1])
    assert (note.title, note.lines) == ("named", ["a", "b"])
    note.update()
    assert len(driver.requests) == 2


@pytest.mark.parametrize("verb", ["save", "save_json", "insert"])
def test_a_document_that_a_batch_has_saved_first_knows_its_row(
    script: Callable[..., ScriptedDriver], verb: str
) -> None:
    driver = script(Reply([(True,)], ("[applied]",), None, True))
    note = Note(id=1)
    with BatchQuery() as batch:
        getattr(note, verb)(batch=batch)
        note.lines.append("in the batch")
        note.update(batch=batch)
    note.title = "behind it"
    note.update()
    assert list(driver.requests[-1].params) == ["behind it", 1]
    dropped = Note(id=2)
    dropped.save(batch=BatchQuery())  # which is never sent
    with pytest.raises(InvalidQueryError, match="neither read from the table nor saved"):
        dropped.update()


def test_a_document_that_a_batch_has_deleted_has_no_row(driver: ScriptedDriver) -> None:
    note, kept = saved(), saved(number=2)
    kept.delete(batch=BatchQuery())  # which is never sent
    with BatchQuery() as batch:
        note.delete(batch=batch)
    for each in (note, kept):
        each.title = "changed"
    kept.update()
    with pytest.raises(InvalidQueryError, match="was pickled or deleted since, and knows its row no more"):
        note.update()
    note.save(changed_only=True)
    assert driver.requests[-1].statement.cql.startswith("INSERT")


class Word(Document):
    id: Annotated[int, PrimaryKey()]
    text: str | None = None
    tags: set[str] = set()


def test_a_document_follows_when_the_batch_was_sent_that_deletes_its_columns(driver: ScriptedDriver) -> None:
    word = Word(id=1, text="x", tags={"a", "b"})
    word.save()
    with BatchQuery() as batch:
        word.delete_columns("text", collection_elements=[("tags", "a")], batch=batch)
        assert (word.text, word.tags) == ("x", {"a", "b"})
    assert (word.text, word.tags) == (None, {"b"})
    before = len(driver.requests)
    word.update()
    assert len(driver.requests) == before
    word.text = "x"
    word.update()
    assert list(driver.requests[-1].params) == ["x", 1]


@pytest.mark.parametrize("changed_only", [False, True])
def test_what_is_assigned_to_a_column_that_a_batch_deletes_is_written_next(
    driver: ScriptedDriver, *, changed_only: bool
) -> None:
    word = Word(id=1, text="x")
    word.save()
    with BatchQuery() as batch:
        word.delete_columns("text", batch=batch)
        word.text = "x"
    assert word.text == "x"
    word.save(changed_only=changed_only)
    assert "x" in driver.requests[-1].params


def test_a_batch_that_is_dropped_deletes_no_columns_of_a_document(driver: ScriptedDriver) -> None:
    word = Word(id=1, text="x")
    word.save()

    def drop() -> None:
        with BatchQuery() as batch:
            word.delete_columns("text", batch=batch)
            raise KeyError

    with pytest.raises(KeyError):
        drop()
    word.update()
    assert (word.text, len(driver.requests)) == ("x", 1)


def test_a_batch_that_failed_still_counts(script: Callable[..., ScriptedDriver]) -> None:
    script(WriteTimeoutError(ReplicaAnswers("ONE", 1, 0)))
    batch = BatchQuery(batch_type="unlogged")
    batch.add("UPDATE ks.counted SET n = n + 1 WHERE id = 1")
    with pytest.raises(WriteTimeoutError):
        batch.execute()
    with pytest.raises(InvalidQueryError, match="a batch has counters only, or none"):
        Note(id=1).save(batch=batch)


def calls_of_updates(count: int) -> int:
    """Count the Python functions that are called by updates of so many documents in one batch."""
    notes = [saved(number=number) for number in range(count)]
    batch = BatchQuery()
    called = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        del frame, argument
        nonlocal called
        called += event == "call"

    for each in notes:
        each.title = "changed"
    before = sys.getprofile()
    sys.setprofile(note)
    try:
        for each in notes:
            each.update(batch=batch)
    finally:
        sys.setprofile(before)
    return called


@pytest.mark.usefixtures("driver")
def test_an_update_in_a_large_batch_costs_what_it_costs_in_a_small_one() -> None:
    calls_of_updates(1)  # plans are made once
    assert calls_of_updates(160) < 6 * calls_of_updates(40)


class Signed(Note):
    signed: bool = False

    @before_update
    def sign(self) -> None:
        if self.title and not self.signed:
            self.signed, self.lines = True, [*self.lines, "signed"]


def test_what_a_hook_assigns_beside_named_fields_is_not_written_again(driver: ScriptedDriver) -> None:
    note = saved(Signed)
    with BatchQuery() as batch:
        note.update(title="x", batch=batch)
        note.lines.append("b")
        note.update(batch=batch)
    assert sent(driver)[0][1] == ["x", ["a", "signed"], True, 1]
    assert sent(driver)[1] == ("UPDATE ks.signed SET lines = lines + ? WHERE id = ?", [["b"], 1])
    before = len(driver.requests)
    note.update()
    assert (len(driver.requests), note.lines) == (before, ["a", "signed", "b"])


def test_what_a_hook_assigns_beside_named_fields_is_refused_where_it_is_emptied_behind(driver: ScriptedDriver) -> None:
    for note in (saved(Signed), Signed(id=2)):
        batch, note.title = BatchQuery(), "x"
        note.update(title="x", batch=batch)
        note.lines = []
        note.save(nulls="skip", batch=batch)
        before = len(driver.requests)
        with pytest.raises(InvalidQueryError, match=r"Signed\.lines of one row is written twice by one batch"):
            batch.execute()
        assert len(driver.requests) == before
