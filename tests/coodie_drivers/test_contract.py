"""The contract: what a driver with the documented methods alone can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import AbstractDriver, BatchRequest, Reply, Request, TableRequest, adrive, drive, statement_of
from coodie_drivers.contract import batch_as_request
from coodie_drivers.errors import ConfigurationError, DriverError
from coodie_drivers.messages import Rows, Statement
from cql_builder.analysis import StatementKind
from cql_builder.schema import ColumnDefinition

if TYPE_CHECKING:
    from coodie_drivers import Op

SELECT = statement_of("SELECT id, name FROM shop.t WHERE id = ?")
INSERT = statement_of("INSERT INTO shop.t (id) VALUES (?)")
ROWS: list[dict[str, Any]] = [{"id": 1, "name": "a"}, {"id": 2, "name": None}]


class Documented:
    """The documented methods, with their documented signatures, and no base class."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows
        self.asked: list[tuple[Any, ...]] = []

    def execute(
        self,
        stmt: str,
        params: list[Any],
        consistency: str | None = None,
        timeout: float | None = None,
        fetch_size: int | None = None,
        paging_state: bytes | None = None,
    ) -> list[dict[str, Any]]:
        self.asked.append((stmt, params, consistency, timeout, fetch_size, paging_state))
        return self.rows

    def sync_table(
        self,
        table: str,
        keyspace: str,
        cols: list[Any],
        table_options: dict[str, Any] | None = None,
        dry_run: bool = False,
        drop_removed_indexes: bool = False,
    ) -> list[str]:
        self.asked.append((table, keyspace, cols, table_options, dry_run, drop_removed_indexes))
        return ["CREATE TABLE …", "CREATE INDEX …"]

    def close(self) -> None: ...

    async def execute_async(
        self,
        stmt: str,
        params: list[Any],
        consistency: str | None = None,
        timeout: float | None = None,
        fetch_size: int | None = None,
        paging_state: bytes | None = None,
    ) -> list[dict[str, Any]]:
        return self.execute(stmt, params, consistency, timeout, fetch_size, paging_state)

    async def sync_table_async(
        self,
        table: str,
        keyspace: str,
        cols: list[Any],
        table_options: dict[str, Any] | None = None,
        dry_run: bool = False,
        drop_removed_indexes: bool = False,
    ) -> list[str]:
        return self.sync_table(table, keyspace, cols, table_options, dry_run, drop_removed_indexes)

    async def close_async(self) -> None: ...


class Subclass(Documented, AbstractDriver):
    """The same as a subclass of the contract."""


def ask(asked: Request | BatchRequest | TableRequest) -> Op[Reply]:
    return (yield asked)


@pytest.fixture(params=[Documented, Subclass])
def driver(request: pytest.FixtureRequest) -> Any:
    return request.param(ROWS)


@pytest.fixture(params=["drive", "adrive"])
def run(request: pytest.FixtureRequest) -> Any:
    async def driven(operation: Op[Any], driver: Any) -> Any:
        return drive(operation, driver) if request.param == "drive" else await adrive(operation, driver)

    return driven


async def test_a_request_becomes_a_call_of_execute(driver: Any, run: Any) -> None:
    reply = await run(ask(Request(SELECT, (7,), "ONE", 2.0, 10, b"state")), driver)
    assert driver.asked == [(SELECT.cql, [7], "ONE", 2.0, 10, b"state")]
    assert isinstance(driver.asked[0][1], list)
    assert (reply.rows, reply.columns) == ([(1, "a"), (2, None)], ("id", "name"))
    assert (reply.paging_state, reply.applied, reply.warnings) == (None, None, ())


async def test_an_answer_without_rows_has_no_columns(run: Any) -> None:
    reply = await run(ask(Request(SELECT, (7,))), Documented([]))
    assert (reply.rows, reply.columns) == ([], ())


async def test_an_answer_that_carries_more_is_read_whole(run: Any) -> None:
    rows = Rows(Reply([], ("id", "name"), b"next", None, ["slow"]))
    reply = await run(ask(Request(SELECT, (7,))), Documented(rows))
    assert (reply.columns, reply.paging_state, reply.warnings) == (("id", "name"), b"next", ["slow"])


