"""One client's connection and the one to the node behind it: every message is read, judged by the rules and sent on."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from coodie_drivers.testing.errors import NodeError
from coodie_drivers.testing.frames import ERROR
from coodie_drivers.testing.proxy import messages
from coodie_drivers.testing.proxy.addresses import may_tell_addresses
from coodie_drivers.testing.proxy.error_replies import Asked, protocol_error
from coodie_drivers.testing.proxy.faults import BrokenStreamError
from coodie_drivers.testing.proxy.frames import Frame, FrameReader, encoded, make_frame, reply_to
from coodie_drivers.testing.proxy.pages import WithheldRows, without_first
from coodie_drivers.testing.proxy.rules import Passing, Rules
from coodie_drivers.testing.proxy.traffic import Passed, Traffic

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.proxy.actions import Action, Direction
    from coodie_drivers.testing.proxy.addresses import Addresses


@dataclass
class Memory:
    """What all connections of a proxy share.

    Attributes:
        rules: what is done with which messages.
        traffic: the log.
        prepared: the text of each prepared statement by its id.
        withheld: the rows of divided pages.
    """

    rules: Rules = field(default_factory=Rules)
    traffic: Traffic = field(default_factory=Traffic)
    prepared: dict[bytes, str] = field(default_factory=dict[bytes, str])
    withheld: WithheldRows = field(default_factory=WithheldRows)


class Side(asyncio.Protocol):
    """One end of a relay: the connection of the client, or the one to the node."""

    def __init__(self, handle: Callable[[Frame], None], relay: Relay) -> None:
        """Hand each frame that arrives to `handle`."""
        self.reader = FrameReader()
        self.transport: asyncio.Transport | None = None
        self._handle = handle
        self._relay = relay
        self._waiting: list[Frame] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, and send what had to wait for it."""
        self.transport = cast("asyncio.Transport", transport)
        self._relay.connected(self)
        self.flush()

    def data_received(self, data: bytes) -> None:
        """Handle the frames that are whole now; send on, together, what becomes of them."""
        self.reader.feed(data)
        try:
            for frame in self.reader.frames():
                self._handle(frame)
                if self._relay.is_cut:
                    break
        except BrokenStreamError:
            self._relay.cut()
        self._relay.flush()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """End the other connection too."""
        self._relay.lost(self)

    def pause_writing(self) -> None:
        """Read nothing more from the other end while this one does not take what is there."""
        self._relay.pause(self)

    def resume_writing(self) -> None:
        """Read from the other end again."""
        self._relay.resume(self)

    def send(self, frame: Frame) -> None:
        """Send a frame with the next `flush`."""
        self._waiting.append(frame)

    def flush(self) -> None:
        """Send what waits, as soon as there is a connection."""
        if self._waiting and self.transport is not None:
            if not self.transport.is_closing():
                self.transport.write(encoded(self._waiting, segmented=self.reader.segmented))
            self._waiting.clear()


@dataclass(frozen=True)
class Exchange:
    """A request that waits for its reply."""

    request: Frame
    text: str
    passed: int = 0
    """How many rows of the reply the client has got already, in a page that was divided for another statement."""


