"""`__in` of the partition key beside what the key leaves, where a column that is compared has an index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie.aio import Document, execute_raw
from coodie.exceptions import InvalidQueryError, InvalidRequestError
from coodie.fields import ClusteringKey, Frozen, Indexed, PrimaryKey

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class ByKey(Document):
    town: Annotated[str, PrimaryKey(partition_key_index=0), Indexed(using="sai")] = "t"
    year: Annotated[int, PrimaryKey(partition_key_index=1)] = 1
    kind: Annotated[str, ClusteringKey(clustering_key_index=0)] = "k"
    number: Annotated[int, ClusteringKey(clustering_key_index=1), Indexed()] = 1
    note: str = "n"
    tags: Annotated[list[int], Frozen(), Indexed(on="full")] = [1]

    class Settings:
        name = "indexes_of_keys"


@pytest.fixture(autouse=True)
async def row(connection: AbstractDriver) -> ByKey:
    await ByKey.sync_table()
    await ByKey.truncate()
    kept = ByKey()
    await kept.save()
    return kept


PART = {"town": "t", "year__in": [0, 1]}
BOTH = {"town__in": ["s", "t"], "year__in": [0, 1]}
WHERE = "town = 't' AND year IN (0, 1)"
REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "a column": ({**PART, "note": "n"}, "'note', .* 'town' would", f"{WHERE} AND note = 'n'"),
    "an element": ({**PART, "tags__contains": 1}, "'tags', .* 'town' would", f"{WHERE} AND tags CONTAINS 1"),
    "a gap": ({**PART, "number__lt": 2}, "'number', .* 'town' would", f"{WHERE} AND number < 2"),
    "by a clustering column": (
        {**BOTH, "kind": "k", "number": 1, "note": "n"},
        "'note', .* 'number' would",
        "town IN ('s', 't') AND year IN (0, 1) AND kind = 'k' AND number = 1 AND note = 'n'",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_the_server_refuses_is_not_asked(case: str, keyspace_of_worker: str) -> None:
    lookups, told, where = REFUSED[case]
    sentence = rf"^ByKey: no server takes .* beside {told} be asked; query each '(year|town)' by itself, or leave '"
    with pytest.raises(InvalidQueryError, match=sentence):
        await ByKey.find(**lookups).allow_filtering().all()
    with pytest.raises(InvalidQueryError, match=sentence):
        await ByKey.find(**lookups).delete()
    execute: Any = execute_raw
    with pytest.raises(InvalidRequestError, match="IN clause for the PRIMARY KEY"):
        await execute(f"SELECT * FROM {keyspace_of_worker}.indexes_of_keys WHERE {where} ALLOW FILTERING")


@pytest.mark.parametrize(
    "lookups",
    [
        PART,
        BOTH,
        {**PART, "kind": "k", "number": 1},
        {**PART, "kind__in": ["k"], "number__gt": 0},
        {**BOTH, "note": "n"},
        {**BOTH, "number__gt": 0, "tags__contains": 1},
        {"town": "t", "year": 1, "note": "n"},
    ],
)
async def test_what_it_takes_is_found(lookups: dict[str, Any], row: ByKey) -> None:
    assert await ByKey.find(**lookups).allow_filtering().all() == [row]
