"""Verbs that ask for figures about rows: count, aggregate, exists, json, writetime and column_ttl."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coodie._hydration.rows import unreadable
from coodie._ops.reads import raise_misfit
from coodie._query.casting import check_casts
from coodie._query.choosing import column_named
from coodie._query.continuing import limits_behind_page
from coodie._query.figures import Figure, FiguresPlan, figure_of, figures_of
from coodie._query.guarding import most_rows, refuse_many_groups
from coodie._query.select import selected_as
from coodie._schema.compiled import REFUSALS
from coodie.errors import InvalidRowError, MultipleDocumentsFound
from coodie_drivers.errors import DriverError, InvalidQueryError
from cql_builder import col, fn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coodie._query.state import QueryState
    from coodie._query.target import Target
    from coodie._schema.columns import Column
    from coodie_drivers.messages import Reply
    from coodie_drivers.operations import Op

Row = tuple[Any, ...]


def count(target: Target[Any], state: QueryState) -> Op[int]:
    """Count the matching rows on the server; never more than the limit, where there is one."""
    key = ("count", state.key())
    plan: FiguresPlan | None = target.plans.known(key)
    if plan is None:
        plan = target.plans.get(key, lambda: FiguresPlan(target, state, "count", [fn.count()]))
    try:  # as `_asked` does, which is an operation more
        reply = yield plan.request(state)
    except InvalidQueryError as error:
        raise_misfit(target, state, error)
        raise
    found = reply.rows[0][0] if reply.rows and reply.rows[0] else None
    if type(found) is not int:
        raise _no_figure(target, plan)
    return found if state.limit is None else min(found, state.limit)


def _no_figure(target: Target[Any], plan: FiguresPlan) -> DriverError:
    statement = plan.plan.statement
    problem = f"{target.schema.model}: the driver answered {statement.cql!r} without a figure"
    return DriverError(problem, outcome="not_applied", statement_kind=statement.kind)


def exists(target: Target[Any], state: QueryState) -> Op[bool]:
    """Ask whether there is any matching row."""
    key = [col(column.name) for column in target.schema.partition_key]
    one = state.ordered(()).limited_to(1)
    plan = target.plans.get(("exists", one.key()), lambda: FiguresPlan(target, one, "exists", key))
    rows = yield from _rows(target, plan, one, len(key))
    return bool(rows)


def one_figure(target: Target[Any], state: QueryState, function: str, field: object) -> Op[Any]:
    """Fetch one figure of the matching rows."""
    figures = {function: figure_of(target.schema, function, field)}
    if state.more.groups:
        raise InvalidQueryError(
            f'{function}() makes one figure of all rows; use aggregate({function}="{function}(...)")'
        )
    _refuse_limit(state, function)
    found = yield from _aggregated(target, state, figures, function)
    return found[0][function]


def aggregate(target: Target[Any], state: QueryState, written: Mapping[str, object]) -> Op[dict[str, Any]]:
    """Fetch figures of all matching rows, by name."""
    _refuse_limit(state, "aggregate")
    found = yield from _aggregated(target, state, figures_of(target.schema, written), "aggregate")
    return found[0]


def _refuse_limit(state: QueryState, verb: str) -> None:
    """Refuse a limit, which the server applies to its one row of figures."""
    if state.limit is not None:
        fix = "leave limit() or the slice out, or fetch the values by values_list()"
        raise InvalidQueryError(f"{verb}() is of all matching rows; {fix}")


def aggregate_groups(target: Target[Any], state: QueryState, written: Mapping[str, object]) -> Op[list[dict[str, Any]]]:
    """Fetch figures of each group, with the fields that make the group."""
    figures = figures_of(target.schema, written)
    clash = next((column.field for column in state.more.groups if column.field in figures), None)
    if clash is not None:
        raise InvalidQueryError(
            f"aggregate() names a figure {clash!r}, which is a field of the group; name it otherwise"
        )
    refuse_many_groups(target.schema, state)
    return (yield from _aggregated(target, state, figures, "aggregate"))


def _aggregated(
    target: Target[Any], state: QueryState, figures: Mapping[str, Figure], verb: str
) -> Op[list[dict[str, Any]]]:
    groups = state.more.groups
    # How many values a mean is of: the server says 0 for the mean of none.
    counted = {name: Figure("count", each.column) for name, each in figures.items() if each.function == "avg"}
    asked = [*figures.values(), *counted.values()]
    names = _names(groups, len(asked))

    def make() -> FiguresPlan:
        # By names of our own: the server calls equal figures alike, and a row that is a dict has but one of them.
        called = [each.selected().as_(name) for each, name in zip(asked, names[len(groups) :], strict=True)]
        return FiguresPlan(target, state, verb, [*(col(column.name) for column in groups), *called])

    plan = target.plans.get(("aggregate", tuple(asked), state.key()), make)
    own = (*(column.name for column in groups), *(each.called for each in asked))
    rows = yield from _rows(target, plan, state, len(names), names=(names, own))
    if not rows and not groups:
        raise _no_figure(target, plan)
    return [_named(target.schema.model, row, state, figures, list(counted)) for row in rows]


def _names(groups: Sequence[Column], figures: int) -> tuple[str, ...]:
    """What the columns of an answer are called: the groups as they are, the figures as none of these is."""
    own = [column.name for column in groups]
    word = "figure"
    while any(name.startswith(word) for name in own):
        word = f"{word}_"
    return (*own, *(f"{word}{place}" for place in range(1, figures + 1)))


def _named(
    model: str, row: Row, state: QueryState, figures: Mapping[str, Figure], counted: Sequence[str]
) -> dict[str, Any]:
    groups = state.more.groups
    found: dict[str, Any] = {}
    for column, value in zip(groups, row, strict=False):
        try:
            found[column.field] = value if value is None or column.type.decode is None else column.type.decode(value)
        except REFUSALS:
            # Not chained: what an enum says of an unknown value contains it.
            raise unreadable(model, column) from None
    values = row[len(groups) :]
    counts = dict(zip(counted, values[len(figures) :], strict=True))
    for (name, figure), value in zip(figures.items(), values, strict=False):
        try:
            found[name] = None if counts.get(name) == 0 else figure.read(value, counts.get(name))
        except REFUSALS:
            field = "" if figure.column is None else figure.column.field
            raise InvalidRowError(model, field, f"{figure.function}() is of no value that its type allows") from None
    return found


def json(target: Target[Any], state: QueryState) -> Op[list[str]]:
    """Fetch each matching row as a text of JSON, made by the server."""
    more = state.more
    columns = target.schema.columns if more.columns is None else more.columns
    casts = dict(more.casts)

    def make() -> FiguresPlan:
        check_casts(target.schema, more.casts, columns)
        selected = [selected_as(each, casts.get(each)) for each in columns]
        return FiguresPlan(target, state, "json", selected, as_json=True)

    plan = target.plans.get(("json", state.key()), make)
    most_rows(target.schema, state, plan.access)
    limit = state.limit if limits_behind_page(state) else None
    rows = yield from _rows(target, plan, state, 1, at_most=None if limit is None else limit - 1)
    return [row[0] for row in rows[:limit]]


def written_fact(target: Target[Any], state: QueryState, fact: str, field: object) -> Op[Any]:
    """Fetch when a field of the only matching row was written (`writetime`), or when it expires (`column_ttl`).

    Raises:
        InvalidQueryError: the field is part of the key, of which the server knows neither.
        MultipleDocumentsFound: there is more than one row.
    """
    column = column_named(target.schema, field, f"{fact}()")
    if column.in_key:
        where = f"{target.schema.model}.{column.field}"
        raise InvalidQueryError(f"{fact}(): {where} is part of the primary key, of which the server keeps no {fact}")
    function = fn.writetime if fact == "writetime" else fn.ttl
    selected: list[Any] = [function(column.name)]
    by_row = next((each.column for each in state.lookups if each.column.kind == "clustering_key"), None)
    if column.kind == "static" and by_row is not None:
        selected.append(col(by_row.name))  # a server finds no row of which only static columns are asked for
    plan = target.plans.get((fact, column, state.key()), lambda: FiguresPlan(target, state, fact, selected))
    rows = yield from _rows(target, plan, state, len(selected), at_most=1)
    if len(rows) > 1:
        raise MultipleDocumentsFound(target.schema.model, [lookup.column.field for lookup in state.lookups])
    return rows[0][0] if rows else None


def _asked(target: Target[Any], plan: FiguresPlan, state: QueryState, paging_state: bytes | None = None) -> Op[Reply]:
    try:
        return (yield plan.request(state, paging_state))
    except InvalidQueryError as error:
        raise_misfit(target, state, error)
        raise


def _rows(  # noqa: PLR0913 - what is asked, and what is known of the answer
    target: Target[Any],
    plan: FiguresPlan,
    state: QueryState,
    width: int,
    *,
    at_most: int | None = None,
    names: tuple[tuple[str, ...], tuple[str, ...]] = ((), ()),
) -> Op[list[Row]]:
    """Fetch the rows of every page, or until there are more than `at_most`.

    Args:
        target: the model and its table.
        plan: what is asked.
        state: the query.
        width: how many values a row has.
        at_most: after how many rows it is enough.
        names: what the values are called, in order, where there may be several: by the statement, and by the server.

    Raises:
        DriverError: a row has not the values that were asked for, as a driver of somebody else may answer.
    """
    reply = yield from _asked(target, plan, state)
    rows = _ordered(reply, *names)
    while reply.paging_state is not None and (at_most is None or len(rows) <= at_most):
        reply = yield from _asked(target, plan, state, reply.paging_state)
        rows.extend(_ordered(reply, *names))
    if any(len(row) != width for row in rows):
        raise _no_figure(target, plan)
    return rows


def _ordered(reply: Reply, names: tuple[str, ...], own: tuple[str, ...]) -> list[Row]:
    """The rows of a page in the order of the names: a foreign driver answers dicts, whose order is its own.

    It may know the server's own names alone. Where it has others, the only value is the one that was asked for, and of
    several it cannot be told which is which: such a row has no values here.
    """
    columns = reply.columns
    if columns == names or not columns or not names or len(columns) == len(names) == 1:
        return list(reply.rows)
    places = {name: place for place, name in enumerate(columns)}
    found = [places.get(name, places.get(other)) for name, other in zip(names, own, strict=True)]
    order = [place for place in found if place is not None]
    return [tuple([row[place] for place in order]) if len(order) == len(names) else () for row in reply.rows]
