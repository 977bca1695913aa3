"""Sorting: what the server can sort, what is left to sort here, and doing that."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie._query.access import Access
    from coodie._query.state import QueryState
    from coodie._schema.columns import Column, ModelSchema

Order = tuple[tuple["Column", bool], ...]


def server_sorts(schema: ModelSchema, access: Access, order: Order) -> bool:
    """Cassandra sorts by a prefix of the clustering key, all as stored or all reversed, in one partition, unindexed."""
    columns = [column for column, _ in order]
    reversals = {down != column.descending for column, down in order}
    return (
        access.one_partition
        and not access.by_index
        and columns == list(schema.clustering_key[: len(columns)])
        and len(reversals) == 1
    )


def check_sortable(schema: ModelSchema, state: QueryState, access: Access) -> None:
    """Refuse to sort here what has no order, or what would be the whole table unasked.

    Raises:
        InvalidQueryError: says what would do.
    """
    names = ", ".join(repr(column.field) for column, _ in state.order)
    for column, _ in state.order:
        if column.type.collection in ("map", "set") or column.type.cql == "duration":
            raise InvalidQueryError(f"{schema.model}.{column.field}: a {column.type.cql} has no order to sort by")
    if not access.bounded and not state.allow_filtering:
        raise InvalidQueryError(
            f"{schema.model}: sorting by {names} would fetch the whole table; give the partition key or an indexed "
            "field to bound the query, or call .allow_filtering()"
        )


def sort_rows(
    model: str, rows: list[tuple[Any, ...]], sort: Sequence[tuple[int, bool]], columns: Sequence[Column]
) -> None:
    """Sort rows in place by several places of unequal weight; None comes last, whichever the direction.

    Raises:
        InvalidQueryError: the values of a column cannot be compared with each other.
    """
    for place, descending in reversed(sort):
        present = [row for row in rows if row[place] is not None]
        absent = [row for row in rows if row[place] is None]
        try:
            present.sort(key=itemgetter(place), reverse=descending)
        except TypeError as error:
            # Parts of a tuple may be None, for one.
            problem = "holds values that cannot be compared with each other; leave it out of order_by() and sort"
            name = f"{model}.{columns[place].field}"
            raise InvalidQueryError(f"{name} {problem} the documents with a key of your own") from error
        rows[:] = present + absent
