"""Which markers of a prepared statement are for the partition key: the C++ driver knows, and tells by names alone."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters import _acsylla_library as native
from cql_builder import parse_cql
from cql_builder.analysis import tables
from cql_builder.errors import CqlError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cql_builder.ast import TableName

_POINTER: Final = ctypes.c_void_p
_SIZE: Final = ctypes.c_size_t
_NAME: Final = (ctypes.c_char_p, _SIZE)

_keyspace: Any = native.function("schema_meta_keyspace_by_name_n", _POINTER, _POINTER, *_NAME)
_column_name: Any = native.function(
    "column_meta_name", None, _POINTER, ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(_SIZE)
)

_RELATIONS: Final[tuple[tuple[Any, Any, Any], ...]] = tuple(
    (
        native.function(f"keyspace_meta_{kind}_by_name_n", _POINTER, _POINTER, *_NAME),
        native.function(f"{kind}_meta_partition_key_count", _SIZE, _POINTER),
        native.function(f"{kind}_meta_partition_key", _POINTER, _POINTER, _SIZE),
    )
    for kind in ("table", "materialized_view")
)
"""For tables and for views: how one is found, how many columns its partition key has, and each of them."""

_READ_CHARACTERS: Final = 10_000
"""How long a text may be that is read for its table."""


def key_indexes(session: int, cql: str, markers: Sequence[str]) -> frozenset[int]:
    """Return the indexes of the markers that bind a column of the partition key; none where that is not known.

    The server names a marker after its column, but one that has a name of its own after that.

    Args:
        session: the pointer of a `CassSession`.
        cql: the statement's text.
        markers: the name of each marker.
    """
    if not markers or ":" in cql or len(cql) > _READ_CHARACTERS:
        return frozenset()
    try:
        found = tables(parse_cql(cql))
    except CqlError:
        return frozenset()
    if not found:
        return frozenset()
    key = set(_partition_key(session, found[0]))
    return frozenset(index for index, name in enumerate(markers) if name in key)


def _partition_key(session: int, table: TableName) -> Iterator[str]:
    schema = native.session_schema(session)
    try:
        keyspace = _keyspace(schema, *_sized(table.keyspace or ""))
        for by_name, count, column in _RELATIONS if keyspace else ():
            relation = by_name(keyspace, *_sized(table.name))
            for index in range(count(relation) if relation else 0):
                yield native.text_from(_column_name, column(relation, index))
    finally:
        native.free_schema(schema)


def _sized(name: str) -> tuple[bytes, int]:
    octets = name.encode()
    return octets, len(octets)
