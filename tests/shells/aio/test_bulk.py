"""Many documents written at once, on the real node: every row is there, and each document has its outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import pytest

from coodie.aio import Document
from coodie.exceptions import BulkWriteError, InvalidQueryError
from coodie.fields import ClusteringKey, PrimaryKey
from coodie_drivers.messages import BatchRequest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from coodie_drivers import AbstractDriver
    from coodie_drivers.messages import Reply, Request

pytestmark = pytest.mark.node


class Reading(Document):
    sensor: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    value: float | None = None
    note: str | None = None
    marks: set[str] = set()

    class Settings:
        name = "readings_in_bulk"


class Unmade(Document):
    sensor: Annotated[str, PrimaryKey()]

    class Settings:
        name = "never_made_in_bulk"


@pytest.fixture
async def sensor(connection: AbstractDriver) -> str:
    """A partition of nothing."""
    await Reading.sync_table()
    return uuid4().hex


def readings(sensor: str, count: int) -> list[Reading]:
    return [Reading(sensor=sensor, number=number, value=number / 2, marks={"new"}) for number in range(count)]


async def test_documents_are_saved_changed_and_deleted(sensor: str) -> None:
    told: list[int] = []
    result = await Reading.find().ttl(900).save_many((each for each in readings(sensor, 700)), progress=told.append)
    assert (result.written, result.complete, told) == (700, True, [500, 700])
    found = await Reading.find(sensor=sensor).all()
    assert [each.number for each in found] == list(range(700))
    assert 0 < await Reading.find(sensor=sensor, number=3).column_ttl("value") <= 900
    for each in found[:10]:
        each.marks.add("seen")
    assert (await Reading.find().update_many(found)).written == 700
    assert (await Reading.find().update_many(found[:5], note="first", add__marks={"x"})).written == 5
    assert found[0].note == "first"
    again = await Reading.find(sensor=sensor).limit(11).all()
    assert [each.marks for each in again] == [{"new", "seen", "x"}] * 5 + [{"new", "seen"}] * 5 + [{"new"}]
    assert (await Reading.find().delete_many(found[5:], at_once=100)).written == 695
    assert await Reading.find(sensor=sensor).count() == 5


async def test_each_of_many_gets_what_an_iterator_gives(sensor: str) -> None:
    many = readings(sensor, 3)
    await Reading.find().save_many(iter(many))
    await Reading.find().update_many(many, marks=map(str.strip, [" a", " b"]))
    await Reading.find().update_many(many, add__marks=(mark for mark in "cd"), batched=True)
    assert [each.marks for each in many] == [{*"abcd"}] * 3
    assert await Reading.find(sensor=sensor).all() == many


async def test_what_exists_is_not_inserted_and_conditions_hold(sensor: str) -> None:
    await Reading(sensor=sensor, number=1, note="there").save()
    result = await Reading.find().insert_many(readings(sensor, 3))
    assert (result.written, list(result.rejected)) == (2, [1])
    assert result.rejected[1].existing["note"] == "there"
    changed = await Reading.find().iff(note="there").update_many(readings(sensor, 3), value=9.0)
    assert (changed.written, sorted(changed.rejected)) == (1, [0, 2])
    gone = await Reading.find().if_exists().delete_many(readings(sensor, 4))
    assert [gone.outcome_of(place) for place in range(4)] == ["written", "written", "written", "rejected"]


async def test_rows_of_a_partition_are_batched_without_a_warning(
    sensor: str, connection: AbstractDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, list[str]]] = []
    send = connection.send_async

    async def watched(request: Request | BatchRequest) -> Reply:
        reply = await send(request)
        if isinstance(request, BatchRequest):
            seen.append((len(request.parts), list(reply.warnings)))
        return reply

    monkeypatch.setattr(connection, "send_async", watched)
    many = readings(sensor, 300)
    for each in many:
        each.note = "ü" * (each.number % 40)
    assert (await Reading.find().save_many(many, batched=True)).written == 300
    assert sum(size for size, _ in seen) >= 298
    assert max(size for size, _ in seen) > 5
    assert not [warnings for _, warnings in seen if warnings]
    assert await Reading.find(sensor=sensor).count() == 300


async def several(sensor: str) -> AsyncIterator[Reading]:
    for each in readings(sensor, 20):
        each.note = "one by one"
        yield each


async def test_documents_may_come_one_by_one(sensor: str) -> None:
    assert (await Reading.find().save_many(several(sensor))).written == 20


async def test_failures_are_told_with_the_way_out(connection: AbstractDriver, sensor: str) -> None:
    unmade = [Unmade(sensor=sensor), Unmade(sensor="b")]
    with pytest.raises(InvalidQueryError, match=r"Unmade\.sync_table\(\) creates the table"):
        await Unmade.find().save_many(unmade, at_once=1)
    result = await Unmade.find().save_many(unmade, stop_on_error=False)
    assert sorted(result.failed) == [0, 1]
    broken = Reading(sensor=sensor, number=9)
    broken.note = "\ud800"  # which is found out when it is sent
    with pytest.raises(BulkWriteError, match="were written, 1 failed") as raised:
        await Reading.find().save_many([*readings(sensor, 5), broken], at_once=1)
    assert raised.value.result is not None
    assert raised.value.result.outcome_of(5) == "failed"
