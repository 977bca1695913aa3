"""Pydantic v2 models as tables of Apache Cassandra and ScyllaDB.

The names here are the asynchronous ones, those of `coodie.aio`; `coodie.sync` has the same with blocking methods.
"""

from __future__ import annotations

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
    Protected,
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
from cql_builder.deferred import deferring_names

if TYPE_CHECKING:
    from coodie.aio.reflection import reflect_table
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
    "Protected",
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
    "reflect_table",
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
    "reflect_table": "aio.reflection",
}
"""The modules of what few programs name: the synchronous half's only name here, what verbs return, and the like."""

if not TYPE_CHECKING:  # a type checker must keep refusing unknown names
    __getattr__, __dir__ = deferring_names(__name__, _HOMES)
