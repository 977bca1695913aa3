"""What a batch sends, what it refuses, and arguments of batches and keyspaces that are refused."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie.aio import AsyncBatchQuery
from coodie.exceptions import InvalidQueryError, WriteTimeoutError
from coodie.fields import BigInt, ClusteringKey, Counter, PrimaryKey
from coodie.sync import BatchQuery, CounterDocument, Document, create_keyspace, drop_keyspace
from coodie_drivers import register_driver, unregister_driver
from coodie_drivers.errors import ReplicaAnswers
from coodie_drivers.messages import BatchRequest, Reply, Request
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Note(Document):
    owner: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    title: str = "x"


def note() -> Note:
    return Note(owner="o", number=1)


def test_a_batch_collects_writes_and_sends_them_as_one(driver: ScriptedDriver) -> None:
    with BatchQuery(batch_type="UNLOGGED", consistency="ONE", timestamp=9) as batch:
        note().save(batch=batch)
        note().delete(batch=batch)
        batch.add("DELETE FROM ks.other WHERE a = ?", [1])
        assert driver.requests == []
    (request,) = driver.requests
    assert isinstance(request, BatchRequest)
    assert [statement.cql.split()[0] for statement, _ in request.parts] == ["INSERT", "DELETE", "DELETE"]
    assert (request.kind, request.consistency, request.timestamp) == ("unlogged", "ONE", 9)


def test_a_batch_takes_updates_and_the_document_changes_when_it_was_sent(driver: ScriptedDriver) -> None:
    written = note()
    with BatchQuery() as batch:
        written.update(title="y", batch=batch)
        assert (driver.requests, written.title) == ([], "x")
    (request,) = driver.requests
    assert isinstance(request, BatchRequest)
    ((statement, values),) = request.parts
    assert (statement.cql.split()[0], list(values)) == ("UPDATE", ["y", "o", 1])
    assert written.title == "y"


class Parcel(Document):
    id: Annotated[int, PrimaryKey()]
    batch: str = "a"


def test_a_field_called_batch_is_that_field(driver: ScriptedDriver) -> None:
    parcel = Parcel(id=1)
    parcel.update(batch="b")
    assert (parcel.batch, list(driver.requests[-1].params)) == ("b", ["b", 1])


def test_a_batch_is_dropped_when_its_block_raises_and_empty_is_nothing(driver: ScriptedDriver) -> None:
    batch = BatchQuery()

    def fail_inside() -> None:
        with batch:
            note().save(batch=batch)
            raise KeyError

    with pytest.raises(KeyError):
        fail_inside()
    batch.execute()
    with BatchQuery():
        pass
    assert driver.requests == []


def test_a_batch_is_of_one_connection_and_takes_no_options_of_its_parts() -> None:
    class Elsewhere(Document):
        id: Annotated[int, PrimaryKey(), BigInt()]

        class Settings:
            connection = "other"

    register_driver("scripted", ScriptedDriver(), default=True)
    register_driver("other", ScriptedDriver())
    try:
        batch = BatchQuery()
        note().save(batch=batch)
        with pytest.raises(InvalidQueryError, match="Note and Elsewhere are on different connections"):
            Elsewhere(id=1).save(batch=batch)
        with pytest.raises(InvalidQueryError, match="give consistency and timeout to the batch"):
            note().save(batch=batch, consistency="ONE")
        with pytest.raises(InvalidQueryError, match="batch_type is one of 'logged', 'unlogged', 'counter'"):
            BatchQuery(batch_type="fast")
        with pytest.raises(InvalidQueryError, match="logged=False contradicts batch_type='logged'; leave one of them"):
            BatchQuery(logged=False, batch_type="LOGGED")
        for given in ("x", 0, None):
            with pytest.raises(InvalidQueryError, match=r"^logged is True or False, not "):
                BatchQuery(logged=given)  # type: ignore[arg-type]  # what the test is about
    finally:
        unregister_driver("other")
        unregister_driver("scripted")


def test_a_batch_of_more_writes_than_can_be_sent_is_refused_and_keeps_them(driver: ScriptedDriver) -> None:
    batch = BatchQuery(logged=False, batch_type="counter")
    for _ in range(65_536):
        batch.add("DELETE FROM ks.a")
    for _ in range(2):
        with pytest.raises(
            InvalidQueryError, match=r"^a batch has at most 65,535 writes, this one has 65,536; make it"
        ):
            batch.execute()
    assert driver.requests == []
    fitting = BatchQuery()
    for _ in range(65_535):
        fitting.add("DELETE FROM ks.a")
    fitting.execute()
    assert len(driver.requests[-1].parts) == 65_535


def texts(request: Any) -> list[str]:
    return [statement.cql for statement, _ in request.parts]


def test_a_batch_that_failed_can_be_executed_again(script: Callable[..., ScriptedDriver]) -> None:
    driver = script(WriteTimeoutError(ReplicaAnswers("ONE", 1, 0)))
    batch = BatchQuery()
    batch.add("DELETE FROM ks.a")
    with pytest.raises(WriteTimeoutError):
        batch.execute()
    batch.add("DELETE FROM ks.b")
    batch.execute()
    assert [texts(request) for request in driver.requests] == [
        ["DELETE FROM ks.a"],
        ["DELETE FROM ks.a", "DELETE FROM ks.b"],
    ]
    batch.execute()
    assert len(driver.requests) == 2


class Slow(ScriptedDriver):
    """Answers when it is let, and sends what the batch holds by then."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()
        self.let = asyncio.Event()

    async def send_async(self, request: Request | BatchRequest) -> Reply:
        self.asked.set()
        await self.let.wait()
        return self.send(request)


