"""Indexes on a real node: made, compared and dropped by `sync_table`, and which lookups each kind serves."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import pytest
from pydantic import Field, create_model

from coodie.aio import Document
from coodie.exceptions import InvalidQueryError, TableConflictError
from coodie.fields import ClusteringKey, Frozen, Indexed, PrimaryKey, Static, TimeUUID, Vector, VectorIndex
from coodie_drivers import register_driver
from coodie_drivers.observing import ObservedDriver

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver
    from coodie_drivers.observing import Passed

pytestmark = pytest.mark.node

SAI = Indexed(using="sai")
SASI = Indexed(using="sasi")


class Attached(Document):
    """Every column has a storage-attached index."""

    p: Annotated[int, PrimaryKey(), SAI]
    q: Annotated[int, PrimaryKey(partition_key_index=1)]
    c: Annotated[int, ClusteringKey(), SAI]
    d: Annotated[int, ClusteringKey(clustering_key_index=1)] = 0
    s: Annotated[int, Static(), SAI] = 0
    number: Annotated[int, SAI] = 0
    amount: Annotated[Decimal, SAI] = Decimal(0)
    day: Annotated[dt.date, SAI] = dt.date(2026, 1, 1)
    host: Annotated[IPv4Address, SAI] = IPv4Address("10.0.0.1")
    when: Annotated[UUID, TimeUUID(), SAI] | None = None
    text: Annotated[str, Indexed(using="sai", case_sensitive=False)] = ""
    flag: Annotated[bool, SAI] = False
    uid: Annotated[UUID, SAI] = Field(default_factory=uuid4)
    pair: Annotated[tuple[int, int], SAI] | None = None
    items: Annotated[list[int], SAI] = []
    both: Annotated[dict[str, int], SAI, Indexed(using="sai", on="keys")] = {}
    whole: Annotated[list[int], Frozen(), SAI] = []
    at: Annotated[list[float], Vector(2), VectorIndex(similarity_function="EUCLIDEAN")] | None = None
    plain: int = 0

    class Settings:
        name = "indexed_by_sai"


class Plain(Document):
    """Every column has the server's plain index."""

    p: Annotated[int, PrimaryKey(), Indexed()]
    q: Annotated[int, PrimaryKey(partition_key_index=1)]
    c: Annotated[int, ClusteringKey(), Indexed()]
    s: Annotated[int, Static(), Indexed()] = 0
    number: Annotated[int, Indexed()] = 0
    text: Annotated[str, Indexed()] = ""
    blob: Annotated[bytes, Indexed()] = b""
    items: Annotated[list[int], Indexed()] = []
    keys: Annotated[dict[str, int], Indexed(on="keys")] = {}
    whole: Annotated[dict[str, int], Frozen(), Indexed(on="full")] = {}

    class Settings:
        name = "indexed_plainly"


class Sasi(Document):
    """Every column has an SSTable-attached index."""

    p: Annotated[int, PrimaryKey()]
    q: Annotated[int, PrimaryKey(partition_key_index=1)]
    c: Annotated[int, ClusteringKey(), SASI]
    number: Annotated[int, SASI] = 0
    uid: Annotated[UUID, SASI] = Field(default_factory=uuid4)
    text: Annotated[str, SASI] = ""
    inside: Annotated[str, Indexed(using="sasi", mode="CONTAINS")] = ""
    words: Annotated[str, Indexed(using="sasi", mode="CONTAINS", analyzer="standard")] = ""
    counted: Annotated[int, Indexed(using="sasi", mode="CONTAINS")] = 0

    class Settings:
        name = "indexed_by_sasi"


NOW = UUID("d2177dd0-eaa2-11de-a572-001b779c76e3")

