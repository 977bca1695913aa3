"""Pages that the proxy has divided: what it withheld of one is the answer to the request for the next."""

from __future__ import annotations

import os
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coodie_drivers.testing.frames import RESULT
from coodie_drivers.testing.proxy.continuing import continuing
from coodie_drivers.testing.proxy.frames import make_frame, reply_to
from coodie_drivers.testing.proxy.rows import read_rows

if TYPE_CHECKING:
    from coodie_drivers.testing.proxy.frames import Frame

_KEPT = 1_000
_SERIAL_BYTES = 8


@dataclass(frozen=True)
class _Withheld:
    """Rows that were withheld.

    Attributes:
        asked: the statement and its values, whose rows they are; None where they are not known.
        flags: the flags of the reply.
        body: the reply with these rows.
        paging_state: where the node's own page begins in which they are.
        passed: how many rows of that page come before them.
    """

    asked: bytes | None
    flags: int
    body: bytes
    paging_state: bytes | None
    passed: int


class WithheldRows:
    """The rows that were withheld, by the paging state that stands for them."""

    def __init__(self) -> None:
        """Start with none; the paging states are of this object's own."""
        self._prefix = b"withheld" + os.urandom(8)
        self._made = 0
        self._kept: OrderedDict[bytes, _Withheld] = OrderedDict()

    def shorten(self, reply: Frame, count: int, request: Frame | None = None) -> Frame:
        """A page of at most `count` rows with more to come, in place of a reply that holds more.

        What holds no more, or no rows at all, stays as it is; but a page can be emptied (`count` 0) of no rows.
        """
        page = read_rows(reply)
        if page is None or (count and len(page.rows) <= count):
            return reply
        self._made += 1
        state = self._prefix + self._made.to_bytes(_SERIAL_BYTES, "big")
        asked = None if request is None else continuing(request)
        begins, passed = None if asked is None else asked.paging_state, count
        if asked is not None and (before := self._kept.get(begins or b"")) is not None:
            begins, passed = before.paging_state, before.passed + count
        rest = page.after(count).encoded()
        self._kept[state] = _Withheld(None if asked is None else asked.asked, reply.flags, rest, begins, passed)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        body = page.first(count, state).encoded()
        return make_frame(reply.version, reply.flags, reply.stream, RESULT, body)

    def answer(self, request: Frame) -> Frame | None:
        """The reply with the withheld rows, to a request that continues where these begin; else None."""
        kept = self._continued(request)
        if kept is None or self._is_other(request, kept):
            return None
        return reply_to(request, RESULT, kept.body, kept.flags)

    def onward(self, request: Frame) -> tuple[Frame, int] | None:
        """The request to the node for such rows of another statement, and how many of the answer come before them.

        A client may ask for the same page with other columns, or in another form; None where it does not.
        """
        kept = self._continued(request)
        asked = continuing(request) if kept is not None and self._is_other(request, kept) else None
        return None if kept is None or asked is None else (asked.at(kept.paging_state), kept.passed)

    def _continued(self, request: Frame) -> _Withheld | None:
        # The paging state stands somewhere behind the values; it is as good as impossible in one.
        at = request.content.find(self._prefix) if self._kept else -1
        return None if at < 0 else self._kept.get(request.content[at : at + len(self._prefix) + _SERIAL_BYTES])

    @staticmethod
    def _is_other(request: Frame, kept: _Withheld) -> bool:
        asked = continuing(request)
        return asked is not None and kept.asked is not None and asked.asked != kept.asked


def without_first(reply: Frame, count: int) -> Frame:
    """A page without its first rows; what holds no rows stays as it is."""
    page = read_rows(reply) if count else None
    if page is None:
        return reply
    return make_frame(reply.version, reply.flags, reply.stream, RESULT, page.after(count).encoded())
