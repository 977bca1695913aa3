"""Plain indexes of a table with static columns: what the real node fails at, or finds no row by, is not asked."""

from __future__ import annotations

from typing import Annotated, Any

import pytest

from coodie.aio import Document, execute_raw
from coodie.exceptions import InvalidQueryError, ReadFailureError
from coodie.fields import ClusteringKey, Discriminator, Frozen, Indexed, PrimaryKey, Static

pytestmark = pytest.mark.node


class Ledger(Document):
    town: Annotated[str, PrimaryKey(partition_key_index=0)] = "t"
    year: Annotated[int, PrimaryKey(partition_key_index=1), Indexed()] = 1
    day: Annotated[int, ClusteringKey()] = 1
    part: Annotated[int, ClusteringKey(clustering_key_index=1)] = 1
    marks: Annotated[tuple[int, ...], ClusteringKey(clustering_key_index=2)] = (1,)
    owner: Annotated[str, Static(), Indexed()] = "o"
    flags: Annotated[set[int], Static(), Indexed()] = {1}
    note: Annotated[str, Indexed()] = "n"
    word: Annotated[str, Indexed(using="sasi")] = "w"

    class Settings:
        name = "ledgers_beside_statics"


class Backwards(Document):
    town: Annotated[str, PrimaryKey(partition_key_index=0)] = "t"
    year: Annotated[int, PrimaryKey(partition_key_index=1), Indexed()] = 1
    day: Annotated[int, ClusteringKey(order="DESC"), Indexed(using="sai")] = 1
    part: Annotated[int, ClusteringKey(clustering_key_index=1, order="DESC")] = 1
    owner: Annotated[str, Static(), Indexed()] = "o"

    class Settings:
        name = "backwards_beside_statics"


class Sai(Document):
    town: Annotated[str, PrimaryKey(partition_key_index=0)] = "t"
    year: Annotated[int, PrimaryKey(partition_key_index=1), Indexed(using="sai")] = 1
    days: Annotated[set[int], Frozen(), ClusteringKey()] = {1}
    part: Annotated[int, ClusteringKey(clustering_key_index=1)] = 1
    owner: Annotated[str, Static(), Indexed(using="sai")] = "o"

    class Settings:
        name = "sai_beside_statics"


class Tagged(Document):
    town: Annotated[str, PrimaryKey(partition_key_index=0)] = "t"
    year: Annotated[int, PrimaryKey(partition_key_index=1), Indexed()] = 1
    days: Annotated[set[int], Frozen(), ClusteringKey()] = {1}
    kind: Annotated[str, Discriminator()] = "tagged"

    class Settings:
        name = "tagged_beside_statics"


class Owned(Tagged):
    owner: Annotated[str, Static()] = "o"

    class Settings(Tagged.Settings):
        __discriminator_value__ = "owned"


class Plain(Document):
    """Without a static column there is no static row to fail at."""

    town: Annotated[str, PrimaryKey(partition_key_index=0)] = "t"
    year: Annotated[int, PrimaryKey(partition_key_index=1), Indexed()] = 1
    day: Annotated[int, ClusteringKey()] = 1
    part: Annotated[int, ClusteringKey(clustering_key_index=1)] = 1

    class Settings:
        name = "plain_beside_statics"


async def table_of(model: type[Document], keyspace: str) -> str:
    """The table of a model, with one row and, where it has static columns, a partition with these alone."""
    execute: Any = execute_raw
    await model.sync_table()
    named: Any = model
    table = f"{keyspace}.{named.Settings.name}"
    if model is not Plain:
        await execute(f"INSERT INTO {table} (town, year, owner) VALUES ('alone', 1, 'o')")
    await row_of(model).save()
    return table


def row_of(model: type[Document]) -> Document:
    return Owned() if model is Tagged else model()


PARTITION = {"town": "t", "year": 1}
FAILS: list[tuple[type[Document], dict[str, Any], str, str]] = [
    (Ledger, {"year": 1, "part": 1}, "part", "year = 1 AND part = 1"),
    (Ledger, {"year": 1, "part__gte": 0}, "part__gte", "year = 1 AND part >= 0"),
    (Ledger, {"year": 1, "part__in": [1, 2]}, "part__in", "year = 1 AND part IN (1, 2)"),
    (Ledger, {"year": 1, "day__lt": 5, "part": 1}, "part", "year = 1 AND day < 5 AND part = 1"),
    (Ledger, {"part": 1, "year": 1, "note__gte": "a"}, "part", "part = 1 AND year = 1 AND note >= 'a'"),
    (Backwards, {"year": 1, "day__gt": 0, "part": 1}, "day__gt", "year = 1 AND day > 0 AND part = 1"),
    (Backwards, {"year": 1, "day__gt": 0}, "day__gt", "year = 1 AND day > 0"),
    (Tagged, {"year": 1, "days__contains": 1}, "days__contains", "year = 1 AND days CONTAINS 1"),
]


