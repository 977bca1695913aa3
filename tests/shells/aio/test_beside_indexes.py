"""What goes beside an index, of values and of vectors: what the real node refuses is refused before it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie.aio import Document, execute_raw
from coodie.exceptions import CoodieError, InvalidQueryError, InvalidRequestError
from coodie.fields import ClusteringKey, Indexed, PrimaryKey, Vector, VectorIndex

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
