"""Requests through the adapter to a real node: paging, lightweight transactions, batches, timeouts, refusals."""

from __future__ import annotations

import asyncio
import traceback
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import BatchRequest, Request, statement_of
from coodie_drivers.errors import (
    AlreadyExistsError,
    CoodieError,
    DriverError,
    FunctionFailureError,
    InvalidQueryError,
    InvalidRequestError,
    InvalidSyntaxError,
    OperationTimedOutError,
    UnavailableError,
)
from coodie_drivers.messages import Statement
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.node.conftest import Caller

pytestmark = [pytest.mark.node, pytest.mark.adapter]

ROWS = 12_000
numbers = count(1)


@pytest.fixture(scope="module")
def table(driver: Any, cql_module_keyspace: str) -> str:
    """A small table for everything."""
    name = f"{cql_module_keyspace}.small"
    driver.execute(f"CREATE TABLE {name} (id int PRIMARY KEY, name text, tags set<text>)", [])
    return name


@pytest.fixture(scope="module")
def wide(driver: Any, cql_module_keyspace: str) -> str:
    """A table with 12,000 rows in one partition."""
    name = f"{cql_module_keyspace}.wide"
    driver.execute(f"CREATE TABLE {name} (part int, row int, PRIMARY KEY (part, row))", [])
    insert = Statement(f"INSERT INTO {name} (part, row) VALUES (?, ?)", StatementKind.INSERT, idempotent=True)
    for start in range(0, ROWS, 1_000):
        driver.send(BatchRequest([(insert, (1, row)) for row in range(start, start + 1_000)], "unlogged"))
    return name


def test_without_page_options_all_rows_of_all_pages_come(caller: Caller, wide: str) -> None:
    for stmt, params in ((f"SELECT row FROM {wide} WHERE part = ?", [1]), (f"SELECT row FROM {wide}", [])):
        rows = caller.execute(stmt, params)
        assert [row["row"] for row in rows] == list(range(ROWS))
        assert (rows.paging_state, rows.columns) == (None, ("row",))


@pytest.mark.parametrize("size", [1_000, 5_000, 11_999, ROWS, ROWS + 1])
def test_pages_follow_each_other_without_loss_or_repetition(caller: Caller, wide: str, size: int) -> None:
    stmt = f"SELECT row FROM {wide} WHERE part = ?"
    found: list[int] = []
    sizes: list[int] = []
    page = caller.execute(stmt, [1], None, None, size)
    while True:
        found += [row["row"] for row in page]
        sizes.append(len(page))
        if page.paging_state is None:
            break
        page = caller.execute(stmt, [1], None, None, size, page.paging_state)
    assert found == list(range(ROWS))
    assert sizes[0] == min(size, ROWS)


def test_a_request_is_answered_by_one_page_of_a_thousand_rows(caller: Caller, wide: str) -> None:
    request = Request(statement_of(f"SELECT row FROM {wide} WHERE part = ?"), (1,))
    reply = caller.send(request)
    assert (len(reply.rows), reply.columns) == (1_000, ("row",))
    assert reply.paging_state is not None
    assert reply.rows[-1] == (999,)


@pytest.mark.excepted(driver_type="acsylla", reason="acsylla does not tell which node answered")
@pytest.mark.excepted(driver_type="rust", reason="its library does not tell which node answered")
def test_a_reply_tells_which_node_answered(caller: Caller, table: str) -> None:
    reply = caller.send(Request(statement_of(f"SELECT id FROM {table} WHERE id = ?"), (1,)))
    assert reply.coordinator is not None


def test_the_page_size_of_the_connection_is_taken(connect: Callable[..., Any], wide: str) -> None:
    driver = connect(fetch_size=77)
    assert len(driver.send(Request(statement_of(f"SELECT row FROM {wide} WHERE part = ?"), (1,))).rows) == 77


def test_an_empty_answer_has_columns_and_no_rows(caller: Caller, table: str) -> None:
    rows = caller.execute(f"SELECT id, name FROM {table} WHERE id = ?", [-1])
    assert (rows, rows.columns, rows.applied) == ([], ("id", "name"), None)
    nothing = caller.execute(f"INSERT INTO {table} (id) VALUES (?)", [next(numbers)])
    assert (nothing, nothing.columns, nothing.applied) == ([], (), None)


