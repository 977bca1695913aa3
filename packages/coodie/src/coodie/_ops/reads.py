"""Reading verbs: get, find_one, all, first, and one page of a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from coodie._hydration.items import reader_of
from coodie._model.extract import misfit_of
from coodie._query.continuing import limits_behind_page
from coodie._query.guarding import most_rows, too_many_sorted
from coodie._query.select import SelectPlan, plan_select
from coodie.errors import (
    InvalidRowError,
    InvalidRowsError,
    MultipleDocumentsFound,
)
from coodie.lazy import LazyDocument
from coodie.results import PagedResult
from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from coodie._hydration.items import Reader
    from coodie._model.base import DocumentBase
    from coodie._query.state import QueryState
    from coodie._query.target import Target
    from coodie_drivers.messages import Reply
    from coodie_drivers.operations import Op

D = TypeVar("D", bound="DocumentBase")

SORT_GUARDRAIL = 10_000
"""How many rows a stream holds at most when it must sort them itself."""

_FEW = 100
"""How many rows to look at once for the first that can be read."""


def fetch_all(target: Target[Any], state: QueryState, terminal: str = "all") -> Op[list[Any]]:
    """Fetch every matching item, page by page."""
    plan = plan_select(target, state, terminal)
    most = None if target.schema.guardrails is None else most_rows(target.schema, state, plan.access)
    try:
        reply = yield plan.request(state)
    except InvalidQueryError as error:
        raise_misfit(target, state, error)
        raise
    rows = aligned(target, plan, reply)
    if plan.sort or reply.paging_state is not None:
        rows = yield from _rest(target, plan, state, reply, most, most)
        rows = plan.finished_rows(rows, state)
    skip = state.more.skip
    return reader_of(target, plan, state)(rows[skip:] if skip else rows)


def fetch_by(lazy: object) -> Callable[[Target[Any], QueryState], Op[list[Any]]]:
    """What fetches every matching row, as `all(lazy=...)` says.

    Raises:
        InvalidQueryError: it is neither True nor False.
    """
    if type(lazy) is not bool:
        raise InvalidQueryError("all(lazy=...) is True or False")
    return fetch_lazily if lazy else fetch_all


def fetch_lazily(target: Target[Any], state: QueryState) -> Op[list[LazyDocument[Any]]]:
    """Fetch every matching row, to become an item when it is looked at."""
    plan = plan_select(target, state, "all")
    if state.more.on_invalid != "raise":
        fix = "leave on_invalid out, or read them with all()"
        raise InvalidQueryError(f"all(lazy=True) of {target.schema.model} reads each row when it is looked at; {fix}")
    rows = yield from all_rows(target, plan, state)
    read = reader_of(target, plan, state)
    return [LazyDocument(read, row) for row in plan.finished_rows(rows, state)[state.more.skip :]]


def fetch_first(target: Target[Any], state: QueryState) -> Op[Any]:
    """Fetch the first matching item, or None; where rows that cannot be read are skipped, it is behind those."""
    if state.more.on_invalid == "skip":
        return (yield from _first_readable(target, state))
    end = state.more.skip + 1
    items = yield from fetch_all(
        target, state.limited_to(end) if state.limit is None or end < state.limit else state, "first"
    )
    return items[0] if items else None


def _first_readable(target: Target[Any], state: QueryState) -> Op[Any]:
    """Fetch page after page until there is an item."""
    if plan_select(target, state, "first").sort:
        items = yield from fetch_all(target, state, "first")
        return items[0] if items else None
    if state.more.fetch_size is None:
        state = state.with_more(fetch_size=_FEW)
    pages = Pages(state, "first")
    page = yield from pages.fetch(target, state)
    while not page.data and page.paging_state is not None:
        page = yield from pages.fetch(target, state)
    return page.data[0] if page.data else None


def fetch_place(target: Target[Any], state: QueryState) -> Op[Any]:
    """Fetch the item behind those that are left out.

    Raises:
        IndexError: there are fewer.
    """
    items = yield from fetch_all(target, state, "first")
    if not items:
        raise IndexError(f"{target.schema.model}: the query has no item in place {state.more.skip}")
    return items[0]


class Pages:
    """The pages of a query, each fetched when it is asked for, and how far they are."""

    __slots__ = ("_following", "_left", "_left_out", "_terminal")

    def __init__(self, state: QueryState, terminal: str = "iteration") -> None:
        """Begin with the first page of a query, for a verb."""
        self._terminal = terminal
        self._following: bytes | None = None
        self._left = state.limit if limits_behind_page(state) else None
        self._left_out = state.more.skip

    def fetch(self, target: Target[Any], state: QueryState) -> Op[PagedResult[Any]]:
        """Fetch the next page; a query that is sorted here has all its items on one.

        Raises:
            GuardrailExceededError: a query that is sorted here has too many rows to hold for a stream.
        """
        plan = plan_select(target, state, self._terminal)
        read = reader_of(target, plan, state)
        if plan.sort:
            rows = yield from all_rows(target, plan, state, at_most=SORT_GUARDRAIL)
            return _page(read, plan.finished_rows(rows, state)[self._left_out :], None)
        try:
            reply = yield plan.request(state, self._following)
        except InvalidQueryError as error:
            raise_misfit(target, state, error)
            raise
        page, self._following = aligned(target, plan, reply), reply.paging_state
        if self._left is not None:
            page = page[: self._left]
            self._left -= len(page)
            self._following = self._following if self._left else None
        if self._left_out:
            fetched, page = len(page), page[self._left_out :]
            self._left_out -= fetched - len(page)
        return _page(read, page, self._following)


def fetch_page(target: Target[Any], state: QueryState) -> Op[PagedResult[Any]]:
    """Fetch one page, as `paged_all()` does."""
    return (yield from Pages(state, "paged_all").fetch(target, state))


def _page(read: Reader, rows: Sequence[tuple[Any, ...]], paging_state: bytes | None) -> PagedResult[Any]:
    """A page of what these rows become, with what was gathered of those that cannot be read."""
    try:
        return PagedResult(read(rows), paging_state)
    except InvalidRowsError as error:
        return PagedResult(error.items, paging_state, tuple(error.errors))


def refuse_invalid(target: Target[Any], gathered: list[InvalidRowError]) -> None:
    """Say, at the end of a stream, which rows could not be read.

    Raises:
        InvalidRowsError: there are some.
    """
    if gathered:
        raise InvalidRowsError(target.schema.model, gathered, [])


def fetch_one(target: Target[D], state: QueryState) -> Op[D | None]:
    """Fetch the only matching document, or None.

    Raises:
        InvalidQueryError: nothing says which document is meant.
        MultipleDocumentsFound: there is more than one.
    """
    if not state.shape.lookups:
        fix = "give the fields to find it by, or use find().first() for any"
        raise InvalidQueryError(f"{target.schema.model}: which one? {fix}")
    plan = plan_select(target, state, "get")
    if not plan.access.whole_key:
        # A second row is enough to know that there are several.
        state = state.limited_to(2)
        plan = plan_select(target, state, "get one of")
    try:
        reply = yield plan.request(state)
    except InvalidQueryError as error:
        raise_misfit(target, state, error)
        raise
    rows = aligned(target, plan, reply)
    if reply.paging_state is not None:
        rows = yield from _rest(target, plan, state, reply)
    if len(rows) > 1:
        raise MultipleDocumentsFound(target.schema.model, compared_fields(state))
    return reader_of(target, plan, state)(rows)[0] if rows else None


def fetch_known(target: Target[D], state: QueryState) -> Op[D]:
    """Fetch the only matching document.

    Raises:
        InvalidQueryError: nothing says which document is meant.
        DocumentNotFound: there is none; it is the model's own `DoesNotExist`.
        MultipleDocumentsFound: there is more than one.
    """
    document = yield from fetch_one(target, state)
    if document is None:
        raise target.model.DoesNotExist(target.schema.model, compared_fields(state))
    return document


def raise_misfit(target: Target[Any], state: QueryState, error: InvalidQueryError) -> None:
    """Name the field where the request failed because a driver cannot take a value for it; else do nothing.

    Raises:
        InvalidValueError: such a value is among those that fields are compared with.
    """
    misfit = misfit_of(target.schema.model, [lookup.part for lookup in state.lookups], state.values)
    if misfit is not None:
        raise misfit from error


def all_rows(
    target: Target[Any], plan: SelectPlan, state: QueryState, at_most: int | None = None
) -> Op[list[tuple[Any, ...]]]:
    """Fetch the rows of every page.

    Raises:
        GuardrailExceededError: there are more rows than `at_most`, or there may be more than the model allows.
    """
    guarded: int | None = None
    if target.schema.guardrails is not None:
        # A stream that is sorted here is not limited by what it says: its rows are counted as they come.
        guarded = most_rows(target.schema, state, plan.access) if at_most is None else target.schema.guardrails.max_rows
        bounds = [each for each in (at_most, guarded) if each is not None]
        at_most = min(bounds) if bounds else None
    try:
        reply = yield plan.request(state)
    except InvalidQueryError as error:
        raise_misfit(target, state, error)
        raise
    rows = yield from _rest(target, plan, state, reply, at_most, guarded)
    return rows


def _rest(  # noqa: PLR0913 - what a page stands in, and what bounds the others
    target: Target[Any],
    plan: SelectPlan,
    state: QueryState,
    reply: Reply,
    at_most: int | None = None,
    guarded: int | None = None,
) -> Op[list[tuple[Any, ...]]]:
    """Fetch the pages that follow upon a first one; the rows of all of them, or as many as a limit counts here.

    Raises:
        GuardrailExceededError: there are more rows than `at_most`.
    """
    rows = list(aligned(target, plan, reply))
    enough = state.limit if plan.counts_limit else None
    while enough is None or len(rows) < enough:
        if at_most is not None and len(rows) > at_most:
            raise too_many_sorted(plan.plan.statement.cql, at_most, guarded=at_most == guarded)
        # Only a missing paging state ends it: a page may be empty and have more behind it.
        if reply.paging_state is None:
            return rows
        reply = yield plan.request(state, reply.paging_state)
        rows.extend(aligned(target, plan, reply))
    return rows


def aligned(target: Target[Any], plan: SelectPlan, reply: Reply) -> Sequence[tuple[Any, ...]]:
    """The rows in the order of the plan's columns: a foreign driver answers dicts, whose order is its own.

    Raises:
        InvalidRowError: the answer lacks a column.
    """
    if reply.columns == plan.names or not reply.rows:
        return reply.rows
    places = {name: place for place, name in enumerate(reply.columns)}
    missing = next((name for name in plan.names if name not in places), None)
    if missing is not None:
        column = target.schema.by_name.get(missing)
        field = missing if column is None else column.field
        raise InvalidRowError(target.schema.model, field, f"the driver's answer has no column {missing!r}")
    order = [places[name] for name in plan.names]
    return [tuple([row[place] for place in order]) for row in reply.rows]


def compared_fields(state: QueryState) -> list[str]:
    """The fields that a query compares, for errors."""
    return [lookup.column.field for lookup in state.lookups if not lookup.column.discriminates]
