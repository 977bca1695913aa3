"""Statements with values: prepared once, prepared again when they must be, true to a table that changes."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers.errors import InvalidRequestError
from coodie_drivers.messages import Rows
from coodie_drivers.testing.conformance.suite import Suite, fresh_number
from coodie_drivers.testing.proxy.server import FaultProxy

if TYPE_CHECKING:
    from coodie_drivers.testing.conformance.suite import Connect
    from coodie_drivers.testing.conformance.ways import Way
    from coodie_drivers.testing.sources import CqlCluster

__all__ = ["StatementCases"]

ADDED: dict[str, tuple[str, Any]] = {
    "a": ("text", "seven"),  # before the others, by name, and so in the row
    "d": ("list<int>", [7]),
    "b": ("uuid", None),
    "c": ("double", 7.5),
}

ROUNDS = 10

NOTICED = 1.5
"""Seconds within which a driver notices, at the latest, that somebody else has changed the schema."""


def fresh_statement() -> str:
    """Return a text that was never prepared before."""
    return f"SELECT key AS key{fresh_number()} FROM system.local WHERE key = ?"


class StatementCases(Suite):
    """The cases about prepared statements."""

    def test_many_who_ask_at_once_prepare_once(self, connect: Connect, cql_cluster: CqlCluster) -> None:
        with FaultProxy(cql_cluster) as proxy:
            own: Way = connect(hosts=proxy.hosts, port=proxy.port)
            rounds: list[int] = []
            # Whenever anybody changes the schema, which other tests do, everything is prepared anew.
            while len(rounds) < ROUNDS and rounds[-1:] != [len(proxy.hosts)]:
                stmt = fresh_statement()
                answers = own.together("execute", [(stmt, ["local"])] * 100)
                assert [list(rows[0].values()) for rows in answers] == [["local"]] * 100
                own.together("execute", [(stmt, [f"key {number}"]) for number in range(20)])
                rounds.append(len([seen for seen in proxy.traffic.requests("PREPARE") if seen.text == stmt]))
            assert rounds[-1] == len(proxy.hosts)
            own.driver.close()

    def test_a_statement_that_failed_to_prepare_is_tried_again(self, way: Way) -> None:
        stmt = f"SELECT nothing AS n{fresh_number()} FROM system.local WHERE key = ?"
        for _ in range(2):
            with pytest.raises(InvalidRequestError, match="Undefined column name nothing"):
                way.execute(stmt, ["local"])
        refused = way.together("execute", [(stmt, ["local"])] * 20)
        assert {str(error) for error in refused} == {"Undefined column name nothing in table system.local"}

    def test_a_change_of_the_columns_shows_in_the_next_answer(self, way: Way, keyspace: str) -> None:
        table = f"{keyspace}.altered_{fresh_number()}"
        way.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, n int)")
        way.execute(f"INSERT INTO {table} (id, n) VALUES (?, ?)", [1, 2])
        every, some = f"SELECT * FROM {table} WHERE id = ?", f"SELECT n, id FROM {table} WHERE id = ?"
        expected: dict[str, Any] = {"id": 1, "n": 2}
        for change in ("ADD", "DROP"):
            for name, (cql_type, value) in ADDED.items():
                if change == "ADD":
                    way.execute(f"ALTER TABLE {table} ADD {name} {cql_type}")
                    way.execute(f"INSERT INTO {table} (id, {name}) VALUES (?, ?)", [1, value])
                    expected[name] = value
                else:
                    way.execute(f"ALTER TABLE {table} DROP {name}")
                    del expected[name]
                for _ in range(3):
                    assert way.execute(every, [1]) == [expected]
                    assert way.execute(some, [1]) == [{"n": 2, "id": 1}]
        with pytest.raises(InvalidRequestError, match=r"(?i)undefined column"):
            way.execute(f"INSERT INTO {table} (id, a) VALUES (?, ?)", [1, "seven"])

    def test_a_table_that_is_made_anew_is_bound_by_its_own_types(
        self, way: Way, connect: Connect, keyspace: str
    ) -> None:
        table, other = f"{keyspace}.anew_{fresh_number()}", connect()
        write, read = f"INSERT INTO {table} (id, n) VALUES (?, ?)", f"SELECT n FROM {table} WHERE id = ?"
        for changed_by, waits in ((way, 0), (other, NOTICED)):
            way.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, n int)")
            way.execute(write, [1, 5])
            assert way.execute(read, [1]) == [{"n": 5}]
            changed_by.execute(f"DROP TABLE {table}")
            changed_by.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, n float)")
            time.sleep(waits)
            way.execute(write, [1, 5])
            (row,) = way.execute(read, [1])
            assert (row["n"], type(row["n"])) == (5.0, float)
            way.execute(f"DROP TABLE {table}")

    def test_no_reader_sees_a_wrong_value_while_columns_come_and_go(self, way: Way, keyspace: str) -> None:
        table = f"{keyspace}.altered_{fresh_number()}"
        way.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, n int)")
        way.execute(f"INSERT INTO {table} (id, n) VALUES (?, ?)", [1, 2])
        allowed: dict[str, Any] = {"id": (1,), "n": (2,), **{name: (value, None) for name, (_, value) in ADDED.items()}}
        wrong: list[Any] = []
        rounds = 0
        over = threading.Event()

        def read() -> None:
            nonlocal rounds
            while not over.is_set():
                rounds += 1
                for rows in way.together("execute", [(f"SELECT * FROM {table} WHERE id = ?", [1])] * 8):
                    right = isinstance(rows, Rows) and all(value in allowed[name] for name, value in rows[0].items())
                    wrong.extend([] if right else [rows])

        reader = threading.Thread(target=read)
        reader.start()
        try:
            for name, (cql_type, value) in ADDED.items():
                way.execute(f"ALTER TABLE {table} ADD {name} {cql_type}")
                way.execute(f"INSERT INTO {table} (id, {name}) VALUES (?, ?)", [1, value])
                way.execute(f"ALTER TABLE {table} DROP {name}")
        finally:
            over.set()
            reader.join()
        assert wrong == []
        assert rounds > 1
