"""What CREATE TABLE, MATERIALIZED VIEW and INDEX share: the primary key and what WITH says beside options."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cql_builder.ast.clauses import Ordering
from cql_builder.ast.names import ColumnName
from cql_builder.parser.options import option

if TYPE_CHECKING:
    from cql_builder.ast.definitions import Option
    from cql_builder.dialects import Feature
    from cql_builder.parser.cursor import Cursor


class PrimaryKey(NamedTuple):
    """The columns of a primary key."""

    partition_key: tuple[ColumnName, ...]
    clustering_key: tuple[ColumnName, ...]


class TableProperties(NamedTuple):
    """What WITH says."""

    options: tuple[Option, ...]
    clustering_order: tuple[Ordering, ...]
    compact_storage: bool


def named_column(cursor: Cursor) -> ColumnName:
    """Read the name of a column where it cannot be empty."""
    return ColumnName(cursor.identifier("a column"))


def primary_key(cursor: Cursor) -> PrimaryKey:
    """Read what follows PRIMARY KEY: the partition key, in parentheses of its own or not, and the clustering key."""
    cursor.expect("(")
    if cursor.accept("("):
        partition_key = cursor.comma_separated(lambda: named_column(cursor))
        cursor.expect(")")
    else:
        partition_key = (named_column(cursor),)
    clustering_key = cursor.comma_separated(lambda: named_column(cursor)) if cursor.accept(",") else ()
    cursor.expect(")")
    return PrimaryKey(partition_key, clustering_key)


def table_properties(
    cursor: Cursor, compact_feature: Feature | None = None, order_feature: Feature | None = None
) -> TableProperties:
    """Read WITH and what follows it, where it stands.

    The features are what a dialect needs for COMPACT STORAGE and for CLUSTERING ORDER BY. Orderings of several
    CLUSTERING ORDER BY follow each other.
    """
    options: list[Option] = []
    orderings: dict[ColumnName, Ordering] = {}
    compact_storage = False
    names: set[str] = set()
    more = cursor.accept("with")
    while more:
        if cursor.at("compact", "storage"):
            if compact_feature is not None:
                cursor.require(compact_feature)
            cursor.expect("compact", "storage")
            compact_storage = True
        elif cursor.at("clustering", "order"):
            if order_feature is not None:
                cursor.require(order_feature)
            cursor.expect("clustering", "order")
            _clustering_order(cursor, orderings)
        else:
            options.append(option(cursor, names))
        more = cursor.accept("and")
    return TableProperties(tuple(options), tuple(orderings.values()), compact_storage)


def _clustering_order(cursor: Cursor, orderings: dict[ColumnName, Ordering]) -> None:
    cursor.expect("by", "(")
    more = True
    while more:
        start = cursor.mark()
        column = named_column(cursor)
        descending = cursor.accept("desc")
        if not descending:
            if not cursor.at("asc"):
                raise cursor.error("ASC or DESC")
            cursor.expect("asc")
        if column in orderings:
            raise cursor.refusal(f"the column {column.name!r} is ordered twice; order it once", start)
        orderings[column] = Ordering(column, descending)
        more = cursor.accept(",")
    cursor.expect(")")
