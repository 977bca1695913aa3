"""Pydantic v2 models as tables of Apache Cassandra and ScyllaDB.

The names here are the asynchronous ones, those of `coodie.aio`; `coodie.sync` has the same with blocking methods.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coodie.aio import (
    AsyncBatchQuery,
    CounterDocument,
    Document,
    QuerySet,
    col,
    create_keyspace,
    drop_keyspace,
    init_coodie,
    using,
)
from coodie.errors import DocumentNotFound, MultipleDocumentsFound
from coodie.exceptions import ConfigurationError, CoodieError, InvalidQueryError
from coodie.fields import ClusteringKey, Indexed, PrimaryKey
from coodie.results import LWTResult

if TYPE_CHECKING:
    from coodie.sync.batch import BatchQuery

__all__ = [
    "AsyncBatchQuery",
    "BatchQuery",
    "ClusteringKey",
    "ConfigurationError",
    "CoodieError",
    "CounterDocument",
    "Document",
    "DocumentNotFound",
    "Indexed",
    "InvalidQueryError",
    "LWTResult",
    "MultipleDocumentsFound",
    "PrimaryKey",
    "QuerySet",
    "col",
    "create_keyspace",
    "drop_keyspace",
    "init_coodie",
    "using",
]


def __getattr__(name: str) -> Any:
    """Import the synchronous half when its only name here is asked for."""
    if name == "BatchQuery":
        from coodie.sync.batch import BatchQuery  # noqa: PLC0415 - see above

        return BatchQuery
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