def test_a_lightweight_transaction_says_whether_it_was_applied(caller: Caller, table: str) -> None:
    key = next(numbers)
    insert = f"INSERT INTO {table} (id, name) VALUES (?, ?) IF NOT EXISTS"
    assert caller.execute(insert, [key, "first"]).applied is True
    refused = caller.execute(insert, [key, "second"])
    assert refused.applied is False
    assert refused == [{"[applied]": False, "id": key, "name": "first", "tags": None}]
    update = caller.execute(f"UPDATE {table} SET name = ? WHERE id = ? IF name = ?", ["third", key, "first"])
    assert update.applied is True


def test_a_batch_is_applied_whole(caller: Caller, table: str) -> None:
    first, second = next(numbers), next(numbers)
    insert = statement_of(f"INSERT INTO {table} (id, name) VALUES (?, ?)")
    literal = statement_of(f"INSERT INTO {table} (id, name) VALUES ({second}, 'b')")
    reply = caller.send(BatchRequest([(insert, (first, "a")), (literal, ())], consistency="LOCAL_QUORUM"))
    assert reply.applied is None
    rows = caller.execute(f"SELECT id, name FROM {table} WHERE id IN ?", [[first, second]])
    assert sorted((row["id"], row["name"]) for row in rows) == [(first, "a"), (second, "b")]


def test_a_batch_has_its_own_timestamp(caller: Caller, table: str) -> None:
    key = next(numbers)
    insert = statement_of(f"INSERT INTO {table} (id, name) VALUES (?, ?)")
    caller.send(BatchRequest([(insert, (key, "late"))], timestamp=2_000))
    caller.send(BatchRequest([(insert, (key, "early"))], timestamp=1_000))
    rows = caller.execute(f"SELECT name, writetime(name) AS at FROM {table} WHERE id = ?", [key])
    assert rows == [{"name": "late", "at": 2_000}]


def test_a_conditional_batch_says_whether_it_was_applied(caller: Caller, keyspace: str) -> None:
    table, part = f"{keyspace}.pairs", next(numbers)
    caller.execute(f"CREATE TABLE IF NOT EXISTS {table} (part int, row int, PRIMARY KEY (part, row))", [])
    insert = statement_of(f"INSERT INTO {table} (part, row) VALUES (?, ?) IF NOT EXISTS")
    assert caller.send(BatchRequest([(insert, (part, 1)), (insert, (part, 2))])).applied is True
    assert caller.send(BatchRequest([(insert, (part, 2)), (insert, (part, 3))])).applied is False
    assert len(caller.execute(f"SELECT row FROM {table} WHERE part = ?", [part])) == 2


def test_a_counter_batch_counts(caller: Caller, keyspace: str) -> None:
    caller.execute(f"CREATE TABLE IF NOT EXISTS {keyspace}.counts (id int PRIMARY KEY, n counter)", [])
    key = next(numbers)
    increment = statement_of(f"UPDATE {keyspace}.counts SET n = n + ? WHERE id = ?")
    caller.send(BatchRequest([(increment, (2, key)), (increment, (3, key))], "counter"))
    assert caller.execute(f"SELECT n FROM {keyspace}.counts WHERE id = ?", [key]) == [{"n": 5}]
    with pytest.raises(InvalidRequestError, match=r"(?i)counter"):
        caller.send(BatchRequest([(increment, (2, key))], "logged"))


@pytest.mark.excepted(driver_type="acsylla", reason="acsylla gives no way to the server's warnings")
@pytest.mark.excepted(driver_type="rust", reason="its library does not give the server's warnings")
def test_the_server_may_warn(caller: Caller, table: str) -> None:
    insert = statement_of(f"INSERT INTO {table} (id, name) VALUES (?, ?)")
    large = BatchRequest([(insert, (next(numbers), "x" * 3_000)) for _ in range(3)], "unlogged")
    (warning,) = caller.send(large).warnings
    assert "exceeding specified threshold" in warning