async def test_of_two_columns_with_one_name_dicts_have_the_last_alone(run: Any) -> None:
    # So answers a driver that hands on what the execute of one of ours returned.
    statement = statement_of("SELECT id, name, id + 1 AS id FROM shop.t")
    rows = Rows(Reply([(1, "a", 2), (2, "b", 3)], ("id", "name", "id"), b"next"))
    reply = await run(ask(Request(statement)), Documented(rows))
    assert (reply.rows, reply.columns, reply.paging_state) == ([(2, "a"), (3, "b")], ("id", "name"), b"next")


async def test_rows_may_have_their_columns_in_any_order(run: Any) -> None:
    reply = await run(ask(Request(SELECT, (7,))), Documented([{"id": 1, "name": "a"}, {"name": "b", "id": 2}]))
    assert (reply.rows, reply.columns) == ([(1, "a"), (2, "b")], ("id", "name"))


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([{"id": 1, "name": "canary"}, {"id": 2}], "row 2 of its answer lacks column 'name'"),
        ([{"id": 1}, {"id": 2, "name": "canary"}], "row 1 of its answer lacks column 'name'"),
        ([{"id": 1}, ("canary",)], "row 2 of its answer is a tuple; execute returns a list of dicts"),
        ([("canary",)], "row 1 of its answer is a tuple; execute returns a list of dicts"),
        ([5], "row 1 of its answer is a int; execute returns a list of dicts"),
    ],
)
@pytest.mark.parametrize(("statement", "outcome"), [(SELECT, "not_applied"), (INSERT, "unknown")])
async def test_an_answer_whose_rows_differ_is_refused(
    run: Any, rows: Any, sentence: str, statement: Statement, outcome: str
) -> None:
    with pytest.raises(DriverError, match=f"the driver Documented: {sentence}") as caught:
        await run(ask(Request(statement, (7,))), Documented(rows))
    assert (caught.value.outcome, caught.value.retryable) == (outcome, False)
    assert caught.value.statement_kind is statement.kind
    assert "canary" not in str(caught.value)


async def coroutine() -> list[dict[str, Any]]:
    return [{"id": "canary"}]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda: iter([{"id": "canary"}]), "its answer is a list_iterator; execute returns a list of dicts"),
        (lambda: {"id": "canary"}, "its answer is a dict; execute returns a list of dicts"),
        (coroutine, "its answer is a coroutine; execute returns a list of dicts, and execute_async is awaited"),
    ],
)
async def test_an_answer_that_is_no_list_is_refused(run: Any, answer: Any, sentence: str) -> None:
    with pytest.raises(DriverError, match=f"^the driver Documented: {sentence}$") as caught:
        await run(ask(Request(INSERT, (7,))), Documented(answer()))
    assert caught.value.outcome == "unknown"


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda: iter(["CREATE …"]), "its answer is a list_iterator; sync_table returns a list of texts"),
        (lambda: "CREATE …", "its answer is a str; sync_table returns a list of texts"),
        (coroutine, "its answer is a coroutine; sync_table returns a list of texts, and sync_table_async is awaited"),
    ],
)
async def test_statements_that_are_no_list_are_refused(run: Any, answer: Any, sentence: str) -> None:
    class Odd(Documented):
        def sync_table(self, *_: Any, **__: Any) -> Any:
            return answer()

    with pytest.raises(DriverError, match=f"^the driver Odd: {sentence}$"):
        await run(ask(TableRequest("t", "shop", [])), Odd([]))


async def test_none_are_no_statements(run: Any) -> None:
    class Silent(Documented):
        def sync_table(self, *_: Any, **__: Any) -> Any:
            return None

    assert (await run(ask(TableRequest("t", "shop", [])), Silent([]))).rows == []


async def test_none_is_an_answer_without_rows(run: Any) -> None:
    nothing: Any = None
    reply = await run(ask(Request(INSERT, (7,))), Documented(nothing))
    assert (reply.rows, reply.columns, reply.applied) == ([], (), None)


