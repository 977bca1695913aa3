"""Sorting: what the server can sort, what is left to sort here, and doing that."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from coodie._query.comparable import marked_otherwise
from coodie._query.sort_keys import SortKey, sort_key, sort_key_of_cast, sorts
from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
        if not sorts(column.type):
            way = marked_otherwise(column)
            fault = f"a {column.type.cql} has no order to sort by{'' if way is None else f'; {way}'}"
            raise InvalidQueryError(f"{schema.model}.{column.field}: {fault}")
    if not access.bounded and not state.allow_filtering:
        raise InvalidQueryError(
            f"{schema.model}: sorting by {names} would fetch the whole table; give the partition key or an indexed "
            "field to bound the query, or call .allow_filtering()"
        )


class Sorting(NamedTuple):
    """One column that rows are sorted by.

    Attributes:
        place: where in a row its value is.
        descending: whether the greatest comes first.
        key: what Python compares instead of the value, to sort as a server does; None for the value itself.
    """

    place: int
    descending: bool
    key: SortKey | None


def sorting_of(state: QueryState, fetched: Sequence[Column]) -> tuple[Sorting, ...]:
    """What rows of these columns are sorted by, in order of weight."""
    casts = dict(state.more.casts)
    return tuple(
        Sorting(
            fetched.index(column),
            down,
            sort_key_of_cast(casts[column]) if column in casts else sort_key(column.type),
        )
        for column, down in state.order
    )


def sort_rows(model: str, rows: list[tuple[Any, ...]], sort: Sequence[Sorting], columns: Sequence[Column]) -> None:
    """Sort rows in place by several places of unequal weight; None comes last, whichever the direction.

    Raises:
        InvalidQueryError: the values of a column cannot be compared with each other.
    """
    for place, descending, key in reversed(sort):
        present = [row for row in rows if row[place] is not None]
        absent = [row for row in rows if row[place] is None]
        try:
            present.sort(key=itemgetter(place) if key is None else _keyed(key, place), reverse=descending)
        except (AttributeError, TypeError, ValueError):
            # A driver of somebody else may return anything. Not chained: what a key says of a value may contain it.
            problem = "holds values that cannot be compared with each other; leave it out of order_by() and sort"
            name = f"{model}.{columns[place].field}"
            raise InvalidQueryError(f"{name} {problem} the documents with a key of your own") from None
        rows[:] = present + absent


def _keyed(key: SortKey, place: int) -> Callable[[tuple[Any, ...]], Any]:
    return lambda row: key(row[place])
