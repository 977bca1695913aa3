"""Reading verbs: get, find_one, all, first, count, and one page of a stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from coodie._hydration.rows import hydrator_of
from coodie._model.extract import misfit_of
from coodie._query.select import SelectPlan, plan_count, plan_select
from coodie.errors import DocumentNotFound, GuardrailExceededError, InvalidRowError, MultipleDocumentsFound
from coodie_drivers.errors import DriverError, InvalidQueryError
from coodie_drivers.messages import Request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie._model.base import DocumentBase
    from coodie._query.state import QueryState
    from coodie._query.target import Target
    from coodie_drivers.messages import Reply
    from coodie_drivers.operations import Op

D = TypeVar("D", bound="DocumentBase")

SORT_GUARDRAIL = 10_000
"""How many rows a stream holds at most when it must sort them itself."""


@dataclass(frozen=True, slots=True)
class Page(Generic[D]):
    """Some documents of a stream, and where it goes on; None when this is the end."""

    documents: list[D]
    paging_state: bytes | None


def fetch_all(target: Target[D], state: QueryState) -> Op[list[D]]:
    """Fetch every matching document, page by page."""
    plan = plan_select(target, state)
    rows = yield from _all_rows(target, plan, state)
    documents: list[D] = hydrator_of(target, plan.columns)(_sorted(rows, plan, state))
    return documents


def fetch_first(target: Target[D], state: QueryState) -> Op[D | None]:
    """Fetch the first matching document, or None."""
    documents = yield from fetch_all(target, state.with_changes(limit=1))
    return documents[0] if documents else None


def fetch_page(target: Target[D], state: QueryState, paging_state: bytes | None) -> Op[Page[D]]:
    """Fetch one page; a query that is sorted here has all its documents on one.

    Raises:
        GuardrailExceededError: a query that is sorted here has too many rows to hold for a stream.
    """
    plan = plan_select(target, state)
    if plan.sort:
        rows = yield from _all_rows(target, plan, state, at_most=SORT_GUARDRAIL)
        return Page(hydrator_of(target, plan.columns)(_sorted(rows, plan, state)), None)
    try:
        reply = yield Request(plan.plan.statement, plan.params(state), paging_state=paging_state)
    except InvalidQueryError as error:
        _raise_misfit(target, state, error)
        raise
    return Page(hydrator_of(target, plan.columns)(_aligned(target, plan, reply)), reply.paging_state)


def fetch_one(target: Target[D], state: QueryState) -> Op[D | None]:
    """Fetch the only matching document, or None.

    Raises:
        InvalidQueryError: nothing says which document is meant.
        MultipleDocumentsFound: there is more than one.
    """
    if not state.lookups:
        fix = "give the fields to find it by, or use find().first() for any"
        raise InvalidQueryError(f"{target.schema.model}: which one? {fix}")
    plan = plan_select(target, state, single=True)
    if not plan.whole_key:
        # A second row is enough to know that there are several.
        state = state.with_changes(limit=2)
        plan = plan_select(target, state)
    rows = yield from _all_rows(target, plan, state)
    if len(rows) > 1:
        raise MultipleDocumentsFound(target.schema.model, _names(state))
    return hydrator_of(target, plan.columns)(rows)[0] if rows else None


def fetch_known(target: Target[D], state: QueryState) -> Op[D]:
    """Fetch the only matching document.

    Raises:
        InvalidQueryError: nothing says which document is meant.
        DocumentNotFound: there is none.
        MultipleDocumentsFound: there is more than one.
    """
    document = yield from fetch_one(target, state)
    if document is None:
        raise DocumentNotFound(target.schema.model, _names(state))
    return document


def count(target: Target[D], state: QueryState) -> Op[int]:
    """Count the matching rows on the server; never more than the limit, where there is one."""
    plan = plan_count(target, state)
    try:
        reply = yield Request(plan.statement, plan.params(state.values))
    except InvalidQueryError as error:
        _raise_misfit(target, state, error)
        raise
    found = reply.rows[0][0] if reply.rows and reply.rows[0] else None
    if type(found) is not int:
        problem = f"{target.schema.model}: the driver answered {plan.statement.cql!r} without a number of rows"
        raise DriverError(problem, outcome="not_applied", statement_kind=plan.statement.kind)
    return found if state.limit is None else min(found, state.limit)


def _raise_misfit(target: Target[Any], state: QueryState, error: InvalidQueryError) -> None:
    """Name the field where the request failed because a driver cannot take a value for it; else do nothing.

    Raises:
        InvalidValueError: such a value is among those that fields are compared with.
    """
    misfit = misfit_of(target.schema.model, [lookup.part for lookup in state.lookups], state.values)
    if misfit is not None:
        raise misfit from error


def _all_rows(
    target: Target[Any], plan: SelectPlan, state: QueryState, at_most: int | None = None
) -> Op[list[tuple[Any, ...]]]:
    statement, params = plan.plan.statement, plan.params(state)
    try:
        reply = yield Request(statement, params)
    except InvalidQueryError as error:
        _raise_misfit(target, state, error)
        raise
    rows = list(_aligned(target, plan, reply))
    # Only a missing paging state ends it: a page may be empty and have more behind it.
    while reply.paging_state is not None:
        reply = yield Request(statement, params, paging_state=reply.paging_state)
        rows.extend(_aligned(target, plan, reply))
        if at_most is not None and len(rows) > at_most:
            what = f"sorting {plan.plan.statement.cql!r} here would hold more than {at_most:,} rows for a stream"
            raise GuardrailExceededError(f"{what}; narrow the query, or call .all() to hold them all on purpose")
    return rows


def _aligned(target: Target[Any], plan: SelectPlan, reply: Reply) -> Sequence[tuple[Any, ...]]:
    """The rows in the order of the plan's columns: a foreign driver answers dicts, whose order is its own.

    Raises:
        InvalidRowError: the answer lacks a column.
    """
    if reply.columns == plan.names or not reply.rows:
        return reply.rows
    places = {name: place for place, name in enumerate(reply.columns)}
    missing = next((column for column in plan.columns if column.name not in places), None)
    if missing is not None:
        raise InvalidRowError(target.schema.model, missing.field, f"the driver's answer has no column {missing.name!r}")
    order = [places[name] for name in plan.names]
    return [tuple([row[place] for place in order]) for row in reply.rows]


def _sorted(rows: list[tuple[Any, ...]], plan: SelectPlan, state: QueryState) -> list[tuple[Any, ...]]:
    """The rows as asked for, where the server could not sort: the limit comes after the order."""
    if not plan.sort:
        return rows
    plan.sort_rows(rows)
    return rows if state.limit is None else rows[: state.limit]


def _names(state: QueryState) -> list[str]:
    return [lookup.column.field for lookup in state.lookups]