def test_what_is_no_cql_is_refused_by_its_text(caller: Caller) -> None:
    with pytest.raises(InvalidSyntaxError, match=r"line 1:9 .*FORM") as caught:
        caller.execute("SELECT * FORM t", [])
    assert (caught.value.cql, caught.value.statement_kind) == ("SELECT * FORM t", StatementKind.SELECT)
    with pytest.raises(InvalidSyntaxError):
        caller.execute("SELECT * FORM t WHERE id = ?", [1])


def test_what_cannot_be_is_refused_by_the_servers_own_sentence(caller: Caller, table: str, keyspace: str) -> None:
    for stmt, params, sentence in (
        (f"SELECT * FROM {keyspace}.nowhere WHERE id = ?", [1], "table nowhere does not exist"),
        (f"SELECT zzz FROM {table} WHERE id = ?", [1], "Undefined column name zzz"),
        (f"SELECT * FROM {table} WHERE name = ?", ["x"], "ALLOW FILTERING"),
        ("SELECT * FROM nowhere.t", [], "keyspace nowhere does not exist"),
        ("SELECT * FROM t", [], "No keyspace has been specified"),
    ):
        with pytest.raises(InvalidRequestError, match=sentence) as caught:
            caller.execute(stmt, params)
        assert caught.value.outcome == "not_applied"
        assert isinstance(caught.value, InvalidQueryError)


def test_what_exists_already_is_told_apart(caller: Caller, table: str, keyspace: str) -> None:
    with pytest.raises(AlreadyExistsError, match=f"'{table}' already exists"):
        caller.execute(f"CREATE TABLE {table} (id int PRIMARY KEY)", [])
    with pytest.raises(AlreadyExistsError, match=f"'{keyspace}' already exists"):
        caller.execute(
            f"CREATE KEYSPACE {keyspace} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}}", []
        )


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("id", "canary-7", "int takes int, not str"),
        ("id", True, "int takes int, not bool"),
        ("id", 2**31, "from -2147483648 to 2147483647"),
        ("name", b"canary-7", "text takes str, not bytes"),
        ("name", "canary-7\ud800", "cannot carry a character that UTF-8 has not"),
        ("tags", "canary-7", "set<text> takes set or frozenset, not str"),
        ("tags", {"canary-7", 7}, "text takes str, not int"),
        ("tags", {None}, "set<text> cannot hold null"),
    ],
)
def test_a_value_that_cannot_be_bound_names_column_and_type_but_never_itself(
    caller: Caller, table: str, column: str, value: object, reason: str
) -> None:
    columns = ["id"] if column == "id" else ["id", column]
    stmt = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' for _ in columns)})"
    with pytest.raises(InvalidQueryError, match=reason) as caught:
        caller.execute(stmt, [value] if column == "id" else [1, value])
    assert f"column '{column}'" in str(caught.value)
    assert "canary" not in "".join(traceback.format_exception(caught.value)).replace("test_adapter_requests", "")


def test_bound_json_is_not_repeated_in_the_refusal(caller: Caller, table: str) -> None:
    for text in ('{"id": "canary-7"}', "canary-7"):
        with pytest.raises(InvalidRequestError, match="JSON") as caught:
            caller.execute(f"INSERT INTO {table} JSON ?", [text])
        assert "canary" not in str(caught.value)
        assert caught.value.__cause__ is None


def test_too_few_replicas_are_told(caller: Caller, table: str) -> None:
    with pytest.raises(UnavailableError, match=r"consistency THREE needs .*live replicas") as caught:
        caller.execute(f"INSERT INTO {table} (id) VALUES (?)", [next(numbers)], "THREE")
    assert (caught.value.outcome, caught.value.retryable) == ("not_applied", True)
    assert caught.value.statement_kind is StatementKind.INSERT


