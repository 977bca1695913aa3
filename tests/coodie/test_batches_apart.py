"""Writes that no server takes together in one batch: they are refused when they are added."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import pytest

from coodie import using
from coodie.exceptions import InvalidQueryError
from coodie.fields import ClusteringKey, Counter, PrimaryKey
from coodie.sync import BatchQuery, CounterDocument, Document

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Note(Document):
    owner: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    title: str = "x"


def note() -> Note:
    return Note(owner="o", number=1)


class Parcel(Document):
    id: Annotated[int, PrimaryKey()]


class Tally(CounterDocument):
    id: Annotated[int, PrimaryKey()]
    n: Annotated[int, Counter()]


INSERT = "INSERT INTO ks.note (owner, number) VALUES (?, ?)"


class NoteElsewhere(Document):
    owner: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]

    class Settings:
        name = "note"
        keyspace = "ks2"


def write_elsewhere(batch: BatchQuery) -> None:
    with using(keyspace="ks2"):
        note().save(batch=batch)


APART: dict[str, tuple[list[Callable[[BatchQuery], object]], str]] = {
    "a SELECT": ([lambda b: b.add("SELECT * FROM ks.note")], "not SELECT; send it by itself"),
    "a TRUNCATE": ([lambda b: b.add("TRUNCATE ks.note")], "takes INSERT, UPDATE and DELETE, not "),
    "two partitions": (
        [lambda b: note().insert(batch=b), lambda b: Note(owner="p", number=1).save(batch=b)],
        "has a condition, and it writes several partitions; a batch with a condition is of one partition",
    ),
    "two partitions, the condition last": (
        [lambda b: note().save(batch=b), lambda b: Note(owner="p", number=1).delete(if_exists=True, batch=b)],
        "writes several partitions",
    ),
    "two partitions by updates": (
        [
            lambda b: note().update(title="y", batch=b),
            lambda b: Note(owner="p", number=1).update(title="y", if_conditions={"title": "x"}, batch=b),
        ],
        "writes several partitions",
    ),
    "two tables": (
        [lambda b: note().insert(batch=b), lambda b: Parcel(id=1).save(batch=b)],
        "it writes 'note' and 'parcel'",
    ),
    "a text of another table": (
        [lambda b: note().insert(batch=b), lambda b: b.add("DELETE FROM ks.other WHERE a = ?", [1])],
        "it writes 'note' and 'other'",
    ),
    "two keyspaces": (
        [lambda b: note().insert(batch=b), lambda b: NoteElsewhere(owner="o", number=1).save(batch=b)],
        "it writes 'ks.note' and 'ks2.note'; a batch with a condition is of one partition of one table",
    ),
    "two keyspaces, the condition last": (
        [lambda b: NoteElsewhere(owner="o", number=1).save(batch=b), lambda b: note().insert(batch=b)],
        "it writes 'ks.note' and 'ks2.note'",
    ),
    "a keyspace by using()": (
        [
            lambda b: note().insert(batch=b),
            lambda b: Note.find().using(keyspace="ks2").create(owner="o", number=1, batch=b),
        ],
        "it writes 'ks.note' and 'ks2.note'",
    ),
    "a keyspace by a block of using()": (
        [lambda b: note().insert(batch=b), write_elsewhere],
        "it writes 'ks.note' and 'ks2.note'",
    ),
    "a text of another keyspace": (
        [lambda b: note().insert(batch=b), lambda b: b.add(INSERT.replace("ks.", "ks2."), ["o", 1])],
        "it writes 'ks.note' and 'ks2.note'",
    ),
    "texts of two keyspaces": (
        [
            lambda b: b.add("INSERT INTO ks.note (owner, number) VALUES ('o', 1) IF NOT EXISTS"),
            lambda b: b.add("INSERT INTO ks2.note (owner, number) VALUES ('o', 1)"),
        ],
        "it writes 'ks.note' and 'ks2.note'",
    ),
    "a third keyspace behind a text that names none": (
        [
            lambda b: b.add(INSERT.replace("ks.", ""), ["o", 1]),
            lambda b: note().insert(batch=b),
            lambda b: NoteElsewhere(owner="o", number=1).save(batch=b),
        ],
        "it writes 'ks.note' and 'ks2.note'",
    ),
    "a third partition behind a text that tells none": (
        [
            lambda b: b.add("UPDATE ks.note SET title = 'y' WHERE owner = 'o' AND number = 1"),
            lambda b: note().insert(batch=b),
            lambda b: Note(owner="p", number=1).save(batch=b),
        ],
        "writes several partitions",
    ),
    "a third partition behind a write as JSON": (
        [
            lambda b: note().save_json(batch=b),
            lambda b: note().insert(batch=b),
            lambda b: Note(owner="p", number=1).save(batch=b),
        ],
        "writes several partitions",
    ),
    "a text of another partition": (
        [lambda b: note().insert(batch=b), lambda b: b.add(INSERT, ["p", 1])],
        "writes several partitions",
    ),
    "a counter beside others": (
        [lambda b: note().save(batch=b), lambda b: b.add("UPDATE ks.t SET n = n + ? WHERE id = ?", [1, 1])],
        "the text writes a counter, and Note is no counter table",
    ),
    "others beside a counter": (
        [lambda b: b.add("UPDATE ks.t SET n = n + 1 WHERE id = ?", [1]), lambda b: note().save(batch=b)],
        "Note is no counter table, and a text writes a counter",
    ),
}


@pytest.mark.parametrize("case", APART)
def test_what_no_server_takes_together_is_refused_when_it_is_added(case: str, driver: ScriptedDriver) -> None:
    (*before, last), sentence = APART[case]
    batch = BatchQuery(logged=False)
    for call in before:
        call(batch)
    with pytest.raises(InvalidQueryError, match=sentence):
        last(batch)
    assert driver.requests == []


def test_a_counter_text_is_refused_in_a_logged_batch() -> None:
    with pytest.raises(InvalidQueryError, match="give it batch_type='counter'"):
        BatchQuery().add("UPDATE ks.t SET n = n - ? WHERE id = ?", [1, 1])


def test_what_goes_together_is_taken(driver: ScriptedDriver) -> None:
    with BatchQuery() as batch:
        note().insert(batch=batch)
        Note(owner="o", number=2).delete(if_exists=True, batch=batch)
        batch.add(INSERT, ["o", 3])
        batch.add(INSERT.replace("ks.", ""), ["o", 5])
        batch.add("UPDATE ks.note SET title = ? WHERE owner = ? AND number = ? IF title = ?", ["y", "o", 4, "x"])
    with BatchQuery() as batch:
        batch.add("UPDATE ks.t SET l = l + ? WHERE id = ?", [[1], 1])
        note().save(batch=batch)
    with BatchQuery(batch_type="counter") as batch:
        batch.add("UPDATE ks.t SET n = n + ? WHERE id = ?", [1, 1])
        Tally(id=1).increment(n=1, batch=batch)
    assert [len(request.parts) for request in driver.requests] == [5, 2, 2]


@pytest.mark.usefixtures("driver")
def test_very_many_writes_beside_a_condition_are_each_compared_with_few() -> None:
    batch = BatchQuery()
    batch.add("UPDATE ks.note SET title = 'y' WHERE owner = 'o' AND number = 1")
    started = time.process_time()
    for number in range(4_000):  # each compared with all before it, they would take half a minute
        Note(owner="o", number=number).insert(batch=batch)
    assert time.process_time() - started < 5
    with pytest.raises(InvalidQueryError, match="writes several partitions"):
        Note(owner="p", number=1).insert(batch=batch)
