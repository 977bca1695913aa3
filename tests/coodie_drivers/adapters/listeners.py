"""Those who listen on a port of this machine, and answer as a node does, up to a point."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import closing, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ERROR, STARTUP, READY, AUTHENTICATE, OPTIONS, SUPPORTED = 0x00, 0x01, 0x02, 0x03, 0x05, 0x06
QUERY, REGISTER, AUTH_RESPONSE = 0x07, 0x0B, 0x0F
"""Kinds of messages, native protocol v4 section 2.4."""

Answer = tuple[int, bytes]


class Listener:
    """Somebody who listens on a port of this machine and does one thing with all who connect.

    Attributes:
        host: where, as `init_coodie` takes it.
        ended: how many of those who connected have hung up, or been hung up on.
    """

    def __init__(self, speak: Callable[[socket.socket], object], address: str = "127.0.0.1") -> None:
        self._speak = speak
        self._socket = socket.create_server((address, 0))
        self.host = f"{address}:{self._socket.getsockname()[1]}"
        self.ended = 0
        self._guests: list[socket.socket] = []
        self._serving = threading.Thread(target=self._serve, daemon=True)
        self._serving.start()

    @property
    def open(self) -> int:
        """How many of those who connected are connected yet."""
        return len(self._guests) - self.ended

    def close(self) -> None:
        """Hang up, and end the thread: a close alone would leave it waiting for ever."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._serving.join()
        self._socket.close()
        for guest in self._guests:
            with suppress(OSError):
                guest.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        with suppress(OSError):  # closed
            while True:
                guest, _ = self._socket.accept()
                self._guests.append(guest)
                threading.Thread(target=self._entertain, args=(guest,), daemon=True).start()

    def _entertain(self, guest: socket.socket) -> None:
        with closing(guest), suppress(OSError):
            self._speak(guest)
        self.ended += 1


def stay_silent(guest: socket.socket) -> None:
    while guest.recv(1_000):
        pass


def answering(*kinds: int) -> Callable[[socket.socket], None]:
    """Be a node that answers messages of these kinds, and no others: it comes no further than to open connections."""

    def answer(kind: int, _: bytes) -> Answer | None:
        if kind not in kinds:
            return None
        return supported() if kind == OPTIONS else (READY, b"")

    def speak(guest: socket.socket) -> None:
        converse(guest, answer)

    return speak


def ask_for_login(guest: socket.socket) -> None:
    """Be a node that nobody may log in to."""

    def answer(kind: int, _: bytes) -> Answer:
        if kind == OPTIONS:
            return supported()
        if kind == AUTH_RESPONSE:
            return refused(0x0100, b"Provided username secret-user and/or password are incorrect")
        name = b"org.apache.cassandra.auth.PasswordAuthenticator"
        return AUTHENTICATE, struct.pack(">H", len(name)) + name

    converse(guest, answer)


def converse(guest: socket.socket, answer: Callable[[int, bytes], Answer | None]) -> None:
    """Give each message of the protocol's version 4 its answer, where it has one."""
    while len(header := guest.recv(9, socket.MSG_WAITALL)) == 9:
        version, _, stream, kind, length = struct.unpack(">BBhBi", header)
        body = guest.recv(length, socket.MSG_WAITALL) if length else b""
        found = answer(kind, body) if version == 4 else refused(0x0A, OTHER_VERSION)
        if found is not None:
            guest.sendall(struct.pack(">BBhBi", 0x84, 0, stream, found[0], len(found[1])) + found[1])


OTHER_VERSION = b"Invalid or unsupported protocol version; the lowest supported version is 3 and the greatest 4"


def refused(code: int, sentence: bytes) -> Answer:
    return ERROR, struct.pack(">iH", code, len(sentence)) + sentence


def supported() -> Answer:
    return SUPPORTED, b"\x00\x02\x00\x0bCQL_VERSION\x00\x01\x00\x053.4.5\x00\x0bCOMPRESSION\x00\x00"
