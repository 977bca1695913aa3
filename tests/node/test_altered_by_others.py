"""Tables and types that somebody else alters while prepared statements write and read them: no value is a wrong one."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pytest

from coodie_drivers import errors
from coodie_drivers.testing.probe import Probe

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from coodie_drivers.testing.sources import CqlCluster

pytestmark = [pytest.mark.node, pytest.mark.adapter]

ROUNDS = [2, pytest.param(25, marks=pytest.mark.long)]


class Clients:
    """Two threads and two event loops that write rows and read them back, as fast as they can.

    Attributes:
        wrong: what was read and had never been written.
        failed: the errors that came.
        turns: how often one of them wrote and read, or tried to.
        read: how many rows were read.
    """

    def __init__(self, driver: Any, table: str) -> None:
        self._driver, self._table = driver, table
        self._over = threading.Event()
        self.wrong: list[object] = []
        self.failed: list[errors.CoodieError] = []
        self.turns = self.read = 0

    def work(self, number: int) -> None:
        if number % 2:
            asyncio.run(self._awaiting(number))
        else:
            self._blocking(number)

    def end(self) -> None:
        self._over.set()

    def _texts(self) -> tuple[str, list[str]]:
        write = f"INSERT INTO {self._table} (id, at, note, n, home) VALUES (?, ?, ?, ?, ?)"
        some = f"SELECT home, n, note FROM {self._table} WHERE id = ?"
        return write, [some, f"SELECT * FROM {self._table} WHERE id = ?"]

    def _values(self, number: int, turn: int) -> list[Any]:
        return [number, turn % 3, f"note {number}", number * 1_000, {"street": f"street {number}", "floor": number}]

    def _blocking(self, number: int) -> None:
        write, reads = self._texts()
        while not self._over.is_set():
            self.turns += 1
            turn = self.turns
            try:
                self._driver.execute(write, self._values(number, turn))
                self._check(number, self._driver.execute(reads[turn % 2], [number]))
            except errors.CoodieError as error:
                self.failed.append(error)

    async def _awaiting(self, number: int) -> None:
        write, reads = self._texts()
        while not self._over.is_set():
            self.turns += 1
            turn = self.turns
            try:
                await self._driver.execute_async(write, self._values(number, turn))
                self._check(number, await self._driver.execute_async(reads[turn % 2], [number]))
            except errors.CoodieError as error:
                self.failed.append(error)

    def _check(self, number: int, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            self.read += 1
            place = row.pop("at", row.pop("moment", 0))
            home: Any = row.pop("home")
            right = (row.pop("note"), row.pop("n")) == (f"note {number}", number * 1_000) and place in {0, 1, 2}
            right = right and (home["street"], home["floor"]) == (f"street {number}", number)
            right = right and set(home.values()) <= {f"street {number}", number, None}
            # What is left was added by others: nobody wrote it, or they wrote this.
            if not right or not all(value in {None, "added"} for name, value in row.items() if name != "id"):
                self.wrong.append((number, row, home, place))


@contextmanager
def at_work(clients: Clients) -> Generator[Clients]:
    threads = [threading.Thread(target=clients.work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    try:
        yield clients
    finally:
        clients.end()
        for thread in threads:
            thread.join()


@pytest.fixture
def change(cql_cluster: CqlCluster) -> Iterator[Callable[[str], object]]:
    """Change the schema past the driver, as another program would."""
    with Probe(cql_cluster.hosts[0], cql_cluster.port) as probe:
        yield probe.execute


def waited(clients: Clients) -> None:
    """Wait until the clients have worked for a while."""
    goal, deadline = clients.turns + 60, time.monotonic() + 20
    while clients.turns < goal:
        assert time.monotonic() < deadline, "the clients stand still"
        time.sleep(0.005)


@pytest.fixture
def table(change: Callable[[str], object], keyspace: str, request: pytest.FixtureRequest) -> str:
    """A table with a row of a type of its own."""
    name = f"{keyspace}.altered_{crc32(request.node.name.encode())}"
    change(f"CREATE TYPE {name}_home (street text, floor int)")
    change(
        f"CREATE TABLE {name} (id int, at int, note text, n int, home frozen<{name.partition('.')[2]}_home>, "
        "PRIMARY KEY (id, at))"
    )
    return name


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.timeout(900)
def test_columns_that_others_add_and_drop(
    driver: Any, change: Callable[[str], object], table: str, rounds: int
) -> None:
    with at_work(Clients(driver, table)) as clients:
        waited(clients)
        for turn in range(rounds):
            change(f"ALTER TABLE {table} ADD added_{turn} text")  # before the others, by name
            change(f"UPDATE {table} SET added_{turn} = 'added' WHERE id = 1 AND at = 1")
            waited(clients)
            change(f"ALTER TABLE {table} DROP added_{turn}")
            waited(clients)
    assert clients.read > 0
    assert clients.wrong == []
    assert clients.failed == []


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.timeout(900)
def test_fields_that_others_add_to_a_type(
    driver: Any, change: Callable[[str], object], table: str, rounds: int
) -> None:
    with at_work(Clients(driver, table)) as clients:
        waited(clients)
        for turn in range(rounds):
            change(f"ALTER TYPE {table}_home ADD field_{turn} int")
            waited(clients)
    assert clients.read > 0
    assert clients.wrong == []
    assert clients.failed == []


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.timeout(900)
def test_a_key_column_that_others_rename(driver: Any, change: Callable[[str], object], table: str, rounds: int) -> None:
    with at_work(Clients(driver, table)) as clients:
        waited(clients)
        for _ in range(rounds):
            change(f"ALTER TABLE {table} RENAME at TO moment")
            waited(clients)
            change(f"ALTER TABLE {table} RENAME moment TO at")
            waited(clients)
    assert clients.read > 0
    assert clients.wrong == []
    # Statements that name the column are refused while it has another name, and work again afterwards.
    assert {type(error) for error in clients.failed} <= {errors.InvalidRequestError}
    assert {error.outcome for error in clients.failed} <= {"not_applied"}
    assert driver.execute(f"SELECT at FROM {table} WHERE id = ? AND at = ?", [1, 1]) == [{"at": 1}]


def test_fields_are_written_by_their_new_names(driver: Any, change: Callable[[str], object], table: str) -> None:
    insert = f"INSERT INTO {table} (id, at, home) VALUES (?, ?, ?)"
    driver.execute(insert, [1, 1, {"street": "a", "floor": 1}])
    driver.execute(f"ALTER TYPE {table}_home ADD door int", [])
    driver.execute(insert, [1, 2, {"street": "b", "floor": 2, "door": 3}])  # nobody else changed it: at once
    change(f"ALTER TYPE {table}_home ADD code int")
    settled(lambda: driver.execute(insert, [1, 3, {"street": "c", "code": 4}]))
    change(f"ALTER TYPE {table}_home RENAME floor TO level")
    settled(lambda: driver.execute(insert, [1, 4, {"street": "d", "level": 5}]))
    with pytest.raises(
        errors.InvalidQueryError, match="no field of a name that is given; it has street, level, door, code"
    ):
        driver.execute(insert, [1, 5, {"street": "e", "floor": 6}])
    rows = driver.execute(f"SELECT home FROM {table} WHERE id = ?", [1])
    assert [tuple(row["home"].values()) for row in rows] == [
        ("a", 1, None, None),
        ("b", 2, 3, None),
        ("c", None, None, 4),
        ("d", 5, None, None),
    ]


def settled(work: Callable[[], object]) -> None:
    """Do what a driver refuses until it has seen that somebody else has changed the schema, in a second or so."""
    deadline = time.monotonic() + 10
    while True:
        try:
            work()
        except errors.InvalidQueryError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return