SERVED: list[tuple[type[Document], dict[str, Any]]] = [
    (Attached, {"p": 1}),
    (Attached, {"p__gt": 1}),
    (Attached, {"c": 1}),
    (Attached, {"c__gt": 1}),
    (Attached, {"s": 1}),
    (Attached, {"s__lte": 1}),
    (Attached, {"number": 1}),
    (Attached, {"number__gt": 1, "number__lt": 5}),
    (Attached, {"amount__gte": Decimal(1)}),
    (Attached, {"day__lt": dt.date(2026, 1, 2)}),
    (Attached, {"host__gt": IPv4Address("10.0.0.1")}),
    (Attached, {"when__gt": NOW}),
    (Attached, {"text": "x"}),
    (Attached, {"flag": True}),
    (Attached, {"uid": UUID(int=1)}),
    (Attached, {"pair": (1, 2)}),
    (Attached, {"items__contains": 1}),
    (Attached, {"both__contains": 1}),
    (Attached, {"both__contains_key": "a"}),
    (Attached, {"whole": [1]}),
    (Attached, {"number": 1, "text": "x", "items__contains": 1, "c__gt": 1}),
    (Attached, {"p": 1, "number": 1}),
    (Attached, {"p": 1, "q": 1, "number__gt": 1, "text": "x"}),
    (Attached, {"p": 1, "q": 1, "c__gt": 1, "number__gt": 1}),
    (Plain, {"p": 1}),
    (Plain, {"c": 1}),
    (Plain, {"s": 1}),
    (Plain, {"number": 1}),
    (Plain, {"text": "x"}),
    (Plain, {"blob": b"x"}),
    (Plain, {"items__contains": 1}),
    (Plain, {"keys__contains_key": "a"}),
    (Plain, {"whole": {"a": 1}}),
    (Plain, {"p": 1, "q": 1, "c__gt": 1, "number": 1}),
    (Sasi, {"c__gt": 1}),
    (Sasi, {"number": 1}),
    (Sasi, {"number__gt": 1, "number__lt": 5}),
    (Sasi, {"uid__gt": UUID(int=1)}),
    (Sasi, {"text": "x"}),
    (Sasi, {"text__like": "x%"}),
    (Sasi, {"text__like": "x"}),
    (Sasi, {"inside": "x"}),
    (Sasi, {"inside__like": "%x%"}),
    (Sasi, {"inside__like": "%x"}),
    (Sasi, {"inside__like": "x%"}),
    (Sasi, {"words__like": "%x%"}),
    (Sasi, {"words__like": "%x"}),
    (Sasi, {"words__like": "x"}),
    (Sasi, {"counted": 1}),
    (Sasi, {"p": 1, "q": 1, "text__like": "x%"}),
]

FILTERED: list[tuple[type[Document], dict[str, Any], str]] = [
    (Attached, {"text__gt": "x"}, "text > 'x'"),
    (Attached, {"flag__gt": False}, "flag > false"),
    (Attached, {"uid__gt": UUID(int=1)}, "uid > 00000000-0000-0000-0000-000000000001"),
    (Attached, {"pair__gt": (1, 2)}, "pair > (1, 2)"),
    (Attached, {"number__in": [1, 2]}, "number IN (1, 2)"),
    (Attached, {"plain": 1}, "plain = 1"),
    (Plain, {"p__gt": 1}, "p > 1"),
    (Plain, {"number__gt": 1}, "number > 1"),
    (Plain, {"keys__contains": 1}, "keys CONTAINS 1"),
    (Sasi, {"text__gt": "x"}, "text > 'x'"),
    (Sasi, {"words": "x"}, "words = 'x'"),
    (Sasi, {"counted__gt": 1}, "counted > 1"),
]

BESIDE: list[tuple[type[Document], dict[str, Any], str]] = [
    (Attached, {"number": 1, "text__gt": "x"}, "number = 1 AND text > 'x'"),
    (Attached, {"number": 1, "plain": 1}, "number = 1 AND plain = 1"),
    (Attached, {"number": 1, "d": 1}, "number = 1 AND d = 1"),
    (Plain, {"number": 1, "text": "x"}, "number = 1 AND text = 'x'"),
    (Plain, {"number": 1, "c": 1}, "number = 1 AND c = 1"),
    (Plain, {"p": 1, "number": 1}, "p = 1 AND number = 1"),
    (Sasi, {"number": 1, "text": "x"}, "number = 1 AND text = 'x'"),
]


@pytest.fixture
async def sent(connection: AbstractDriver) -> list[str]:
    """The tables, and the CQL that is sent from then on."""
    for model in (Attached, Plain, Sasi):
        await model.sync_table()
    found: list[str] = []

    def note(passed: Passed) -> None:
        found.append(passed.cql)

    register_driver("shells", ObservedDriver(connection, [note]), default=True)
    return found


async def test_what_an_index_serves_needs_no_filtering(sent: list[str]) -> None:
    for model, lookups in SERVED:
        sent.clear()
        await model.find(**lookups).all()
        assert sent
        assert not sent[-1].endswith("ALLOW FILTERING"), (model.__name__, lookups)


@pytest.mark.usefixtures("sent")
async def test_what_no_index_serves_is_refused_as_the_server_would(connection: AbstractDriver) -> None:
    for model, lookups, where in FILTERED:
        with pytest.raises(InvalidQueryError, match="no key and no index serves"):
            await model.find(**lookups).all()
        with pytest.raises(InvalidQueryError, match="ALLOW FILTERING"):
            await ask(connection, model, where)


