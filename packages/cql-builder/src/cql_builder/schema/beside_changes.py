"""What the statements about indexes, triggers and materialized views do to a keyspace."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from cql_builder.ast import indexes
from cql_builder.ast.names import ColumnName
from cql_builder.errors import SchemaError, suggestion
from cql_builder.schema.indexes import default_index_name
from cql_builder.schema.reading import read_index, read_options, read_view
from cql_builder.schema.structure import TriggerSchema
from cql_builder.schema.table_changes import check_options
from cql_builder.schema.validation import index_faults
from cql_builder.schema.view_validation import lifetime_fault, view_faults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cql_builder.ast.clauses import Ordering
    from cql_builder.ast.definitions import SchemaStatement
    from cql_builder.schema.catalog import Catalog
    from cql_builder.schema.structure import ClusteringColumn
    from cql_builder.schema.tables import TableSchema


def _create_index(catalog: Catalog, node: indexes.CreateIndex) -> None:
    table = catalog.find("table", catalog.tables, node.table.name)
    taken = catalog.index_names()
    if node.name is not None and node.name in taken:
        if node.if_not_exists:
            return
        raise catalog.refuse("index", node.name, "there is one already; a keyspace has each name once")
    label = f"{catalog.name}.{table.name}"
    index = read_index(node, node.name or "", table.columns_by_name, label)
    if node.name is None:
        index = replace(index, name=_free_name(default_index_name(table.name, index.column), taken))
    for fault in index_faults(index, table.columns_by_name, table.partition_key):
        raise SchemaError(label, fault)
    for other in table.indexes:
        if replace(other, name=index.name) == index:
            if node.if_not_exists:
                return
            raise catalog.refuse("index", index.name, f"it is the same as {other.name!r}")
    catalog.tables[table.name] = replace(table, indexes=(*table.indexes, index))


def _drop_index(catalog: Catalog, node: indexes.DropIndex) -> None:
    name = node.name.name
    table = catalog.find_index(name)
    if table is None:
        if node.if_exists:
            return
        raise catalog.refuse("index", name, f"there is no such index{suggestion(name, catalog.index_names())}")
    kept = tuple([index for index in table.indexes if index.name != name])
    catalog.tables[table.name] = replace(table, indexes=kept)


def _create_trigger(catalog: Catalog, node: indexes.CreateTrigger) -> None:
    table = catalog.find("table", catalog.tables, node.table.name)
    if any(trigger.name == node.name for trigger in table.triggers):
        if node.if_not_exists:
            return
        raise catalog.refuse("trigger", node.name, f"table {table.name!r} has one already")
    trigger = TriggerSchema(node.name, node.using)
    catalog.tables[table.name] = replace(table, triggers=(*table.triggers, trigger))


def _drop_trigger(catalog: Catalog, node: indexes.DropTrigger) -> None:
    table = catalog.find("table", catalog.tables, node.table.name)
    kept = tuple([trigger for trigger in table.triggers if trigger.name != node.name])
    if len(kept) == len(table.triggers) and not node.if_exists:
        raise catalog.refuse("trigger", node.name, f"table {table.name!r} has no such trigger")
    catalog.tables[table.name] = replace(table, triggers=kept)


def _create_view(catalog: Catalog, node: indexes.CreateMaterializedView) -> None:
    name = node.view.name
    if name in catalog.tables:
        raise catalog.refuse("view", name, "a table has this name")
    if name in catalog.views:
        if node.if_not_exists:
            return
        raise catalog.refuse("view", name, "there is one already")
    view = read_view(node, catalog.name, node.table.keyspace or catalog.name)
    table = catalog.find("table", catalog.tables, view.table)
    view = replace(view, clustering_key=_in_order(view.clustering_key, node.clustering_order, table))
    check_options(catalog, "view", name, view.options)
    for fault in view_faults(view, table, catalog.dialect):
        raise catalog.refuse("view", name, fault)
    catalog.views[name] = view


def _in_order(
    key: Iterable[ClusteringColumn], said: Iterable[Ordering], table: TableSchema
) -> tuple[ClusteringColumn, ...]:
    """Return the clustering columns of a view: one whose order is not said falls where it does in the table.

    Cassandra 5.0 (`CreateViewStatement.getType`) and ScyllaDB alike.
    """
    named = [ordering.column.name for ordering in said if isinstance(ordering.column, ColumnName)]
    falling = [column.name for column in table.clustering_key if column.descending and column.name not in named]
    return tuple([replace(column, descending=column.descending or column.name in falling) for column in key])


def _alter_view(catalog: Catalog, node: indexes.AlterMaterializedView) -> None:
    if node.if_exists and node.view.name not in catalog.views:
        return
    view = catalog.find("view", catalog.views, node.view.name)
    said = read_options(node.options)
    check_options(catalog, "view", view.name, said)
    fault = lifetime_fault(said)
    if fault:
        raise catalog.refuse("view", view.name, fault)
    catalog.views[view.name] = replace(view, options={**view.options, **said})


def _drop_view(catalog: Catalog, node: indexes.DropMaterializedView) -> None:
    if node.if_exists and node.view.name not in catalog.views:
        return
    catalog.find("view", catalog.views, node.view.name)
    del catalog.views[node.view.name]


def _free_name(name: str, taken: set[str]) -> str:
    """Return a name as the server makes one: `t_c_idx`, then `t_c_idx_1`, `t_c_idx_2` and so on."""
    if name not in taken:
        return name
    return next(numbered for numbered in (f"{name}_{number}" for number in count(1)) if numbered not in taken)


CHANGES: dict[type[SchemaStatement], Callable[..., None]] = {
    indexes.CreateIndex: _create_index,
    indexes.DropIndex: _drop_index,
    indexes.CreateTrigger: _create_trigger,
    indexes.DropTrigger: _drop_trigger,
    indexes.CreateMaterializedView: _create_view,
    indexes.AlterMaterializedView: _alter_view,
    indexes.DropMaterializedView: _drop_view,
}
"""What each statement does."""
