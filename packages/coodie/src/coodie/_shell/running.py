"""Running operations for the shells: blocking or awaiting, for a model, a named connection or a stream of pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from coodie._ops.reads import fetch_page
from coodie._ops.refusals import with_way_out
from coodie._shell.connections import link_of
from coodie_drivers import adrive, drive, get_driver
from coodie_drivers.errors import InvalidRequestError

if TYPE_CHECKING:
    from coodie._model.base import DocumentBase
    from coodie._query.state import QueryState
    from coodie._query.target import Target
    from coodie_drivers import Op

D = TypeVar("D", bound="DocumentBase")
P = ParamSpec("P")
T = TypeVar("T")

Operation = Callable[Concatenate["Target[D]", P], "Op[T]"]


def run(model: type[D], operation: Operation[D, P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run an operation on a model's table, blocking."""
    driver, target = link_of(model)
    try:
        return drive(operation(target, *args, **kwargs), driver)
    except InvalidRequestError as error:
        explained = with_way_out(error, (target,))
        if explained is None:
            raise
        raise explained from error


async def arun(model: type[D], operation: Operation[D, P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run an operation on a model's table, awaiting."""
    driver, target = link_of(model)
    try:
        return await adrive(operation(target, *args, **kwargs), driver)
    except InvalidRequestError as error:
        explained = with_way_out(error, (target,))
        if explained is None:
            raise
        raise explained from error


def run_on(connection: str | None, operation: Op[T]) -> T:
    """Run an operation on a named connection, blocking."""
    return drive(operation, get_driver(connection))


async def arun_on(connection: str | None, operation: Op[T]) -> T:
    """Run an operation on a named connection, awaiting."""
    return await adrive(operation, get_driver(connection))


def stream(model: type[D], state: QueryState) -> Iterator[D]:
    """Yield matching documents page by page, blocking between pages."""
    paging_state: bytes | None = None
    while True:
        page: Any = run(model, fetch_page, state, paging_state)
        yield from page.documents
        if page.paging_state is None:
            return
        paging_state = page.paging_state


async def astream(model: type[D], state: QueryState) -> AsyncIterator[D]:
    """Yield matching documents page by page, awaiting between pages."""
    paging_state: bytes | None = None
    while True:
        page: Any = await arun(model, fetch_page, state, paging_state)
        for document in page.documents:
            yield document
        if page.paging_state is None:
            return
        paging_state = page.paging_state