@pytest.mark.parametrize(
    ("statement", "applied"),
    [(statement_of("INSERT INTO shop.t (id) VALUES (?) IF NOT EXISTS"), False), (SELECT, None)],
)
async def test_the_applied_column_counts_for_conditional_statements_only(
    run: Any, statement: Statement, applied: bool | None
) -> None:
    reply = await run(ask(Request(statement, (7,))), Documented([{"[applied]": False, "id": 1}]))
    assert reply.applied is applied


async def test_a_batch_becomes_one_text(driver: Any, run: Any) -> None:
    await run(ask(BatchRequest([(INSERT, (1,)), (INSERT, (2,))], "unlogged", "QUORUM", 3.0, 42)), driver)
    text = (
        "BEGIN UNLOGGED BATCH USING TIMESTAMP ? INSERT INTO shop.t (id) VALUES (?); "
        "INSERT INTO shop.t (id) VALUES (?); APPLY BATCH"
    )
    assert driver.asked == [(text, [42, 1, 2], "QUORUM", 3.0, None, None)]


async def test_a_table_request_becomes_a_call_of_sync_table(driver: Any, run: Any) -> None:
    columns = [ColumnDefinition("id", "int", primary_key=True)]
    reply = await run(ask(TableRequest("t", "shop", columns, {"comment": "x"}, dry_run=True)), driver)
    assert driver.asked == [("t", "shop", columns, {"comment": "x"}, True, False)]
    assert reply.rows == [("CREATE TABLE …",), ("CREATE INDEX …",)]


@pytest.mark.parametrize("kind", ["logged", "unlogged", "counter"])
def test_a_batch_as_text_keeps_what_is_known_of_its_parts(kind: Any) -> None:
    idempotent = Statement("INSERT INTO t (a) VALUES (?)", StatementKind.INSERT, idempotent=True)
    conditional = statement_of("UPDATE t SET a = ? WHERE k = ? IF a = ?")
    whole = batch_as_request(BatchRequest([(idempotent, (1,))], kind)).statement
    assert (whole.kind, whole.idempotent, whole.conditional) == (StatementKind.BATCH, kind != "counter", False)
    assert not batch_as_request(BatchRequest([(idempotent, (1,))], kind, timestamp=42)).statement.idempotent
    mixed = batch_as_request(BatchRequest([(idempotent, (1,)), (conditional, (1, 2, 3))], kind))
    assert (mixed.statement.idempotent, mixed.statement.conditional, mixed.params) == (False, True, [1, 1, 2, 3])


async def test_execute_one_gives_the_first_column_of_the_first_row() -> None:
    driver = Subclass(ROWS)
    assert driver.execute_one("SELECT …", [1], "ONE", 2.0) == 1
    assert await driver.execute_one_async("SELECT …", [1], "ONE", 2.0) == 1
    assert driver.asked == [("SELECT …", [1], "ONE", 2.0, None, None)] * 2
    assert Subclass([]).execute_one("SELECT …", []) is None
    assert await Subclass([]).execute_one_async("SELECT …", []) is None


class Half:
    """A driver with one half of the documented methods, whichever that is."""

    def __init__(self, half: str) -> None:
        whole = Documented([])
        for name in ("execute", "sync_table"):
            method = name if half == "blocking" else f"{name}_async"
            setattr(self, method, getattr(whole, method))


async def test_a_half_that_a_driver_lacks_is_told() -> None:
    def asking(asked: Any) -> Op[Reply]:
        reply: Reply = yield asked
        return reply

    blocking: Any = Half("blocking")
    awaiting: Any = Half("awaiting")
    table = TableRequest("t", "shop", [])
    assert drive(asking(Request(SELECT)), blocking).rows == []
    assert (await adrive(asking(Request(SELECT)), awaiting)).rows == []
    with pytest.raises(ConfigurationError, match="Half has no method execute_async: it has execute alone, and this is"):
        await adrive(asking(Request(SELECT)), blocking)
    with pytest.raises(ConfigurationError, match="no method sync_table_async: it has sync_table alone"):
        await adrive(asking(table), blocking)
    with pytest.raises(ConfigurationError, match="no method execute: it has execute_async alone, and this is blocking"):
        drive(asking(Request(SELECT)), awaiting)
    with pytest.raises(ConfigurationError, match="no method sync_table: it has sync_table_async alone"):
        drive(asking(table), awaiting)
