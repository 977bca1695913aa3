"""Running operations for the shells: blocking or awaiting, for a model, a named connection or a stream of pages."""

from __future__ import annotations

import contextvars
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from coodie._ops import levels, reads
from coodie._shell.connections import driver_of, link_for, link_of
from coodie_drivers import adrive, drive, get_driver
from coodie_drivers.blocking import in_background
from coodie_drivers.operations import ENDED

if TYPE_CHECKING:
    import asyncio

    from coodie._model.base import DocumentBase
    from coodie._query.chain import Chain
    from coodie._query.state import QueryState
    from coodie._query.target import Target
    from coodie._shell.connections import Link
    from coodie.results import PagedResult
    from coodie_drivers import Op

D = TypeVar("D", bound="DocumentBase")
P = ParamSpec("P")
T = TypeVar("T")

Operation = Callable[Concatenate["Target[D]", P], "Op[T]"]
DocumentOperation = Callable[Concatenate["Target[D]", D, P], "Op[T]"]
_NOTHING: Any = None

QueryOperation = Callable[Concatenate["Target[Any]", "QueryState", P], "Op[T]"]


def run(model: type[D], operation: Operation[D, P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run an operation on a model's table, blocking."""
    link = link_of(model)
    return run_over(link, operation(link.target, *args, **kwargs))


async def arun(model: type[D], operation: Operation[D, P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run an operation on a model's table, awaiting."""
    link = link_of(model)
    return await arun_over(link, operation(link.target, *args, **kwargs))


def run_for(document: D, operation: DocumentOperation[D, P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run an operation on a document where its row is, blocking."""
    link = link_for(document)
    return run_over(link, operation(link.target, document, *args, **kwargs))


async def arun_for(document: D, operation: DocumentOperation[D, P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run an operation on a document where its row is, awaiting."""
    link = link_for(document)
    return await arun_over(link, operation(link.target, document, *args, **kwargs))


def run_over(link: Link, operation: Op[T]) -> T:
    """Run an operation on a link's target, blocking; so do verbs that are called most, for it hands no arguments on."""
    if operation is ENDED:
        nothing: T = _NOTHING
        return nothing
    level = link.target.schema.consistency
    return drive(operation if level is None else levels.at_level(operation, level), link.driver, link.explain)


def arun_over(link: Link, operation: Op[T]) -> Coroutine[Any, Any, T]:
    """Do as `run_over` does, awaiting what is returned: a coroutine around that would cost as much as the rest here."""
    level = link.target.schema.consistency
    return adrive(operation if level is None else levels.at_level(operation, level), link.driver, link.explain)


def linked(chain: Chain[Any]) -> Link:
    """The driver and the target of a query: where the query says, or its context, or its model."""
    # Past the properties: each of them is a call.
    more = chain._state.more  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    return link_of(chain._model, more.connection, more.keyspace)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]


def query(chain: Chain[Any], operation: QueryOperation[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a terminal of a query, blocking, where the query says."""
    link = linked(chain)
    return run_over(link, operation(link.target, chain.state, *args, **kwargs))


async def aquery(chain: Chain[Any], operation: QueryOperation[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a terminal of a query, awaiting, where the query says."""
    link = linked(chain)
    return await arun_over(link, operation(link.target, chain.state, *args, **kwargs))


def query_at(link: Link, state: QueryState, operation: QueryOperation[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a part of a terminal, blocking, where its first part ran: a context may end while somebody iterates."""
    return run_over(link, operation(link.target, state, *args, **kwargs))


async def aquery_at(
    link: Link, state: QueryState, operation: QueryOperation[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Run a part of a terminal, awaiting, where its first part ran: a context may end while somebody iterates."""
    return await arun_over(link, operation(link.target, state, *args, **kwargs))


def run_on(connection: str | None, operation: Op[T]) -> T:
    """Run an operation on a named connection, blocking."""
    return drive(operation, driver_of(connection))


async def arun_on(connection: str | None, operation: Op[T]) -> T:
    """Run an operation on a named connection, awaiting."""
    return await adrive(operation, driver_of(connection))


def run_at(target: Target[Any] | None, operation: Op[T]) -> T:
    """Run an operation where a target is, whatever the context says now, blocking; without one, where that says."""
    return drive(operation, driver_of(None) if target is None else get_driver(target.connection))


async def arun_at(target: Target[Any] | None, operation: Op[T]) -> T:
    """Run an operation where a target is, whatever the context says now, awaiting; without one, where that says."""
    return await adrive(operation, driver_of(None) if target is None else get_driver(target.connection))


def stream(link: Link, state: QueryState) -> Iterator[Any]:
    """Yield matching items page by page; the next page is on its way while this one is looked at.

    Where the items are is said before the first is asked for, here as elsewhere: a context may end in between.
    """
    invalid: list[Any] = []
    pages = reads.Pages(state)
    page: PagedResult[Any] = query_at(link, state, pages.fetch)
    while True:
        coming = None
        if page.paging_state is not None:
            coming = in_background(_page_after(link, state, pages))
        yield from page.data
        invalid += page.invalid
        if coming is None:
            reads.refuse_invalid(link.target, invalid)
            return
        page = coming.result()


def _page_after(link: Link, state: QueryState, pages: reads.Pages) -> Callable[[], PagedResult[Any]]:
    """Return what fetches the next page, in another thread but in this context."""
    there = contextvars.copy_context()

    def fetch() -> PagedResult[Any]:
        return query_at(link, state, pages.fetch)

    return lambda: there.run(fetch)


def astream(chain: Chain[Any]) -> AsyncIterator[Any]:
    """Yield matching items page by page; the next page is on its way while this one is looked at."""
    return _astream(linked(chain), chain.state)


async def _astream(link: Link, state: QueryState) -> AsyncIterator[Any]:
    import asyncio  # noqa: PLC0415 - whoever is here has an event loop running

    invalid: list[Any] = []
    pages = reads.Pages(state)
    page: PagedResult[Any] = await aquery_at(link, state, pages.fetch)
    while True:
        coming = None
        if page.paging_state is not None:
            coming = asyncio.ensure_future(aquery_at(link, state, pages.fetch))
            coming.add_done_callback(looked_at)
        try:
            for item in page.data:
                yield item
        except BaseException:
            if coming is not None:  # nobody will look at it any more
                coming.cancel()
            raise
        invalid += page.invalid
        if coming is None:
            reads.refuse_invalid(link.target, invalid)
            return
        page = await coming


def stream_pages(chain: Chain[Any]) -> Iterator[PagedResult[Any]]:
    """Yield the pages of a query."""
    return _stream_pages(linked(chain), chain.state)


def _stream_pages(link: Link, state: QueryState) -> Iterator[PagedResult[Any]]:
    pages = reads.Pages(state, "pages")
    page: PagedResult[Any] = query_at(link, state, pages.fetch)
    yield page
    while page.paging_state is not None:
        page = query_at(link, state, pages.fetch)
        yield page


def astream_pages(chain: Chain[Any]) -> AsyncIterator[PagedResult[Any]]:
    """Yield the pages of a query."""
    return _astream_pages(linked(chain), chain.state)


async def _astream_pages(link: Link, state: QueryState) -> AsyncIterator[PagedResult[Any]]:
    pages = reads.Pages(state, "pages")
    page: PagedResult[Any] = await aquery_at(link, state, pages.fetch)
    yield page
    while page.paging_state is not None:
        page = await aquery_at(link, state, pages.fetch)
        yield page


def looked_at(task: asyncio.Task[Any]) -> None:
    """Let nobody be told of the failure of a page that nobody has waited for."""
    if not task.cancelled():
        task.exception()
