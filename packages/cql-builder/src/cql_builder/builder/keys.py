"""Primary keys while they are built: which columns, in which order. Tables and views have them alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from cql_builder.ast.clauses import Ordering
from cql_builder.ast.names import ColumnName
from cql_builder.builder.columns import column_name
from cql_builder.builder.definitions import CreatingBuilder
from cql_builder.builder.names import named_values
from cql_builder.errors import MissingClauseError, RepeatedClauseError, StatementError, suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import TypeAlias

    from typing_extensions import Self

    Direction: TypeAlias = Literal["ASC", "DESC"]


class KeyedBuilder(CreatingBuilder):
    """A statement that makes something with a primary key."""

    _partition_key: tuple[ColumnName, ...] = ()
    _clustering_key: tuple[ColumnName, ...] = ()
    _descending: Mapping[str, bool]
    _compact_storage: bool = False

    def partition_key(self, *names: str) -> Self:
        """Name the columns of the partition key, in their order.

        Raises:
            StatementError: if there are none, one is there twice, or the key was given before.
        """
        return self._with(_partition_key=key_columns(names, self._partition_key, "the partition key", self.kind))

    def clustering_key(self, *names: str) -> Self:
        """Name the clustering columns, in their order.

        Raises:
            StatementError: if there are none, one is there twice, or they were given before.
        """
        return self._with(_clustering_key=key_columns(names, self._clustering_key, "the clustering key", self.kind))

    def clustering_order(self, orders: Mapping[str, Direction] | None = None, /, **more: Direction) -> Self:
        """Say in which order rows of a partition are kept, by clustering column.

        The others are ascending.

        Raises:
            StatementError: if one is neither `ASC` nor `DESC`, or given twice.
        """
        return self._with(_descending=directions(orders, more, self._descending, self.kind))

    def compact_storage(self) -> Self:
        """Store rows as Cassandra did before version 3; of views, ScyllaDB alone.

        Raises:
            RepeatedClauseError: if that was said before.
        """
        return self._switched_on("_compact_storage", "COMPACT STORAGE")


def key_columns(
    names: Sequence[object], before: tuple[ColumnName, ...], clause: str, statement: str
) -> tuple[ColumnName, ...]:
    """Return the columns of a part of the primary key, given once.

    Raises:
        ArgumentError: if one is no str.
        StatementError: if there are none, one is there twice, or the part was given before.
    """
    if before:
        raise RepeatedClauseError(statement, clause)
    columns = tuple([column_name(name, clause) for name in names])
    if not columns:
        raise MissingClauseError(statement, clause, "name at least one column")
    refuse_doubles(columns, clause, statement)
    return columns


def refuse_doubles(columns: Iterable[ColumnName], clause: str, statement: str) -> None:
    """Refuse a column that is there twice.

    Raises:
        StatementError: naming it.
    """
    seen: set[ColumnName] = set()
    for column in columns:
        if column in seen:
            raise StatementError(statement, f"{clause} has {column.name!r} twice")
        seen.add(column)


def directions(
    given: Mapping[str, Direction] | None, keywords: Mapping[str, Direction], before: Mapping[str, bool], statement: str
) -> dict[str, bool]:
    """Return, by clustering column, whether its order is descending; what was given before holds on.

    Raises:
        StatementError: if one is neither ASC nor DESC, or a column is given twice.
    """
    together = dict(before)
    for name, direction in named_values(given, keywords, "clustering_order()", statement):
        if name in together:
            raise StatementError(statement, f"CLUSTERING ORDER has {name!r} twice")
        if direction not in ("ASC", "DESC"):
            raise StatementError(statement, f"the clustering order of {name!r} is 'ASC' or 'DESC'")
        together[name] = direction == "DESC"
    return together


def clustering_order(
    clustering_key: Sequence[ColumnName], descending: Mapping[str, bool], statement: str
) -> tuple[Ordering, ...]:
    """Return CLUSTERING ORDER: where one column is in it, the server wants all, in the order of the key.

    Raises:
        StatementError: if a column is no clustering column.
    """
    refuse_unknown([ColumnName(name) for name in descending], clustering_key, "a clustering column", statement)
    if not descending:
        return ()
    return tuple([Ordering(column, descending.get(column.name, False)) for column in clustering_key])


def refuse_unknown(columns: Iterable[ColumnName], known: Sequence[ColumnName], what: str, statement: str) -> None:
    """Refuse columns that are not among the known ones.

    Raises:
        StatementError: naming the first, with the known name that is closest.
    """
    for column in columns:
        if column not in known:
            hint = suggestion(column.name, [other.name for other in known])
            raise StatementError(statement, f"{column.name!r} is not {what}{hint}")
