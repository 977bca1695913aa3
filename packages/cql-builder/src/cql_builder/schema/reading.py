"""From the trees of statements to values: columns, options, indexes, views as CREATE statements define them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.definitions import Word
from cql_builder.ast.indexes import IndexTarget
from cql_builder.ast.names import ColumnName
from cql_builder.ast.programs import NamedType
from cql_builder.ast.tables import NotNullConstraint
from cql_builder.ast.terms import (
    BlobLiteral,
    BooleanLiteral,
    FloatLiteral,
    IntegerLiteral,
    ListLiteral,
    MapLiteral,
    NullLiteral,
    StringLiteral,
)
from cql_builder.builder.literals import is_mapping
from cql_builder.errors import SchemaError, suggestion
from cql_builder.schema.indexes import IndexSchema, natural_part
from cql_builder.schema.programs import AggregateSchema, FunctionSchema, argument_type
from cql_builder.schema.structure import ClusteringColumn, ColumnSchema
from cql_builder.schema.types import canonical_type
from cql_builder.schema.validation import target_fault
from cql_builder.schema.views import ViewSchema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cql_builder.ast.clauses import Ordering
    from cql_builder.ast.definitions import Option
    from cql_builder.ast.indexes import CreateIndex, CreateMaterializedView
    from cql_builder.ast.programs import CreateAggregate, CreateFunction
    from cql_builder.ast.tables import TableColumn
    from cql_builder.ast.terms import Selectable


_MOST_DIGITS = 100


def read_column(column: TableColumn, keyspace: str) -> ColumnSchema:
    """Return a column as CREATE TABLE or ALTER TABLE … ADD defines it."""
    constraints = ((NotNullConstraint(),) if column.not_null else ()) + column.constraints
    data_type = canonical_type(column.type, keyspace)
    return ColumnSchema(column.name.name, data_type, column.static, column.mask, constraints)


def read_clustering(
    key: Iterable[ColumnName], orderings: Iterable[Ordering], label: str
) -> tuple[ClusteringColumn, ...]:
    """Return the clustering columns with their orders.

    Raises:
        SchemaError: if an order names none of them.
    """
    descending: dict[str, bool] = {}
    for ordering in orderings:
        if isinstance(ordering.column, ColumnName):
            descending[ordering.column.name] = ordering.descending
    columns = tuple([ClusteringColumn(column.name, descending.pop(column.name, False)) for column in key])
    for name in descending:
        raise SchemaError(label, f"CLUSTERING ORDER BY names {name!r}, which is no clustering column")
    return columns


def read_options(options: Iterable[Option]) -> dict[str, object]:
    """Return options as Python values; without `id`, which makes no difference between tables."""
    return {option.name: read_option(option.value) for option in options if option.name != "id"}


def read_option(value: Selectable | Word) -> object:
    """Return the value of an option: a constant, a map of constants, or the tree where Python has none for it.

    >>> from cql_builder.ast import IntegerLiteral, MapLiteral, StringLiteral
    >>> read_option(MapLiteral(((StringLiteral("min_threshold"), IntegerLiteral("4")),)))
    {'min_threshold': 4}
    """
    if isinstance(value, MapLiteral):
        entries = {key.text: read_option(each) for key, each in value.entries if isinstance(key, StringLiteral)}
        plain = all(isinstance(each, str | int | float | list) for each in entries.values())
        return entries if plain and len(entries) == len(value.entries) else value
    if isinstance(value, ListLiteral):
        return [read_option(each) for each in value.elements]
    if isinstance(value, StringLiteral):
        return value.text
    if isinstance(value, Word):
        return value.word
    if isinstance(value, IntegerLiteral | FloatLiteral):
        return _number(value)
    if isinstance(value, BooleanLiteral):
        return value.value
    if isinstance(value, BlobLiteral):
        return f"0x{value.digits}"
    return value


def read_index(node: CreateIndex, name: str, columns: Mapping[str, ColumnSchema], label: str) -> IndexSchema:
    """Return the index that CREATE INDEX makes under a name.

    Raises:
        SchemaError: if it is on no column of the table, on several, or on a part that is none of the column; or if it
            says how ScyllaDB keeps the view of the index.
    """
    target = node.targets[0]
    said = ["CLUSTERING ORDER BY"] * bool(node.clustering_order) + ["COMPACT STORAGE"] * node.compact_storage
    if said:
        what = f"index {name!r}" if name else "an index"
        raise SchemaError(label, f"{what} says {' and '.join(said)}, which a schema here cannot hold: leave it out")
    if len(node.targets) != 1 or not isinstance(target, IndexTarget):
        what = f"index {name!r}" if name else "an index"
        raise SchemaError(label, f"{what} is on more than one column, which a schema here cannot hold")
    column = columns.get(target.column.name)
    if column is None:
        what = f"index {name!r}" if name else "an index"
        missing = target.column.name
        raise SchemaError(label, f"{what} is on {missing!r}, which is no column{suggestion(missing, columns)}")
    fault = target_fault(column.type, target.part)
    if fault:
        raise SchemaError(label, f"column {column.name!r} cannot have an index of this kind: {fault}")
    given = read_options(node.options).get("options", {})
    options = {str(key): _option_text(each) for key, each in given.items()} if is_mapping(given) else {}
    return IndexSchema(name, column.name, target.part or natural_part(column.type), node.using, options)


def read_view(node: CreateMaterializedView, keyspace: str, table_keyspace: str) -> ViewSchema:
    """Return the view that CREATE MATERIALIZED VIEW makes.

    Raises:
        SchemaError: if it selects anything but columns, or its table is in another keyspace.
    """
    label = f"{keyspace}.{node.view.name}"
    if table_keyspace != keyspace:
        raise SchemaError(label, f"its table is in keyspace {table_keyspace!r}; a view is beside its table", "view")
    columns: list[str] = []
    for selected in node.selection:
        if not isinstance(selected, ColumnName):
            raise SchemaError(label, "a view selects columns as they are", "view")
        columns.append(selected.name)
    partition_key = tuple([column.name for column in node.partition_key])
    clustering_key = read_clustering(node.clustering_key, node.clustering_order, label)
    options = read_options(node.options)
    return ViewSchema(
        keyspace, node.view.name, node.table.name, tuple(columns), node.where, partition_key, clustering_key, options
    )


def read_function(node: CreateFunction, keyspace: str) -> FunctionSchema:
    """Return the function that CREATE FUNCTION makes."""
    arguments = tuple([NamedType(each.name, argument_type(each.type, keyspace)) for each in node.arguments])
    returns, language = argument_type(node.returns, keyspace), node.language.lower()
    name, called = node.function.name, node.called_on_null
    return FunctionSchema(keyspace, name, arguments, returns, language, node.body, called)


def read_aggregate(node: CreateAggregate, keyspace: str) -> AggregateSchema:
    """Return the aggregate that CREATE AGGREGATE makes."""
    return AggregateSchema(
        keyspace,
        node.aggregate.name,
        tuple([argument_type(each, keyspace) for each in node.argument_types]),
        node.state_function,
        argument_type(node.state_type, keyspace),
        node.final_function,
        None if isinstance(node.initial_state, NullLiteral) else node.initial_state,
        node.reduce_function,
    )


def _number(literal: IntegerLiteral | FloatLiteral) -> int | float | str:
    if isinstance(literal, FloatLiteral):
        return float(literal.digits)
    # To a server every option is a text first; Python reads no number of thousands of digits.
    return int(literal.digits) if len(literal.digits) <= _MOST_DIGITS else literal.digits


def _option_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
