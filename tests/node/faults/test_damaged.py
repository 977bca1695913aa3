"""Answers that are damaged inside: lengths, names and types that are not what the node sent."""

from __future__ import annotations

import struct
import time
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import errors
from coodie_drivers.testing import proxy as faults
from coodie_drivers.testing.proxy import Action
from coodie_drivers.testing.proxy.frames import make_frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.proxy import FaultProxy, Passage

    Ask = Callable[[str], list[dict[str, object]]]

pytestmark = [
    pytest.mark.node,
    pytest.mark.adapter,
    pytest.mark.every_adapter,
    pytest.mark.usefixtures("calm"),
    pytest.mark.excepted(driver_type="acsylla", reason="the C++ driver believes every length, and the process ends"),
]

COUNTS = 12
"""Bytes before the metadata: the Rust driver asks for as much memory as the number of columns before it tells."""

LENGTHS = (0x7FFFFFFF, 0xFFFFFFFE, 0x00FFFFFF, 0x00000100)


@pytest.fixture(scope="module")
def table(ask: Ask, cql_module_keyspace: str) -> str:
    """A table with one row, whose values have lengths inside."""
    name = f"{cql_module_keyspace}.damaged"
    ask(
        f"CREATE TABLE {name} (id int PRIMARY KEY, note text, tags list<text>, marks map<text, int>, "
        "price decimal, place frozen<tuple<int, text>>)"
    )
    ask(
        f"INSERT INTO {name} (id, note, tags, marks, price, place) "
        "VALUES (1, 'a note', ['x', 'yy'], {'k': 1}, 1.25, (1, 'z'))"
    )
    return name


def overwritten(at: int, number: int) -> Action:
    """Write four other bytes into the answer."""

    def act(passage: Passage) -> None:
        frame = passage.frame
        body = frame.body[:at] + struct.pack(">I", number) + frame.body[at + 4 :]
        passage.send_on(make_frame(frame.version, frame.flags, frame.stream, frame.opcode, body))

    return Action("overwritten", "reply", act)


def measured(sizes: list[int]) -> Action:
    """Note how long the answer is."""

    def act(passage: Passage) -> None:
        sizes.append(len(passage.frame.body))
        passage.send_on(passage.frame)

    return Action("measured", "reply", act)


@pytest.mark.parametrize("columns", ["*", "id, note, tags, marks, price, place"])
def test_what_is_damaged_inside_an_answer_harms_that_answer_alone(
    through: Any, proxy: FaultProxy, table: str, columns: str
) -> None:
    cql, sizes = f"SELECT {columns} FROM {table} WHERE id = ?", list[int]()
    right, outcomes = through.execute(cql, [1]), {"not_applied"}
    with proxy.rules.add(measured(sizes), opcode="EXECUTE", text=cql):
        assert through.execute(cql, [1]) == right
    proxy.traffic.clear()
    for at in range(COUNTS, sizes[0] - 3):
        for number in LENGTHS:
            began = time.monotonic()
            with proxy.rules.add(overwritten(at, number), opcode="EXECUTE", text=cql, when=faults.first(1)) as rule:
                try:
                    through.execute(cql, [1])
                except (errors.DriverError, errors.InvalidRequestError) as error:  # no column may have such a name
                    outcomes.add(error.outcome)
            assert rule.hits == 1
            assert time.monotonic() - began < 5
            assert through.execute(cql, [1]) == right
    assert outcomes == {"not_applied"}
    assert proxy.traffic.replies("READY") == []  # nobody had to connect anew
