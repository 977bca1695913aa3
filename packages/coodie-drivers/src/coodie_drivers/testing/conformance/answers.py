"""What an answer carries beside its rows: columns, whether a condition held, warnings, the node; and batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers.contract import APPLIED, AbstractDriver
from coodie_drivers.errors import InvalidRequestError, UnavailableError
from coodie_drivers.messages import BatchRequest, Request, Rows, statement_of
from coodie_drivers.testing.conformance.suite import Connect, Suite, fresh_number, made_once
from coodie_drivers.values import CqlDuration

if TYPE_CHECKING:
    from coodie_drivers.observing import Passed
    from coodie_drivers.testing.conformance.ways import Way

__all__ = ["AnswerCases", "BatchCases", "SmallTableSuite"]

ORDERED = 100
"""How often a conditional write follows a plain one."""


class SmallTableSuite(Suite):
    """What the parts share that need a table of any kind."""

    @pytest.fixture
    def small(self, driver: Any, keyspace: str) -> str:
        """A small table for everything."""
        name = f"{keyspace}.small"
        made_once(driver, name, "CREATE TABLE {name} (id int PRIMARY KEY, name text, tags set<text>)")
        return name


class AnswerCases(SmallTableSuite):
    """The cases about answers."""

    def test_a_driver_is_of_the_contract(self, way: Way) -> None:
        assert isinstance(way.driver, AbstractDriver)
        assert isinstance(way.driver.supports_unset, bool)
        assert way.driver.needs_row_validation is False

    def test_rows_are_dicts_in_the_order_that_was_asked_for(self, way: Way, small: str) -> None:
        number = fresh_number()
        way.execute(f"INSERT INTO {small} (id, name) VALUES (?, ?)", [number, "a"])
        rows = way.execute(f"SELECT tags, name, id FROM {small} WHERE id = ?", [number])
        assert isinstance(rows, Rows)
        assert list(rows[0].items()) == [("tags", None), ("name", "a"), ("id", number)]

    def test_an_alias_names_its_column(self, way: Way) -> None:
        rows = way.execute('SELECT key AS "The Key" FROM system.local WHERE key = ?', ["local"])
        assert (rows, rows.columns) == ([{"The Key": "local"}], ("The Key",))

    def test_a_reply_has_the_columns_of_one_name_too(self, way: Way, small: str) -> None:
        number = fresh_number()
        way.execute(f"INSERT INTO {small} (id, name) VALUES (?, ?)", [number, "a"])
        asked = statement_of(f"SELECT id, name, id FROM {small} WHERE id = ?")
        reply = way.send(Request(asked, [number]))
        assert (list(reply.rows), reply.columns) == ([(number, "a", number)], ("id", "name", "id"))

    def test_an_empty_answer_has_columns_and_no_rows(self, way: Way, small: str) -> None:
        rows = way.execute(f"SELECT id, name FROM {small} WHERE id = ?", [-1])
        assert (rows, rows.columns, rows.applied) == ([], ("id", "name"), None)
        nothing = way.execute(f"INSERT INTO {small} (id) VALUES (?)", [fresh_number()])
        assert (nothing, nothing.columns, nothing.applied) == ([], (), None)

    def test_execute_one_gives_the_first_column_of_the_first_row(self, way: Way, small: str) -> None:
        number = fresh_number()
        way.execute(f"INSERT INTO {small} (id, name) VALUES (?, ?)", [number, "a"])
        assert way.call("execute_one", f"SELECT name, id FROM {small} WHERE id = ?", [number]) == "a"
        assert way.call("execute_one", f"SELECT name FROM {small} WHERE id = ?", [-1]) is None

    def test_a_lightweight_transaction_says_whether_it_was_applied(self, way: Way, small: str) -> None:
        number = fresh_number()
        insert = f"INSERT INTO {small} (id, name) VALUES (?, ?) IF NOT EXISTS"
        assert way.execute(insert, [number, "first"]).applied is True
        refused = way.execute(insert, [number, "second"])
        assert refused.applied is False
        assert refused == [{APPLIED: False, "id": number, "name": "first", "tags": None}]
        update = f"UPDATE {small} SET name = ? WHERE id = ? IF name = ?"
        assert way.execute(update, ["third", number, "first"]).applied is True
        lost = way.execute(update, ["fourth", number, "first"])
        assert (lost.applied, lost) == (False, [{APPLIED: False, "name": "third"}])
        assert way.execute(f"DELETE FROM {small} WHERE id = ? IF EXISTS", [number]).applied is True

    def test_a_conditional_write_comes_after_the_plain_one_before_it(self, way: Way, small: str) -> None:
        plain = f"INSERT INTO {small} (id, name) VALUES (?, ?)"
        conditional = f"UPDATE {small} SET name = ? WHERE id = ? IF name = ?"
        batch = BatchRequest([(statement_of(conditional), ("c", (number := fresh_number()), "a"))])
        numbers = [fresh_number() for _ in range(ORDERED)]
        calls = [call for each in numbers for call in ((plain, [each, "a"]), (conditional, ["b", each, "a"]))]
        assert all(rows.applied for rows in way.in_turn("execute", calls)[1::2])
        text = f"BEGIN BATCH INSERT INTO {small} (id, name) VALUES (?, 'a') APPLY BATCH"
        way.in_turn("execute", [call for each in numbers for call in ((text, [each]), (conditional, ["b", each, "a"]))])
        # A conditional write that is older than the plain one is applied, too, and never seen.
        rows = way.execute(f"SELECT id, name FROM {small} WHERE id IN ?", [numbers])
        assert [row for row in rows if row["name"] != "b"] == []
        for _ in range(ORDERED):
            way.in_turn("send", [(BatchRequest([(statement_of(plain), (number, "a"))]),), (batch,)])
            assert way.execute(f"SELECT name FROM {small} WHERE id = ?", [number]) == [{"name": "c"}]

    def test_a_refused_condition_is_told_beside_a_duration(self, way: Way, driver: Any, keyspace: str) -> None:
        table, number = f"{keyspace}.lasting", fresh_number()
        made_once(driver, table, "CREATE TABLE {name} (id int PRIMARY KEY, took duration, name text)")
        way.execute(f"INSERT INTO {table} (id, took, name) VALUES ({number}, 1d2ns, 'first')")
        insert = statement_of(f"INSERT INTO {table} (id, name) VALUES (?, ?) IF NOT EXISTS")
        for refused in (
            way.execute(insert.cql, [number, "second"]),
            way.execute(insert.cql.replace("?, ?", f"{number}, 'x'")),
        ):
            assert refused.applied is False
            (row,) = refused
            assert row["name"] == "first"
            # A library that cannot read a duration cannot ask for it in another way here, and leaves it out.
            assert row.get("took", CqlDuration(0, 1, 2)) == CqlDuration(0, 1, 2)
        assert way.send(BatchRequest([(insert, (number, "second"))])).applied is False

    def test_the_node_that_answered_is_told(self, way: Way, small: str) -> None:
        reply = way.send(Request(statement_of(f"SELECT id FROM {small} WHERE id = ?"), (1,)))
        assert reply.coordinator is not None
        with pytest.raises(UnavailableError) as caught:
            way.execute(f"INSERT INTO {small} (id) VALUES (?)", [fresh_number()], "THREE")
        assert caught.value.coordinator is not None

    def test_the_server_may_warn(self, way: Way, small: str) -> None:
        insert = statement_of(f"INSERT INTO {small} (id, name) VALUES (?, ?)")
        large = BatchRequest([(insert, (fresh_number(), "x" * 3_000)) for _ in range(3)], "unlogged")
        (warning,) = way.send(large).warnings
        assert "exceeding specified threshold" in warning

    def test_an_observer_is_told_of_each_request(self, connect: Connect, small: str) -> None:
        seen: list[Passed] = []
        observed: Way = connect(observers=[seen.append])
        stmt = f"SELECT id FROM {small} WHERE id = ?"
        observed.execute(stmt, [-1])
        with pytest.raises(InvalidRequestError):
            observed.execute(f"SELECT nothing FROM {small} WHERE id = ?", [-1])
        assert [(each.kind, each.rows, each.error is None, each.outcome) for each in seen] == [
            ("SELECT", 0, True, None),
            ("SELECT", None, False, "not_applied"),
        ]
        assert (seen[0].cql, seen[0].attempts) == (stmt, 1)


class BatchCases(SmallTableSuite):
    """The cases about batches."""

    def test_a_batch_is_applied_whole(self, way: Way, small: str) -> None:
        first, second = fresh_number(), fresh_number()
        insert = statement_of(f"INSERT INTO {small} (id, name) VALUES (?, ?)")
        literal = statement_of(f"INSERT INTO {small} (id, name) VALUES ({second}, 'b')")
        reply = way.send(BatchRequest([(insert, (first, "a")), (literal, ())], consistency="LOCAL_QUORUM"))
        assert reply.applied is None
        rows = way.execute(f"SELECT id, name FROM {small} WHERE id IN ?", [[first, second]])
        assert sorted((row["id"], row["name"]) for row in rows) == [(first, "a"), (second, "b")]

    def test_a_batch_has_its_own_timestamp(self, way: Way, small: str) -> None:
        number = fresh_number()
        insert = statement_of(f"INSERT INTO {small} (id, name) VALUES (?, ?)")
        way.send(BatchRequest([(insert, (number, "late"))], timestamp=2_000))
        way.send(BatchRequest([(insert, (number, "early"))], timestamp=1_000))
        rows = way.execute(f"SELECT name, writetime(name) AS at FROM {small} WHERE id = ?", [number])
        assert rows == [{"name": "late", "at": 2_000}]

    def test_a_batch_may_have_a_timestamp_before_1970(self, way: Way, small: str) -> None:
        number = fresh_number()
        insert = statement_of(f"INSERT INTO {small} (id, name) VALUES (?, ?)")
        for timestamp in (-5, 1 - 2**63):
            way.send(BatchRequest([(insert, (number, f"at {timestamp}"))], timestamp=timestamp))
            rows = way.execute(f"SELECT name, writetime(name) AS at FROM {small} WHERE id = ?", [number])
            assert rows == [{"name": "at -5", "at": -5}]

    def test_a_part_of_a_batch_may_have_another_timestamp(self, way: Way, small: str) -> None:
        first, second = fresh_number(), fresh_number()
        insert = statement_of(f"INSERT INTO {small} (id, name) VALUES (?, ?)")
        dated = statement_of(f"UPDATE {small} USING TIMESTAMP ? SET name = ? WHERE id = ?")
        way.send(BatchRequest([(insert, (first, "a")), (dated, (500, "b", second))], timestamp=2_000))
        rows = way.execute(f"SELECT id, writetime(name) AS at FROM {small} WHERE id IN ?", [[first, second]])
        assert {row["id"]: row["at"] for row in rows} == {first: 2_000, second: 500}

    def test_a_conditional_batch_says_whether_it_was_applied(self, way: Way, driver: Any, keyspace: str) -> None:
        table, part = f"{keyspace}.pairs", fresh_number()
        made_once(driver, table, "CREATE TABLE {name} (part int, row int, PRIMARY KEY (part, row))")
        insert = statement_of(f"INSERT INTO {table} (part, row) VALUES (?, ?) IF NOT EXISTS")
        assert way.send(BatchRequest([(insert, (part, 1)), (insert, (part, 2))])).applied is True
        assert way.send(BatchRequest([(insert, (part, 2)), (insert, (part, 3))])).applied is False
        assert len(way.execute(f"SELECT row FROM {table} WHERE part = ?", [part])) == 2

    def test_a_counter_batch_counts(self, way: Way, driver: Any, keyspace: str) -> None:
        table, number = f"{keyspace}.counts", fresh_number()
        made_once(driver, table, "CREATE TABLE {name} (id int PRIMARY KEY, n counter)")
        increment = statement_of(f"UPDATE {table} SET n = n + ? WHERE id = ?")
        way.send(BatchRequest([(increment, (2, number)), (increment, (3, number))], "counter"))
        assert way.execute(f"SELECT n FROM {table} WHERE id = ?", [number]) == [{"n": 5}]
        with pytest.raises(InvalidRequestError, match=r"(?i)counter"):
            way.send(BatchRequest([(increment, (2, number))], "logged"))
