"""Vectors that an index does not take are refused before they are sent, and no others: seen on the real node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie.aio import Document, execute_raw
from coodie.exceptions import DriverError, InvalidValueError
from coodie.fields import PrimaryKey, Vector, VectorIndex

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class ByAngle(Document):
    id: Annotated[int, PrimaryKey()]
    spot: Annotated[list[float] | None, Vector(3), VectorIndex()] = None

    class Settings:
        name = "vectors_by_angle"


class ByDistance(Document):
    id: Annotated[int, PrimaryKey()]
    spot: Annotated[list[float] | None, Vector(3), VectorIndex(similarity_function="EUCLIDEAN")] = None

    class Settings:
        name = "vectors_by_distance"


class Plain(Document):
    id: Annotated[int, PrimaryKey()]
    spot: Annotated[list[float] | None, Vector(3)] = None

    class Settings:
        name = "vectors_without_index"


NAN, INFINITE = float("nan"), float("inf")
TAKEN = [[1.0, 0.0, 0.0], [-1e17, 1e17, 1e17], [1e17, 1e17, -1e17], [1e-44, 0.0, 0.0], [8e-46, 0.0, 0.0]]
ZEROS = [[0.0, 0.0, 0.0], [-0.0, 0.0, 0.0], [7e-46, -7e-46, 0.0]]
TOO_LARGE = [[NAN, 1.0, 1.0], [1.0, 1.0, NAN], [INFINITE, 1.0, 1.0], [1.0, -INFINITE, 1.0], [1.1e17, 0.0, 0.0]]

WRITES: list[Callable[[Any, list[float]], Any]] = [
    lambda model, vector: model(id=1, spot=vector).save(),
    lambda model, vector: model(id=1).update(spot=vector),
    lambda model, vector: model.find(id=1).update(spot=vector),
    lambda model, vector: model.find().save_many([model(id=1, spot=vector)]),
    lambda model, vector: model.find().order_by_ann("spot", vector).limit(1).all(),
]


@pytest.fixture
async def tables(connection: AbstractDriver) -> None:
    for model in (ByAngle, ByDistance, Plain):
        await model.sync_table()


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize("model", [ByAngle, ByDistance])
async def test_what_an_index_takes_is_what_is_sent(model: Any, keyspace_of_worker: str) -> None:
    execute: Any = execute_raw
    insert = f"INSERT INTO {keyspace_of_worker}.{model.table_name()} (id, spot) VALUES (2, ?)"
    takes_zeros = model is ByDistance
    for vector in [*TAKEN, *(ZEROS if takes_zeros else [])]:
        await model(id=1, spot=vector).save()
        await execute(insert, [vector])
        await model.find().order_by_ann("spot", vector).limit(1).all()
    for vector in [*TOO_LARGE, *([] if takes_zeros else ZEROS)]:
        sentence = "a vector of zeros has no direction" if vector in ZEROS else "numbers from -1e17 to 1e17, no NaN"
        for write in WRITES:
            with pytest.raises(InvalidValueError, match=rf"^{model.__name__}\.spot: .*{sentence}"):
                await write(model, vector)
        with pytest.raises(DriverError):  # the server would have refused it
            await execute(insert, [vector])


@pytest.mark.usefixtures("tables")
async def test_without_an_index_any_vector_is_taken() -> None:
    for vector in [*TAKEN, *ZEROS, *TOO_LARGE]:
        await Plain(id=1, spot=vector).save()
        assert len((await Plain.get(id=1)).spot or ()) == 3
