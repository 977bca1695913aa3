"""Pages that the proxy has divided: what it withheld of one is the answer to the request for the next."""

from __future__ import annotations

import os
from collections import OrderedDict
from typing import TYPE_CHECKING

from coodie_drivers.testing.frames import RESULT
from coodie_drivers.testing.proxy.frames import make_frame, reply_to
from coodie_drivers.testing.proxy.rows import read_rows

if TYPE_CHECKING:
    from coodie_drivers.testing.proxy.frames import Frame

_KEPT = 1_000
_SERIAL_BYTES = 8


class WithheldRows:
    """The rows that were withheld, by the paging state that stands for them."""

    def __init__(self) -> None:
        """Start with none; the paging states are of this object's own."""
        self._prefix = b"withheld" + os.urandom(8)
        self._made = 0
        self._kept: OrderedDict[bytes, tuple[int, bytes]] = OrderedDict()

    def shorten(self, reply: Frame, count: int) -> Frame:
        """A page of at most `count` rows with more to come, in place of a reply that holds more.

        What holds no more, or no rows at all, stays as it is; but a page can be emptied (`count` 0) of no rows.
        """
        page = read_rows(reply)
        if page is None or (count and len(page.rows) <= count):
            return reply
        self._made += 1
        state = self._prefix + self._made.to_bytes(_SERIAL_BYTES, "big")
        self._kept[state] = reply.flags, page.after(count).encoded()
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        body = page.first(count, state).encoded()
        return make_frame(reply.version, reply.flags, reply.stream, RESULT, body)

    def answer(self, request: Frame) -> Frame | None:
        """The reply with the withheld rows, to a request that continues where these begin; else None."""
        # The paging state stands somewhere behind the values; it is as good as impossible in one.
        at = request.content.find(self._prefix) if self._kept else -1
        if at < 0:
            return None
        kept = self._kept.get(request.content[at : at + len(self._prefix) + _SERIAL_BYTES])
        return reply_to(request, RESULT, kept[1], kept[0]) if kept else None
