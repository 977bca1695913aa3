"""A table as values: `TableSchema`, from column definitions or from the server's own tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cql_builder.ast.names import TableName
from cql_builder.builder.literals import is_mapping
from cql_builder.errors import ArgumentError, CqlSyntaxError, SchemaError
from cql_builder.parser.types import parse_type
from cql_builder.schema import introspection, validation
from cql_builder.schema.arguments import all_checked, checked
from cql_builder.schema.columns import ColumnDefinition, IndexDefinition
from cql_builder.schema.frozen import freeze
from cql_builder.schema.indexes import IndexSchema, default_index_name, index_class, natural_part
from cql_builder.schema.meanings import ComparedByMeaning, columns_meaning, options_meaning
from cql_builder.schema.option_faults import option_faults
from cql_builder.schema.options import option_trees
from cql_builder.schema.rows import system_rows
from cql_builder.schema.structure import ClusteringColumn, ColumnSchema, DroppedColumn, TriggerSchema
from cql_builder.schema.types import canonical_type

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    from cql_builder.ast.types import DataType

_FROM_COLUMNS = "TableSchema.from_columns"
_KINDS: dict[str, type] = {
    "cql_type": str,
    "primary_key": bool,
    "partition_key_index": int,
    "clustering_key": bool,
    "clustering_key_index": int,
    "static": bool,
    "index": bool,
    "index_name": str,
}


@dataclass(frozen=True, slots=True, eq=False)
class TableSchema(ComparedByMeaning):
    """One table of a keyspace: columns, keys, indexes and options.

    Two are equal when they mean the same.

    Attributes:
        keyspace: the keyspace's name.
        name: the table's name.
        columns: the columns.
        partition_key: the names of the partition key columns, in the order of the key.
        clustering_key: the clustering columns, in the order of the key.
        indexes: the secondary indexes.
        options: the table options: of a wanted table those that matter, of an actual one all.
        triggers: the triggers.
        dropped: the columns that it once had; they make no difference between tables.
        compact_storage: whether it is kept as tables were before CQL had clustering columns.

    >>> from cql_builder.schema import schema_from_cql
    >>> shop = schema_from_cql("CREATE TABLE shop.products (brand text, id uuid, PRIMARY KEY (brand, id))")
    >>> table = shop.table("products")
    >>> table.partition_key, [column.name for column in table.clustering_key], table.columns_by_name["id"].type
    (('brand',), ['id'], NativeType(name='uuid'))
    >>> table.table_name
    TableName(name='products', keyspace='shop')
    """

    keyspace: str
    name: str
    columns: tuple[ColumnSchema, ...]
    partition_key: tuple[str, ...]
    clustering_key: tuple[ClusteringColumn, ...] = ()
    indexes: tuple[IndexSchema, ...] = ()
    options: Mapping[str, object] = field(default_factory=dict[str, object])
    triggers: tuple[TriggerSchema, ...] = ()
    dropped: tuple[DroppedColumn, ...] = ()
    compact_storage: bool = False

    def __post_init__(self) -> None:
        """Keep copies that nobody else can change."""
        freeze(self, "options")

    @property
    def meaning(self) -> Hashable:
        """What the table comes to on a server.

        Only keys have an order, and options have their defaults.
        """
        columns = columns_meaning(self.columns, self.keyspace)
        keys = (self.partition_key, self.clustering_key)
        beside = (frozenset(self.indexes), frozenset(self.triggers), self.compact_storage)
        return self.keyspace, self.name, columns, keys, beside, options_meaning(self.options)

    @property
    def table_name(self) -> TableName:
        """The table's name as statements take it."""
        return TableName(self.name, self.keyspace)

    @property
    def columns_by_name(self) -> dict[str, ColumnSchema]:
        """The columns by their names."""
        return {column.name: column for column in self.columns}

    @classmethod
    def from_columns(
        cls, table: str, keyspace: str, columns: Sequence[ColumnDefinition], options: Mapping[str, object] | None = None
    ) -> TableSchema:
        """Return the table that is made of these columns.

        Raises:
            SchemaError: if no server takes such a table; the sentence says why and what helps.
            ArgumentError: if an argument, or what is in a column or option, is of another kind.

        >>> from cql_builder.schema import ColumnDefinition, TableSchema
        >>> key = ColumnDefinition("id", "uuid", primary_key=True)
        >>> tags = ColumnDefinition("tags", "set<text>", index=True)
        >>> TableSchema.from_columns("products", "shop", [key, tags]).indexes[0].name
        'products_tags_idx'
        """
        for name, argument in ((table, "the name of the table"), (keyspace, "the name of the keyspace")):
            checked(name, str, _FROM_COLUMNS, argument)
        for column in all_checked(columns, ColumnDefinition, _FROM_COLUMNS, "the columns"):
            _check_definition(column)
        label = f"{keyspace}.{table}"
        _refuse(label, validation.name_faults(table, keyspace))
        _refuse(label, validation.definition_faults(columns))
        _refuse(label, option_faults(_checked_options(options)))
        types = {column.name: _column_type(column, label, keyspace) for column in columns}
        schema = cls(
            keyspace,
            table,
            tuple([ColumnSchema(column.name, types[column.name], column.static) for column in columns]),
            tuple([column.name for column in _in_partition_key(columns)]),
            tuple(
                [ClusteringColumn(column.name, column.clustering_order == "DESC") for column in _clustering(columns)]
            ),
            tuple([index for column in columns for index in _indexes(column, types[column.name], table)]),
            dict(options or {}),
        )
        _refuse(
            label,
            validation.table_faults(
                schema.columns_by_name, schema.partition_key, schema.clustering_key, schema.indexes
            ),
        )
        return schema

    @classmethod
    def from_system_rows(
        cls,
        table_row: Mapping[str, object],
        column_rows: Iterable[Mapping[str, object]],
        index_rows: Iterable[Mapping[str, object]],
    ) -> TableSchema:
        """Return the table that rows of `system_schema` describe.

        They are those of its `tables`, `columns` and `indexes`.

        Raises:
            CqlSyntaxError: if the type of a column is spelled in a way that is not known.
            SchemaError: if a row lacks a column that is needed.

        >>> from cql_builder.schema import TableSchema
        >>> names = {"keyspace_name": "shop", "table_name": "t"}
        >>> key = {"column_name": "id", "type": "uuid", "kind": "partition_key", "position": 0}
        >>> TableSchema.from_system_rows(names, [names | key | {"clustering_order": "none"}], []).partition_key
        ('id',)
        """
        (row,), rows = system_rows("tables", [table_row]), system_rows("columns", column_rows)
        keyspace = row.text("keyspace_name")
        columns = introspection.read_columns(rows, keyspace)
        return cls(
            keyspace,
            row.text("table_name"),
            columns,
            introspection.read_partition_key(rows),
            introspection.read_clustering_key(rows),
            introspection.read_indexes(system_rows("indexes", index_rows), {column.name: column for column in columns}),
            introspection.read_options(row),
            compact_storage=introspection.is_compact(row),
        )


