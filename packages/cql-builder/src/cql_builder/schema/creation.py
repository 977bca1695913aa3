"""From values to the statements that create them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.clauses import Ordering
from cql_builder.ast.definitions import CreateKeyspace
from cql_builder.ast.indexes import CreateIndex, CreateMaterializedView, CreateTrigger, IndexTarget
from cql_builder.ast.names import ColumnName, FunctionName, IndexName, TableName
from cql_builder.ast.programs import CreateAggregate, CreateFunction, CreateType
from cql_builder.ast.tables import CreateTable, NotNullConstraint, TableColumn
from cql_builder.schema.indexes import created_class, index_class
from cql_builder.schema.options import option_trees
from cql_builder.schema.views import selected_columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cql_builder.ast.definitions import Option, SchemaStatement
    from cql_builder.schema.indexes import IndexSchema
    from cql_builder.schema.keyspaces import KeyspaceSchema
    from cql_builder.schema.programs import AggregateSchema, FunctionSchema, TypeSchema
    from cql_builder.schema.structure import ClusteringColumn, ColumnSchema, TriggerSchema
    from cql_builder.schema.tables import TableSchema
    from cql_builder.schema.views import ViewSchema


def keyspace_creation(schema: KeyspaceSchema) -> CreateKeyspace:
    """Return the CREATE KEYSPACE of a keyspace, without what is in it."""
    return CreateKeyspace(schema.name, keyspace_options(schema))


def keyspace_options(schema: KeyspaceSchema) -> tuple[Option, ...]:
    """Return all options of a keyspace as trees."""
    said = {"replication": dict(schema.replication)} if schema.replication else {}
    return option_trees({**said, "durable_writes": schema.durable_writes, **schema.options})


def type_creation(schema: TypeSchema) -> CreateType:
    """Return the CREATE TYPE of a type."""
    return CreateType(schema.type, schema.fields)


def table_creation(table: TableSchema) -> CreateTable:
    """Return the CREATE TABLE of a table, without its indexes and triggers."""
    return CreateTable(
        table.table_name,
        tuple([column_tree(column) for column in table.columns]),
        _names(table.partition_key),
        _names([column.name for column in table.clustering_key]),
        _orderings(table.clustering_key),
        option_trees(table.options),
        compact_storage=table.compact_storage,
    )


def whole_table_creation(table: TableSchema) -> Iterator[SchemaStatement]:
    """Yield what creates a table with its indexes and triggers."""
    yield table_creation(table)
    for index in table.indexes:
        yield index_creation(index, table.table_name)
    for trigger in table.triggers:
        yield trigger_creation(trigger, table.table_name)


def column_tree(column: ColumnSchema) -> TableColumn:
    """Return a column as CREATE TABLE and ALTER TABLE … ADD define it."""
    checks = tuple([constraint for constraint in column.constraints if not isinstance(constraint, NotNullConstraint)])
    not_null = len(checks) < len(column.constraints)
    return TableColumn(ColumnName(column.name), column.type, column.static, not_null, column.mask, checks)


def index_creation(index: IndexSchema, table: TableName) -> CreateIndex:
    """Return the CREATE INDEX of an index."""
    # `values` is what the server takes for a collection anyway; older ones know no other spelling.
    target = IndexTarget(ColumnName(index.column), None if index.part == "values" else index.part)
    using = None if index_class(index.index_class) is None else created_class(index.index_class)
    options = option_trees({"options": dict(index.options)}) if using is not None and index.options else ()
    # Cassandra 4 knows classes of indexes after CREATE CUSTOM INDEX only.
    return CreateIndex(index.name, table, (target,), using, options, custom=using is not None)


def index_name(index: IndexSchema, keyspace: str) -> IndexName:
    """Return the name of an index as DROP INDEX takes it."""
    return IndexName(index.name, keyspace)


def trigger_creation(trigger: TriggerSchema, table: TableName) -> CreateTrigger:
    """Return the CREATE TRIGGER of a trigger."""
    return CreateTrigger(trigger.name, table, trigger.using)


def view_creation(view: ViewSchema, table: TableSchema | None = None) -> CreateMaterializedView:
    """Return the CREATE MATERIALIZED VIEW of a view, of this table.

    Where no order is said, a view has that of its table: a column that falls there and rises here is said to.
    """
    falling = [column.name for column in table.clustering_key if column.descending] if table is not None else []
    turned = any(column.name in falling for column in view.clustering_key)
    return CreateMaterializedView(
        view.view_name,
        _names(selected_columns(view)),
        view.base_table_name,
        view.where,
        _names(view.partition_key),
        _names([column.name for column in view.clustering_key]),
        _orderings(view.clustering_key, always=turned),
        option_trees(view.options),
    )


def function_creation(function: FunctionSchema, *, or_replace: bool = False) -> CreateFunction:
    """Return the CREATE FUNCTION of a function."""
    return CreateFunction(
        FunctionName(function.name, function.keyspace),
        function.arguments,
        function.returns,
        function.language,
        function.body,
        function.called_on_null,
        or_replace,
    )


def aggregate_creation(aggregate: AggregateSchema, *, or_replace: bool = False) -> CreateAggregate:
    """Return the CREATE AGGREGATE of an aggregate."""
    return CreateAggregate(
        FunctionName(aggregate.name, aggregate.keyspace),
        aggregate.argument_types,
        aggregate.state_function,
        aggregate.state_type,
        aggregate.final_function,
        aggregate.initial_state,
        aggregate.reduce_function,
        or_replace,
    )


def _names(names: Iterable[str]) -> tuple[ColumnName, ...]:
    return tuple([ColumnName(name) for name in names])


def _orderings(columns: Iterable[ClusteringColumn], *, always: bool = False) -> tuple[Ordering, ...]:
    orderings = tuple([Ordering(ColumnName(column.name), column.descending) for column in columns])
    return orderings if always or any(ordering.descending for ordering in orderings) else ()
