"""`AsyncBatchQuery`: several writes sent as one, asynchronous."""

from __future__ import annotations

from functools import partial
from threading import RLock
from typing import TYPE_CHECKING, Any

from coodie._model.base import complete_schema
from coodie._ops import batches
from coodie._query.options import WriteOptions, write_options
from coodie._shell.running import arun_at
from coodie_drivers.errors import InvalidQueryError
from coodie_drivers.messages import statement_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from typing_extensions import LiteralString, Self

    from coodie._model.base import DocumentBase
    from coodie.results import LWTResult

__all__ = ["AsyncBatchQuery"]


class AsyncBatchQuery:
    """Several writes that the server takes as one batch.

    Pass it as `batch=` to the verbs that write. As a context manager it is sent on a clean exit and dropped on an
    exception; an empty one sends nothing.

    Attributes:
        writes: what is said of a write in it by saying that it is in it; what the verbs do with `batch=`.
    """

    def __init__(
        self,
        logged: bool = True,
        batch_type: str | None = None,
        timestamp: int | None = None,
        consistency: str | None = None,
        timeout: float | None = None,
    ) -> None:
        """Start an empty batch.

        Args:
            logged: whether all writes happen in the end once one did (atomic, not isolated; costs a round trip).
            batch_type: `"logged"`, `"unlogged"` or `"counter"`; decides instead of `logged`, which is left out then.
            timestamp: when all the writes happened, in microseconds since 1970; None for now.
            consistency: the consistency level; None for the driver's default.
            timeout: seconds to wait for the answer; None for the driver's default.

        Raises:
            InvalidQueryError: there is no such batch_type, it contradicts `logged`, or a value is out of range; or
                counters have a timestamp.
        """
        kind = batches.batch_kind(batch_type, logged=logged)
        options = write_options(timestamp=timestamp, consistency=consistency, timeout=timeout)
        self._state = batches.BatchState(kind, options, RLock())
        self.writes = WriteOptions(batch=self._state)

    @property
    def result(self) -> LWTResult | None:
        """After a batch with a condition, the server's answer; what is called behind it finds it there."""
        return self._state.result

    def add(self, stmt: LiteralString, params: Sequence[Any] = ()) -> None:
        """Add a statement of your own, with a value for each `?`.

        Type checkers demand that the text is written in the program, as `execute_raw()` does: whatever varies is a `?`
        with a value in `params`.

        The text goes to the server as it is. The `keyspace=` of `init_coodie` holds for models, not for texts: name the
        keyspace in the text, as in `UPDATE my_ks.products SET ...`. A batch of texts alone goes to the default
        connection.

        Raises:
            InvalidQueryError: the values are no list or not as many as the markers, the text is no write or none that
                goes with the others, or the batch's `with` block is over.
        """
        values: object = params
        if not isinstance(values, (list, tuple)):
            raise InvalidQueryError("the values of a statement are a list, one for each ?")
        self._state.add(statement_of(stmt), list(params))

    def add_callback(self, call: Callable[..., object], *args: object, **kwargs: object) -> None:
        """Call a function when the batch was sent; not where it failed, or a condition of it did not hold.

        It is a plain function, also where the verbs are awaited: nobody waits for what it would await.

        Raises:
            InvalidQueryError: it is no function, or one that awaits or yields, so that a call would run nothing of it.
        """
        batches.checked_callback(call)
        self._state.afterwards(partial(call, **kwargs), *args)

    async def execute(self) -> None:
        """Send what was added since the last time; nothing when nothing was.

        What is added while this is under way belongs to the next time, calls of `add_callback()` too. After a failure
        the batch holds its writes again, so that it can be executed once more; where `outcome` is unknown they may have
        happened already, and counters and additions to lists would then happen twice.

        Raises:
            DriverError: the batch failed; `outcome` says what is known of it.
            InvalidQueryError: there are more than 65,535 writes, or the server refuses the batch as too large.
        """
        await arun_at(self._state.target, batches.execute(self._state))

    async def __aenter__(self) -> Self:
        """Collect writes until the block ends."""
        self._state.ended = False
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Send the batch, or drop it when the block raised."""
        self._state.ended = True
        if kind is None:
            await self.execute()
        else:
            self._state.drop()


def batch_among(model: type[DocumentBase], keywords: dict[str, Any]) -> AsyncBatchQuery | None:
    """The batch among the keywords of a verb, taken out of them; where a field is called so, the keyword is the field.

    Raises:
        InvalidQueryError: it is another kind of batch, or none.
    """
    if "batch" not in keywords or "batch" in complete_schema(model).by_name:
        return None
    return checked_batch(keywords.pop("batch"))


def checked_batch(batch: object) -> AsyncBatchQuery | None:
    """The batch of a verb, which must be of the verb's own kind.

    Raises:
        InvalidQueryError: it is another kind of batch, or none.
    """
    if batch is None or isinstance(batch, AsyncBatchQuery):
        return batch
    raise InvalidQueryError(
        f"{type(batch).__name__} cannot take the write of an asynchronous document; use {AsyncBatchQuery.__name__}"
    )
