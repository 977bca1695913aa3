"""Pydantic v2 models as tables of Apache Cassandra and ScyllaDB.

The names here are the asynchronous ones, those of `coodie.aio`; `coodie.sync` has the same with blocking methods.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from coodie.aio import (
    AsyncBatchQuery,
    CounterDocument,
    Document,
    MaterializedView,
    QuerySet,
    col,
    create_keyspace,
    drop_keyspace,
    execute_raw,
    init_coodie,
    using,
)
from coodie.exceptions import (
    BulkWriteError,
    ConditionFailedError,
    ConfigurationError,
    CoodieError,
    DocumentNotFound,
    FieldNotLoadedError,
    GuardrailExceededError,
    InvalidCursorError,
    InvalidModelError,
    InvalidQueryError,
    InvalidRowError,
    InvalidRowsError,
    InvalidValueError,
    MultipleDocumentsFound,
    StaleDocumentError,
    UnknownNameError,
)
from coodie.fields import (
    Ascii,
    BigInt,
    ClusteringKey,
    Counter,
    Discriminator,
    Double,
    Duration,
    Frozen,
    Indexed,
    PrimaryKey,
    SmallInt,
    Static,
    Time,
    TimeUUID,
    TinyInt,
    VarInt,
    Vector,
    VectorIndex,
    Version,
)
from coodie.types import CqlDuration

if TYPE_CHECKING:
    from coodie.functions import MaxTimeUUID, MinTimeUUID, Token
    from coodie.lazy import LazyDocument
    from coodie.results import BulkResult, LWTResult, PagedResult, WriteResult
    from coodie.sync.batch import BatchQuery

__all__ = [
    "Ascii",
    "AsyncBatchQuery",
    "BatchQuery",
    "BigInt",
    "BulkResult",
    "BulkWriteError",
    "ClusteringKey",
    "ConditionFailedError",
    "ConfigurationError",
    "CoodieError",
    "Counter",
    "CounterDocument",
    "CqlDuration",
    "Discriminator",
    "Document",
    "DocumentNotFound",
    "Double",
    "Duration",
    "FieldNotLoadedError",
    "Frozen",
    "GuardrailExceededError",
    "Indexed",
    "InvalidCursorError",
    "InvalidModelError",
    "InvalidQueryError",
    "InvalidRowError",
    "InvalidRowsError",
    "InvalidValueError",
    "LWTResult",
    "LazyDocument",
    "MaterializedView",
    "MaxTimeUUID",
    "MinTimeUUID",
    "MultipleDocumentsFound",
    "PagedResult",
    "PrimaryKey",
    "QuerySet",
    "SmallInt",
    "StaleDocumentError",
    "Static",
    "Time",
    "TimeUUID",
    "TinyInt",
    "Token",
    "UnknownNameError",
    "VarInt",
    "Vector",
    "VectorIndex",
    "Version",
    "WriteResult",
    "col",
    "create_keyspace",
    "drop_keyspace",
    "execute_raw",
    "init_coodie",
    "using",
]

_HOMES = {
    "BatchQuery": "sync.batch",
    "BulkResult": "results",
    "LWTResult": "results",
    "LazyDocument": "lazy",
    "MaxTimeUUID": "functions",
    "MinTimeUUID": "functions",
    "PagedResult": "results",
    "Token": "functions",
    "WriteResult": "results",
}
"""The modules of what few programs name: the synchronous half's only name here, and what verbs return."""

if not TYPE_CHECKING:  # a type checker must keep refusing unknown names

    def __getattr__(name: str) -> object:
        """Import a name's module when the name is asked for."""
        if name not in _HOMES:
            message = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(message)
        found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = found
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
