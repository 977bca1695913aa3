"""A query's state → its plan: the SELECT, what the server sorts and limits, and what is left to do here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coodie._query.access import Access, access_of, needs_filtering, refuse_repeated
from coodie._query.casting import check_casts
from coodie._query.continuing import limits_behind_page, page_size
from coodie._query.heeding import refuse_unheeded
from coodie._query.levels import refuse_level_of_read
from coodie._query.modifiers import NOTHING_MORE
from coodie._query.ordering import check_sortable, server_sorts, sort_rows, sorting_of
from coodie._query.partitions import check_distinct, check_groups, check_once_per_partition
from coodie._query.plans import Plan, Slot
from coodie._query.relations import where
from coodie_drivers.errors import InvalidQueryError
from coodie_drivers.messages import Request
from cql_builder import CqlError, col, fn, select

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from coodie._query.state import QueryState
    from coodie._query.target import Target
    from coodie._schema.columns import Column, ModelSchema

_UNCHECKED = ("get", "get one of", "keys")
"""Where there is no chain to say more in (`get`), or another terminal that asks for these rows has been checked."""

_BY_PAGES = ("pages", "paged_all")
"""Where who asks gets one page after the other, and may go on with one in another process."""

TOKEN = "partition_token"  # noqa: S105 - of a partition
"""What the token of a row's partition is called in the answer."""


