"""The levels of a connection, as they are sent: a server of one datacenter would answer alike at all of them."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import BatchRequest, statement_of
from coodie_drivers.testing.proxy import Action

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.proxy import FaultProxy, Passage

    Connect = Callable[..., Any]
    Ask = Callable[[str], list[dict[str, object]]]

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter, pytest.mark.usefixtures("calm")]

ONE, QUORUM, LOCAL_SERIAL = 0x01, 0x04, 0x09
VALUES, PAGE_SIZE, PAGING_STATE, SERIAL = 0x01, 0x04, 0x08, 0x10
FLAGS_ARE_LONG = 5


class Bytes:
    """What a request says, read from its front; native protocol v5, sections 4.1.4 to 4.1.7."""

    def __init__(self, body: bytes) -> None:
        self._body, self._at = body, 0

    def take(self, size: int) -> bytes:
        self._at += size
        return self._body[self._at - size : self._at]

    def number(self, form: str) -> int:
        (found,) = struct.unpack(f">{form}", self.take(struct.calcsize(form)))
        return int(found)

    def value(self) -> None:
        self.take(max(0, self.number("i")))


def levels_of(opcode: str, version: int, content: bytes) -> tuple[int, int | None]:
    """The level and the serial level of a request, in numbers of the protocol; None for the server's own."""
    body = Bytes(content)
    if opcode == "BATCH":
        body.take(1)
        for _ in range(body.number("H")):
            prepared = body.take(1) == b"\1"
            body.take(body.number("H" if prepared else "i"))
            for _ in range(body.number("H")):
                body.value()
    else:
        for _ in range(2 if version >= FLAGS_ARE_LONG else 1):  # of the statement, and of what its rows look like
            body.take(body.number("H"))
    level, flags = body.number("H"), body.number("I" if version >= FLAGS_ARE_LONG else "B")
    if opcode != "BATCH":
        for _ in range(body.number("H") if flags & VALUES else 0):
            body.value()
        if flags & PAGE_SIZE:
            body.take(4)
        if flags & PAGING_STATE:
            body.value()
    return level, body.number("H") if flags & SERIAL else None


@pytest.mark.parametrize(("given", "sent"), [({}, None), ({"serial_consistency": "LOCAL_SERIAL"}, LOCAL_SERIAL)])
def test_the_levels_of_a_connection_are_sent(
    proxy: FaultProxy, connect: Connect, ask: Ask, cql_module_keyspace: str, given: dict[str, str], sent: int | None
) -> None:
    table = f"{cql_module_keyspace}.levels"
    ask(f"CREATE TABLE IF NOT EXISTS {table} (id int PRIMARY KEY, note text)")
    seen: list[tuple[int, int | None]] = []

    def note(passage: Passage) -> None:
        frame = passage.frame
        name = {0x0A: "EXECUTE", 0x0D: "BATCH"}[frame.opcode]
        seen.append(levels_of(name, frame.version & 0x7F, frame.body))
        passage.send_on(frame)

    driver = connect(consistency="QUORUM", **given)
    insert = f"INSERT INTO {table} (id, note) VALUES (?, ?) IF NOT EXISTS"
    driver.execute(insert, [0, "prepared"])
    with (
        proxy.rules.add(Action("noted", "request", note), opcode="EXECUTE", text=table),
        proxy.rules.add(Action("noted", "request", note), opcode="BATCH", text=table),
    ):
        driver.execute(insert, [1, "x"])
        driver.execute(insert, [1, "x"], "ONE")
        driver.send(BatchRequest([(statement_of(insert), [2, "x"])]))
    assert seen == [(QUORUM, sent), (ONE, sent), (QUORUM, sent)]
