"""What goes beside an index, of values and of vectors: what the real node refuses is refused before it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie.aio import Document, col, execute_raw
from coodie.exceptions import CoodieError, InvalidQueryError, InvalidRequestError
from coodie.fields import ClusteringKey, Frozen, Indexed, PrimaryKey, Static, Vector, VectorIndex

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class Beside(Document):
    town: Annotated[str, PrimaryKey(partition_key_index=0)] = "t"
    year: Annotated[int, PrimaryKey(partition_key_index=1)] = 1
    number: Annotated[int, ClusteringKey()] = 1
    kind: Annotated[str, Indexed()] = "k"
    place: Annotated[int, Indexed(using="sai")] = 1
    note: str = "n"
    spot: Annotated[list[float], Vector(2), VectorIndex()] = [1.0, 0.0]
    plain: Annotated[list[float] | None, Vector(2)] = None

    class Settings:
        name = "beside_indexes"


@pytest.fixture
async def row(connection: AbstractDriver) -> Beside:
    await Beside.sync_table()
    await Beside.truncate()
    kept = Beside(plain=[0.0, 1.0])
    await kept.save()
    return kept


def near(**lookups: Any) -> Any:
    return Beside.find(**lookups).order_by_ann("spot", [1.0, 0.0]).limit(1)


KEY = {"town": "t", "year": 1}
V = [1.0, 0.0]
SEVERAL = r"no index is used beside year__in of the partition key, with .* without; query each 'year' by itself"
NEAREST = r"^Beside: order_by_ann\(\) needs an index of SAI for whatever .*, and '{}' has none; {}, or leave it out$"
SAI = r"mark the field Indexed\(using='sai'\)"
VECTORS = r"^Beside\.spot: its index finds the vectors that are most alike, .* and compares by nothing else"

REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "an index beside a part": (lambda: Beside.find(kind="k", year__in=[0, 1]).all(), f"{SEVERAL}, or leave 'kind' to"),
    "and filtering": (lambda: Beside.find(kind="k", year__in=[1]).allow_filtering().all(), SEVERAL),
    "counted": (lambda: Beside.find(kind="k", year__in=[1]).count(), SEVERAL),
    "updated": (lambda: Beside.find(kind="k", year__in=[1]).update(note="m"), SEVERAL),
    "an index of SAI": (lambda: Beside.find(place=1, year__in=[1]).all(), SEVERAL),
    "both": (lambda: Beside.find(place=1, town="t", year__in=[1]).all(), "query each partition by itself"),
    "the nearest of a part": (lambda: near(year__in=[1]).all(), f"{SEVERAL}$"),
    "the nearest beside another index": (lambda: near(kind="k").all(), NEAREST.format("kind", SAI)),
    "beside two kinds of indexes": (lambda: near(kind="k", place=1).all(), NEAREST.format("kind", SAI)),
    "in a partition": (lambda: near(**KEY, kind="k").allow_filtering().all(), NEAREST.format("kind", SAI)),
    "beside none": (lambda: near(**KEY, note="n").all(), NEAREST.format("note", SAI)),
    "beside a part": (lambda: near(town="t").all(), NEAREST.format("town", "give the whole partition key")),
    "beside a row": (
        lambda: near(number=1).all(),
        NEAREST.format("number", "give the whole.* before it"),
    ),
    "once each": (
        lambda: near().distinct().all(),
        r"distinct\(\) does not go with order_by_ann\(\); leave one",
    ),
    "equal vectors": (lambda: Beside.find(spot=V).allow_filtering().all(), VECTORS),
    "vectors of a row": (lambda: Beside.find(**KEY, number=1, spot=V).all(), VECTORS),
    "a range of vectors": (lambda: Beside.find(spot__gt=V).allow_filtering().all(), VECTORS),
    "several vectors": (lambda: Beside.find(spot__in=[V]).allow_filtering().all(), VECTORS),
    "one vector": (lambda: Beside.find_one(spot=V), VECTORS),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_no_index_goes_with_is_not_asked(case: str, row: Beside) -> None:
    call, sentence = REFUSED[case]
    with pytest.raises(InvalidQueryError, match=sentence) as caught:
        await call()
    assert not isinstance(caught.value, InvalidRequestError)


FOUND: dict[str, Callable[[], Any]] = {
    "an index beside equality": lambda: Beside.find(kind="k", year=1),
    "beside several rows": lambda: Beside.find(kind="k", number__in=[1, 2]),
    "beside several rows of a partition": lambda: Beside.find(**KEY, place=1, number__in=[1, 2]),
    "no index beside a part": lambda: Beside.find(note="n", year__in=[1]).allow_filtering(),
    "the nearest of a partition": lambda: near(**KEY),
    "of some of its rows": lambda: near(**KEY, number__gte=1),
    "beside an index": lambda: near(place=1),
    "beside an index that does not serve": lambda: near(place__in=[1]),
    "vectors without an index": lambda: Beside.find(plain=[0.0, 1.0]).allow_filtering(),
    "vectors of a row": lambda: Beside.find(**KEY, number=1, plain=[0.0, 1.0]),
}


@pytest.mark.parametrize("case", FOUND)
async def test_what_an_index_goes_with_is_found(case: str, row: Beside) -> None:
    assert await FOUND[case]().all() == [row]


async def test_a_condition_compares_vectors_with_an_index(row: Beside) -> None:
    assert (await Beside.find(**KEY, number=1).iff(spot=V).update(note="m")).applied


@pytest.mark.parametrize(
    "where",
    [
        "year IN (1) AND kind = 'k'",
        "year IN (0, 1) AND place = 1 ALLOW FILTERING",
        "spot = [1, 0] ALLOW FILTERING",
        "town = 't' AND year = 1 AND number = 1 AND spot = [1, 0]",
        "spot IN ([1, 0]) ALLOW FILTERING",
        "year IN (1) ORDER BY spot ANN OF [1, 0] LIMIT 1",
        "kind = 'k' AND place = 1 ORDER BY spot ANN OF [1, 0] LIMIT 1 ALLOW FILTERING",
        "kind = 'k' ORDER BY spot ANN OF [1, 0] LIMIT 1 ALLOW FILTERING",
        "number = 1 ORDER BY spot ANN OF [1, 0] LIMIT 1 ALLOW FILTERING",
    ],
)
async def test_what_is_not_asked_would_be_refused(where: str, row: Beside, keyspace_of_worker: str) -> None:
    execute: Any = execute_raw
    with pytest.raises(CoodieError):
        await execute(f"SELECT * FROM {keyspace_of_worker}.beside_indexes WHERE {where}")


@pytest.mark.usefixtures("row")
async def test_a_vector_without_an_index_is_marked_by_none() -> None:
    with pytest.raises(InvalidQueryError, match=r"too, or call \.allow_filtering\(\) to let the server read the whole"):
        await Beside.find(plain=V).all()


class Between(Document):
    id: Annotated[int, PrimaryKey()]
    day: Annotated[int, ClusteringKey()]
    hour: Annotated[int, ClusteringKey(clustering_key_index=1), Indexed(using="sai")]
    word: Annotated[str, ClusteringKey(clustering_key_index=2)] = "w"
    part: Annotated[int, Indexed(using="sasi")] = 1
    tags: Annotated[set[int], Frozen()] = {1}

    class Settings:
        name = "beside_indexes_between"


async def test_an_index_of_a_clustering_column_behind_a_range_is_filtered(connection: AbstractDriver) -> None:
    await Between.sync_table()
    await Between.truncate()
    rows = [Between(id=1, day=day, hour=hour) for day in (1, 2, 3) for hour in (1, 2)]
    await Between.find().save_many(rows)
    found = Between.find(id=1, day__gt=1, hour=2)
    assert await found.all() == [rows[3], rows[5]]
    assert await found.allow_filtering().count() == 2
    assert "hour: filtered" in str(found.explain())
    assert await Between.find(id=1, hour=2).all() == rows[1::2]
    with pytest.raises(InvalidQueryError, match="beside the index of 'hour' no row is found by an element of 'tags'"):
        await found.filter(tags__contains=1).all()
    with pytest.raises(InvalidQueryError, match="beside the index of 'part', one of SASI, word__gt is not heeded"):
        await Between.find(id=1, part=1, word__gt="a").all()
    assert await Between.find(id=1, part=1, hour=2, day=1).all() == [rows[1]]


class Sold(Document):
    shop: Annotated[str, PrimaryKey(partition_key_index=0)]
    year: Annotated[int, PrimaryKey(partition_key_index=1)] = 1
    number: Annotated[int, ClusteringKey()] = 1
    price: Annotated[int, Indexed(using="sasi")] = 5

    class Settings:
        name = "beside_indexes_sold"


@pytest.mark.parametrize("lookups", [{"shop": "a"}, {"year__gt": 0}, {"shop": "a", "number": 1}])
async def test_an_index_of_sasi_beside_a_part_of_the_partition_key_is_not_asked(
    lookups: dict[str, Any], connection: AbstractDriver, keyspace_of_worker: str
) -> None:
    """The server passes over the part: rows of other partitions were read, and deleted."""
    await Sold.sync_table()
    await Sold.truncate()
    rows = [Sold(shop="a"), Sold(shop="b"), Sold(shop="a", number=2)]
    await Sold.find().save_many(rows)
    query = Sold.find(price=5, **lookups).allow_filtering()
    with pytest.raises(InvalidQueryError, match=r"beside the index of 'price', one of SASI, .* is not heeded; compare"):
        await query.all()
    with pytest.raises(InvalidQueryError, match="beside the index of 'price', one of SASI"):
        await query.delete()
    execute: Any = execute_raw
    where = "WHERE shop = ? AND price = ? ALLOW FILTERING"
    assert len(await execute(f"SELECT * FROM {keyspace_of_worker}.beside_indexes_sold {where}", ["a", 5])) == 3
    assert await Sold.find(price=5, shop="a", year=1, number__in=[2, 3]).all() == [rows[2]]
    assert await Sold.find(price=5, shop="a", year=1).count() == 2


class Alike(Document):
    id: Annotated[int, PrimaryKey()]
    number: Annotated[int, ClusteringKey()] = 1
    name: Annotated[str, Indexed(using="sai", case_sensitive=False)] = "Ann"
    words: Annotated[list[str], Indexed(using="sai", ascii=True)] = ["Zoë"]
    place: Annotated[int, Indexed(using="sai")] = 1
    kind: Annotated[str, Indexed()] = "k"
    start: Annotated[str, Indexed(using="sasi")] = "s"
    part: Annotated[int, Indexed(using="sasi")] = 1
    note: str = "n"
    fixed: Annotated[str | None, Static()] = None
    notes: dict[str, str] = {"a": "b"}
    tags: Annotated[set[int], Frozen()] = {1}
    whole: Annotated[dict[str, int], Frozen(), Indexed(on="full", using="sai")] = {"k": 1}
    spot: Annotated[list[float], Vector(2), VectorIndex()] = [1.0, 0.0]

    class Settings:
        name = "beside_indexes_alike"


@pytest.fixture
async def alike(connection: AbstractDriver) -> Alike:
    await Alike.sync_table()
    await Alike.truncate()
    kept = Alike(id=1)
    await kept.save()
    return kept


SAME = r"^Alike: the index of '{}' takes texts for the same that filtering does not, and {}$"
LEGACY = r"is not used beside that of '{0}'; mark '{0}' Indexed\(using='sai'\) alone"
ONE_BY_ONE = "serves no __in; query each value of 'name' by itself"
ELEMENT = (
    r"^Alike: beside {} no row is found by an element of '{}', a frozen collection; leave one of them out and compare"
)

SASI = (
    r"^Alike: beside the index of '{0}', one of SASI, {1} is not heeded; compare '.*' in Python, or mark '{0}' Indexed"
)

NOT_ASKED: dict[str, tuple[dict[str, Any], str]] = {
    "without case, beside a plain index": ({"name": "ANN", "kind": "k"}, SAME.format("name", LEGACY.format("kind"))),
    "beside SASI": ({"name": "ANN", "start__like": "s%"}, SAME.format("name", LEGACY.format("start"))),
    "an element": ({"words__contains": "Zoe", "kind": "k"}, SAME.format("words", LEGACY.format("kind"))),
    "in a row": ({"id": 1, "name": "ANN", "kind": "k"}, SAME.format("name", LEGACY.format("kind"))),
    "several names": ({"name__in": ["ANN"]}, SAME.format("name", ONE_BY_ONE)),
    "several names of a row": ({"id": 1, "name__in": ["ANN"]}, SAME.format("name", ONE_BY_ONE)),
    "several names beside an index": ({"name__in": ["ANN"], "place": 1}, SAME.format("name", ONE_BY_ONE)),
    "an element of a frozen set": ({"place": 1, "tags__contains": 1}, ELEMENT.format("the index of 'place'", "tags")),
    "beside a range": ({"place__gt": 0, "tags__contains": 1}, ELEMENT.format("the index of 'place'", "tags")),
    "of a row": ({"id": 1, "place": 1, "tags__contains": 1}, ELEMENT.format("the index of 'place'", "tags")),
    "several beside SASI": ({"part": 1, "note__in": ["n", "m"]}, SASI.format("part", "note__in")),
    "beside a range of SASI": ({"part__gt": 0, "place__in": [1, 2]}, SASI.format("part", "place__in")),
    "beside two kinds": ({"part": 1, "kind": "k", "note__in": ["n"]}, SASI.format("part", "note__in")),
    "beside a pattern": ({"start__like": "s%", "note__in": ["n"]}, SASI.format("start", "note__in")),
    "of statics": ({"part": 1, "fixed__in": ["f"]}, SASI.format("part", "fixed__in")),
    "in a partition": ({"id": 1, "part": 1, "note__in": ["n"]}, SASI.format("part", "note__in")),
    "an element beside SASI": ({"part": 1, "notes__contains": "b"}, SASI.format("part", "notes__contains")),
    "a frozen one": ({"part": 1, "whole__contains_key": "k"}, SASI.format("part", "whole__contains_key")),
    "rows of any partition": ({"part": 1, "number__in": [1, 2]}, SASI.format("part", "number__in")),
    "a range of texts": ({"part": 1, "note__gt": "a"}, SASI.format("part", "note__gt")),
    "a key": ({"place": 1, "whole__contains_key": "k"}, ELEMENT.format("the index of 'place'", "whole")),
}


@pytest.mark.parametrize("case", NOT_ASKED)
@pytest.mark.usefixtures("alike")
async def test_what_the_server_would_pass_over_is_not_asked(case: str) -> None:
    lookups, sentence = NOT_ASKED[case]
    with pytest.raises(InvalidQueryError, match=sentence):
        await Alike.find(**lookups).allow_filtering().all()


@pytest.mark.usefixtures("alike")
async def test_the_nearest_with_an_element_of_a_frozen_dict_are_not_asked() -> None:
    with pytest.raises(InvalidQueryError, match=ELEMENT.format(r"order_by_ann\(\)", "whole")):
        await Alike.find(whole__contains="1").order_by_ann("spot", [1.0, 0.0]).limit(1).all()


@pytest.mark.usefixtures("alike")
async def test_an_entry_beside_sasi_is_not_asked() -> None:
    with pytest.raises(InvalidQueryError, match=SASI.format("part", r"notes\[\.\.\.\]")):
        await Alike.find(col(Alike.part) == 1, col(Alike.notes)["a"] == "b").all()


@pytest.mark.parametrize(
    "where",
    [
        "name = 'ANN' AND kind = 'k' ALLOW FILTERING",
        "words CONTAINS 'Zoe' AND kind = 'k' ALLOW FILTERING",
        "name IN ('ANN', 'BOB') ALLOW FILTERING",
        "place = 1 AND tags CONTAINS 1 ALLOW FILTERING",
        "place = 1 AND whole CONTAINS KEY 'k' ALLOW FILTERING",
    ],
)
async def test_what_is_not_asked_passes_over_a_row(where: str, alike: Alike, keyspace_of_worker: str) -> None:
    execute: Any = execute_raw
    assert await execute(f"SELECT * FROM {keyspace_of_worker}.beside_indexes_alike WHERE {where}") == []


@pytest.mark.parametrize(
    "lookups",
    [
        {"name": "ANN"},
        {"name": "ANN", "place": 1},
        {"id": 1, "name": "ANN"},
        {"name": "ANN", "words__contains": "Zoe", "tags": {1}},
        {"tags__contains": 1},
        {"id": 1, "tags__contains": 1},
        {"kind": "k", "tags__contains": 1},
        {"kind": "k", "place": 1, "tags__contains": 1},
        {"place": 1, "tags": {1}},
        {"part": 1, "tags": {1}, "note": "n", "kind": "k", "place": 1},
        {"part__gt": 0, "place__gte": 1, "number": 1},
        {"part": 1, "number__gte": 1},
        {"id": 1, "part": 1, "number__in": [1, 2]},
        {"place": 1, "whole": {"k": 1}},
    ],
)
async def test_what_it_does_not_pass_over_is_found(lookups: dict[str, Any], alike: Alike) -> None:
    assert await Alike.find(**lookups).allow_filtering().all() == [alike]


@pytest.mark.parametrize(
    "where",
    [
        "part = 1 AND note IN ('x', 'y') ALLOW FILTERING",
        "part = 1 AND place IN (5, 6) ALLOW FILTERING",
        "part = 1 AND whole CONTAINS KEY 'x' ALLOW FILTERING",
    ],
)
async def test_what_is_not_asked_beside_sasi_finds_other_rows(
    where: str, alike: Alike, keyspace_of_worker: str
) -> None:
    execute: Any = execute_raw
    assert len(await execute(f"SELECT * FROM {keyspace_of_worker}.beside_indexes_alike WHERE {where}")) == 1