async def test_beside_an_index_filtering_is_said_where_the_server_demands_it(
    connection: AbstractDriver, sent: list[str]
) -> None:
    for model, lookups, where in BESIDE:
        await model.find(**lookups).all()
        assert sent[-1].endswith("ALLOW FILTERING"), (model.__name__, lookups)
        with pytest.raises(InvalidQueryError, match="ALLOW FILTERING"):
            await ask(connection, model, where)


async def ask(connection: AbstractDriver, model: type[Document], where: str) -> None:
    cql = f"SELECT p FROM {keyspace_of(connection)}.{model.table_name()} WHERE {where}"
    await connection.execute_async(cql, [])  # sync: use connection.execute(cql, [])


async def test_no_index_is_used_beside_several_partitions(connection: AbstractDriver, sent: list[str]) -> None:
    for model in (Attached, Plain, Sasi):
        with pytest.raises(InvalidQueryError, match="IN clause for the PRIMARY KEY"):
            await ask(connection, model, "p IN (1, 2) AND q = 1 AND number = 1 ALLOW FILTERING")
        with pytest.raises(InvalidQueryError, match="query each partition by itself"):
            await model.find(p__in=[1, 2], q=1, number=1).all()
    assert await Plain.find(p__in=[1, 2], q=1, number__gt=1).all() == []
    assert sent[-1].endswith("ALLOW FILTERING")


def keyspace_of(connection: AbstractDriver) -> str:
    return str(getattr(connection, "default_keyspace", ""))


@pytest.mark.usefixtures("sent")
async def test_indexes_that_are_there_are_known_again() -> None:
    for model in (Attached, Plain, Sasi):
        assert await model.sync_table() == []
        assert await model.sync_table(drop_removed_indexes=True) == []


@pytest.mark.usefixtures("sent")
async def test_rows_are_found_by_indexes_and_vectors_come_back_as_they_went() -> None:
    one = Attached(p=7, q=7, c=7, text="Straße", at=[0.5, -1.25], both={"k": 3})
    await one.save()
    assert await Attached.find(text="STRASSE").all() == []
    assert await Attached.find(text="straße").all() == [one]
    assert await Attached.find(both__contains_key="k", both__contains=3).all() == [one]
    read = await Attached.get(p=7, q=7, c=7, d=0)
    assert read == one
    assert read.at == [0.5, -1.25]
    assert type(read.at) is list
    await one.update(at=[1.0, 2.0])
    assert (await Attached.get(p=7, q=7, c=7, d=0)).at == [1.0, 2.0]
    await one.delete()


def version(name: str, kind: Any) -> type[Document]:
    class Version(Document):
        class Settings:
            abstract = True

    fields: dict[str, Any] = {"id": (Annotated[int, PrimaryKey()], ...), "x": (kind, ...)}
    return create_model(name, __base__=Version, **fields)


@pytest.fixture
def changing() -> str:
    return f"changing_{uuid4().hex[:8]}"


async def test_indexes_are_added_made_anew_and_dropped(connection: AbstractDriver, changing: str) -> None:
    table = f"{keyspace_of(connection)}.{changing}"
    index = f"{changing}_x_idx"
    await version(changing, str).sync_table()
    assert await version(changing, Annotated[str, SAI]).sync_table() == [
        f"CREATE CUSTOM INDEX IF NOT EXISTS {index} ON {table} (x) USING 'sai'"
    ]
    assert await version(changing, Annotated[str, Indexed()]).sync_table() == []
    other = version(changing, Annotated[str, Indexed(using="sai", case_sensitive=False)])
    with pytest.raises(TableConflictError, match=r"is wanted of another kind or with other options; drop it first"):
        await other.sync_table()
    assert await other.sync_table(drop_removed_indexes=True) == [
        f"DROP INDEX IF EXISTS {keyspace_of(connection)}.{index}",
        (
            f"CREATE CUSTOM INDEX IF NOT EXISTS {index} ON {table} (x) USING 'sai' "
            "WITH OPTIONS = {'case_sensitive': 'false'}"
        ),
    ]
    several = version(changing, Annotated[str, Indexed(using="sai", case_sensitive=False), SASI])
    assert len(await several.sync_table(dry_run=True)) == 1
    assert len(await several.sync_table()) == 1
    assert await several.sync_table() == []
    bare = version(changing, str)
    assert await bare.sync_table() == []
    assert len(await bare.sync_table(drop_removed_indexes=True)) == 2
    await bare.drop_table()
