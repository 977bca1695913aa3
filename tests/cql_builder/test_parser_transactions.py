from __future__ import annotations

from typing import Final

import pytest

from cql_builder.ast import (
    Add,
    Assign,
    Bind,
    ColumnName,
    CountRows,
    Delete,
    Element,
    Field,
    FunctionCall,
    FunctionName,
    Insert,
    IntegerLiteral,
    Let,
    ReferenceComparison,
    ReferenceIsNull,
    RowReference,
    Select,
    Transaction,
    Update,
)
from cql_builder.compiler import compile_statement
from cql_builder.errors import CqlSyntaxError, DialectSyntaxError
from cql_builder.parser.parse import parse_cql, parse_script

DIALECT: Final = "cassandra-6.0"
A, B = ColumnName("a"), ColumnName("b")
FIVE = IntegerLiteral("5")
ROW_A = RowReference("row", A)


def read(inside: str) -> Transaction:
    """Return what the transaction is read as, which is what it is read as when it was written again."""
    transaction = parse_cql(f"BEGIN TRANSACTION {inside} COMMIT TRANSACTION", dialect=DIALECT)
    assert isinstance(transaction, Transaction)
    assert parse_cql(compile_statement(transaction, dialect=DIALECT).cql, dialect=DIALECT) == transaction
    return transaction


def test_a_transaction_may_do_nothing() -> None:
    assert read("") == Transaction()


def test_let_gives_a_row_a_name_in_lower_case() -> None:
    let = read("LET Row = (SELECT a, count(*) FROM ks.t WHERE a = 5 LIMIT ?);").reads[0]
    assert (let.name, let.selection, let.limit) == ("row", (A, CountRows()), Bind())
    assert (let.table.keyspace, let.table.name, len(let.where)) == ("ks", "t", 1)


def test_let_may_select_everything_and_stand_alone() -> None:
    let = parse_cql("LET row = (SELECT * FROM t WHERE a = 5)", dialect=DIALECT)
    assert isinstance(let, Let)
    assert let.selection == ()


def test_the_answer_is_a_select() -> None:
    answer = read("SELECT a.b, a FROM t LIMIT 5;").answer
    assert isinstance(answer, Select)
    assert answer.limit == FIVE


def test_the_answer_may_be_what_was_read() -> None:
    assert read('SELECT row, row.a, row.a.b, row.a[5], "Row"."A";').answer == (
        RowReference("row"),
        ROW_A,
        RowReference("row", Field(A, "b")),
        RowReference("row", Element(A, FIVE)),
        RowReference("Row", ColumnName("A")),
    )


def test_conditions_have_a_reference_on_one_side() -> None:
    transaction = read("IF row IS NULL AND row.a IS NOT NULL AND row.a != now() AND 5 <= row.a THEN END IF")
    assert transaction.conditions == (
        ReferenceIsNull(RowReference("row")),
        ReferenceIsNull(ROW_A, negated=True),
        ReferenceComparison(ROW_A, "!=", FunctionCall(FunctionName("now"))),
        ReferenceComparison(FIVE, "<=", ROW_A),
    )


def test_values_that_are_written_may_be_references() -> None:
    insert, update, delete = read(
        "INSERT INTO t (a, b) VALUES (row.a, 5); UPDATE t SET a = row.a, b += row.a WHERE a = 5; "
        "DELETE FROM t WHERE a = 5;"
    ).updates
    assert isinstance(insert, Insert)
    assert insert.values == (ROW_A, FIVE)
    assert isinstance(update, Update)
    assert update.assignments == (Assign(A, ROW_A), Add(B, ROW_A))
    assert isinstance(delete, Delete)


def test_a_script_goes_on_after_a_transaction() -> None:
    script = "BEGIN TRANSACTION LET r = (SELECT a FROM t WHERE a = 5); SELECT r.a; COMMIT TRANSACTION; SELECT a FROM t;"
    assert [type(statement) for statement in parse_script(script, dialect=DIALECT)] == [Transaction, Select]


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        ('LET "Row" = (SELECT a FROM t WHERE a = 5);', "expected a name"),
        ("LET key = (SELECT a FROM t WHERE a = 5);", "expected a name"),
        ("LET row = (SELECT a FROM t);", "expected WHERE"),
        ("LET row = (SELECT a AS b FROM t WHERE a = 5);", "expected FROM"),
        ("LET row = (SELECT a FROM t WHERE a = 5)", "expected ';'"),
        ("SELECT a FROM t", "expected ';'"),
        ("SELECT *;", "expected a row"),
        ("SELECT row.a; SELECT row.b;", "expected COMMIT"),
        ("SELECT row.a.b.c;", "expected ';'"),
        ("INSERT INTO t (a) VALUES (5);  END IF", "expected COMMIT"),
        ("INSERT INTO t (a) VALUES (5)", "expected ';'"),
        ("INSERT INTO t (a) VALUES (row.a + 1);", "expected ')'"),
        ("UPDATE t SET a = 5 WHERE a = row.a;", "expected a value"),
        ("IF row.a = 5 THEN", "expected END"),
        ("IF row.a = row.b THEN END IF", "expected a value"),
        ("IF 5 = 5 THEN END IF", "expected a row"),
        ("IF row.a IN (5) THEN END IF", "expected a comparison"),
        ("IF row.a = 5 OR row.a = 6 THEN END IF", "expected THEN"),
    ],
)
def test_what_is_refused_is_refused_with_a_reason(inside: str, reason: str) -> None:
    with pytest.raises(CqlSyntaxError) as refused:
        parse_cql(f"BEGIN TRANSACTION {inside} COMMIT TRANSACTION", dialect=DIALECT)
    assert reason in str(refused.value)


@pytest.mark.parametrize("text", ["UPDATE t SET a = row.a WHERE a = 5", "INSERT INTO t (a) VALUES (row.a)"])
def test_references_are_refused_outside_of_transactions(text: str) -> None:
    with pytest.raises(CqlSyntaxError, match="expected"):
        parse_cql(text, dialect=DIALECT)


@pytest.mark.parametrize("text", ["BEGIN TRANSACTION COMMIT TRANSACTION", "LET row = (SELECT a FROM t WHERE a = 5)"])
def test_older_dialects_have_no_transactions(text: str) -> None:
    with pytest.raises(DialectSyntaxError, match="BEGIN TRANSACTION"):
        parse_cql(text)
