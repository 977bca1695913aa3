"""Leaving the process at once: closing what was opened here before the client library's own exit handler runs.

That handler (`cassandra.io.libevreactor`, both libraries) stops the watcher that would let its event loop end, and
then waits five seconds for it, more often than not. Here the connections are closed first, with those that are only on
their way, and the loop is asked to end while it still listens.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coodie_drivers.adapters._cassandra_reaching import Reach

_PATIENCE = 1.0
"""Seconds to wait at most for the library's event loop, and for who was connecting to notice."""

_lock = threading.Lock()
_opened: weakref.WeakSet[Any] = weakref.WeakSet()
_under_way: weakref.WeakSet[Reach] = weakref.WeakSet()
_registered = False


def close_at_exit(cluster: Any) -> None:
    """Shut this cluster down when the process ends, unless it is shut down by then."""
    with _lock:
        _opened.add(cluster)
    _register()


def give_up_at_exit(reach: Reach) -> None:
    """Stop connecting when the process ends, unless that has come to its own end by then."""
    with _lock:
        _under_way.add(reach)
    _register()


def _register() -> None:
    global _registered  # noqa: PLW0603 - once per process, as exit handlers are
    with _lock:
        if not _registered:
            # Handlers run in reverse: the library has registered its own by now, so this one comes before it.
            atexit.register(_leave)
            _registered = True


def _forget() -> None:
    """Leave what the parent opened to the parent: its threads are not here, and its connections are not ours to end."""
    global _lock  # noqa: PLW0603 - another thread of the parent may have held it when the process forked
    _lock = threading.Lock()
    _opened.clear()
    _under_way.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def _leave() -> None:
    with _lock:
        under_way, opened = list(_under_way), list(_opened)
    for reach in under_way:
        reach.give_up()
    for reach in under_way:
        reach.ended(_PATIENCE)
    for cluster in opened:
        with suppress(Exception):  # nobody is left to be told
            cluster.shutdown()
    _end_event_loop()


def _end_event_loop() -> None:
    """Let the libev loop end, where the library uses it and nobody else's connection is open in it."""
    loop: Any = getattr(sys.modules.get("cassandra.io.libevreactor"), "_global_loop", None)
    with suppress(AttributeError):  # another version of the library may do without these
        if loop is not None and loop._thread is not None and not loop._live_conns:  # noqa: SLF001 - see the module
            loop._shutdown = True  # noqa: SLF001
            loop.notify()
            loop._thread.join(_PATIENCE)  # noqa: SLF001
