"""The rows of the server's `system_schema` tables, read into values."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from cql_builder.builder.literals import is_mapping
from cql_builder.parser.types import parse_type
from cql_builder.schema.extensions import with_extensions
from cql_builder.schema.indexes import IndexSchema, natural_part, read_target
from cql_builder.schema.structure import ClusteringColumn, ColumnSchema
from cql_builder.schema.types import canonical_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cql_builder.schema.rows import SystemRow

NO_OPTIONS = frozenset(
    {
        "base_table_id",
        "base_table_name",
        # No longer used since 4.0, and no server takes it back.
        "dclocal_read_repair_chance",
        "flags",
        "id",
        "include_all_columns",
        "keyspace_name",
        "read_repair_chance",
        "table_name",
        "version",
        "view_name",
        "where_clause",
    }
)
"""The columns of `system_schema.tables` and `system_schema.views` that are no options."""


def read_columns(rows: Iterable[SystemRow], keyspace: str) -> tuple[ColumnSchema, ...]:
    """Return the columns of rows of `system_schema.columns`: partition key, clustering key, then the others by name.

    Raises:
        CqlSyntaxError: if the type of a column is spelled in a way that is not known.
    """
    ordered = sorted(
        rows, key=lambda row: (_KIND_ORDER.get(row.text("kind"), 2), _position(row), row.text("column_name"))
    )
    return tuple([_read_column(row, keyspace) for row in ordered])


def read_partition_key(rows: Iterable[SystemRow]) -> tuple[str, ...]:
    """Return the names of the partition key columns, in the order of the key."""
    return tuple([row.text("column_name") for row in _of_kind(rows, "partition_key")])


def read_clustering_key(rows: Iterable[SystemRow]) -> tuple[ClusteringColumn, ...]:
    """Return the clustering columns, in the order of the key."""
    return tuple(
        [
            ClusteringColumn(row.text("column_name"), row.text("clustering_order").lower() == "desc")
            for row in _of_kind(rows, "clustering")
        ]
    )


def read_indexes(rows: Iterable[SystemRow], columns: Mapping[str, ColumnSchema]) -> tuple[IndexSchema, ...]:
    """Return the indexes of rows of `system_schema.indexes`, by name."""
    indexes = [_read_index(row, columns) for row in rows]
    return tuple(sorted(indexes, key=lambda index: index.name))


def read_options(row: SystemRow) -> dict[str, object]:
    """Return the options of a row of `system_schema.tables` or `system_schema.views`."""
    options = {
        name: dict(value) if is_mapping(value) else value for name, value in row.items() if name not in NO_OPTIONS
    }
    if "memtable" in options and options["memtable"] is None:
        options["memtable"] = "default"  # what the server leaves out of its table
    return with_extensions({name: value for name, value in options.items() if value is not None})


def is_compact(row: SystemRow) -> bool:
    """Return whether a row of `system_schema.tables` is of a table with COMPACT STORAGE."""
    flags = row.get("flags")
    return isinstance(flags, Collection) and ("compound" not in flags or "dense" in flags or "super" in flags)


_KIND_ORDER = {"partition_key": 0, "clustering": 1}


def _read_column(row: SystemRow, keyspace: str) -> ColumnSchema:
    data_type = canonical_type(parse_type(row.text("type")), keyspace)
    return ColumnSchema(row.text("column_name"), data_type, row["kind"] == "static")


def _read_index(row: SystemRow, columns: Mapping[str, ColumnSchema]) -> IndexSchema:
    options = {name: str(value) for name, value in row.mapping("options").items()}
    if "target" not in options:
        raise row.refuse("in a row, 'options' has no 'target'")
    column, part = read_target(options.pop("target"))
    if part is None and column in columns:
        part = natural_part(columns[column].type)
    return IndexSchema(row.text("index_name"), column, part, options.pop("class_name", None), options)


def _of_kind(rows: Iterable[SystemRow], kind: str) -> Sequence[SystemRow]:
    return sorted([row for row in rows if row["kind"] == kind], key=_position)


def _position(row: SystemRow) -> int:
    position = row["position"]
    return position if isinstance(position, int) else 0
