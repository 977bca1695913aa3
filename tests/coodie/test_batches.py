"""What a batch sends, what it refuses, and arguments of batches and keyspaces that are refused."""

from __future__ import annotations

from typing import Annotated, Any

import pytest

from coodie.aio import AsyncBatchQuery
from coodie.exceptions import InvalidQueryError
from coodie.fields import BigInt, ClusteringKey, PrimaryKey
from coodie.sync import BatchQuery, Document, create_keyspace, drop_keyspace
from coodie_drivers import register_driver, unregister_driver
from coodie_drivers.messages import BatchRequest
from coodie_drivers.testing.scripted import ScriptedDriver


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


def test_a_batch_is_dropped_when_its_block_raises_and_empty_is_nothing(driver: ScriptedDriver) -> None:
    def fail_inside() -> None:
        with BatchQuery() as batch:
            note().save(batch=batch)
            raise KeyError

    with pytest.raises(KeyError):
        fail_inside()
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
    finally:
        unregister_driver("other")
        unregister_driver("scripted")


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
