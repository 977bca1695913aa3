"""What documents that were read take in memory, against what Pydantic's own models of the same values take."""

from __future__ import annotations

import gc
import tracemalloc
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import pytest
from pydantic import BaseModel

from coodie.fields import BigInt, ClusteringKey, Double, PrimaryKey
from coodie.sync import Document
from coodie_drivers import register_driver, unregister_driver
from coodie_drivers.messages import Reply
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from coodie_drivers.messages import BatchRequest, Request

ROWS = 1_000
MORE = 64
"""How many bytes a row that was read takes at most beyond a model of Pydantic's: what is known of it is kept."""


class Plain(BaseModel):
    tenant: Annotated[UUID, PrimaryKey()]
    number: Annotated[int, BigInt(), ClusteringKey()]
    name: str
    description: str | None = None
    price: Annotated[float, Double()] = 0.0
    quantity: int = 0
    active: bool = True
    created_at: datetime
    owner: UUID
    tags: list[str] = []


class Item(Document, Plain):
    class Settings:
        name = "items"
        keyspace = "ks"


NAMES = tuple(Plain.model_fields)
TENANT = UUID(int=1)
VALUES = [
    (
        *(TENANT, 10**6 + number, f"item-{number}", f"what it is: {number}", 0.5 + number, number, True),
        *(datetime(2024, 1, 1, 0, number // 60 % 60, number % 60, tzinfo=timezone.utc), UUID(int=number)),
        [f"tag-{number}", "common"],
    )
    for number in range(ROWS)
]


class Answering(ScriptedDriver):
    """Answers with rows that it makes for each request, of values that were there before."""

    needs_row_validation = False

    def send(self, request: Request | BatchRequest) -> Reply:
        """Answer at once."""
        del request
        return Reply([(*values,) for values in VALUES], NAMES)


@pytest.fixture(autouse=True)
def driver() -> Iterator[None]:
    """The default connection."""
    register_driver("memory", Answering(), default=True)
    yield
    unregister_driver("memory")


def bytes_of_one(make: Callable[[], list[Any]]) -> float:
    """Measure what each of the objects takes that are made, and what it alone keeps alive."""
    made = make()
    del made
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        made = make()
        gc.collect()
        return (tracemalloc.get_traced_memory()[0] - before) / len(made)
    finally:
        tracemalloc.stop()


def test_a_row_that_was_read_takes_little_more_than_a_model() -> None:
    read = bytes_of_one(lambda: Item.find(tenant=TENANT).all())
    given = [dict(zip(NAMES, values, strict=True)) for values in VALUES]
    plain = bytes_of_one(lambda: [Plain.model_validate(each) for each in given])
    assert read <= plain + MORE, f"a row takes {read:.0f} bytes, a model of Pydantic's {plain:.0f}"