@pytest.fixture
def slow() -> Iterator[Slow]:
    driver = Slow()
    register_driver("slow", driver, default=True)
    yield driver
    unregister_driver("slow")


async def test_what_is_added_while_a_batch_is_under_way_belongs_to_the_next_time(slow: Slow) -> None:
    batch = AsyncBatchQuery()
    batch.add("DELETE FROM ks.a")
    under_way = asyncio.create_task(batch.execute())
    await slow.asked.wait()
    batch.add("DELETE FROM ks.b")
    slow.let.set()
    await under_way
    await batch.execute()
    assert [texts(request) for request in slow.requests] == [["DELETE FROM ks.a"], ["DELETE FROM ks.b"]]


async def test_a_batch_that_was_cancelled_holds_its_writes_before_those_added_meanwhile(slow: Slow) -> None:
    batch = AsyncBatchQuery()
    batch.add("DELETE FROM ks.a")
    under_way = asyncio.create_task(batch.execute())
    await slow.asked.wait()
    batch.add("DELETE FROM ks.b")
    under_way.cancel()
    with pytest.raises(asyncio.CancelledError):
        await under_way
    slow.let.set()
    await batch.execute()
    assert [texts(request) for request in slow.requests] == [["DELETE FROM ks.a", "DELETE FROM ks.b"]]


class Elsewhere(Document):
    id: Annotated[int, PrimaryKey()]

    class Settings:
        connection = "elsewhere"


class Hits(CounterDocument):
    url: Annotated[str, PrimaryKey()]
    views: Annotated[int, Counter()] = 0


@pytest.mark.parametrize("dropped", [False, True])
def test_a_batch_that_was_sent_or_dropped_takes_whatever_goes_together(
    driver: ScriptedDriver, *, dropped: bool
) -> None:
    elsewhere = ScriptedDriver()
    register_driver("elsewhere", elsewhere)
    batch = BatchQuery(logged=False)

    def end() -> None:
        with suppress(KeyError), batch:
            if dropped:
                raise KeyError
        batch.__enter__()

    Hits.increment(url="/", views=1, batch=batch)
    end()
    note().save(batch=batch)
    end()
    Elsewhere(id=1).save(batch=batch)
    batch.execute()
    unregister_driver("elsewhere")
    assert (len(driver.requests), len(elsewhere.requests)) == (0 if dropped else 2, 1)


def test_a_batch_that_failed_takes_what_goes_with_its_writes(script: Callable[..., ScriptedDriver]) -> None:
    script(InvalidQueryError("no"))
    batch = BatchQuery(logged=False)
    note().save(batch=batch)
    with pytest.raises(InvalidQueryError, match="no"):
        batch.execute()
    with pytest.raises(InvalidQueryError, match="is a counter table"):
        Hits.increment(url="/", views=1, batch=batch)


def test_a_batch_keeps_the_values_as_they_were_given(driver: ScriptedDriver) -> None:
    values = [1]
    batch = BatchQuery()
    batch.add("DELETE FROM ks.a WHERE b = ?", values)
    values[0] = 2
    batch.execute()
    assert [list(params) for _, params in driver.requests[-1].parts] == [[1]]


def test_a_batch_of_the_other_kind_is_refused(driver: ScriptedDriver) -> None:
    batch: Any = AsyncBatchQuery()
    for verb in (note().save, note().insert, note().delete):
        with pytest.raises(
            InvalidQueryError, match=r"^AsyncBatchQuery cannot take .* a synchronous document; use BatchQ"
        ):
            verb(batch=batch)
    assert driver.requests == []


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: create_keyspace(None), "1 to 48 letters"),  # type: ignore[arg-type]
        (lambda: create_keyspace("a b"), "1 to 48 letters"),
        (lambda: create_keyspace("k", strategy=""), "strategy is the name"),
        (lambda: create_keyspace("k", replication_factor=0), "replication_factor is a whole number"),
        (lambda: create_keyspace("k", dc_replication_map={5: 1}), "names each data center"),  # type: ignore[dict-item]
        (lambda: create_keyspace("k", dc_replication_map=5), "names each data center"),  # type: ignore[arg-type]
        (lambda: create_keyspace("k", durable_writes=5), "True or False"),  # type: ignore[arg-type]
        (lambda: drop_keyspace(None), "1 to 48 letters"),  # type: ignore[arg-type]
        (lambda: BatchQuery(batch_type=5), "batch_type is one of"),  # type: ignore[arg-type]
        (lambda: BatchQuery().add("DELETE FROM t WHERE a = ?", 5), "the values of a statement are a list"),  # type: ignore[arg-type]
    ],
)
def test_a_wrong_argument_is_refused_before_anything_is_sent(call: Any, sentence: str, driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidQueryError, match=sentence):
        call()
    assert driver.requests == []