@pytest.mark.parametrize("case", range(len(FAILS)))
@pytest.mark.usefixtures("connection")
async def test_what_a_server_fails_at_is_not_asked(case: int, keyspace_of_worker: str) -> None:
    model, lookups, left, where = FAILS[case]
    table = await table_of(model, keyspace_of_worker)
    field = left.partition("__")[0]
    sentence = (
        rf"^{model.__name__}: beside the index of 'year', a part of the partition key, servers fail at {left} where "
        rf"there are static columns; compare '{field}' in Python, give the whole partition key, or mark 'year' "
        r"Indexed\(using='sai'\) alone$"
    )
    with pytest.raises(InvalidQueryError, match=sentence):
        await model.find(**lookups).allow_filtering().all()
    with pytest.raises(InvalidQueryError, match=sentence):
        await model.find(**lookups).allow_filtering().delete()
    with pytest.raises(InvalidQueryError, match=sentence):
        await model.find(**lookups).allow_filtering().count()
    execute: Any = execute_raw
    with pytest.raises(ReadFailureError):
        await execute(f"SELECT * FROM {table} WHERE {where} ALLOW FILTERING")


@pytest.mark.parametrize("field", ["owner", "note"])
@pytest.mark.usefixtures("connection")
async def test_what_a_server_may_fail_at_is_not_asked(field: str) -> None:
    """Of several plain indexes the server takes the one that it thinks finds less: for one query now this, now that."""
    lookups: dict[str, Any] = {"year": 1, "part": 1, field: "x"}
    with pytest.raises(
        InvalidQueryError, match="beside the index of 'year', a part of the partition key, servers fail"
    ):
        await Ledger.find(**lookups).allow_filtering().all()


NONE: list[tuple[type[Document], dict[str, Any], str, str, str]] = [
    (Ledger, {"day": 1, "owner": "o"}, "owner", "day", "day = 1 AND owner = 'o'"),
    (Ledger, {"owner": "o", "day__gte": 1}, "owner", "day__gte", "day >= 1 AND owner = 'o'"),
    (Ledger, {"owner": "o", "day__in": [1, 2]}, "owner", "day__in", "day IN (1, 2) AND owner = 'o'"),
    (Ledger, {"flags__contains": 1, "day": 1}, "flags", "day", "day = 1 AND flags CONTAINS 1"),
    (
        Ledger,
        {"day": 1, "part": 1, "marks": (1,), "owner": "o"},
        "owner",
        "day",
        "day = 1 AND part = 1 AND owner = 'o'",
    ),
    (Backwards, {"owner": "o", "day__lt": 5}, "owner", "day__lt", "day < 5 AND owner = 'o'"),
]


@pytest.mark.parametrize("case", range(len(NONE)))
@pytest.mark.usefixtures("connection")
async def test_what_a_static_index_finds_no_row_by_is_not_asked(case: int, keyspace_of_worker: str) -> None:
    model, lookups, field, beside, where = NONE[case]
    table = await table_of(model, keyspace_of_worker)
    sentence = (
        rf"^{model.__name__}: in a partition no row is found by the index of '{field}', which is static, beside "
        rf"{beside}; compare '{field}' in Python, or mark it Indexed\(using='sai'\) alone$"
    )
    with pytest.raises(InvalidQueryError, match=sentence):
        await model.find(**PARTITION, **lookups).all()
    with pytest.raises(InvalidQueryError, match=sentence):
        await model.find(**PARTITION, **lookups).update(owner="p")
    execute: Any = execute_raw
    found = await execute(f"SELECT * FROM {table} WHERE town = 't' AND year = 1 AND {where} ALLOW FILTERING")
    assert found == []


FOUND: list[tuple[type[Document], dict[str, Any]]] = [
    (Ledger, {"year": 1, "day": 1}),
    (Ledger, {"year": 1, "day__lt": 5}),
    (Ledger, {"year": 1, "day": 1, "marks": (1,)}),
    (Ledger, {"year": 1, "day__gt": 0, "part": 1}),
    (Ledger, {"year": 1, "day__in": [1, 2], "part__lt": 3}),
    (Ledger, {"year": 1, "note": "n"}),
    (Ledger, {"year__in": [1, 2], "part": 1}),
    (Ledger, {"note": "n", "part": 1}),
    (Ledger, {**PARTITION, "part": 1}),
    (Ledger, {**PARTITION, "part": 1, "note": "n"}),
    (Ledger, {**PARTITION, "owner": "o"}),
    (Ledger, {**PARTITION, "owner": "o", "part": 1}),
    (Ledger, {**PARTITION, "owner": "o", "day__lt": 5}),
    (Ledger, {**PARTITION, "owner__in": ["o"], "day": 1}),
    (Ledger, {**PARTITION, "owner": "o", "day": 1, "word": "w"}),
    (Ledger, {"owner": "o", "day": 1}),
    (Ledger, {"town": "t", "owner": "o", "day": 1}),
    (Backwards, {"year": 1, "day__lt": 5, "part": 1}),
    (Backwards, {**PARTITION, "owner": "o", "day__gt": 0}),
    (Sai, {"year": 1, "part": 1}),
    (Sai, {**PARTITION, "days": {1}, "part": 1, "owner": "o"}),
    (Tagged, {"year": 1, "days": {1}}),
    (Plain, {"year": 1, "part": 1}),
    (Plain, {"year": 1, "day__lt": 5, "part": 1}),
]


@pytest.mark.parametrize("case", range(len(FOUND)))
@pytest.mark.usefixtures("connection")
async def test_what_a_server_answers_is_found(case: int, keyspace_of_worker: str) -> None:
    model, lookups = FOUND[case]
    await table_of(model, keyspace_of_worker)
    assert row_of(model) in await model.find(**lookups).allow_filtering().all()
