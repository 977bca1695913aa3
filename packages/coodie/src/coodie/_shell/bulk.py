"""Running bulk verbs for the shells: any iterable, a chunk of documents in memory at a time."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel

from coodie._ops import bulk as bulks
from coodie._query import choosing
from coodie._shell.running import aquery_at, linked, query_at
from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from coodie._ops.bulk import Bulk
    from coodie._query.chain import Chain
    from coodie.results import BulkResult

Documents = Iterable[Any]
AsyncDocuments = Iterable[Any] | AsyncIterable[Any]
Progress = Callable[[int], object]


def bulk(chain: Chain[Any], call: Bulk, documents: Documents, progress: Progress | None) -> BulkResult:
    """Write documents chunk by chunk, blocking; tell after each chunk how many were taken."""
    choosing.refuse_uncalled(call.verb, progress)
    link, state = linked(chain), chain.state
    query_at(link, state, call.write, ())  # what is wrong with the call is wrong without documents, too
    given = _iterated(call, documents)
    while True:
        chunk: list[Any] = []
        with call.interruptible(link.target, chunk):
            _fill(chunk, given)
        if not chunk:
            return call.result
        query_at(link, state, call.write, chunk)
        if progress is not None:
            with call.interruptible(link.target):
                progress(call.result.count)


async def abulk(chain: Chain[Any], call: Bulk, documents: AsyncDocuments, progress: Progress | None) -> BulkResult:
    """Write documents chunk by chunk, awaiting; tell after each chunk how many were taken."""
    choosing.refuse_uncalled(call.verb, progress)
    link, state = linked(chain), chain.state
    await aquery_at(link, state, call.write, ())
    given = aiter(documents) if isinstance(documents, AsyncIterable) else _iterated(call, documents)
    while True:
        chunk: list[Any] = []
        with call.interruptible(link.target, chunk):
            if isinstance(given, AsyncIterator):
                await _afill(chunk, given)
            else:
                _fill(chunk, given)
        if not chunk:
            return call.result
        await aquery_at(link, state, call.write, chunk)
        if progress is not None:
            with call.interruptible(link.target):
                progress(call.result.count)


def _iterated(call: Bulk, documents: Documents) -> Iterator[Any]:
    given = cast("object", documents)
    # A document is an iterable, too: of its fields.
    if isinstance(given, Iterable) and not isinstance(given, BaseModel):
        return iter(documents)
    fix = "write [document] for one"
    raise InvalidQueryError(f"{call.verb}() takes documents, not {type(documents).__name__}; {fix}")


def _fill(chunk: list[Any], given: Iterator[Any]) -> None:
    for document in islice(given, bulks.CHUNK):
        chunk.append(document)  # noqa: PERF402 - those before one that raises stay


async def _afill(chunk: list[Any], given: AsyncIterator[Any]) -> None:
    async for document in given:
        chunk.append(document)
        if len(chunk) == bulks.CHUNK:
            return
