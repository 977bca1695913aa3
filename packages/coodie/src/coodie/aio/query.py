"""`QuerySet`: the terminal methods of a query, asynchronous."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from coodie._model.base import DocumentBase
from coodie._ops import reads
from coodie._query.chain import Chain
from coodie._shell.running import arun, astream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

__all__ = ["QuerySet"]

D = TypeVar("D", bound=DocumentBase)


class QuerySet(Chain[D]):
    """A query of one model: chain methods narrow it, terminal methods send it.

    It is immutable: each chain method returns another one, and the same one can be sent many times.
    """

    __slots__ = ()

    async def all(self) -> list[D]:
        """Return every matching document.

        Raises:
            InvalidQueryError: the server would refuse the query, or no key and no index serves it.
        """
        return await arun(self._model, reads.fetch_all, self._state)

    async def first(self) -> D | None:
        """Return the first matching document, or None.

        Raises:
            InvalidQueryError: the server would refuse the query, or no key and no index serves it.
        """
        return await arun(self._model, reads.fetch_first, self._state)

    async def count(self) -> int:
        """Return how many documents match; with a limit, never more than that.

        The server reads every matching row to count it.

        Raises:
            InvalidQueryError: the server would refuse the query, or no key and no index serves it.
        """
        return await arun(self._model, reads.count, self._state)

    def __aiter__(self) -> AsyncIterator[D]:
        """Iterate over the matching documents, fetching a page of rows at a time."""
        return astream(self._model, self._state)
