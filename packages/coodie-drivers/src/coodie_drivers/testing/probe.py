"""A tiny client of the native protocol, version 4: enough to ask a node whether it answers, and to make a keyspace.

Needed so that this kit works with every client library, and with none. It sends text, takes one page, and knows no
compression. The frames are those of `native_protocol_v4.spec`, sections 2 to 6.
"""

from __future__ import annotations

import socket
import struct
import time
from typing import TYPE_CHECKING

from coodie_drivers.testing.errors import CqlAnswerError, NodeError
from coodie_drivers.testing.frames import (
    AUTH_RESPONSE,
    AUTH_SUCCESS,
    AUTHENTICATE,
    ERROR,
    ONE,
    QUERY,
    READY,
    RESULT,
    STARTUP,
    Body,
    password_body,
    query_body,
    string_map,
)

if TYPE_CHECKING:
    from ssl import SSLContext
    from types import TracebackType

    from typing_extensions import Self

Row = dict[str, object]

_REQUEST = 0x04
_HEADER = struct.Struct(">BBhBI")
_ROWS = 0x0002
_AGREEMENT_PAUSE = 0.02


class Probe:
    """One connection to one node.

    ```python
    with Probe("127.0.0.1", 9042) as probe:
        probe.rows("SELECT release_version FROM system.local")  # [{'release_version': '5.0.9'}]
    ```

    Args:
        host: where the node listens.
        port: where it listens for clients.
        timeout: how many seconds every step may take.
        tls: how to encrypt; plain text without it.
        login: the name and the password, for a node that asks for them.

    Raises:
        OSError: nothing listens there, or the node stopped answering, or TLS was refused by either side.
        CqlAnswerError: the node answered with an error, as it does to a wrong password.
        NodeError: what answers does not speak the protocol, or wants a login and none is given.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        timeout: float = 30.0,
        tls: SSLContext | None = None,
        login: tuple[str, str] | None = None,
    ) -> None:
        """Connect, introduce and log in."""
        self._address = f"{host}:{port}"
        self._login = login
        self._socket = socket.create_connection((host, port), timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if tls is not None:
                self._socket = tls.wrap_socket(self._socket, server_hostname=host)
            self._introduce()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        """Give the connection itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the connection; closing twice is fine."""
        self._socket.close()

    def execute(self, cql: str) -> None:
        """Run one statement whose answer does not matter."""
        self.rows(cql)

    def rows(self, cql: str, consistency: int = ONE) -> list[Row]:
        """The first page of a statement's rows by column name; empty where the statement has none.

        Text, integers and booleans become Python values, anything else stays as the bytes that were sent.
        """
        _, body = self._ask(QUERY, query_body(cql, consistency))
        return body.rows() if body.integer() == _ROWS else []

    def agree(self, *, timeout: float = 30.0) -> None:
        """Wait until every node that is up has the same schema.

        Raises:
            NodeError: they did not agree within `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        while True:
            seen = self.rows("SELECT schema_version FROM system.local")
            seen += self.rows("SELECT schema_version FROM system.peers")
            versions = {row["schema_version"] for row in seen} - {None}
            if len(versions) <= 1:
                return
            if time.monotonic() > deadline:
                message = f"the nodes did not agree on the schema within {timeout:g} s; is one of them down?"
                raise NodeError(message)
            time.sleep(_AGREEMENT_PAUSE)

    def _introduce(self) -> None:
        answer, _ = self._ask(STARTUP, string_map({"CQL_VERSION": "3.0.0"}))
        if answer == AUTHENTICATE and self._login is not None:
            answer, _ = self._ask(AUTH_RESPONSE, password_body(*self._login))
        if answer not in {READY, AUTH_SUCCESS}:
            raise NodeError(f"the node at {self._address} wants a login; this kit needs one without authentication")

    def _ask(self, opcode: int, body: bytes) -> tuple[int, Body]:
        self._socket.sendall(_HEADER.pack(_REQUEST, 0, 0, opcode, len(body)) + body)
        version, flags, _, answer, length = _HEADER.unpack(self._receive(_HEADER.size))
        if not version & 0x80:
            message = f"what listens at {self._address} does not speak the Cassandra native protocol"
            raise NodeError(message)
        content = Body(self._receive(length), flags)
        if answer == ERROR:
            raise CqlAnswerError(content.integer(), content.string())
        if opcode == QUERY and answer != RESULT:
            message = f"the node at {self._address} answered a query with opcode 0x{answer:02X}"
            raise NodeError(message)
        return answer, content

    def _receive(self, length: int) -> bytes:
        received = bytearray()
        while len(received) < length:
            part = self._socket.recv(length - len(received))
            if not part:
                message = f"the node at {self._address} closed the connection"
                raise ConnectionError(message)
            received += part
        return bytes(received)
