"""What a rule does to a message that passes: lose it, delay it, cut the connection, answer for the node.

A request is acted upon before the node has it, a reply after the node has executed what was asked.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from coodie_drivers.arguments import seconds_fault
from coodie_drivers.errors import ConfigurationError
from coodie_drivers.testing.frames import ERROR
from coodie_drivers.testing.proxy.error_replies import Asked, ErrorReply
from coodie_drivers.testing.proxy.frames import HEADER, Frame, reply_to
from coodie_drivers.testing.proxy.messages import prepared_ids

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.proxy.pages import WithheldRows

Direction = Literal["request", "reply"]

_LENGTH_AT = 5
_LONGEST = 0xFFFFFFFF


class Passage(Protocol):
    """One message on its way through the proxy, and what can be done with it."""

    @property
    def frame(self) -> Frame:
        """The message itself; one that is not sent on is lost."""
        ...

    @property
    def request(self) -> Frame | None:
        """What the client asked; None for an event, which answers nothing."""
        ...

    @property
    def withheld(self) -> WithheldRows:
        """The rows of divided pages."""
        ...

    def send_on(self, frame: Frame) -> None:
        """Send a message where this one is going."""
        ...

    def send_later(self, seconds: float) -> None:
        """Send this message where it is going after a while; others overtake it."""
        ...

    def send_to_client(self, frame: Frame) -> None:
        """Send a message to the client."""
        ...

    def cut(self) -> None:
        """End the client's connection, and that to the node."""
        ...


@dataclass(frozen=True)
class Action:
    """What is done with the messages that a rule chooses.

    Attributes:
        name: what it is called in the log.
        direction: whether requests are acted upon, on their way to the node, or replies and events.
        act: does it.
    """

    name: str
    direction: Direction
    act: Callable[[Passage], None] = field(repr=False)


def drop_request() -> Action:
    """Lose the request: the node never sees it, and the client waits in vain."""
    return Action("drop_request", "request", _nothing)


def drop_reply() -> Action:
    """Lose the reply: the node has executed the request, and the client does not learn of it.

    With `opcode="EVENT"` the node's events are withheld.
    """
    return Action("drop_reply", "reply", _nothing)


def delay_request(seconds: float) -> Action:
    """Deliver the request later; what else is sent on the connection overtakes it."""
    _check_seconds(seconds)
    return Action("delay_request", "request", lambda passage: passage.send_later(seconds))


def delay_reply(seconds: float) -> Action:
    """Deliver the reply later; what else is answered on the connection overtakes it."""
    _check_seconds(seconds)
    return Action("delay_reply", "reply", lambda passage: passage.send_later(seconds))


def _check_seconds(seconds: object) -> None:
    """Refuse a time to wait that is none.

    Raises:
        ConfigurationError: says what it takes.
    """
    fault = seconds_fault(seconds, least="from 0")
    if fault is not None:
        message = f"a delay takes seconds, a number {fault}"
        raise ConfigurationError(message)


def cut_before() -> Action:
    """Cut the client's connection in place of delivering the request: the node never sees it."""
    return Action("cut_before", "request", lambda passage: passage.cut())


def cut_after() -> Action:
    """Cut the client's connection in place of delivering the reply: the node has executed the request."""
    return Action("cut_after", "reply", lambda passage: passage.cut())


def answer(error: ErrorReply, *, delivered: bool = False) -> Action:
    """Answer with an error of `coodie_drivers.testing.proxy.error_replies`.

    Args:
        error: the error.
        delivered: whether the node executes the request all the same, so that the error takes its reply's place.

    Raises:
        ConfigurationError: `error` is none.
    """
    _check_error(error)

    def act(passage: Passage) -> None:
        request = passage.request
        if request is None:
            passage.send_on(passage.frame)
            return
        asked = Asked(request.version, prepared_ids(request))
        passage.send_to_client(reply_to(request, ERROR, error.body(asked)))

    return Action(f"answer(0x{error.code:04X})", "reply" if delivered else "request", act)


def empty_page() -> Action:
    """Give a page without rows and with more to come; the rows are the next page.

    That page is a reply like any other: a rule without an end would empty it too, and so on.
    """
    return Action("empty_page", "reply", lambda passage: _shorten(passage, 0))


def short_page(rows: int) -> Action:
    """Give pages of at most `rows` rows; what a page had beyond them is the next one.

    Raises:
        ConfigurationError: `rows` is not above 0.
    """
    _check_rows(rows)
    return Action("short_page", "reply", lambda passage: _shorten(passage, rows))


def _shorten(passage: Passage, rows: int) -> None:
    passage.send_on(passage.withheld.shorten(passage.frame, rows, passage.request))


def corrupt_length(length: int = 0x7FFFFFFF, *, direction: Direction = "reply") -> Action:
    """Send the message with a length in its header that its body does not have.

    Args:
        length: what the header says.
        direction: whether the node gets it, as a request, or the client, as a reply.

    Raises:
        ConfigurationError: a header has no room for `length`.
    """
    if not 0 <= length <= _LONGEST:
        message = f"a frame's header has no room for the length {length}; it is a number from 0 to {_LONGEST}"
        raise ConfigurationError(message)

    def act(passage: Passage) -> None:
        content = passage.frame.content
        passage.send_on(Frame(content[:_LENGTH_AT] + struct.pack(">I", length) + content[HEADER.size :]))

    return Action("corrupt_length", direction, act)


def _check_error(error: object) -> None:
    if not isinstance(error, ErrorReply):
        called = f": call it, {getattr(error, '__name__', 'overloaded')}()" if callable(error) else ""
        message = f"answer takes what overloaded() and the like return, not {type(error).__name__}{called}"
        raise ConfigurationError(message)


def _check_rows(rows: object) -> None:
    if isinstance(rows, bool) or not isinstance(rows, int) or rows <= 0:
        message = f"a page of {rows!r} rows is none; use empty_page() for pages without rows"
        raise ConfigurationError(message)


def _nothing(_: Passage) -> None:
    """Send nothing on."""
