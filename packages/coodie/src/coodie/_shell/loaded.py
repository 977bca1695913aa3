"""`LoadedChain`: a blocking query whose length is asked of the server, and told to the loop that `list()` has begun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast
from weakref import ref

from coodie._ops import reads
from coodie._query.chain import Chain
from coodie._shell.running import linked, query_at, stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coodie._shell.connections import Link

T_co = TypeVar("T_co", covariant=True)


class _Loop:
    """A loop over a query that has fetched nothing so far: it takes what `len()` fetches before it does.

    Attributes:
        fetched: where items were fetched, and the items; None where nobody has asked for the length.
    """

    __slots__ = ("__weakref__", "fetched")

    def __init__(self) -> None:
        """Begin without items."""
        self.fetched: tuple[Link, list[Any]] | None = None


class LoadedChain(Chain[T_co]):
    """A query with a length. `list(query)` makes a loop, asks for the length and only then runs the loop.

    So that this is one query, what `len()` fetches goes to a loop that was made and not run. Nothing else keeps it: the
    query itself has no items, and each further `len()`, `if query:` or loop asks the server again.
    """

    __slots__ = ()

    _awaited: ClassVar[bool | None] = False

    def __len__(self) -> int:
        """Return how many items match now: all of them are fetched, and none is kept; `count()` fetches none.

        `if query:` is this, too; `exists()` reads one row.

        Raises:
            InvalidQueryError: the server would refuse the query, or no key and no index serves it.
        """
        link = linked(self)
        items = query_at(link, self.state, reads.fetch_all)
        loop = None if self._loaded is None else cast("_Loop | None", self._loaded())
        if loop is not None:
            loop.fetched = link, items
        return len(items)

    def __reversed__(self) -> Iterator[T_co]:
        """Iterate from the last item to the first: all of them are fetched; `reverse()` has the server turn the order.

        Without it Python would fetch each item by its place, with all that lies in front.

        Raises:
            InvalidQueryError: the server would refuse the query, or no key and no index serves it.
        """
        items: list[T_co] = query_at(linked(self), self.state, reads.fetch_all)
        return reversed(items)

    def _looped(self) -> Iterator[T_co]:
        """Iterate over the items, which `len()` may fetch before the first is asked for."""
        loop = _Loop()
        self._loaded = ref(loop)
        return self._run(loop, linked(self))

    def _run(self, loop: _Loop, link: Link) -> Iterator[T_co]:
        fetched = loop.fetched
        del loop  # it runs: what `len()` fetches from now on is not for it
        if fetched is not None and fetched[0].target is link.target:
            yield from fetched[1]
        else:
            yield from stream(link, self.state)
