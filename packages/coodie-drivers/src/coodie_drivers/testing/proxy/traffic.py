"""The log of what passed a proxy: kinds of messages and texts of statements, never bound values."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from coodie_drivers.testing.proxy.rules import known_opcodes

if TYPE_CHECKING:
    from coodie_drivers.testing.proxy.actions import Direction

_KEPT = 10_000


class Passed(NamedTuple):
    """One message that came to the proxy.

    Attributes:
        direction: whether it came from the client or from the node.
        host: the address of the proxy.
        opcode: its kind.
        text: the text of the statement that it runs or answers, or what an event tells.
        action: what was done with it; None where it passed unchanged.
    """

    direction: Direction
    host: str
    opcode: str
    text: str
    action: str | None


class Traffic:
    """What passed, the newest 10,000 messages of it."""

    def __init__(self) -> None:
        """Start empty."""
        self._passed: deque[Passed] = deque(maxlen=_KEPT)

    def __len__(self) -> int:
        return len(self._passed)

    def add(self, passed: Passed) -> None:
        """Take note of a message."""
        self._passed.append(passed)

    def requests(self, opcode: str | None = None, text: str = "") -> list[Passed]:
        """What clients sent, of one kind where it is given, and with this in the statement's text.

        Raises:
            ConfigurationError: there is no such kind.
        """
        return self._found("request", opcode, text)

    def replies(self, opcode: str | None = None, text: str = "") -> list[Passed]:
        """What nodes sent, events among it, of one kind where it is given, and with this in the statement's text.

        Raises:
            ConfigurationError: there is no such kind.
        """
        return self._found("reply", opcode, text)

    def clear(self) -> None:
        """Forget what passed so far."""
        self._passed.clear()

    def _found(self, direction: Direction, opcode: str | None, text: str) -> list[Passed]:
        if opcode is not None:
            known_opcodes(opcode)
        # A copy, in one step: more may pass while it is looked through.
        return [
            passed
            for passed in self._passed.copy()
            if passed.direction == direction and opcode in {None, passed.opcode} and text in passed.text
        ]
