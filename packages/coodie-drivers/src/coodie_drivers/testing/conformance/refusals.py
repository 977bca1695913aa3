"""Errors: of the right kind, with what is known about the outcome, and never with a value in them."""

from __future__ import annotations

import re
import traceback
from typing import TYPE_CHECKING, Any

import pytest

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
from coodie_drivers.messages import BatchRequest, statement_of
from coodie_drivers.testing.conformance.answers import SmallTableSuite
from coodie_drivers.testing.conformance.suite import fresh_number, made_once
from coodie_drivers.values import UNSET
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from coodie_drivers.testing.conformance.suite import Connect
    from coodie_drivers.testing.conformance.ways import Way

__all__ = ["RefusalCases"]

CANARY = "canary-7"
"""A value that must not show in an error."""


def shown(error: BaseException) -> str:
    """Return all that a log would show of an error, without the lines of source code."""
    told: traceback.TracebackException | None = traceback.TracebackException.from_exception(error)
    lines: list[str] = []
    while told is not None:
        lines += told.format_exception_only()
        told = told.__cause__ or (None if told.__suppress_context__ else told.__context__)
    return "".join(lines)


class RefusalCases(SmallTableSuite):
    """The cases about errors."""

    def test_what_is_no_cql_is_refused_by_its_text(self, way: Way) -> None:
        with pytest.raises(InvalidSyntaxError, match=r"line 1:9 .*FORM") as caught:
            way.execute("SELECT * FORM t")
        assert (caught.value.cql, caught.value.statement_kind) == ("SELECT * FORM t", StatementKind.SELECT)
        with pytest.raises(InvalidSyntaxError):
            way.execute("SELECT * FORM t WHERE id = ?", [1])

    def test_what_is_no_text_is_refused(self, way: Way) -> None:
        wrong: Any = 7
        with pytest.raises(InvalidQueryError, match="a statement is a str of CQL, not int"):
            way.execute(wrong)

    @pytest.mark.parametrize(
        ("stmt", "params", "sentence"),
        [
            ("SELECT * FROM {keyspace}.nowhere WHERE id = ?", [1], "table nowhere does not exist"),
            ("SELECT zzz FROM {small} WHERE id = ?", [1], "Undefined column name zzz"),
            ("SELECT * FROM {small} WHERE name = ?", ["x"], "ALLOW FILTERING"),
            ("SELECT * FROM nowhere.t", [], "keyspace nowhere does not exist"),
            ("SELECT * FROM t", [], "No keyspace has been specified"),
        ],
        ids=["table", "column", "filtering", "keyspace", "no keyspace"],
    )
    def test_what_cannot_be_is_refused_by_the_servers_own_sentence(
        self, way: Way, small: str, keyspace: str, stmt: str, params: list[Any], sentence: str
    ) -> None:
        with pytest.raises(InvalidRequestError, match=sentence) as caught:
            way.execute(stmt.format(small=small, keyspace=keyspace), params)
        assert (caught.value.outcome, caught.value.retryable) == ("not_applied", False)

    def test_what_exists_already_is_told_apart(self, way: Way, small: str, keyspace: str) -> None:
        with pytest.raises(AlreadyExistsError, match=f"'{small}' already exists"):
            way.execute(f"CREATE TABLE {small} (id int PRIMARY KEY)")
        replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
        with pytest.raises(AlreadyExistsError, match=f"'{keyspace}' already exists"):
            way.execute(f"CREATE KEYSPACE {keyspace} WITH replication = {replication}")

    @pytest.mark.parametrize(
        ("column", "value", "reason"),
        [
            ("id", CANARY, "int takes int, not str"),
            ("id", True, "int takes int, not bool"),
            ("id", 2**31, "from -2147483648 to 2147483647"),
            ("name", CANARY.encode(), "text takes str, not bytes"),
            ("name", f"{CANARY}\ud800", "cannot carry a character that UTF-8 has not"),
            ("tags", CANARY, "set<text> takes set or frozenset, not str"),
            ("tags", {CANARY, 7}, "text takes str, not int"),
            ("tags", {None}, "set<text> cannot hold null"),
            ("tags", {f"{CANARY}\ud800"}, "cannot carry a character that UTF-8 has not"),
        ],
        ids=[
            "str",
            "bool",
            "large",
            "bytes",
            "surrogate",
            "str for set",
            "mixed set",
            "null in set",
            "nested surrogate",
        ],
    )
    def test_a_value_that_cannot_be_bound_names_column_and_type_but_never_itself(
        self, way: Way, small: str, column: str, value: object, reason: str
    ) -> None:
        columns = ["id"] if column == "id" else ["id", column]
        stmt = f"INSERT INTO {small} ({', '.join(columns)}) VALUES ({', '.join('?' for _ in columns)})"
        with pytest.raises(InvalidQueryError, match=reason) as caught:
            way.execute(stmt, [value] if column == "id" else [1, value])
        assert f"column '{column}'" in str(caught.value)
        assert CANARY not in shown(caught.value)

    @pytest.mark.parametrize(
        ("stmt", "params"),
        [
            ("INSERT INTO {small} (name, id) VALUES (?, ?)", ["x", None]),
            ("UPDATE {small} SET name = ? WHERE id = ?", ["x", None]),
            ("SELECT name FROM {small} WHERE id = ?", [None]),
            ("SELECT * FROM {small} WHERE id = ?", [None]),
            ("DELETE FROM {small} WHERE id = ?", [None]),
        ],
        ids=["insert", "update", "select", "select *", "delete"],
    )
    def test_a_null_in_the_partition_key_is_refused_before_it_is_sent(
        self, way: Way, small: str, stmt: str, params: list[Any]
    ) -> None:
        sentence = re.escape("column 'id' (int): a partition key column cannot be null")
        with pytest.raises(InvalidQueryError, match=sentence) as caught:
            way.execute(stmt.format(small=small), params)
        assert not isinstance(caught.value, InvalidRequestError)
        if way.driver.supports_unset:
            with pytest.raises(InvalidQueryError, match=sentence.replace("null", "unset")):
                way.execute(stmt.format(small=small), [UNSET if value is None else value for value in params])

    @pytest.mark.parametrize("params", [[1], [1, "a", "b"]], ids=["too few", "too many"])
    def test_values_are_as_many_as_markers(self, way: Way, small: str, params: list[Any]) -> None:
        with pytest.raises(InvalidQueryError, match=r"2 markers.*[13] values? (was|were) given"):
            way.execute(f"INSERT INTO {small} (id, name) VALUES (?, ?)", params)

    def test_a_statement_without_markers_takes_no_values(self, way: Way, small: str) -> None:
        with pytest.raises(InvalidQueryError, match=r"0 markers.*1 value was given"):
            way.execute(f"SELECT id FROM {small} WHERE id = 1", [1])

    @pytest.mark.parametrize("ttl", [-4_242_424, 630_720_001])
    def test_a_bound_number_is_not_repeated_in_the_refusal(self, way: Way, small: str, ttl: int) -> None:
        with pytest.raises(InvalidRequestError, match=r"(?i)ttl") as caught:
            way.execute(f"INSERT INTO {small} (id, name) VALUES (?, ?) USING TTL ?", [1, "x", ttl])
        assert str(abs(ttl)) not in shown(caught.value)

    def test_bound_json_is_not_repeated_in_the_refusal(self, way: Way, small: str) -> None:
        for text in (f'{{"id": "{CANARY}"}}', CANARY):
            with pytest.raises(InvalidRequestError, match="JSON") as caught:
                way.execute(f"INSERT INTO {small} JSON ?", [text])
            assert CANARY not in shown(caught.value)

    def test_a_batch_too_large_for_the_protocol_is_refused(self, way: Way, small: str) -> None:
        number = fresh_number()
        insert = statement_of(f"INSERT INTO {small} (id) VALUES ({number})")
        with pytest.raises(InvalidQueryError, match="65,535 statements at most, and this one has 65,538"):
            way.send(BatchRequest([(insert, ())] * 65_538, "unlogged"))
        assert way.execute(f"SELECT id FROM {small} WHERE id = ?", [number]) == []

    def test_too_few_replicas_are_told(self, way: Way, small: str) -> None:
        with pytest.raises(UnavailableError, match=r"consistency THREE needs .*live replicas") as caught:
            way.execute(f"INSERT INTO {small} (id) VALUES (?)", [fresh_number()], "THREE")
        assert (caught.value.outcome, caught.value.retryable) == ("not_applied", True)
        assert caught.value.statement_kind is StatementKind.INSERT
        assert caught.value.consistency == "THREE"

    def test_too_few_replicas_are_told_with_their_numbers(self, way: Way, small: str) -> None:
        with pytest.raises(UnavailableError, match="THREE needs 3 live replicas, there are 1") as caught:
            way.execute(f"INSERT INTO {small} (id) VALUES (?)", [fresh_number()], "THREE")
        assert (caught.value.required, caught.value.alive) == (3, 1)

    def test_the_default_consistency_of_a_connection_holds(self, connect: Connect, small: str) -> None:
        own: Way = connect(consistency="THREE")
        with pytest.raises(UnavailableError, match="consistency THREE needs"):
            own.execute(f"INSERT INTO {small} (id) VALUES (?)", [fresh_number()])
        own.execute(f"INSERT INTO {small} (id) VALUES (?)", [fresh_number()], "ONE")

    def test_a_consistency_that_there_is_not_is_refused(self, way: Way, small: str) -> None:
        with pytest.raises(CoodieError, match=r"QUORM.*did you mean 'QUORUM'") as caught:
            way.execute(f"SELECT id FROM {small} WHERE id = ?", [1], "QUORM")
        assert caught.value.outcome == "not_applied"

    def test_a_failing_function_is_told_by_name(self, way: Way, driver: Any, small: str, keyspace: str) -> None:
        function = f"{keyspace}.fails"
        throws = f'if (true) throw new RuntimeException("{CANARY}"); return n;'
        text = "CREATE FUNCTION {name} (n int) CALLED ON NULL INPUT RETURNS int LANGUAGE java AS "
        made_once(driver, function, f"{text}'{throws}'")
        number = fresh_number()
        way.execute(f"INSERT INTO {small} (id) VALUES (?)", [number])
        with pytest.raises(FunctionFailureError, match=f"function '{function}' failed") as caught:
            way.execute(f"SELECT {function}(id) FROM {small} WHERE id = ?", [number])
        assert caught.value.function == function
        assert CANARY not in shown(caught.value)

    def test_the_clients_own_limit_leaves_a_write_unknown(self, way: Way, small: str) -> None:
        stmt = f"INSERT INTO {small} (id, name) VALUES (?, ?)"
        way.execute(stmt, [fresh_number(), "x"])
        outcomes: set[tuple[str, bool, bool]] = set()
        for _ in range(1_000):  # a library that measures in milliseconds may have the answer before it looks
            try:
                way.execute(stmt, [fresh_number(), "x"], None, 1e-9)
            except OperationTimedOutError as error:
                outcomes.add((error.outcome, error.attempts > 0, error.retryable))
                break
        assert outcomes <= {("unknown", True, True), ("not_applied", False, True)}
        assert outcomes
        assert way.execute(stmt, [fresh_number(), "x"]) == []

    def test_refusals_are_no_failures_of_the_cluster(self, way: Way) -> None:
        refused = way.together("execute", [(stmt, []) for stmt in ("SELECT", "zzz", "SELECT * FROM a.b")])
        assert [isinstance(error, CoodieError) and not isinstance(error, DriverError) for error in refused] == [
            True
        ] * 3
