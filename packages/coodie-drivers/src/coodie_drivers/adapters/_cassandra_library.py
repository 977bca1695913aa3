"""The names that are used of the package `cassandra`, whichever of the two client libraries provides it.

scylla-driver and cassandra-driver both install an import package of this name. Neither carries types: here, at the
edge, each name becomes `Any`, and nothing else imports the library.
"""

# pyright: reportMissingTypeStubs=false

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import cassandra as _cassandra
import cassandra.auth as _auth
import cassandra.cluster as _cluster
import cassandra.connection as _connection
import cassandra.cqltypes as _cqltypes
import cassandra.policies as _policies
import cassandra.pool as _pool
import cassandra.protocol as _protocol
import cassandra.query as _query
import cassandra.util as _util

try:
    application_info: Any = import_module("cassandra.application_info")
except ImportError:
    application_info = None  # cassandra-driver, and older versions of scylla-driver, tell the server no name
errors: Any = _cassandra
"""The exceptions, `ConsistencyLevel`, `WriteType`."""

auth: Any = _auth
cluster: Any = _cluster
connection: Any = _connection
cqltypes: Any = _cqltypes
policies: Any = _policies
pool: Any = _pool
protocol: Any = _protocol
query: Any = _query
util: Any = _util


def _compiled_parser() -> Any:
    """Return the compiled parts that read rows; None where the library was installed without them."""
    try:
        reading, parsing, cells, octets = (
            import_module(f"cassandra.{name}") for name in ("obj_parser", "parsing", "deserializers", "bytesio")
        )
    except ImportError:
        return None
    return SimpleNamespace(
        ParseDesc=parsing.ParseDesc,
        make_deserializers=cells.make_deserializers,
        parse_rows=reading.ListParser().parse_rows,
        reader=octets.BytesIOReader,
    )


parser: Any = _compiled_parser()
"""The compiled parser of rows: `parse_rows(reader(octets), ParseDesc(…))`; None where there is none."""