class Relay:
    """Passes messages between one client and one node, until either ends the connection.

    Attributes:
        client: the connection of the client.
        node: the connection to the node.
        host: the address of the proxy.
        is_cut: whether nothing passes any more.
    """

    def __init__(self, host: str, addresses: Addresses, memory: Memory, ended: Callable[[Relay], None]) -> None:
        """Relay for the proxy at `host`; `ended` is called when both connections are gone."""
        self.client = Side(self._request, self)
        self.node = Side(self._reply, self)
        self.host = host
        self._addresses = addresses
        self._memory = memory
        self._ended = ended
        self._exchanges: dict[int, Exchange] = {}
        self._open: set[Side] = set()
        self.is_cut = False

    @property
    def is_open(self) -> bool:
        """Whether either connection is there."""
        return bool(self._open)

    def connected(self, side: Side) -> None:
        """Take note of a connection; one that comes too late ends."""
        self._open.add(side)
        if self.is_cut:
            self.cut()

    def lost(self, side: Side) -> None:
        """End the other connection when it has sent what it has; take note when none is left."""
        self.is_cut = True
        self._open.discard(side)
        for other in self._open:
            if other.transport is not None:
                other.transport.close()
        if not self._open:
            self._ended(self)

    def cut(self) -> None:
        """End both connections; what came before this has been sent on, and what comes behind it is lost."""
        self.flush()
        self.is_cut = True
        for side in self._open:
            if side.transport is not None:
                side.transport.abort()

    def pause(self, side: Side) -> None:
        """Read nothing from the end that `side` is written from."""
        other = self._other(side).transport
        if other is not None and not other.is_closing():
            other.pause_reading()

    def resume(self, side: Side) -> None:
        """Read again from the end that `side` is written from."""
        other = self._other(side).transport
        if other is not None and not other.is_closing():
            other.resume_reading()

    def flush(self) -> None:
        """Send what waits in both directions."""
        self.client.flush()
        self.node.flush()

    def send_to_node(self, frame: Frame) -> None:
        """Send a request on."""
        self.node.send(frame)

    def send_to_client(self, frame: Frame) -> None:
        """Send a reply on; the one that makes the connection ready is the last without segments."""
        self.client.send(frame)
        if frame.opcode in {messages.READY, messages.AUTHENTICATE} and messages.travels_in_segments(frame):
            self.flush()
            self.client.reader.segmented = self.node.reader.segmented = True

    def _request(self, frame: Frame) -> None:
        text = messages.statement_text(frame, self._memory.prepared)
        exchange = self._exchanges[frame.stream] = Exchange(frame, text)
        action = self._judged("request", frame, exchange)
        if action is not None:
            action.act(MessagePassage(self, self._memory, frame, exchange.request))
            return
        if frame.opcode == messages.STARTUP and messages.asks_for_compression(frame):
            refused = protocol_error("compression is not offered here: the fault proxy does not read it")
            self.send_to_client(reply_to(frame, ERROR, refused.body(Asked(frame.version))))
            return
        withheld = self._memory.withheld.answer(frame)
        if withheld is not None:
            self._reply(withheld)
            return
        onward = self._memory.withheld.onward(frame)
        if onward is not None:
            frame, passed = onward
            self._exchanges[frame.stream] = Exchange(exchange.request, text, passed)
        self.send_to_node(frame)

    def _reply(self, frame: Frame) -> None:
        exchange = self._exchanges.pop(frame.stream, None)
        frame = self._translated(frame, exchange)
        if exchange is not None:
            frame = without_first(frame, exchange.passed)
        action = self._judged("reply", frame, exchange)
        if action is None:
            self.send_to_client(frame)
        else:
            asked = exchange.request if exchange is not None else None
            action.act(MessagePassage(self, self._memory, frame, asked))

    def _translated(self, frame: Frame, exchange: Exchange | None) -> Frame:
        """The message as clients of the proxy must see it; what is prepared by it is remembered."""
        # What is malformed passes as it is: what to make of it is up to the client.
        with contextlib.suppress(NodeError):
            body = self._new_body(frame, exchange)
            if body is not None:
                return make_frame(frame.version, frame.flags, frame.stream, frame.opcode, body)
        return frame

    def _new_body(self, frame: Frame, exchange: Exchange | None) -> bytes | None:
        if frame.opcode == messages.EVENT:
            return self._addresses.in_event(frame)
        if frame.opcode == messages.SUPPORTED:
            return messages.offers_plain_frames(frame)
        if exchange is None:
            return None
        if exchange.request.opcode == messages.PREPARE:
            made = messages.prepared_id(frame)
            if made is not None:
                self._memory.prepared[made] = exchange.text
            return None
        return self._addresses.in_rows(frame) if may_tell_addresses(exchange.text) else None

    def _judged(self, direction: Direction, frame: Frame, exchange: Exchange | None) -> Action | None:
        asked = exchange.request.opcode if exchange is not None else frame.opcode
        text = exchange.text if exchange is not None else _told(frame)
        action = self._memory.rules.action_on(Passing(direction, messages.opcode_name(asked), text, self.host))
        name = action.name if action is not None else None
        self._memory.traffic.add(Passed(direction, self.host, messages.opcode_name(frame.opcode), text, name))
        return action

    def _other(self, side: Side) -> Side:
        return self.node if side is self.client else self.client


class MessagePassage:
    """One message on its way through a relay: what an action works with."""

    def __init__(self, relay: Relay, memory: Memory, frame: Frame, request: Frame | None) -> None:
        """The message is `request` itself, or what came for it."""
        self.frame = frame
        self.request = request
        self.withheld = memory.withheld
        self._relay = relay

    def send_on(self, frame: Frame) -> None:
        """Send a message where this one is going."""
        if self.frame is self.request:
            self._relay.send_to_node(frame)
        else:
            self._relay.send_to_client(frame)

    def send_later(self, seconds: float) -> None:
        """Send this message where it is going after a while."""

        def send() -> None:
            self.send_on(self.frame)
            self._relay.flush()

        asyncio.get_running_loop().call_later(seconds, send)

    def send_to_client(self, frame: Frame) -> None:
        """Send a message to the client."""
        self._relay.send_to_client(frame)

    def cut(self) -> None:
        """End the client's connection, and that to the node."""
        self._relay.cut()


def _told(frame: Frame) -> str:
    with contextlib.suppress(NodeError):
        return messages.event_text(frame) if frame.opcode == messages.EVENT else ""
    return ""
