"""The models that the tests of queries ask for: one with every kind of key and index, and one with a single key."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from coodie.fields import ClusteringKey, Indexed, PrimaryKey
from coodie.sync import Document


class Status(Enum):
    OPEN = "open"
    DONE = "done"


class Task(Document):
    tenant: Annotated[str, PrimaryKey(partition_key_index=0)]
    project: Annotated[str, PrimaryKey(partition_key_index=1)]
    day: Annotated[dt.date, ClusteringKey(clustering_key_index=0)]
    rank: Annotated[int, ClusteringKey(order="DESC", clustering_key_index=1)]
    status: Annotated[Status, Indexed()] = Status.OPEN
    priority: Annotated[int, Field(gt=0)] = 1
    tags: Annotated[set[str], Indexed()] = set()
    notes: dict[str, str] = {}


class User(Document):
    id: Annotated[UUID, PrimaryKey()]
    name: str = ""
    score: int | None = None
