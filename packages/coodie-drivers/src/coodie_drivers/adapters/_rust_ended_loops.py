"""Event loops that are closed while requests are under way in them: what these hold is let go; the loop outlives it.

A future of the package `scylla` holds the one of the event loop by which it wakes its task, and that the task, which
waits for the library's. The garbage collector does not see into the library, so all of it stays, for good: the answer
that came meanwhile, too, and with it the session and its connections.

And an answer that comes to a closed loop is an error to the library, which lets go of it later, within a lock that it
takes again when a loop is freed (scylladb-rs-driver 0.2.0). Were that error the last to hold the loop, all its calls
in all threads would wait for ever.
"""

from __future__ import annotations

import gc
import time
from collections import OrderedDict
from contextlib import suppress
from types import CoroutineType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from coodie_drivers.adapters._rust_library import statements
from coodie_drivers.blocking import in_own_thread
from coodie_drivers.errors import ClusterUnavailableError
from coodie_drivers.messages import Request
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    import asyncio

    from coodie_drivers.messages import BatchRequest

_OUTLIVING: Final = 32
"""How many event loops are kept for what the library may yet let go of, which it does within milliseconds.

Of each it keeps two file descriptors open.
"""

_FREED_AFTER: Final = (0.05, 0.2, 1.0, 5.0)
"""Seconds between the calls by which the library frees what its threads let go of late, on a machine that is busy."""

_SENT_WITHIN: Final = 0.005
"""Seconds within which the library sends what it was given, and times it: for a batch it waits for the interpreter."""

Awaited: TypeAlias = "tuple[asyncio.AbstractEventLoop | None, Any]"
"""What a request waits for, with the event loop that it is awaited in."""


class Outlived:
    """The event loops in which a driver has given up a request, the last ones.

    Attributes:
        last: when it did so, by `time.monotonic()`; 0 where that is long over.
    """

    def __init__(self) -> None:
        self.last = 0.0
        self._loops: OrderedDict[int, asyncio.AbstractEventLoop] = OrderedDict()

    def pause_before(self, request: Request | BatchRequest) -> float:
        """Return the seconds for which a write waits, so that it is later than one that was given up just before."""
        left = self.last + _SENT_WITHIN - time.monotonic()
        if left <= 0:
            self.last = 0.0
            return 0.0
        reads = isinstance(request, Request) and request.statement.kind is StatementKind.SELECT
        return 0.0 if reads else left

    def keep(self, awaited: Awaited | None) -> None:
        """Keep the event loop of what was awaited until as many others were kept."""
        loop = None if awaited is None else awaited[0]
        if loop is None:
            return
        self.last = time.monotonic()
        self._loops.pop(id(loop), None)
        self._loops[id(loop)] = loop
        while len(self._loops) > _OUTLIVING:
            self._loops.popitem(last=False)

    def __bool__(self) -> bool:
        return bool(self._loops)

    def forget(self) -> None:
        """Keep none any more: all requests have ended, and the library was called since."""
        self._loops.clear()


def has_ended(awaited: Awaited) -> bool:
    """Return whether this waits in an event loop that was closed, and so will never end."""
    loop, _ = awaited
    return loop is not None and loop.is_closed()


def let_go(under_way: dict[int, Awaited]) -> list[Any]:
    """End, of the requests that are under way, those that never will: as the collector ends a coroutine.

    Returns:
        What they waited for, which would go on until its limit is over.
    """
    ended = [key for key, awaited in list(under_way.items()) if has_ended(awaited)]
    futures = [found[1] for key in ended if (found := under_way.pop(key, None)) is not None]
    if not futures:
        return futures
    # Only the adapter's own coroutine, which nothing else can reach; those that await it go on to exist without it.
    for each in gc.get_referrers(*futures):
        if isinstance(each, CoroutineType) and any(each.cr_await is future for future in futures):
            each.close()
    return futures


def free_soon() -> None:
    """Have the library called in a moment, and again: only then it frees what its threads have let go of.

    These have no interpreter at hand. What they hold last, an answer with the nodes and their connections, waits for
    the next call of anybody; when the last driver has been closed amid its requests there is none.
    """
    with suppress(ClusterUnavailableError):  # no further thread can be had, as where the interpreter is ending
        in_own_thread(_free, "coodie-rust-frees")


def _free() -> None:
    for seconds in _FREED_AFTER:
        time.sleep(seconds)
        statements.Statement("")
