"""What a server refuses in a table definition, found before anything is sent. Each rule has a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from cql_builder.ast.indexes import IndexPart
from cql_builder.ast.types import NATIVE_TYPES, MapType, UserType
from cql_builder.compiler import type_text
from cql_builder.errors import suggestion
from cql_builder.schema.indexes import natural_part
from cql_builder.schema.types import COUNTER, DURATION, contains_type, is_multi_cell, type_fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cql_builder.ast.types import DataType
    from cql_builder.schema.columns import ColumnDefinition
    from cql_builder.schema.indexes import IndexSchema
    from cql_builder.schema.structure import ClusteringColumn, ColumnSchema

_PARTS: tuple[str, ...] = get_args(IndexPart)

MAX_KEYSPACE_NAME = 48
"""The longest name of a keyspace (`SchemaConstants.NAME_LENGTH` of Cassandra)."""

MAX_TABLE_NAME = 222
"""The longest name of a table (`SchemaConstants.TABLE_NAME_LENGTH` of Cassandra 5.0; 48 before)."""


def name_faults(table: str, keyspace: str) -> Iterator[str]:
    """Yield what is wrong with the names of a table and its keyspace: both are names of files."""
    for what, name, longest in (("table", table, MAX_TABLE_NAME), ("keyspace", keyspace, MAX_KEYSPACE_NAME)):
        if not _is_word(name):
            yield f"the name of a {what} has letters (a to z, A to Z), digits and '_', at least one; {name!r} does not"
        elif len(name) > longest:
            yield f"the name of a {what} is at most {longest} characters long; {name!r} has {len(name)}"


def definition_faults(columns: Sequence[ColumnDefinition]) -> Iterator[str]:
    """Yield what is wrong with column definitions before their types are read."""
    names = [column.name for column in columns]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"column {name!r} is defined twice"
    for column in columns:
        if column.primary_key and column.clustering_key:
            yield f"column {column.name!r} is both partition key and clustering key; choose one"
        if column.static and (column.primary_key or column.clustering_key):
            yield f"column {column.name!r} is in the primary key, so it cannot be static"
        if column.clustering_order not in ("ASC", "DESC"):
            yield f"the clustering order of column {column.name!r} is 'ASC' or 'DESC', not {column.clustering_order!r}"
        if column.index_name is not None and not column.index:
            yield f"column {column.name!r} has the name of an index, but no index; set index=True"
        for index in column.indexes:
            if index.part is not None and index.part not in _PARTS:
                told = f"an index of column {column.name!r} is of the part {index.part!r}"
                yield f"{told}; a collection has {', '.join(_PARTS)}{suggestion(index.part, _PARTS)}"


def table_faults(
    columns: Mapping[str, ColumnSchema],
    partition_key: Sequence[str],
    clustering_key: Sequence[ClusteringColumn],
    indexes: Sequence[IndexSchema],
) -> Iterator[str]:
    """Yield what is wrong with a table, its columns given by name."""
    if not partition_key:
        yield "it has no partition key; name at least one column of it"
    keys = [*partition_key, *[column.name for column in clustering_key]]
    for name in sorted({name for name in keys if keys.count(name) > 1}):
        yield f"column {name!r} is in the primary key twice"
    for column in columns.values():
        fault = type_fault(column.type) or (key_fault(column) if column.name in keys else "")
        if fault:
            yield f"column {column.name!r} ({type_text(column.type)}): {fault}"
        if column.static and column.name in keys:
            yield f"column {column.name!r} is in the primary key, so it cannot be static"
        elif column.static and not clustering_key:
            yield f"column {column.name!r} is static, which needs a clustering column: else each partition is a row"
    counters = [column.name for column in columns.values() if column.type == COUNTER]
    if counters and len(counters) + len(keys) < len(columns):
        yield f"column {counters[0]!r} is a counter, so all columns outside the primary key must be counters"
    names = [index.name for index in indexes]
    for index in indexes:
        if names.count(index.name) > 1:
            yield f"two indexes are named {index.name!r}; give one of them another index_name"
        yield from index_faults(index, columns, partition_key)


def key_fault(column: ColumnSchema) -> str:
    """Return why a column cannot be in a primary key for its type; empty where it can."""
    if column.type == COUNTER:
        return "a counter cannot be in the primary key"
    if contains_type(column.type, DURATION):
        return "a duration cannot be in the primary key, for it has no order"
    if isinstance(column.type, UserType):
        name = column.type.name
        hint = suggestion(name, NATIVE_TYPES)
        text = f"{name!r} is no type of CQL's own{hint}, and a user-defined type in the primary key must be frozen"
        return f"{text}: write frozen<{type_text(column.type)}>"
    if is_multi_cell(column.type):
        return "a collection in the primary key must be frozen: write frozen<…> around it"
    return ""


def index_faults(
    index: IndexSchema, columns: Mapping[str, ColumnSchema], partition_key: Sequence[str]
) -> Iterator[str]:
    """Yield what is wrong with an index of a table."""
    if not _is_word(index.name):
        rule = "the name of an index has letters (a to z, A to Z), digits and '_', at least one"
        yield f"{rule}; {index.name!r} does not"
    column = columns.get(index.column)
    if column is None:
        yield f"index {index.name!r} is on {index.column!r}, which is no column{suggestion(index.column, columns)}"
        return
    on_column = f"column {column.name!r} cannot have an index"
    if any(each.type == COUNTER for each in columns.values()):
        yield f"{on_column}: tables with counters have none"
    if list(partition_key) == [column.name]:
        yield f"{on_column}: it is the whole partition key, which is found without one"
    if contains_type(column.type, DURATION):
        yield f"{on_column}: durations have no order"
    if isinstance(column.type, UserType):
        yield f"{on_column}: its type must be frozen<{type_text(column.type)}>"
    fault = target_fault(column.type, index.part)
    if fault:
        yield f"{on_column} of this kind: {fault}"


def target_fault(data_type: DataType, part: IndexPart | None) -> str:
    """Return why a server makes no index of a part of a column; empty where it does (Cassandra 5.0.9).

    >>> from cql_builder import parse_type
    >>> target_fault(parse_type("text"), "values"), target_fault(parse_type("map<int, text>"), "entries")
    ('values(…) is for collections that are not frozen', '')
    """
    natural = natural_part(data_type)
    if natural == "full":
        return "" if part == "full" else "a frozen collection is found as a whole; write full(…)"
    if part == "full":
        return "full(…) is for frozen collections"
    if part is None or part == natural or isinstance(data_type, MapType):
        return ""
    return f"{part}(…) is for {'maps' if natural else 'collections'} that are not frozen"


def _is_word(name: str) -> bool:
    return bool(name) and all(letter.isascii() and (letter.isalnum() or letter == "_") for letter in name)
