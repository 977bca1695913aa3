"""`CounterVerb`: increment and decrement, on a document and on its class, asynchronous."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, overload

from coodie._ops import counters
from coodie._shell.connections import link_for, link_of
from coodie._shell.running import arun_over
from coodie.aio.batch import batch_among

if TYPE_CHECKING:
    from coodie._model.base import DocumentBase
    from coodie.aio.batch import AsyncBatchQuery

__all__ = ["CounterVerb", "Counting", "CountingRow"]

INCREMENT = """Increment counters by the given amounts: `increment(views=1)`.

On the class the key is given by keyword too: `PageViews.increment(url="/home", views=1)`. The object in
memory stays as it is: only the server knows the sum. `batch=` is a batch of the type `"counter"` that takes
the write and sends it later.

Raises:
    InvalidQueryError: a keyword names no counter, or a part of the key is missing.
    DriverError: the request failed; where `outcome` is unknown it may have been counted.
"""

DECREMENT = """Decrement counters by the given amounts: `decrement(views=1)`.

On the class the key is given by keyword too: `PageViews.decrement(url="/home", views=1)`. The object in
memory stays as it is: only the server knows the sum. `batch=` is a batch of the type `"counter"` that takes
the write and sends it later.

Raises:
    InvalidQueryError: a keyword names no counter, or a part of the key is missing.
    DriverError: the request failed; where `outcome` is unknown it may have been counted.
"""


class Counting(Protocol):
    """How `increment` and `decrement` are called."""

    async def __call__(self, /, **field_deltas: Any) -> None:
        """Change counters by these amounts; called on the class, the key is given by keyword as well.

        `batch=` is the counter batch that takes the write and sends it later, unless a field is called so.
        """
        ...


class CountingRow(Protocol):
    """How `increment` and `decrement` of a document are called, whose row has a key already."""

    async def __call__(self, /, *, batch: AsyncBatchQuery | int | None = None, **field_deltas: int) -> None:
        """Change counters by these amounts.

        `batch=` is the counter batch that takes the write and sends it later, unless a field is called so.
        """
        ...


class CounterVerb:
    """A verb that works on a document, whose row it changes, and on its class, where the key is given by keyword."""

    def __init__(self, sign: int, doc: str) -> None:
        """Make a verb that adds (1) or subtracts (-1)."""
        self._sign = sign
        self.__doc__ = doc

    @overload
    def __get__(self, document: None, model: type[DocumentBase]) -> Counting: ...
    @overload
    def __get__(self, document: DocumentBase, model: type[DocumentBase]) -> CountingRow: ...
    def __get__(self, document: DocumentBase | None, model: type[DocumentBase]) -> Any:
        """Bind the verb to a document, or to the class alone."""
        sign = self._sign

        async def count(**field_deltas: Any) -> None:
            link, batch = link_of(model) if document is None else link_for(document), batch_among(model, field_deltas)
            await arun_over(link, counters.add(link.target, document, field_deltas, sign, batch))

        count.__doc__ = self.__doc__
        return count
