"""Elements of lists that a batch with a condition sets or removes: the server does so, or the batch is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie.aio import AsyncBatchQuery, Document
from coodie.exceptions import InvalidQueryError
from coodie.fields import ClusteringKey, PrimaryKey, Static

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class Line(Document):
    order: Annotated[int, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    count: int = 0
    notes: list[str] = []
    paid: Annotated[int, Static()] = 0
    signed: Annotated[list[str], Static()] = []

    class Settings:
        name = "lines_batched_lookups"


async def both(one: Line, two: Line, batch: AsyncBatchQuery) -> None:
    await one.update(count=1, if_conditions={"count": 0}, batch=batch)
    await two.update(count=1, if_exists=True, batch=batch)


CONDITIONS: dict[str, Callable[[Line, Line, AsyncBatchQuery], Any]] = {
    "column": lambda one, _, batch: one.update(count=1, if_conditions={"count": 0}, batch=batch),
    "exists": lambda one, _, batch: one.update(count=1, if_exists=True, batch=batch),
    "static column": lambda one, _, batch: one.update(count=1, if_conditions={"paid": 0}, batch=batch),
    "that static column": lambda one, _, batch: one.update(count=1, if_conditions={"signed": ["a", "b"]}, batch=batch),
    "static alone": lambda one, _, batch: one.update(paid=1, if_conditions={"paid": 0}, batch=batch),
    "both": both,
    "new row": lambda one, _, batch: Line(order=one.order, number=3).insert(batch=batch),
    "delete": lambda _, two, batch: Line(order=two.order, number=4).delete(if_conditions={"count": 0}, batch=batch),
}
LOOKS: dict[str, Callable[[Line, Line, AsyncBatchQuery], Any]] = {
    "by value": lambda one, _, batch: one.update(remove__notes=["a"], batch=batch),
    "by value elsewhere": lambda _, two, batch: two.update(remove__notes=["a"], batch=batch),
    "by place elsewhere": lambda _, two, batch: two.update(setindex__notes=(0, "x"), batch=batch),
    "deleted": lambda one, _, batch: one.delete_columns(collection_elements=[("notes", 0)], batch=batch),
    "static": lambda one, _, batch: one.update(remove__signed=["a"], batch=batch),
}


WITHIN = {
    ("column", "by value"),
    ("column", "deleted"),
    ("exists", "by value"),
    ("exists", "deleted"),
    ("static column", "by value"),
    ("static column", "deleted"),
    ("that static column", "by value"),
    ("that static column", "deleted"),
    ("that static column", "static"),
    ("static alone", "static"),
    ("new row", "static"),
    ("both", "by value"),
    ("both", "by value elsewhere"),
    ("both", "by place elsewhere"),
    ("both", "deleted"),
}
"""What looks into a row, or a partition, that a condition is about."""


@pytest.mark.parametrize("looks", LOOKS)
@pytest.mark.parametrize("condition", CONDITIONS)
async def test_what_no_condition_has_read_is_refused_before_the_server_passes_it_by(
    connection: AbstractDriver, condition: str, looks: str
) -> None:
    await Line.sync_table()
    order = 100 * [*CONDITIONS].index(condition) + [*LOOKS].index(looks)
    for number in (1, 2, 4):
        await Line(order=order, number=number, notes=["a", "b"], signed=["a", "b"]).save()
    await Line.find(order=order, number=3).allow_filtering().delete()
    one, two = [await Line.get(order=order, number=number) for number in (1, 2)]
    batch = AsyncBatchQuery()
    await CONDITIONS[condition](one, two, batch)
    await LOOKS[looks](one, two, batch)
    if (condition, looks) not in WITHIN:
        about = "compares this column" if looks == "static" else "is about this row"
        with pytest.raises(InvalidQueryError, match=f"an element of Line.* into the lists of those rows only.*{about}"):
            await batch.execute()
        assert (await Line.get(order=order, number=1)).count == 0
        return
    await batch.execute()
    assert batch.result is not None
    assert batch.result.applied
    row = await Line.get(order=order, number=2 if "elsewhere" in looks else 1)
    assert (row.signed if looks == "static" else row.notes)[0] != "a"
    assert row == (two if "elsewhere" in looks else one)


async def test_what_somebody_s_own_condition_has_read_is_for_him_to_know(connection: AbstractDriver) -> None:
    await Line.sync_table()
    await Line(order=1_000, number=1, notes=["a", "b"]).save()
    line = await Line.get(order=1_000, number=1)
    table = f"{connection.default_keyspace}.{Line.Settings.name}"
    text: Any = f'UPDATE {table} SET count = ? WHERE "order" = ? AND number = ? IF count = ?'
    async with AsyncBatchQuery() as batch:
        batch.add(text, [1, 1_000, 1, 0])
        await line.update(remove__notes=["a"], batch=batch)
    assert (await Line.get(order=1_000, number=1)).notes == ["b"]
