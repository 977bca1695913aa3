"""Requests that were under way in an event loop when it was closed: what they hold is let go.

A future of the package `scylla` holds the one of the event loop by which it wakes its task, and that the task, which
waits for the library's. The garbage collector does not see into the library, so all of it stays, for good: the answer
that came meanwhile, too, and with it the session and its connections.
"""

from __future__ import annotations

import gc
from types import CoroutineType
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import asyncio

Awaited: TypeAlias = "tuple[asyncio.AbstractEventLoop | None, Any]"
"""What a request waits for, with the event loop that it is awaited in."""


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
