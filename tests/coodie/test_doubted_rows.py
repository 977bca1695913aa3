"""What documents know of their rows after a write of which nobody knows whether it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.coodie.failing import Failing, Note, assigned, saved, timed_out

from coodie.exceptions import BulkWriteError, DriverError, InvalidQueryError
from coodie.sync import BatchQuery
from coodie_drivers.errors import InvalidRequestError, UnavailableError
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


APPLIED = Reply([(True,)], ("[applied]",), None, True)


def changed(note: Note) -> None:
    note.price, note.tags, note.lines, note.words = 9, {"a", "b"}, ["a", "b"], {"a": 2}


def batched(note: Note, *, whole: bool = False) -> None:
    changed(note)
    with BatchQuery() as batch:
        note.save(batch=batch) if whole else note.update(batch=batch)


def by_name(note: Note, **options: Any) -> None:
    note.update(price=9, add__tags={"b"}, append__lines=["b"], put__words={"a": 2}, **options)


def after_change(write: Callable[[Note], object]) -> Callable[[Note], object]:
    def run(note: Note) -> None:
        changed(note)
        write(note)

    return run


WRITES: dict[str, Callable[[Note], object]] = {
    "save": after_change(lambda note: note.save()),
    "save what changed": after_change(lambda note: note.save(changed_only=True)),
    "update": after_change(lambda note: note.update()),
    "update with a ttl": after_change(lambda note: note.update(ttl=60)),
    "update on a condition": after_change(lambda note: note.update(if_exists=True)),
    "save_json": after_change(lambda note: note.save_json()),
    "insert": after_change(lambda note: note.insert()),
    "save_many": after_change(lambda note: Note.find().save_many([note])),
    "save_many batched": after_change(
        lambda note: Note.find().save_many([note, Note(owner="o", number=2)], batched=True)
    ),
    "batched save": lambda note: batched(note, whole=True),
    "batched update": batched,
    "fields by name": lambda note: note.update(price=9, tags={"b"}, lines=["b"], words={"b": 2}),
    "elements by name": by_name,
    "elements by name on a condition": lambda note: by_name(note, if_conditions={"price": 0}),
    "update_many": lambda note: Note.find().update_many([note], price=9, tags={"b"}, lines=["b"], words={"b": 2}),
    "delete_columns": lambda note: note.delete_columns(
        "price", "tags", collection_elements=[("lines", 0), ("words", "a")]
    ),
}
WHOLE = {"price = ?", "tags = ?", "lines = ?", "words = ?"}


def failing(write: Callable[[Note], object], note: Note, error: type[BaseException]) -> None:
    with pytest.raises((error, BulkWriteError)):
        write(note)


@pytest.mark.parametrize("name", WRITES)
def test_what_may_have_been_written_is_written_whole(name: str, register: Callable[[ScriptedDriver], None]) -> None:
    driver = Failing(timed_out(), answer=APPLIED)
    register(driver)
    note = saved(price=5)
    failing(WRITES[name], note, DriverError)
    note.price, note.tags, note.lines, note.words = 5, {"a"}, ["a"], {"a": 1}  # as the row was before
    note.update()
    assert assigned(driver) == WHOLE
    count = len(driver.requests)
    note.update()
    assert len(driver.requests) == count  # it is known again


DELETES: dict[str, Callable[[Note], object]] = {
    "delete": lambda note: note.delete(),
    "delete on a condition": lambda note: note.delete(if_exists=True),
    "delete_many": lambda note: Note.find().delete_many([note]),
}


@pytest.mark.parametrize("name", DELETES)
def test_of_a_row_that_may_be_deleted_nothing_is_known(name: str, register: Callable[[ScriptedDriver], None]) -> None:
    driver = Failing(timed_out())
    register(driver)
    note = saved()
    failing(DELETES[name], note, DriverError)
    with pytest.raises(InvalidQueryError, match="was pickled or deleted since, and knows its row no more"):
        note.update()
    note.save(changed_only=True)
    assert driver.requests[-1].statement.cql.startswith("INSERT INTO ks.note (owner, number, kind, price, ")


@pytest.mark.parametrize("name", [*WRITES, *DELETES])
@pytest.mark.parametrize(
    "error", [UnavailableError("ONE", 1, 0, outcome="not_applied"), InvalidRequestError("refused")]
)
def test_what_was_surely_not_written_is_known_as_before(
    name: str, error: Exception, register: Callable[[ScriptedDriver], None]
) -> None:
    driver = Failing(error, answer=APPLIED)
    register(driver)
    note = saved(price=5)
    failing((WRITES | DELETES)[name], note, type(error))
    note.price, note.tags, note.lines, note.words = 5, {"a"}, ["a"], {"a": 1}
    note.update()
    assert len(driver.requests) == 2
    note.tags.add("c")
    note.lines.append("c")
    note.update()
    assert assigned(driver) == {"tags = tags + ?", "lines = lines + ?"}


def test_a_condition_that_did_not_hold_leaves_all_known(script: Callable[..., ScriptedDriver]) -> None:
    driver = script(Reply(), Reply([(False, 7)], ("[applied]", "price"), None, False))
    note = saved()
    note.lines.append("b")
    note.update(if_conditions={"price": 5})
    note.update()
    assert assigned(driver) == {"lines = lines + ?"}


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(), RuntimeError("of another library")])
@pytest.mark.parametrize("name", ["save", "update", "fields by name", "batched update", "save_many", "delete_columns"])
def test_whatever_ends_a_write_leaves_it_in_doubt(
    name: str, error: BaseException, register: Callable[[ScriptedDriver], None]
) -> None:
    driver = Failing(error)
    register(driver)
    note = saved()
    failing(WRITES[name], note, type(error))
    note.update()
    assert assigned(driver) >= {"tags = ?", "lines = ?", "words = ?"}


def test_what_the_write_would_not_have_changed_is_still_known(register: Callable[[ScriptedDriver], None]) -> None:
    driver = Failing(timed_out())
    register(driver)
    note = saved()
    note.price = 9
    with pytest.raises(DriverError):
        note.save()
    note.lines.append("b")
    note.update()
    assert assigned(driver) == {"price = ?", "lines = lines + ?"}


def test_fields_that_are_named_are_written_and_doubts_of_others_stay(
    register: Callable[[ScriptedDriver], None],
) -> None:
    driver = Failing(timed_out())
    register(driver)
    note = saved()
    note.price = 9
    note.lines.append("b")
    with pytest.raises(DriverError):
        note.update()
    note.update(body="x", append__lines=["c"])
    assert assigned(driver) == {"body = ?", "lines = lines + ?"}
    assert note.lines == ["a", "b", "c"]
    note.update()
    assert assigned(driver) == {"price = ?", "lines = ?"}
    note.delete_columns(collection_elements=[("lines", 0)])
    note.update()
    assert len(driver.requests) == 5


def test_a_document_is_in_doubt_until_a_write_succeeds(register: Callable[[ScriptedDriver], None]) -> None:
    driver = Failing(timed_out(), places=(1, 2, 3))
    register(driver)
    note = saved()
    note.lines.append("b")
    for _ in range(3):
        with pytest.raises(DriverError):
            note.update()
        assert assigned(driver) == ({"lines = lines + ?"} if len(driver.requests) == 2 else {"lines = ?"})
    note.save()
    note.lines.append("c")
    note.update()
    assert assigned(driver) == {"lines = lines + ?"}