class SelectPlan:
    """How the rows of one query shape are fetched.

    Attributes:
        plan: the statement and the order of its values.
        access: how it reaches its rows.
        filtering: whether it says ALLOW FILTERING.
        columns: the columns of an item, in order.
        names: the names of a row's columns in the answer: those of an item, and what is sorted by besides.
        sort: what is left to sort here, in order of weight.
        sends_limit: whether the limit is the server's to apply.
        counts_limit: whether the limit is applied here, to rows behind a page.
        width: how many values of a row belong to its item; the others are sorted by.
        reader: what makes items of rows, once somebody has made it.
    """

    __slots__ = (
        "_fetched",
        "_model",
        "_plain",
        "access",
        "columns",
        "counts_limit",
        "filtering",
        "names",
        "plan",
        "reader",
        "sends_limit",
        "sort",
        "width",
    )

    def __init__(self, target: Target[Any], state: QueryState, terminal: str) -> None:
        """Make the plan of a state's shape.

        Args:
            target: the model and its table.
            state: what was asked for.
            terminal: the verb that fetches, of which an error speaks.

        Raises:
            InvalidQueryError: the server would refuse the query, it would read the whole table unasked, or the verb
                does not heed what it says.
        """
        schema, more = target.schema, state.more
        if terminal not in _UNCHECKED:
            refuse_unheeded(schema.model, state, terminal)
        refuse_level_of_read(more.consistency)
        if more.items == "model" and more.validated is False:
            raise InvalidQueryError(f"{schema.model}: into() validates what it makes; leave validate(False) out")
        if more.casts and more.items in ("documents", "model"):
            fix = "cast() goes with values_list() and json()"
            raise InvalidQueryError(f"{schema.model}: the field of a document keeps its type; {fix}")
        if more.nearest is not None:
            _check_nearest(schema, state)
        refuse_repeated(schema, state.lookups)
        check_groups(schema, state)
        check_distinct(schema, state)
        self.access = access_of(schema, state.lookups, nearest=more.nearest)
        self.filtering = needs_filtering(schema, self.access, allowed=state.allow_filtering, single=terminal == "get")
        here = bool(state.order) and not server_sorts(schema, self.access, state.order)
        if here:
            _check_sort(schema, state, self.access, terminal)
        self.columns = _columns_of(target, state)
        sorted_by = tuple(column for column, _ in state.order if column not in self.columns) if here else ()
        self._fetched = (*self.columns, *sorted_by)
        check_casts(schema, more.casts, self._fetched)
        check_once_per_partition(schema, state, self._fetched)
        self.sort = sorting_of(state, self._fetched) if here else ()
        self.counts_limit = limits_behind_page(state)
        self.sends_limit = state.limit is not None and not here and not self.counts_limit
        self.width = len(self.columns) + more.with_token
        self._plain = more is NOTHING_MORE
        self._model = schema.model
        self.reader: Callable[[Sequence[tuple[Any, ...]]], list[Any]] | None = None
        self.plan = Plan(self._built(target, state, here=here))
        token = (TOKEN,) if more.with_token else ()
        self.names = (*(each.name for each in self.columns), *token, *(each.name for each in sorted_by))

    def _built(self, target: Target[Any], state: QueryState, *, here: bool) -> Any:
        more = state.more
        casts = dict(more.casts)
        selected = [
            fn.cast(each.name, casts[each]).as_(each.name) if each in casts else col(each.name)
            for each in self._fetched
        ]
        if more.with_token:
            names = [column.name for column in target.schema.partition_key]
            selected.insert(len(self.columns), fn.token(*names).as_(TOKEN))
        try:
            built: Any = select(*selected).from_(target.table)
            built = self.narrowed(built.distinct() if more.distinct else built, target, state)
            built = built.group_by(*(each.name for each in more.groups)) if more.groups else built
            for column, down in () if here else state.order:
                built = built.order_by(column.name, desc=down)
            return self._bounded(built, state)
        except CqlError as error:
            raise InvalidQueryError(f"{target.schema.model}: {error}") from error

    def narrowed(self, built: Any, target: Target[Any], state: QueryState) -> Any:
        """The statement with what follows WHERE."""
        return where(built, target.schema, state.lookups)

    def _bounded(self, built: Any, state: QueryState) -> Any:
        """The statement with what follows WHERE and takes values, in the order of `params`."""
        more, place = state.more, len(state.lookups)
        if more.nearest is not None:
            built = built.order_by_nearest(more.nearest.name, Slot(place))
            place += 1
        if more.per_partition_limit is not None:
            built = built.per_partition_limit(Slot(place))
            place += 1
        if self.sends_limit:
            built = built.limit(Slot(place))
        return built.allow_filtering() if self.filtering else built

    def params(self, state: QueryState) -> Sequence[object]:
        """The values of one query of this shape, in the order of the statement's markers."""
        if self._plain:
            return self.plan.params((*state.values, state.limit) if self.sends_limit else state.values)
        more = state.more
        values = [*state.values]
        if more.nearest is not None:
            values.append(more.vector)
        if more.per_partition_limit is not None:
            values.append(more.per_partition_limit)
        if self.sends_limit:
            values.append(state.limit)
        return self.plan.params(tuple(values))

    def request(self, state: QueryState, paging_state: bytes | None = None) -> Request:
        """The request for one page of rows."""
        if self._plain:
            values = (*state.values, state.limit) if self.sends_limit else state.values
            plan = self.plan
            if len(values) != plan.takes_all:
                return Request(plan.statement, plan.params(values), paging_state=paging_state)
            return Request(plan.statement, values, None, None, None, paging_state)
        more = state.more
        return Request(
            self.plan.statement,
            self.params(state),
            more.consistency,
            more.timeout,
            page_size(state),
            more.paging_state if paging_state is None else paging_state,
        )

    def finished_rows(self, rows: list[tuple[Any, ...]], state: QueryState) -> list[tuple[Any, ...]]:
        """The rows of the items as asked for, where the server could not sort: the limit comes after the order."""
        if not self.sort:
            return rows[: state.limit] if self.counts_limit else rows
        sort_rows(self._model, rows, self.sort, self._fetched)
        kept = rows if state.limit is None else rows[: state.limit]
        return kept if self.width == len(self.names) else [row[: self.width] for row in kept]


def selected_as(column: Column, cql_type: str | None) -> Any:
    """A column in the selection, converted to a CQL type where one is given, under its own name."""
    return col(column.name) if cql_type is None else fn.cast(column.name, cql_type).as_(column.name)


