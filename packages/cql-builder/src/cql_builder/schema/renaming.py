"""A column under another name, wherever a schema names it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar, cast

from cql_builder.ast.names import ColumnName
from cql_builder.ast.node import Node

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cql_builder.schema.structure import ClusteringColumn
    from cql_builder.schema.tables import TableSchema
    from cql_builder.schema.views import ViewSchema

N = TypeVar("N", bound=Node)


def renamed_column(table: TableSchema, old: str, new: str) -> TableSchema:
    """Return a table with a column under another name, its keys and indexes too."""
    return replace(
        table,
        columns=tuple([replace(column, name=_new(column.name, old, new)) for column in table.columns]),
        partition_key=_names(table.partition_key, old, new),
        clustering_key=_clustering(table.clustering_key, old, new),
        indexes=tuple([replace(index, column=_new(index.column, old, new)) for index in table.indexes]),
    )


def renamed_view(view: ViewSchema, old: str, new: str) -> ViewSchema:
    """Return a view whose table has a column under another name: a view has the names of its table."""
    return replace(
        view,
        columns=_names(view.columns, old, new),
        where=tuple([_in_tree(relation, old, new) for relation in view.where]),
        partition_key=_names(view.partition_key, old, new),
        clustering_key=_clustering(view.clustering_key, old, new),
    )


def _new(name: str, old: str, new: str) -> str:
    return new if name == old else name


def _names(names: Iterable[str], old: str, new: str) -> tuple[str, ...]:
    return tuple([_new(name, old, new) for name in names])


def _clustering(columns: Iterable[ClusteringColumn], old: str, new: str) -> tuple[ClusteringColumn, ...]:
    return tuple([replace(column, name=_new(column.name, old, new)) for column in columns])


def _in_tree(node: N, old: str, new: str) -> N:
    if isinstance(node, ColumnName):
        return cast("N", ColumnName(_new(node.name, old, new)))
    return type(node)(*[_in_field(getattr(node, field), old, new) for field in type(node).field_names])


def _in_field(value: object, old: str, new: str) -> object:
    if isinstance(value, Node):
        return _in_tree(value, old, new)
    if isinstance(value, tuple):
        return tuple([_in_field(part, old, new) for part in cast("tuple[object, ...]", value)])
    return value
