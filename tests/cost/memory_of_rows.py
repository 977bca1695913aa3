"""Prints what a document that was read takes in memory, and what Pydantic's own model of the same values takes."""

from __future__ import annotations

import gc
import json
import sys
import tracemalloc
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from pydantic import BaseModel

from coodie.fields import BigInt, ClusteringKey, Double, PrimaryKey
from coodie.sync import Document
from coodie_drivers import register_driver
from coodie_drivers.messages import Reply
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.messages import BatchRequest, Request

ROWS = 1_000


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


def bytes_of_one(make: Callable[[], list[Any]]) -> float:
    """Measure what each of the objects takes that are made, and what it alone keeps alive."""
    made = make()
    del made
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    made = make()
    gc.collect()
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return taken / len(made)


def main() -> None:
    """Measure, and print bytes."""
    register_driver("memory", Answering(), default=True)
    read = bytes_of_one(lambda: Item.find(tenant=TENANT).all())
    given = [dict(zip(NAMES, values, strict=True)) for values in VALUES]
    sys.stdout.write(json.dumps([read, bytes_of_one(lambda: [Plain.model_validate(each) for each in given])]))


if __name__ == "__main__":
    main()