@pytest.mark.excepted(driver_type="acsylla", reason="acsylla tells neither an error's numbers nor its node")
def test_too_few_replicas_are_told_with_their_numbers(caller: Caller, table: str) -> None:
    with pytest.raises(UnavailableError, match="THREE needs 3 live replicas, there are 1") as caught:
        caller.execute(f"INSERT INTO {table} (id) VALUES (?)", [next(numbers)], "THREE")
    assert (caught.value.required, caught.value.alive) == (3, 1)


@pytest.mark.excepted(driver_type="acsylla", reason="acsylla does not tell which node answered")
@pytest.mark.excepted(driver_type="rust", reason="its library does not tell which node answered")
def test_an_error_tells_which_node_answered(caller: Caller, table: str) -> None:
    with pytest.raises(UnavailableError) as caught:
        caller.execute(f"INSERT INTO {table} (id) VALUES (?)", [next(numbers)], "THREE")
    assert caught.value.coordinator is not None


def test_a_failing_function_is_told_by_name(caller: Caller, table: str, keyspace: str) -> None:
    caller.execute(
        f"CREATE FUNCTION IF NOT EXISTS {keyspace}.fails (n int) CALLED ON NULL INPUT RETURNS int LANGUAGE java "
        "AS 'if (true) throw new RuntimeException(\"canary-7\"); return n;'",
        [],
    )
    key = next(numbers)
    caller.execute(f"INSERT INTO {table} (id) VALUES (?)", [key])
    with pytest.raises(FunctionFailureError, match=f"function '{keyspace}.fails' failed") as caught:
        caller.execute(f"SELECT {keyspace}.fails(id) FROM {table} WHERE id = ?", [key])
    assert "canary" not in "".join(traceback.format_exception(caught.value)).replace("test_adapter_requests", "")


def test_the_clients_own_limit_leaves_a_write_unknown(caller: Caller, table: str) -> None:
    stmt = f"INSERT INTO {table} (id, name) VALUES (?, ?)"
    caller.execute(stmt, [next(numbers), "x"])
    outcomes: set[tuple[str, bool, bool]] = set()
    for _ in range(1_000):  # a library that measures in milliseconds may have the answer before it looks at its clock
        try:
            caller.execute(stmt, [next(numbers), "x"], None, 1e-9)
        except OperationTimedOutError as error:
            outcomes.add((error.outcome, error.attempts > 0, error.retryable))
            break
    assert outcomes <= {("unknown", True, False), ("not_applied", False, True)}
    assert outcomes
    assert caller.execute(stmt, [next(numbers), "x"]) == []


def test_a_changed_table_is_seen_by_statements_prepared_before(caller: Caller, keyspace: str) -> None:
    table = f"{keyspace}.changing_{next(numbers)}"
    caller.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, a int, b text)", [])
    caller.execute(f"INSERT INTO {table} (id, a, b) VALUES (?, ?, ?)", [1, 10, "x"])
    select = f"SELECT * FROM {table} WHERE id = ?"
    assert caller.execute(select, [1]) == [{"id": 1, "a": 10, "b": "x"}]
    caller.execute(f"ALTER TABLE {table} ADD aa inet", [])
    caller.execute(f"UPDATE {table} SET aa = ? WHERE id = ?", ["127.0.0.1", 1])
    rows = caller.execute(select, [1])
    assert [str(value) for value in rows[0].values()] == ["1", "10", "127.0.0.1", "x"]
    caller.execute(f"ALTER TABLE {table} DROP a", [])
    assert set(caller.execute(select, [1])[0]) == {"id", "aa", "b"}
    with pytest.raises(InvalidRequestError, match=r"(?i)undefined column"):
        caller.execute(f"INSERT INTO {table} (id, a, b) VALUES (?, ?, ?)", [1, 10, "x"])


def test_errors_are_of_the_family(driver: Any) -> None:
    async def all_kinds() -> list[BaseException | Any]:
        asked = [driver.execute_async(stmt, []) for stmt in ("SELECT", "zzz", "SELECT * FROM a.b", "DROP TABLE a.b")]
        return await asyncio.gather(*asked, return_exceptions=True)

    found = asyncio.run(all_kinds())
    assert all(isinstance(error, CoodieError) and not isinstance(error, DriverError) for error in found)
