"""A materialized view, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cql_builder.ast.names import TableName
from cql_builder.schema.frozen import freeze
from cql_builder.schema.meanings import ComparedByMeaning, options_meaning

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from cql_builder.ast.relations import Relation
    from cql_builder.schema.structure import ClusteringColumn


@dataclass(frozen=True, slots=True, eq=False)
class ViewSchema(ComparedByMeaning):
    """One materialized view of a keyspace. Two are equal when they mean the same.

    Attributes:
        keyspace: the keyspace's name.
        name: the view's name.
        table: the name of the table that it is made of.
        columns: the names of the columns that it has, those of its key in any case; none for all of the table, those
            added later too.
        where: which rows it has.
        partition_key: the names of the partition key columns, in the order of the key.
        clustering_key: the clustering columns, in the order of the key.
        options: the options, as those of a table.

    >>> from cql_builder.schema import schema_from_cql
    >>> shop = schema_from_cql(
    ...     "CREATE TABLE shop.t (id int PRIMARY KEY, n int);"
    ...     "CREATE MATERIALIZED VIEW shop.by_n AS SELECT n, id FROM shop.t WHERE n IS NOT NULL AND id > 0"
    ...     " PRIMARY KEY (n, id)"
    ... )
    >>> view = shop.views[0]
    >>> view.table, view.columns, view.partition_key
    ('t', ('n', 'id'), ('n',))
    """

    keyspace: str
    name: str
    table: str
    columns: tuple[str, ...]
    where: tuple[Relation, ...]
    partition_key: tuple[str, ...]
    clustering_key: tuple[ClusteringColumn, ...] = ()
    options: Mapping[str, object] = field(default_factory=dict[str, object])

    def __post_init__(self) -> None:
        """Keep copies that nobody else can change."""
        freeze(self, "options")

    @property
    def view_name(self) -> TableName:
        """The view's name as statements take it."""
        return TableName(self.name, self.keyspace)

    @property
    def base_table_name(self) -> TableName:
        """The name of its table as statements take it."""
        return TableName(self.table, self.keyspace)

    @property
    def meaning(self) -> Hashable:
        """What the view comes to on a server.

        Neither its columns nor its conditions have an order.
        """
        selected, conditions = frozenset(selected_columns(self)), frozenset(self.where)
        keys = (self.partition_key, self.clustering_key)
        return self.keyspace, self.name, self.table, selected, conditions, keys, options_meaning(self.options)


def selected_columns(view: ViewSchema) -> tuple[str, ...]:
    """Return the names of all columns that a view has, those of its key too; none for all of the table.

    ScyllaDB adds the key to what is selected; Cassandra shows it likewise, but refuses a SELECT that does not name it.
    """
    if not view.columns:
        return ()
    keys = (*view.partition_key, *[column.name for column in view.clustering_key])
    return tuple(dict.fromkeys((*view.columns, *keys)))
