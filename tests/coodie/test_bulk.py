"""What bulk verbs send, what they say of each document, and what is refused."""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, cast

import pytest

from coodie import aio, using
from coodie.exceptions import BulkWriteError, DriverError, InvalidQueryError, InvalidValueError
from coodie.fields import ClusteringKey, Counter, PrimaryKey, Static
from coodie.hooks import after_delete, after_save, after_update
from coodie.sync import CounterDocument, Document, MaterializedView, QuerySet
from coodie_drivers.messages import BatchRequest, Reply
from coodie_drivers.testing.scripted import ScriptedDriver
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from coodie.results import BulkResult
    from coodie_drivers.messages import Request


class Event(Document):
    day: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    text: str | None = None
    marks: list[int] = []


class Other(Document):
    day: Annotated[str, PrimaryKey()]


class Shared(Document):
    day: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    owner: Annotated[str | None, Static()] = None


class Hits(CounterDocument):
    url: Annotated[str, PrimaryKey()]
    views: Annotated[int, Counter()] = 0


class Noted(Document):
    day: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    text: str | None = None

    @after_save
    def refuse_saved(self) -> None:
        if self.number % 2:
            raise LookupError(f"no {self.number}")

    @after_update
    def refuse_updated(self) -> None:
        self.refuse_saved()

    @after_delete
    def refuse_deleted(self) -> None:
        self.refuse_saved()


class AsyncEvent(aio.Document):
    number: Annotated[int, PrimaryKey()]


class EventView(MaterializedView):
    day: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]

    class Settings:
        __base_table__ = "event"


def events(count: int, days: int = 1) -> list[Event]:
    return [Event(day=f"d{number % days}", number=number) for number in range(count)]


def batches_of(driver: ScriptedDriver) -> list[BatchRequest]:
    return [request for request in driver.requests if isinstance(request, BatchRequest)]


def failed() -> DriverError:
    return DriverError("too late", outcome="unknown", statement_kind=StatementKind.INSERT)


def test_each_document_is_saved_with_the_options_of_the_query(driver: ScriptedDriver) -> None:
    query = Event.find().using(ttl=60, timestamp=5, consistency="QUORUM", timeout=2.5, keyspace="tenant")
    result = query.save_many(events(3))
    assert (result.count, result.written, result.complete) == (3, 3, True)
    cql = "INSERT INTO tenant.event (day, number, text, marks) VALUES (?, ?, ?, ?) USING TTL ? AND TIMESTAMP ?"
    assert {request.statement.cql for request in driver.requests} == {cql}
    assert sorted(request.params[1] for request in driver.requests) == [0, 1, 2]
    assert all(list(request.params[-2:]) == [60, 5] for request in driver.requests)
    assert {(request.consistency, request.timeout) for request in driver.requests} == {("QUORUM", 2.5)}


def test_an_iterable_is_taken_in_chunks_that_are_told_of(driver: ScriptedDriver) -> None:
    taken: list[int] = []

    def source() -> Iterator[Event]:
        for number in range(1_200):
            taken.append(number)
            yield Event(day="d", number=number)

    told: list[tuple[int, int, int]] = []
    result = Event.find().save_many(
        source(), progress=lambda done: told.append((done, len(taken), len(driver.requests)))
    )
    assert told == [(500, 500, 500), (1_000, 1_000, 1_000), (1_200, 1_200, 1_200)]
    assert result.written == 1_200


@pytest.mark.usefixtures("driver")
def test_nothing_is_nothing() -> None:
    assert Event.find().save_many([]).count == 0
    with pytest.raises(InvalidQueryError, match=r"takes no filter\(\)"):
        Event.find(day="d").save_many([])


def test_all_chunks_go_where_the_first_went(driver: ScriptedDriver) -> None:
    def wandering() -> Iterator[Event]:
        with using(keyspace="tenant"):
            yield from events(1_200)

    assert Event.find().save_many(wandering()).written == 1_200
    assert all(" ks.event " in request.statement.cql for request in driver.requests)


class Counting(ScriptedDriver):
    """Counts how many requests are under way at once, and holds each until enough are."""

    def __init__(self, at_once: int) -> None:
        super().__init__()
        self._barrier = threading.Barrier(at_once)
        self._lock = threading.Lock()
        self.most = self.now = 0

    def send(self, request: Request | BatchRequest) -> Reply:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self._barrier.wait(10)
        with self._lock:
            self.now -= 1
        return super().send(request)


