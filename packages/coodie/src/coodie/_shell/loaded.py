"""`LoadedChain`: a blocking query that knows its length once it has fetched its items."""

from __future__ import annotations

from typing import TypeVar

from coodie._ops import reads
from coodie._query.chain import Chain
from coodie._shell.running import query

T_co = TypeVar("T_co", covariant=True)


class LoadedChain(Chain[T_co]):
    """A query whose items are fetched by `len()`, once: `list(query)` asks for the length first."""

    __slots__ = ()

    def __len__(self) -> int:
        """Return how many items match: all of them are fetched, and kept for iterating.

        Raises:
            InvalidQueryError: the server would refuse the query, or no key and no index serves it.
        """
        if self._loaded is None:
            self._loaded = query(self, reads.fetch_all)
        return len(self._loaded)
