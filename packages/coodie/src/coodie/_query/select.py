"""A query's state → its plan: the SELECT, what the server sorts and limits, and what is left to do here."""

from __future__ import annotations

import operator as operators
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from coodie._query.access import Access, access_of, needs_filtering, refuse_repeated
from coodie._query.plans import Plan, Slot
from coodie_drivers.errors import InvalidQueryError
from cql_builder import col, fn, select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie._query.lookups import Lookup
    from coodie._query.state import QueryState
    from coodie._query.target import Target
    from coodie._schema.columns import Column, ModelSchema


class SelectPlan:
    """How the documents of one query shape are fetched.

    Attributes:
        plan: the statement and the order of its values.
        columns: the columns of a row, in order.
        names: their names in CQL.
        sort: what is left to sort here: places in a row, each with whether it is descending; in order of weight.
        sends_limit: whether the limit is the server's to apply.
        whole_key: whether there is one row at most.
    """

    __slots__ = ("_model", "columns", "names", "plan", "sends_limit", "sort", "whole_key")

    def __init__(self, target: Target[Any], state: QueryState, *, single: bool) -> None:
        """Make the plan of a state's shape.

        Args:
            target: the model and its table.
            state: what was asked for.
            single: whether the verb finds one document, and an error then speaks of that verb.

        Raises:
            InvalidQueryError: the server would refuse the query, or it would read the whole table unasked.
        """
        schema = target.schema
        refuse_repeated(schema, state.lookups)
        access = access_of(schema, state.lookups)
        filtering = needs_filtering(schema, access, allowed=state.allow_filtering, single=single)
        here = bool(state.order) and not _server_sorts(schema, access, state.order)
        if here:
            _check_sort(schema, state, access)
        self.sort = tuple((schema.columns.index(column), down) for column, down in state.order) if here else ()
        self.sends_limit = state.limit is not None and not here
        self.whole_key = access.whole_key
        built = _where(select(*(col(column.name) for column in schema.columns)).from_(target.table), state.lookups)
        for column, down in () if here else state.order:
            built = built.order_by(column.name, desc=down)
        if self.sends_limit:
            built = built.limit(Slot(len(state.lookups)))
        self.plan = Plan(built.allow_filtering() if filtering else built)
        self._model = schema.model
        self.columns = schema.columns
        self.names = tuple(column.name for column in schema.columns)

    def sort_rows(self, rows: list[tuple[Any, ...]]) -> None:
        """Sort rows in place by several places of unequal weight; None comes last, whichever the direction.

        Raises:
            InvalidQueryError: the values of a column cannot be compared with each other.
        """
        for place, descending in reversed(self.sort):
            present = [row for row in rows if row[place] is not None]
            absent = [row for row in rows if row[place] is None]
            try:
                present.sort(key=itemgetter(place), reverse=descending)
            except TypeError as error:
                # Parts of a tuple may be None, for one.
                problem = "holds values that cannot be compared with each other; leave it out of order_by() and sort"
                name = f"{self._model}.{self.columns[place].field}"
                raise InvalidQueryError(f"{name} {problem} the documents with a key of your own") from error
            rows[:] = present + absent

    def params(self, state: QueryState) -> Sequence[object]:
        """The values of one query of this shape, in the order of the statement's markers."""
        return self.plan.params((*state.values, state.limit) if self.sends_limit else state.values)


def plan_select(target: Target[Any], state: QueryState, *, single: bool = False) -> SelectPlan:
    """The plan that fetches documents, or the only one (`single`), made at a shape's first use."""
    return target.plans.get(("select", state.shape()), lambda: SelectPlan(target, state, single=single))


def plan_count(target: Target[Any], state: QueryState) -> Plan:
    """The plan that counts rows, made at a shape's first use."""
    return target.plans.get(("count", state.shape()), lambda: _count_plan(target, state))


def _count_plan(target: Target[Any], state: QueryState) -> Plan:
    refuse_repeated(target.schema, state.lookups)
    access = access_of(target.schema, state.lookups)
    filtering = needs_filtering(target.schema, access, allowed=state.allow_filtering)
    built = _where(select(fn.count()).from_(target.table), state.lookups)
    return Plan(built.allow_filtering() if filtering else built)


def _where(built: Any, lookups: Sequence[Lookup]) -> Any:
    for place, lookup in enumerate(lookups):
        built = built.where(relation(lookup, Slot(place)))
    return built


def relation(lookup: Lookup, value: Any) -> Any:
    """A lookup as a relation of cql_builder, of WHERE or of IF."""
    operator = lookup.operator
    if lookup.is_token:
        return _COMPARISONS[operator.removeprefix("TOKEN ")](fn.token(lookup.column.name), value)
    column = col(lookup.column.name)
    if operator == "IN":
        return column.in_(value)
    if operator == "CONTAINS":
        return column.contains(value)
    if operator == "CONTAINS KEY":
        return column.contains_key(value)
    if operator == "LIKE":
        return column.like(value)
    return _COMPARISONS[operator](column, value)


_COMPARISONS: dict[str, Any] = {
    "=": operators.eq,
    "!=": operators.ne,
    ">": operators.gt,
    ">=": operators.ge,
    "<": operators.lt,
    "<=": operators.le,
}


def _server_sorts(schema: ModelSchema, access: Access, order: Sequence[tuple[Column, bool]]) -> bool:
    """Cassandra sorts by a prefix of the clustering key, all as stored or all reversed, in one partition, unindexed."""
    columns = [column for column, _ in order]
    reversals = {down != column.descending for column, down in order}
    return (
        access.one_partition
        and not access.by_index
        and columns == list(schema.clustering_key[: len(columns)])
        and len(reversals) == 1
    )


def _check_sort(schema: ModelSchema, state: QueryState, access: Access) -> None:
    names = ", ".join(repr(column.field) for column, _ in state.order)
    for column, _ in state.order:
        if column.type.collection in ("map", "set") or column.type.cql == "duration":
            raise InvalidQueryError(f"{schema.model}.{column.field}: a {column.type.cql} has no order to sort by")
    if not access.bounded and not state.allow_filtering:
        raise InvalidQueryError(
            f"{schema.model}: sorting by {names} would fetch the whole table; give the partition key or an indexed "
            "field to bound the query, or call .allow_filtering()"
        )