def test_no_more_than_asked_for_are_under_way_at_once(register: Callable[[ScriptedDriver], None]) -> None:
    driver = Counting(4)
    register(driver)
    Event.find().save_many(events(40), at_once=4)
    assert driver.most == 4


def test_a_saved_document_knows_what_its_row_holds(driver: ScriptedDriver) -> None:
    document = events(1)[0]
    Event.find().save_many([document])
    document.text = "new"
    Event.find().update_many([document])
    assert driver.requests[-1].statement.cql == "UPDATE ks.event SET text = ? WHERE day = ? AND number = ?"
    sent = len(driver.requests)
    assert Event.find().update_many([document]).written == 1
    assert len(driver.requests) == sent


def test_changes_are_made_to_every_document(driver: ScriptedDriver) -> None:
    documents = events(2)
    Event.find().iff(text=None).update_many(documents, text="x")
    assert {request.statement.cql for request in driver.requests} == {
        "UPDATE ks.event SET text = ? WHERE day = ? AND number = ? IF text = ?"
    }
    assert [list(request.params) for request in driver.requests] == [["x", "d0", 0, None], ["x", "d0", 1, None]]


def test_what_was_rejected_says_what_stood_in_the_way(script: Callable[..., ScriptedDriver]) -> None:
    there = Reply([(False, "d0", 1, "old", None)], ("[applied]", "day", "number", "text", "marks"), applied=False)
    script(Reply(applied=True), there)
    result = Event.find().insert_many(events(2), at_once=1)
    assert (result.written, result.complete) == (1, False)
    assert result.rejected[1].existing["text"] == "old"
    assert [result.outcome_of(place) for place in range(2)] == ["written", "rejected"]
    with pytest.raises(IndexError):
        result.outcome_of(2)


def test_the_first_failure_ends_it(script: Callable[..., ScriptedDriver]) -> None:
    driver = script(Reply(), Reply(), failed())
    with pytest.raises(BulkWriteError, match="2 rows were written, 1 failed and 7 were not begun") as raised:
        Event.find().save_many(events(10), at_once=1)
    assert len(driver.requests) == 3
    assert raised.value.written == [{"day": "d0", "number": 0}, {"day": "d0", "number": 1}]
    assert [key for key, _ in raised.value.failed] == [{"day": "d0", "number": 2}]
    assert isinstance(raised.value.__cause__, DriverError)
    result = raised.value.result
    assert result is not None
    assert [result.outcome_of(place) for place in range(4)] == ["written", "written", "failed", "not begun"]


def test_a_failure_of_a_later_chunk_counts_those_before(script: Callable[..., ScriptedDriver]) -> None:
    script(*[Reply() for _ in range(500)], failed())
    with pytest.raises(BulkWriteError, match="500 rows were written, 1 failed and 99 were not begun") as raised:
        Event.find().save_many(events(600), at_once=1)
    assert raised.value.written == []
    assert raised.value.result is not None
    assert list(raised.value.result.failed) == [500]


def test_without_stopping_each_document_has_its_outcome(script: Callable[..., ScriptedDriver]) -> None:
    script(failed(), Reply(), failed(), Reply(), Reply())
    result = Event.find().save_many(events(5), at_once=1, stop_on_error=False)
    assert (result.written, sorted(result.failed)) == (3, [0, 2])
    assert all(isinstance(error, DriverError) for error in result.failed.values())