def _check_definition(column: ColumnDefinition) -> None:
    checked(column.name, str, _FROM_COLUMNS, "the name of a column")
    for field_name, kind in _KINDS.items():
        value: object = getattr(column, field_name)
        if value is not None or field_name != "index_name":
            checked(value, kind, _FROM_COLUMNS, f"{field_name} of column {column.name!r}")
    for index in all_checked(column.indexes, IndexDefinition, _FROM_COLUMNS, f"the indexes of column {column.name!r}"):
        for field_name in ("name", "part", "index_class"):
            said: object = getattr(index, field_name)
            if said is not None:
                checked(said, str, _FROM_COLUMNS, f"{field_name} of an index of column {column.name!r}")


def _checked_options(options: object) -> Mapping[str, object]:
    if options is None:
        return {}
    if not is_mapping(options):
        raise ArgumentError(_FROM_COLUMNS, "options", "a mapping of names to values", options)
    named = {checked(name, str, _FROM_COLUMNS, "the name of an option"): value for name, value in options.items()}
    option_trees(named)
    return named


def _refuse(label: str, faults: Iterable[str]) -> None:
    for fault in faults:
        raise SchemaError(label, fault)


def _column_type(column: ColumnDefinition, label: str, keyspace: str) -> DataType:
    try:
        return canonical_type(parse_type(column.cql_type), keyspace)
    except CqlSyntaxError as error:
        raise SchemaError(label, f"the type of column {column.name!r} is none: {error}") from error


def _in_partition_key(columns: Iterable[ColumnDefinition]) -> list[ColumnDefinition]:
    return sorted([column for column in columns if column.primary_key], key=lambda column: column.partition_key_index)


def _clustering(columns: Iterable[ColumnDefinition]) -> list[ColumnDefinition]:
    return sorted(
        [column for column in columns if column.clustering_key], key=lambda column: column.clustering_key_index
    )


def _indexes(column: ColumnDefinition, data_type: DataType, table: str) -> list[IndexSchema]:
    plain = (IndexDefinition(column.index_name),) if column.index else ()
    made: list[IndexSchema] = []
    for wanted in (*plain, *column.indexes):
        part = wanted.part or natural_part(data_type)
        name = wanted.name
        if name is None:
            # The server's own name is the first one's; the others say what they are.
            kind = [index_class(wanted.index_class) or "", wanted.part or ""] if made else []
            name = default_index_name(table, "_".join([column.name, *[word for word in kind if word]]))
        made.append(IndexSchema(name, column.name, part, wanted.index_class, wanted.options))
    return made
