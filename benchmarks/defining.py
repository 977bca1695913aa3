"""What it costs to define 100 models of ten columns, beside pydantic's own time for the same fields.

In a process of its own, in turn. Claimed: at most 1.5 times as much, and twice where no model shares an annotation.
"""

from __future__ import annotations

import subprocess
import sys

from benchmarks.timing import judge

CLAIM, ANEW_CLAIM = 1.5, 2.0
PROGRAM = """
import gc, time
from datetime import datetime
from statistics import median
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from coodie.fields import BigInt, ClusteringKey, Double, Indexed, PrimaryKey
from coodie.sync import Document
from coodie._schema import declared

def define(base):
    class Item(base):
        tenant: Annotated[UUID, PrimaryKey()]
        number: Annotated[int, BigInt(), ClusteringKey(order="DESC")]
        name: str
        description: str | None = None
        price: Annotated[float, Double()] = 0.0
        quantity: int = 0
        active: bool = True
        created_at: datetime
        owner: Annotated[UUID, Indexed()]
        tags: list[str] = Field(default_factory=list)

        class Settings:
            name = "items"
            keyspace = "shop"

    return Item

def seconds(base, anew=False):
    gc.collect()
    began = time.process_time()
    models = []
    for _ in range(100):
        if anew:
            declared.forget()
        models.append(define(base))
    return time.process_time() - began

for base in (BaseModel, Document):
    define(base)
rounds = [(seconds(BaseModel), seconds(Document), seconds(Document, True)) for _ in range(9)]
print(*(median(each) for each in zip(*((ours / plain, anew / plain) for plain, ours, anew in rounds))))
"""


def main() -> bool:
    """Measure, print, and tell whether the claims hold."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    ratio, anew = map(float, done.stdout.split())
    held = judge("100 documents to 100 models of pydantic", ratio, CLAIM)
    return judge("the same, each annotation read anew", anew, ANEW_CLAIM) and held
