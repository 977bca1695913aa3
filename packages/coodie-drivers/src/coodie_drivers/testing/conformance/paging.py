"""Pages: all rows come unless a page is asked for, none twice, and a state that is not one harms nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers.errors import InvalidRequestError
from coodie_drivers.messages import BatchRequest, Request, statement_of
from coodie_drivers.testing.conformance.suite import Connect, Suite, fresh_number, made_once

if TYPE_CHECKING:
    from coodie_drivers.observing import Passed
    from coodie_drivers.testing.conformance.ways import Way

__all__ = ["PagingCases"]

ROWS = 12_000


class PagingCases(Suite):
    """The cases about pages."""

    @pytest.fixture
    def wide(self, driver: Any, keyspace: str) -> str:
        """A table with 12,000 rows in one partition."""
        name = f"{keyspace}.wide"
        if made_once(driver, name, "CREATE TABLE {name} (part int, row int, PRIMARY KEY (part, row))"):
            insert = statement_of(f"INSERT INTO {name} (part, row) VALUES (?, ?)")
            for start in range(0, ROWS, 1_000):
                driver.send(BatchRequest([(insert, (1, row)) for row in range(start, start + 1_000)], "unlogged"))
        return name

    def test_without_page_options_all_rows_of_all_pages_come(self, way: Way, wide: str) -> None:
        for stmt, params in ((f"SELECT row FROM {wide} WHERE part = ?", [1]), (f"SELECT row FROM {wide}", [])):
            rows = way.execute(stmt, params)
            assert [row["row"] for row in rows] == list(range(ROWS))
            assert (rows.paging_state, rows.columns) == (None, ("row",))

    def test_rows_keep_the_columns_of_their_own_page(self, connect: Connect, driver: Any, keyspace: str) -> None:
        table = f"{keyspace}.between_pages_{fresh_number()}"
        driver.execute(f"CREATE TABLE {table} (part int, row int, a int, PRIMARY KEY (part, row))", [])
        for row in range(3):
            driver.execute(f"INSERT INTO {table} (part, row, a) VALUES (1, ?, 100)", [row])
        seen: list[Passed] = []

        def change_the_table(passed: Passed) -> None:
            seen.append(passed)
            if len(seen) == 1:
                driver.execute(f"ALTER TABLE {table} DROP a", [])
                driver.execute(f"ALTER TABLE {table} ADD b int", [])

        rows = connect(fetch_size=2, observers=[change_the_table]).execute(f"SELECT * FROM {table} WHERE part = ?", [1])
        assert [row["row"] for row in rows] == [0, 1, 2]
        assert [(row.get("a", 100), row.get("b")) for row in rows] == [(100, None)] * 3

    def test_for_one_value_no_page_after_it_is_fetched(self, connect: Connect, wide: str) -> None:
        seen: list[Passed] = []
        own = connect(observers=[seen.append])
        assert own.call("execute_one", f"SELECT row FROM {wide} WHERE part = ?", [1]) == 0
        assert len(seen) == 1

    @pytest.mark.parametrize("size", [1_000, 5_000, 11_999, ROWS, ROWS + 1])
    def test_pages_follow_each_other_without_loss_or_repetition(self, way: Way, wide: str, size: int) -> None:
        stmt = f"SELECT row FROM {wide} WHERE part = ?"
        found: list[int] = []
        sizes: list[int] = []
        page = way.execute(stmt, [1], None, None, size)
        while True:
            found += [row["row"] for row in page]
            sizes.append(len(page))
            if page.paging_state is None:
                break
            page = way.execute(stmt, [1], None, None, size, page.paging_state)
        assert found == list(range(ROWS))
        assert sizes[0] == min(size, ROWS)

    def test_a_request_is_answered_by_one_page_of_a_thousand_rows(self, way: Way, wide: str) -> None:
        reply = way.send(Request(statement_of(f"SELECT row FROM {wide} WHERE part = ?"), (1,)))
        assert (len(reply.rows), reply.columns) == (1_000, ("row",))
        assert reply.paging_state is not None
        assert reply.rows[-1] == (999,)

    def test_the_page_size_of_the_connection_is_taken(self, connect: Connect, wide: str) -> None:
        own = connect(fetch_size=77)
        assert len(own.send(Request(statement_of(f"SELECT row FROM {wide} WHERE part = ?"), (1,))).rows) == 77

    @pytest.mark.parametrize("spoilt", ["made up", "cut", "longer"])
    def test_what_is_no_paging_state_is_refused_in_words(self, way: Way, wide: str, spoilt: str) -> None:
        for stmt, params in ((f"SELECT row FROM {wide} WHERE part = ?", [1]), (f"SELECT row FROM {wide}", [])):
            first = way.execute(stmt, params, None, None, 3)
            assert first.paging_state is not None
            wrong = {"made up": b"junk", "cut": first.paging_state[:-3], "longer": first.paging_state + b"zz"}[spoilt]
            with pytest.raises(InvalidRequestError, match="the paging state is not one of this query") as caught:
                way.execute(stmt, params, None, None, 3, wrong)
            assert (caught.value.outcome, caught.value.retryable, caught.value.cql) == ("not_applied", False, stmt)
            second = way.execute(stmt, params, None, None, 3, first.paging_state)
            assert [row["row"] for row in second] == [3, 4, 5]

    def test_a_wrong_paging_state_fails_alone(self, way: Way, wide: str) -> None:
        stmt = f"SELECT row FROM {wide} WHERE part = ? AND row < 10"
        calls: list[tuple[object, ...]] = [(stmt, [1]) for _ in range(20)]
        calls.insert(10, (stmt, [1], None, None, 3, b"junk"))
        for _ in range(5):
            answers = way.together("execute", calls)
            assert isinstance(answers.pop(10), InvalidRequestError)
            assert [len(answer) for answer in answers] == [10] * 20
