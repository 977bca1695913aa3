"""The asynchronous API: documents, queries, batches and connecting.

Each name has a twin of the same meaning in the package of the other kind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from coodie._model.expressions import col
from coodie._shell.connections import using
from coodie.aio.batch import AsyncBatchQuery
from coodie.aio.document import CounterDocument, Document, MaterializedView
from coodie.aio.keyspaces import create_keyspace, drop_keyspace
from coodie.aio.query import QuerySet
from coodie.aio.raw import execute_raw
from coodie_drivers import init_coodie_async as init_coodie
from cql_builder.deferred import deferring_names

if TYPE_CHECKING:
    from coodie.aio.reflection import reflect_table

__all__ = [
    "AsyncBatchQuery",
    "CounterDocument",
    "Document",
    "MaterializedView",
    "QuerySet",
    "col",
    "create_keyspace",
    "drop_keyspace",
    "execute_raw",
    "init_coodie",
    "reflect_table",
    "using",
]

if not TYPE_CHECKING:  # a type checker must keep refusing unknown names
    __getattr__, __dir__ = deferring_names(__name__, {"reflect_table": "reflection"})
