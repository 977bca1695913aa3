"""What a batch refuses when it is added, what it tells while its calls run, and what a dropped one leaves behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie.exceptions import InvalidQueryError, InvalidValueError
from coodie.fields import Counter, PrimaryKey
from coodie.hooks import before_save
from coodie.mixins import Timestamped
from coodie.sync import BatchQuery, CounterDocument, Document, execute_raw
from coodie_drivers.messages import BatchRequest, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie.results import LWTResult
    from coodie_drivers.testing.scripted import ScriptedDriver


class Note(Document):
    id: Annotated[int, PrimaryKey()]
    title: str = ""


class Tally(CounterDocument):
    id: Annotated[int, PrimaryKey()]
    n: Annotated[int, Counter()]


INSERT = "INSERT INTO ks.note (id, title) VALUES (?, ?)"
COUNT = "UPDATE ks.tally SET n = n + ? WHERE id = ?"
TIMED = r"^a batch with a timestamp takes no write with a condition, which the server times; leave timestamp out"


CONDITIONAL: dict[str, Callable[[BatchQuery], object]] = {
    "insert": lambda b: Note(id=1).insert(batch=b),
    "delete": lambda b: Note(id=1).delete(if_exists=True, batch=b),
    "update": lambda b: Note(id=1).update(title="x", if_exists=True, batch=b),
    "a text": lambda b: b.add(f"{INSERT} IF NOT EXISTS", [1, "x"]),
}


@pytest.mark.parametrize("name", CONDITIONAL)
def test_a_condition_in_a_batch_with_a_timestamp_is_refused_when_it_is_added(name: str, driver: ScriptedDriver) -> None:
    batch = BatchQuery(timestamp=5)
    batch.add(INSERT, [1, "kept"])
    with pytest.raises(InvalidQueryError, match=TIMED):
        CONDITIONAL[name](batch)
    batch.execute()
    (request,) = driver.requests
    assert isinstance(request, BatchRequest)
    assert [list(values) for _, values in request.parts] == [[1, "kept"]]


def test_a_counter_batch_takes_no_timestamp() -> None:
    with pytest.raises(InvalidQueryError, match=r"^the server times counters; leave timestamp out of a batch with"):
        BatchQuery(batch_type="counter", timestamp=5)


COUNTING: dict[str, tuple[Callable[[BatchQuery], object], str]] = {
    "an increment": (lambda b: Tally(id=1).increment(n=1, batch=b), "Tally is a counter table, whose writes"),
    "a decrement of the class": (
        lambda b: Tally.decrement(id=1, n=1, batch=b),
        "Tally is a counter table, whose writes",
    ),
    "a delete": (lambda b: Tally(id=1).delete(batch=b), "Tally is a counter table, whose writes"),
    "a text": (lambda b: b.add(COUNT, [1, 1]), "the text writes a counter, which"),
}


@pytest.mark.parametrize("name", COUNTING)
def test_a_batch_with_a_timestamp_takes_no_counters(name: str, driver: ScriptedDriver) -> None:
    write, problem = COUNTING[name]
    batch = BatchQuery(logged=False, timestamp=5)
    with pytest.raises(InvalidQueryError, match=rf"^{problem} the server times; leave timestamp out of the batch$"):
        write(batch)
    Note(id=1).save(batch=batch)
    with pytest.raises(InvalidQueryError, match="a counter"):
        write(batch)
    batch.execute()
    (request,) = driver.requests
    assert isinstance(request, BatchRequest)
    assert (len(request.parts), request.timestamp) == (1, 5)


@pytest.mark.parametrize(
    ("text", "values", "sentence"),
    [
        (INSERT, [1], r"^the statement has 2 markers, but 1 value was given; give one for each \?$"),
        (INSERT, [1, "x", 2], "2 markers, but 3 values were given"),
        (INSERT, [], "2 markers, but 0 values were given"),
        ("DELETE FROM ks.note WHERE id = 1", [1], "0 markers, but 1 value was given"),
        ("UPDATE ks.note SET title = 'why?' WHERE id = ?", [1, 2], "1 marker, but 2 values were given"),
        ("INSERT INTO ks.note (id, title) VALUES (:id, :title)", [1], "2 markers, but 1 value was given"),
    ],
)
def test_a_text_with_another_number_of_values_is_refused_when_it_is_added(
    text: Any, values: list[object], sentence: str, driver: ScriptedDriver
) -> None:
    batch = BatchQuery()
    with pytest.raises(InvalidQueryError, match=sentence):
        batch.add(text, values)
    batch.execute()
    assert driver.requests == []


def test_values_of_markers_that_cannot_be_counted_are_the_servers_to_judge(driver: ScriptedDriver) -> None:
    batch = BatchQuery()
    batch.add("INSERT INTO ks.note (id, title) VALUES (:id, :id)", [1])  # one value, or two: servers differ
    batch.add("INSERT INTO ks.note (id, title) VALUES (:id, :id)", [1, "1"])
    batch.add("UPDATE ks.note SET title = '?' WHERE id = ?", [1])
    batch.add("DELETE OF ANOTHER KIND ?", [])
    batch.execute()
    assert len(driver.requests[-1].parts) == 4


@pytest.mark.parametrize(
    ("text", "values", "sentence"),
    [
        (
            "SELECT * FROM ks.note WHERE id = ?",
            None,
            r"^the statement has 1 marker, but 0 values were given; give one f",
        ),
        ("SELECT * FROM ks.note WHERE id = ?", [], "1 marker, but 0 values were given"),
        ("SELECT * FROM ks.note WHERE id = ?", [1, 2], "1 marker, but 2 values were given"),
        ("SELECT * FROM ks.note WHERE id = :id", None, "1 marker, but 0 values were given"),
        ("SELECT * FROM ks.note", [1], "0 markers, but 1 value was given"),
        ("BEGIN BATCH DELETE FROM ks.note WHERE id = ?; APPLY BATCH", [], "1 marker, but 0 values were given"),
    ],
)
def test_a_raw_text_with_another_number_of_values_is_not_sent(
    text: str, values: list[object] | None, sentence: str, driver: ScriptedDriver
) -> None:
    execute: Any = execute_raw
    with pytest.raises(InvalidQueryError, match=sentence):
        execute(text, values)
    assert driver.requests == []


def test_a_question_mark_in_a_raw_text_is_no_marker(driver: ScriptedDriver) -> None:
    execute_raw("SELECT * FROM ks.note WHERE title = 'why?' -- or not?\nALLOW FILTERING")
    execute_raw("SELECT * FROM ks.note WHERE id = ? AND title = 'why?' ALLOW FILTERING", [1])
    execute_raw("A STATEMENT OF TOMORROW ?")
    assert len(driver.requests) == 3


PLAIN: dict[str, Callable[[BatchQuery], object]] = {
    "an INSERT": lambda b: b.add(INSERT, [1, "x"]),
    "an UPDATE that sets": lambda b: b.add("UPDATE ks.note SET title = ? WHERE id = ?", ["x", 1]),
    "a condition": lambda b: b.add("UPDATE ks.note SET title = ? WHERE id = ? IF EXISTS", ["x", 1]),
}


@pytest.mark.parametrize("name", PLAIN)
def test_a_text_that_writes_no_counter_is_refused_beside_counters(name: str, driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidQueryError, match=r"^a counter batch takes writes of counters alone, and the text is no"):
        PLAIN[name](BatchQuery(batch_type="counter"))
    batch = BatchQuery(logged=False)
    Tally(id=1).increment(n=1, batch=batch)
    with pytest.raises(
        InvalidQueryError, match=r"^the text writes no counter, and Tally is a counter table; a batch has"
    ):
        PLAIN[name](batch)
    batch = BatchQuery(logged=False)
    batch.add(COUNT, [1, 1])
    with pytest.raises(InvalidQueryError, match=r"^the text writes no counter, and another does; a batch has"):
        PLAIN[name](batch)
    batch = BatchQuery(logged=False)
    PLAIN[name](batch)
    with pytest.raises(InvalidQueryError, match=r"^the text writes a counter, and another writes none; a batch has"):
        batch.add(COUNT, [1, 1])
    with pytest.raises(
        InvalidQueryError, match=r"^Tally is a counter table, and a text writes no counter; a batch has"
    ):
        Tally(id=1).increment(n=1, batch=batch)
    assert driver.requests == []


def test_deletes_go_with_counters(driver: ScriptedDriver) -> None:
    with BatchQuery(batch_type="counter") as batch:
        batch.add("DELETE FROM ks.tally WHERE id = ?", [1])
        Tally(id=2).increment(n=1, batch=batch)
        batch.add(COUNT, [1, 3])
    assert len(driver.requests[-1].parts) == 3


@pytest.mark.parametrize("applied", [True, False])
def test_calls_behind_a_batch_find_its_result(script: Callable[..., ScriptedDriver], applied: bool) -> None:
    script(Reply([(applied,)], ("[applied]",), None, applied))
    batch = BatchQuery()
    seen: list[LWTResult | None] = []

    def look() -> None:
        seen.append(batch.result)
        raise RuntimeError("metrics are down")

    Note(id=1).insert(batch=batch)
    batch.add_callback(look)
    if applied:
        with pytest.raises(RuntimeError, match="metrics are down"):
            batch.execute()
    else:
        batch.execute()
    assert batch.result is not None
    assert batch.result.applied is applied
    assert seen == ([batch.result] if applied else [])


def test_a_batch_without_a_condition_has_no_result_of_an_earlier_one(script: Callable[..., ScriptedDriver]) -> None:
    script(Reply([(True,)], ("[applied]",), None, True))
    batch = BatchQuery()
    Note(id=1).insert(batch=batch)
    batch.execute()
    assert batch.result is not None
    Note(id=1).save(batch=batch)
    batch.execute()
    assert batch.result is None


class Stamped(Timestamped, Document):
    id: Annotated[int, PrimaryKey()]
    title: str = ""


class Numbered(Document):
    id: Annotated[int, PrimaryKey()]
    saves: int = 0
    marks: list[int] = []

    @before_save
    def count(self) -> None:
        self.saves += 1


WRITES: dict[str, Callable[[Stamped, BatchQuery], object]] = {
    "save": lambda each, batch: each.save(batch=batch),
    "save_json": lambda each, batch: each.save_json(batch=batch),
    "insert": lambda each, batch: each.insert(batch=batch),
    "update": lambda each, batch: each.update(title="x", batch=batch),
    "update of what changed": lambda each, batch: each.update(batch=batch),
    "update on a condition": lambda each, batch: each.update(title="x", if_exists=True, batch=batch),
}


@pytest.mark.parametrize("name", WRITES)
def test_a_dropped_batch_takes_back_what_hooks_have_assigned(name: str, driver: ScriptedDriver) -> None:
    each = Stamped(id=1)
    each.save()
    before = each.model_dump()

    def fail_inside() -> None:
        with BatchQuery() as batch:
            WRITES[name](each, batch)
            WRITES[name](each, batch)
            raise KeyError

    with pytest.raises(KeyError):
        fail_inside()
    assert each.model_dump() == before
    assert len(driver.requests) == 1


@pytest.mark.parametrize("name", ["insert", "save", "update on a condition"])
def test_a_batch_whose_condition_did_not_hold_takes_back_what_hooks_have_assigned(
    name: str, script: Callable[..., ScriptedDriver]
) -> None:
    script(Reply([], ()), Reply([(False,)], ("[applied]",), None, False))
    each = Stamped(id=1)
    each.save()
    before = each.model_dump()
    with BatchQuery() as batch:
        batch.add("INSERT INTO ks.stamped (id) VALUES (?) IF NOT EXISTS", [1])
        WRITES[name](each, batch)
    assert each.model_dump() == before


@pytest.mark.parametrize("name", WRITES)
def test_a_write_that_a_batch_refuses_takes_back_what_hooks_have_assigned(name: str, driver: ScriptedDriver) -> None:
    each = Stamped(id=1)
    each.save()
    each.title = "changed"
    before = each.model_dump()
    with BatchQuery(logged=False) as batch:
        Tally.increment(id=1, n=1, batch=batch)
        with pytest.raises(InvalidQueryError, match="is a counter table"):
            WRITES[name](each, batch)
        assert each.model_dump() == before
    assert each.model_dump() == before
    assert len(driver.requests) == 2


@pytest.mark.parametrize("name", ["save", "save_json", "insert"])
def test_a_document_that_a_batch_refuses_takes_back_what_hooks_have_assigned(name: str, driver: ScriptedDriver) -> None:
    wrong: Any = [None]
    each = Numbered.model_construct(id=1, saves=3, marks=wrong)
    with BatchQuery() as batch, pytest.raises(InvalidValueError, match=r"^Numbered\.marks"):
        getattr(each, name)(batch=batch)
    assert each.saves == 3
    assert driver.requests == []


def test_a_batch_that_was_sent_keeps_what_hooks_have_assigned(driver: ScriptedDriver) -> None:
    each = Numbered(id=1)
    batch = BatchQuery()
    each.save(batch=batch)
    batch.execute()

    def fail_inside() -> None:
        with batch:
            each.save(batch=batch)
            raise KeyError

    with pytest.raises(KeyError):
        fail_inside()
    assert each.saves == 1
    assert len(driver.requests) == 1