VERBS: dict[str, Callable[[list[Noted], bool], BulkResult]] = {
    "save": lambda documents, stops: Noted.find().save_many(documents, stop_on_error=stops),
    "save batched": lambda documents, stops: Noted.find().save_many(documents, stop_on_error=stops, batched=True),
    "insert": lambda documents, stops: Noted.find().insert_many(documents, stop_on_error=stops),
    "update": lambda documents, stops: Noted.find().update_many(documents, stop_on_error=stops, text="x"),
    "delete": lambda documents, stops: Noted.find().delete_many(documents, stop_on_error=stops),
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_row_whose_hook_raises_behind_the_write_was_written(script: Callable[..., ScriptedDriver], verb: str) -> None:
    script(*[Reply(applied=True)] * 9)
    documents = [Noted(day="d", number=number) for number in range(4)]
    result = VERBS[verb](documents, False)
    assert (result.written, result.complete, result.failed) == (4, True, {})
    assert {place: str(error) for place, error in result.hook_errors.items()} == {1: "no 1", 3: "no 3"}
    assert {result.outcome_of(place) for place in range(4)} == {"written"}
    with pytest.raises(BulkWriteError, match=r"4 rows were written, 0 failed.* a hook behind .* LookupError") as raised:
        VERBS[verb](documents, True)
    assert isinstance(raised.value.__cause__, LookupError)
    assert raised.value.failed == []
    assert [key["number"] for key in raised.value.written] == [0, 1, 2, 3]
    assert raised.value.result is not None
    assert list(raised.value.result.hook_errors) == [1, 3]


def test_an_iterable_or_progress_that_raises_does_not_hide_what_was_written(driver: ScriptedDriver) -> None:
    def broken(count: int) -> Iterator[Event]:
        yield from events(count)
        raise ConnectionError("the source is gone")

    async def broken_awaited() -> AsyncIterator[AsyncEvent]:
        for number in range(600):
            yield AsyncEvent(number=number)
        raise ConnectionError("the source is gone")

    def fail(_taken: int) -> None:
        raise ConnectionError("nobody listens")

    calls: list[Callable[[], object]] = [
        lambda: Event.find().save_many(broken(600)),
        lambda: Event.find().save_many(events(600), progress=fail),
        lambda: asyncio.run(cast("Any", AsyncEvent.find().save_many(broken_awaited()))),
        lambda: asyncio.run(cast("Any", AsyncEvent.find().save_many([AsyncEvent(number=1)] * 600, progress=fail))),
    ]
    for call, left in zip(calls, (100, 0, 100, 0), strict=True):
        problem = rf"500 rows were written, 0 failed and {left} were not begun; .* raised ConnectionError"
        with pytest.raises(BulkWriteError, match=problem) as raised:
            call()
        assert isinstance(raised.value.__cause__, ConnectionError)
        result = raised.value.result
        assert result is not None
        assert (result.count, result.written, raised.value.left) == (500 + left, 500, left)
        assert [result.outcome_of(place) for place in range(499, 500 + left)] == ["written", *["not begun"] * left]
    with pytest.raises(ConnectionError):  # nothing was written
        Event.find().save_many(broken(3))
    assert len(driver.requests) == 2_000


def test_a_document_that_cannot_be_sent_is_refused_before_its_chunk_is(driver: ScriptedDriver) -> None:
    wrong: Any = Other(day="d")
    misfit = Event.model_construct(day="d", number=None)
    with pytest.raises(InvalidQueryError, match=r"save_many\(\) of Event takes documents of Event, not Other"):
        Event.find().save_many([*events(3), wrong])
    with pytest.raises(InvalidValueError, match=r"Event\.number"):
        Event.find().save_many([*events(3), misfit])
    assert driver.requests == []
    result = Event.find().save_many([*events(2), wrong, misfit], stop_on_error=False)
    assert (result.written, sorted(result.failed)) == (2, [2, 3])
    with pytest.raises(BulkWriteError, match="500 rows were written"):
        Event.find().save_many([*events(500), wrong])


def test_rows_of_a_partition_go_together_in_small_batches(driver: ScriptedDriver) -> None:
    documents = events(250, days=2)
    Event.find().consistency("ONE").save_many(documents, batched=True)
    batches = batches_of(driver)
    assert sum(len(batch.parts) for batch in batches) == 250
    assert {(batch.kind, batch.consistency) for batch in batches} == {("unlogged", "ONE")}
    for batch in batches:
        assert len({params[0] for _, params in batch.parts}) == 1
        assert 1 < len(batch.parts) <= 100
    assert Event.find().update_many(documents).written == 250


def test_large_rows_and_repeated_ones_are_not_put_together(driver: ScriptedDriver) -> None:
    Event.find().save_many([Event(day="d", number=n, text="x" * 2_000) for n in range(3)], batched=True)
    assert batches_of(driver) == []
    Event.find().save_many([Event(day="d", number=1), Event(day="d", number=1, text="b")], batched=True)
    assert batches_of(driver) == []


class Measured(Document):
    place: Annotated[str, PrimaryKey()]
    at: Annotated[float, ClusteringKey()]
    value: int = 0


def test_rows_whose_keys_a_server_holds_to_be_one_are_not_put_together(driver: ScriptedDriver) -> None:
    as_read = 0.10000000149011612  # 0.1 with 32 bits
    rows = [Measured(place="p", at=0.1), Measured(place="p", at=as_read, value=1)]
    Measured.find().save_many(rows, batched=True)
    assert batches_of(driver) == []
    Measured.find().save_many([rows[0], Measured(place="p", at=0.2)], batched=True)
    assert len(batches_of(driver)) == 1


def test_what_is_not_the_same_twice_is_sent_by_itself(driver: ScriptedDriver) -> None:
    Event.find().update_many(events(3), append__marks=[1], batched=True)
    assert batches_of(driver) == []
    Shared.find().save_many([Shared(day="d", number=n, owner=str(n)) for n in range(3)], batched=True)
    assert batches_of(driver) == []
    Shared.find().delete_many([Shared(day="d", number=n) for n in range(3)], batched=True)
    assert len(driver.requests[-1].parts) == 3


def test_a_batch_that_failed_failed_for_each_of_its_rows(script: Callable[..., ScriptedDriver]) -> None:
    script(failed())
    result = Event.find().delete_many(events(3), batched=True, stop_on_error=False)
    assert sorted(result.failed) == [0, 1, 2]


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "at_once": (lambda: Event.find().save_many([], at_once=0), r"save_many\(at_once=...\) takes a whole number"),
    "at_once of too many": (lambda: Event.find().save_many([], at_once=2_000), "from 1 to 1024"),
    "batched": (lambda: Event.find().save_many([], batched="yes"), r"batched=...\) is True or False"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    "progress": (lambda: Event.find().save_many(events(2), progress=5), r"save_many\(progress=...\) takes a function"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    "progress of updates": (lambda: Event.find().update_many(events(2), progress="x", text="a"), "call, not str"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    "one document": (lambda: Event.find().save_many(5), "takes documents, not int"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    "a document": (lambda: Event.find().save_many(events(1)[0]), "takes documents, not Event; write"),
    "counters": (lambda: QuerySet(Hits).save_many([]), "Hits is a counter table, which save_many"),
    "batched counters": (lambda: QuerySet(Hits).delete_many([], batched=True), "does not go with counters"),
    "view": (lambda: EventView.find().delete_many([]), "EventView"),
    "batched condition": (
        lambda: Event.find().if_exists().delete_many([], batched=True),
        r"delete_many\(batched=True\) of Event does not go with a condition; leave it out",
    ),
    "insert with a timestamp": (lambda: Event.find().timestamp(3).insert_many([]), r"takes no timestamp\(\)"),
    "limit": (lambda: Event.find().limit(3).update_many([], text="x"), r"takes no limit\(\)"),
    "condition and ttl": (lambda: Event.find().if_exists().timestamp(3).delete_many([]), "timed by the server"),
}


@pytest.mark.usefixtures("driver")
@pytest.mark.parametrize("what", REFUSED)
def test_refused_with_the_way_out(what: str, refused: Callable[[Callable[[], object], str], None]) -> None:
    refused(*REFUSED[what])


async def test_progress_that_cannot_be_called_is_refused_before_anything_is_written(driver: ScriptedDriver) -> None:
    wrong: Any = 5
    for call in (AsyncEvent.find().save_many, AsyncEvent.find().insert_many, AsyncEvent.find().delete_many):
        with pytest.raises(InvalidQueryError, match=r"_many\(progress=...\) takes a function to call, not int"):
            await call([AsyncEvent(number=1)], progress=wrong)
    assert driver.requests == []


async def test_progress_that_would_not_run_is_refused_before_anything_is_written(driver: ScriptedDriver) -> None:
    async def show(_: object) -> None:
        """Tell nobody."""

    def yielding(done: object) -> Iterator[object]:
        yield done

    sentence = r"\(progress=...\) takes a plain function, which neither awaits nor yields; start a task in one"
    for wrong in cast("tuple[Any, ...]", (show, partial(show), yielding)):
        with pytest.raises(InvalidQueryError, match=f"^save_many{sentence}"):
            await AsyncEvent.find().save_many([AsyncEvent(number=1)], progress=wrong)
        with pytest.raises(InvalidQueryError, match=f"^save_many{sentence}"):
            Event.find().save_many([], progress=wrong)
        with pytest.raises(InvalidQueryError, match=f"^scan{sentence}"):
            AsyncEvent.find().scan(progress=wrong)
    assert driver.requests == []