def _columns_of(target: Target[Any], state: QueryState) -> tuple[Column, ...]:
    """The columns of an item: of a document, of whichever class of its family it is."""
    schema, more = target.schema, state.more
    family = schema.family
    if more.columns is None:
        return schema.columns if family is None or more.items != "documents" else family.columns(target.model)
    columns, by_class = more.columns, more.items == "documents" and not more.distinct
    if not (more.distinct or more.groups):
        columns = _with_sources(schema.columns if family is None else family.columns(target.model), columns)
        if more.items == "model":
            # Last, and no part of an item: an error says by the key which row it is.
            columns, by_class = (*columns, *(each for each in schema.key if each not in columns)), True
    if family is None or not by_class or any(column.discriminates for column in columns):
        return columns
    return (*columns, next(column for column in schema.columns if column.discriminates))


def _with_sources(pool: Sequence[Column], columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Columns, and behind them those that defaults may be made of which nulls of them read as."""
    fields = {name for column in columns for name in column.made_of or ()}
    if not fields:
        return columns
    names = {column.name for column in columns}
    return (*columns, *(each for each in pool if each.field in fields and each.name not in names))


def plan_select(target: Target[Any], state: QueryState, terminal: str) -> SelectPlan:
    """The plan that fetches rows for a terminal, made at a shape's first use."""
    more = state.more
    key: tuple[object, ...] = (terminal, state.shape if more is NOTHING_MORE else state.key())
    if target.schema.family is not None:  # which grows as classes are defined
        key = (*key, len(target.schema.family.members))
    found: SelectPlan | None = target.plans.known(key)
    return target.plans.get(key, lambda: SelectPlan(target, state, terminal)) if found is None else found


def _check_nearest(schema: ModelSchema, state: QueryState) -> None:
    """Refuse what does not go beside the nearest of vectors.

    Raises:
        InvalidQueryError: nothing says how many are wanted, or a step asks for other rows or another order.
    """
    if state.limit is None:
        raise InvalidQueryError(f"{schema.model}: order_by_ann() needs limit(), which says how many are nearest")
    beside = "does not go with order_by_ann()"
    if state.more.paging_state is not None:
        fix = "ask for more of the nearest by limit()"
        raise InvalidQueryError(f"{schema.model}: page() {beside}, which has no pages; {fix}")
    if state.more.per_partition_limit is not None:
        fix = "leave one of them out, or choose from the list that all() returns"
        raise InvalidQueryError(f"{schema.model}: per_partition_limit() {beside}; {fix}")
    if state.order:
        fix = f"leave one of them out, or {'turn' if state.shape.turned else 'sort'} the list that all() returns"
        raise InvalidQueryError(
            f"{schema.model}: {state.sorted_by} {beside}, whose rows come by how near they are; {fix}"
        )


def _check_sort(schema: ModelSchema, state: QueryState, access: Access, terminal: str) -> None:
    """Refuse to sort here what cannot be, or what would no longer be what was asked for."""
    check_sortable(schema, state, access)
    if terminal in _BY_PAGES:
        fix = "sort by clustering columns of one partition, or use all()"
        problem = "the server has no pages of what is sorted here, as order_by() says"
        raise InvalidQueryError(f"{schema.model}: {problem}; {fix}")
    more = state.more
    refused = {
        "per_partition_limit()": more.per_partition_limit is not None,
        "page()": more.paging_state is not None,
        "group_by()": bool(more.groups),
        "distinct()": more.distinct,
    }
    for call, is_there in refused.items():
        if is_there:
            names = ", ".join(repr(column.field) for column, _ in state.order)
            order, fix = f"order_by() of {names}", "give the partition key and sort by clustering columns"
            if state.shape.turned:
                order, fix = state.sorted_by, "give the partition key"
            raise InvalidQueryError(
                f"{schema.model}: {call} does not go with {order}, which the server cannot do; {fix}, or leave one of "
                "the two out"
            )
