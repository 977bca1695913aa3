from __future__ import annotations

import socket
import struct
import threading
from typing import TYPE_CHECKING, Protocol

import pytest

from coodie_drivers.testing.errors import CqlAnswerError, NodeError
from coodie_drivers.testing.probe import Probe

if TYPE_CHECKING:
    from collections.abc import Iterator

ERROR, AUTHENTICATE, RESULT, AUTH_SUCCESS = 0x00, 0x03, 0x08, 0x10


class Stub(Protocol):
    host: str
    port: int
    statements: list[str]
    answers: dict[str, tuple[int, bytes]]
    greeting: tuple[int, bytes]


def text(value: str) -> bytes:
    return struct.pack(">H", len(value)) + value.encode()


def value(content: bytes | None) -> bytes:
    return struct.pack(">i", -1) if content is None else struct.pack(">i", len(content)) + content


def option(kind: int, inner: bytes = b"") -> bytes:
    return struct.pack(">H", kind) + inner


# Column, its type as the protocol writes it, what is sent, what is read.
COLUMNS = [
    ("a", option(0x0D), b"text", "text"),
    ("b", option(0x01), b"ascii", "ascii"),
    ("c", option(0x09), struct.pack(">i", -5), -5),
    ("d", option(0x02), struct.pack(">q", 2**40), 2**40),
    ("e", option(0x04), b"\1", True),
    ("f", option(0x04), b"\0", False),
    ("g", option(0x0D), None, None),
    ("h", option(0x0C), b"0123456789abcdef", b"0123456789abcdef"),
    ("i", option(0x20, option(0x09)), b"a list", b"a list"),
    ("j", option(0x21, option(0x0D) + option(0x22, option(0x02))), b"a map", b"a map"),
    ("k", option(0x31, struct.pack(">H", 2) + option(0x09) + option(0x0D)), b"a tuple", b"a tuple"),
    ("l", option(0x30, text("k") + text("t") + struct.pack(">H", 1) + text("x") + option(0x09)), b"a type", b"a type"),
    ("m", option(0x00, text("org.apache.cassandra.db.marshal.VectorType")), b"a vector", b"a vector"),
    ("n", option(0x0D), b"last", "last"),
]


@pytest.mark.parametrize("shared_table", [True, False])
@pytest.mark.parametrize("more_pages", [True, False])
def test_rows_by_column_name(cql_stub: Stub, shared_table: bool, more_pages: bool) -> None:
    table = text("k") + text("t")
    body = struct.pack(">III", 2, shared_table | more_pages << 1, len(COLUMNS))
    body += value(b"state") if more_pages else b""
    body += table if shared_table else b""
    body += b"".join((b"" if shared_table else table) + text(name) + kind for name, kind, _, _ in COLUMNS)
    body += struct.pack(">I", 1) + b"".join(value(sent) for _, _, sent, _ in COLUMNS)
    cql_stub.answers["SELECT everything"] = (RESULT, body)
    with Probe(cql_stub.host, cql_stub.port) as probe:
        assert probe.rows("SELECT everything") == [{name: read for name, _, _, read in COLUMNS}]


def test_a_statement_without_rows(cql_stub: Stub) -> None:
    with Probe(cql_stub.host, cql_stub.port) as probe:
        assert probe.rows("TRUNCATE ü") == []
    assert cql_stub.statements == ["TRUNCATE ü"]


def test_an_error_is_raised_with_its_code_and_words_and_the_connection_goes_on(cql_stub: Stub) -> None:
    cql_stub.answers["BOGUS"] = (ERROR, struct.pack(">I", 0x2000) + text("no viable alternative"))
    with Probe(cql_stub.host, cql_stub.port) as probe:
        with pytest.raises(CqlAnswerError) as raised:
            probe.execute("BOGUS")
        assert (raised.value.code, raised.value.said) == (0x2000, "no viable alternative")
        assert str(raised.value) == "the node answered with error 0x2000: no viable alternative"
        probe.execute("TRUNCATE t")


def test_a_login_is_declined_in_words(cql_stub: Stub) -> None:
    cql_stub.greeting = (AUTHENTICATE, text("org.apache.cassandra.auth.PasswordAuthenticator"))
    with pytest.raises(NodeError, match=f"{cql_stub.port} wants a login; this kit needs one without authentication"):
        Probe(cql_stub.host, cql_stub.port)


def test_a_login_is_given_where_it_is_asked_for(cql_stub: Stub) -> None:
    cql_stub.greeting = (AUTHENTICATE, text("org.apache.cassandra.auth.PasswordAuthenticator"))
    cql_stub.answers = {
        "\0ada\0right": (AUTH_SUCCESS, value(None)),
        "\0ada\0wrong": (ERROR, struct.pack(">I", 0x0100) + text("no")),
    }
    with Probe(cql_stub.host, cql_stub.port, login=("ada", "right")) as probe:
        probe.execute("TRUNCATE t")
    with pytest.raises(CqlAnswerError) as refused:
        Probe(cql_stub.host, cql_stub.port, login=("ada", "wrong"))
    assert refused.value.code == 0x0100


@pytest.fixture
def stranger() -> Iterator[tuple[socket.socket, list[bytes]]]:
    """A server that answers the first bytes of a client with what the test puts into the list, and hangs up."""
    answers: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            client, _ = server.accept()
            with client:
                client.recv(1024)
                client.sendall(answers[0])

        threading.Thread(target=serve, daemon=True).start()
        yield server, answers


def test_what_speaks_another_protocol_is_told_from_a_node(stranger: tuple[socket.socket, list[bytes]]) -> None:
    server, answers = stranger
    answers.append(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    with pytest.raises(NodeError, match="does not speak the Cassandra native protocol"):
        Probe("127.0.0.1", int(server.getsockname()[1]))


def test_a_node_that_hangs_up_is_a_lost_connection(stranger: tuple[socket.socket, list[bytes]]) -> None:
    server, answers = stranger
    answers.append(b"\x84\0\0")
    with pytest.raises(ConnectionError, match="closed the connection"):
        Probe("127.0.0.1", int(server.getsockname()[1]))


def test_nodes_agree_when_all_that_are_up_have_one_schema(cql_stub: Stub) -> None:
    def versions(*sent: bytes | None) -> tuple[int, bytes]:
        head = struct.pack(">III", 2, 1, 1) + text("k") + text("t") + text("schema_version") + option(0x0C)
        return RESULT, head + struct.pack(">I", len(sent)) + b"".join(value(one) for one in sent)

    local, peers = "SELECT schema_version FROM system.local", "SELECT schema_version FROM system.peers"
    cql_stub.answers = {local: versions(b"a" * 16), peers: versions(b"a" * 16, None)}
    with Probe(cql_stub.host, cql_stub.port) as probe:
        probe.agree(timeout=1)
        cql_stub.answers[peers] = versions(b"b" * 16)
        with pytest.raises(NodeError, match=r"did not agree on the schema within 0\.1 s"):
            probe.agree(timeout=0.1)
