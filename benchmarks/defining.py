"""What it costs to define 100 models of ten columns, beside pydantic's own time for the same fields.

In a process of its own, in turn. Claimed: at most 1.5 times as much, and twice where no model shares an annotation.
"""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - Pydantic looks it up
import gc
import subprocess
import sys
import time
from statistics import median
from typing import Annotated
from uuid import UUID  # noqa: TC003 - as above

from benchmarks.timing import judge
from pydantic import BaseModel, Field

from coodie._schema import declared
from coodie.fields import BigInt, ClusteringKey, Double, Indexed, PrimaryKey
from coodie.sync import Document

CLAIM, ANEW_CLAIM = 1.5, 2.0
MODELS, ROUNDS = 100, 9


def define(base: type[BaseModel]) -> type[BaseModel]:
    """Define a model of ten columns, as a program does."""

    class Item(base):  # type: ignore[misc, valid-type]  # several bases are compared
        tenant: Annotated[UUID, PrimaryKey()]
        number: Annotated[int, BigInt(), ClusteringKey(order="DESC")]
        name: str
        description: str | None = None
        price: Annotated[float, Double()] = 0.0
        quantity: int = 0
        active: bool = True
        created_at: dt.datetime
        owner: Annotated[UUID, Indexed()]
        tags: list[str] = Field(default_factory=list)

        class Settings:
            name = "items"
            keyspace = "shop"

    return Item


def seconds(base: type[BaseModel], *, anew: bool = False) -> float:
    """Return the CPU time that defining the models takes; `anew` has each annotation read again."""
    gc.collect()
    began = time.process_time()
    models: list[type[BaseModel]] = []
    for _ in range(MODELS):
        if anew:
            declared.forget()
        models.append(define(base))
    return time.process_time() - began


def measure() -> None:
    """Print how often documents take as long as plain models, and so with each annotation read anew."""
    for base in (BaseModel, Document):
        define(base)
    rounds = [(seconds(BaseModel), seconds(Document), seconds(Document, anew=True)) for _ in range(ROUNDS)]
    print(median(ours / plain for plain, ours, _ in rounds), median(anew / plain for plain, _, anew in rounds))


def main() -> bool:
    """Measure, print, and tell whether the claims hold."""
    program = "from benchmarks.defining import measure; measure()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    ratio, anew = map(float, done.stdout.split())
    held = judge("100 documents to 100 models of pydantic", ratio, CLAIM)
    return judge("the same, each annotation read anew", anew, ANEW_CLAIM) and held
