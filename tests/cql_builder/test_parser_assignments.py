"""Which assignments of one UPDATE go together: what each server's parser refuses, and what it leaves to later."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest

from cql_builder import compile_statement, parse_cql, parse_script, row, transaction, update
from cql_builder.ast import Batch, Update
from cql_builder.builder import col
from cql_builder.dialects import DIALECTS
from cql_builder.errors import CqlSyntaxError, StatementError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cql_builder.builder.parts import Assignment
    from cql_builder.dialects import DialectName

CASSANDRAS = [dialect for dialect in DIALECTS if dialect.startswith("cassandra")]
ASSIGNMENTS = ("a = 1", "a = [1] + a", "a = a + 1", "a = a -1", "a += 1", "a -= 1", "a[1] = 2", "a.b = 1", 'a."B" = 1')
OTHERS = ('a."b" = 1', "A = 1", '"A" = 1', "b = 1")
REFERENCES = ("a = r", "a = r.a", "a += r.a", "a[1] = r.a", "a.b = r.a")
TWICE = "column 'a' is assigned twice"
AS_A_WHOLE = f"{TWICE}, and once as a whole; leave one of the two out"
WHAT_WAS_READ = f"{TWICE}, and once what the transaction has read; leave one of the two out"


def in_transaction(assigned: str) -> str:
    return f"BEGIN TRANSACTION UPDATE t SET {assigned} WHERE k = 1; COMMIT TRANSACTION"


def is_refused(text: str, dialect: DialectName) -> bool:
    try:
        parse_cql(text, dialect=dialect)
    except CqlSyntaxError:
        return True
    return False


@pytest.mark.parametrize("dialect", CASSANDRAS)
@pytest.mark.parametrize(
    ("before", "second", "reason"),
    [
        ("a = 1, ", "a = 2", f"{TWICE}; assign it once"),
        ("a = 1, b = 2, ", '"a" = 3', f"{TWICE}; assign it once"),
        ("a = 1, ", "a[2] = 2", AS_A_WHOLE),
        ("a[2] = 2, b = ?, ", "A = 1", AS_A_WHOLE),
        ("a = 1, ", "a.b = 2", AS_A_WHOLE),
        ("a.b = 2, ", "a = 1", AS_A_WHOLE),
        ("a += 1, ", "a = 1", AS_A_WHOLE),
        ("a = [1] + a, ", "a = [2]", AS_A_WHOLE),
        ("a.b = 1, a.c = 2, a[1] = 3, ", "a.b = 4", f"field 'b' of {TWICE}; assign it once"),
    ],
)
def test_what_excludes_each_other_is_refused_at_the_second(
    dialect: DialectName, before: str, second: str, reason: str
) -> None:
    text = f"UPDATE t SET {before}{second} WHERE k = 1"
    for whole in (text, f"BEGIN BATCH {text}; APPLY BATCH"):
        with pytest.raises(CqlSyntaxError) as refused:
            parse_cql(whole, dialect=dialect)
        assert type(refused.value) is CqlSyntaxError
        assert refused.value.reason == reason
        assert refused.value.position == whole.index(before) + len(before)
    assert isinstance(parse_cql(text.replace(" += 1", " = a + 1"), dialect="scylla"), Update)


@pytest.mark.parametrize(
    ("before", "second", "reason"),
    [
        ("a = r.a, ", "a = r.b", WHAT_WAS_READ),
        ("a = r.a, ", "a = 1", WHAT_WAS_READ),
        ("a[1] = 1, ", "a[2] = r.b", WHAT_WAS_READ),
        ("a.b = r.b, ", "a.c = 1", WHAT_WAS_READ),
    ],
)
def test_what_a_transaction_has_read_is_assigned_alone(before: str, second: str, reason: str) -> None:
    text = in_transaction(before + second)
    with pytest.raises(CqlSyntaxError) as refused:
        parse_cql(text, dialect="cassandra-6.0")
    assert (refused.value.reason, refused.value.position) == (reason, text.index(before) + len(before))
    parse_cql(in_transaction(f"{before}b = r.a"), dialect="cassandra-6.0")


@pytest.mark.parametrize(
    "assigned", ["a[1] = 1, a[1] = 2", "a = a + 1, a = a - 1", "a.b = 1, a.c = 2, a[1] = 3", "a = [1] + a, a = a + [2]"]
)
def test_parts_of_a_column_go_together(assigned: str) -> None:
    text = f"UPDATE t SET {assigned} WHERE k = 1"
    for dialect in DIALECTS:
        assert compile_statement(parse_cql(text, dialect=dialect), dialect=dialect).cql == text


def test_a_column_is_assigned_again_in_another_statement() -> None:
    text = "UPDATE t SET a = 1 WHERE k = 1;"
    assert isinstance(parse_cql(f"BEGIN BATCH {text} {text} APPLY BATCH"), Batch)
    assert len(parse_script(text * 2)) == 2


def test_columns_of_insert_are_counted_after_parsing() -> None:
    for dialect in DIALECTS:
        parse_cql("INSERT INTO t (a, a) VALUES (1, 2)", dialect=dialect)


@pytest.mark.parametrize("dialect", CASSANDRAS)
def test_the_verdict_on_each_pair_is_the_servers(
    dialect: DialectName, refusals: Callable[[Sequence[str], str], list[str | None]]
) -> None:
    pairs = product(ASSIGNMENTS + OTHERS, repeat=2)
    texts = [f"UPDATE t SET {one}, {other} WHERE k = 1" for one, other in pairs]
    if dialect == "cassandra-6.0":
        pairs = product(ASSIGNMENTS + REFERENCES, repeat=2)
        texts += [in_transaction(f"{one}, {other}") for one, other in pairs]
    said = refusals(texts, dialect)
    assert [text for text, error in zip(texts, said, strict=True) if is_refused(text, dialect) == (error is None)] == []


def test_many_elements_take_no_more_than_their_number() -> None:
    text = f"UPDATE t SET {', '.join(f'a[{index}] = 1' for index in range(20_000))} WHERE k = 1"
    tree = parse_cql(text)
    assert isinstance(tree, Update)
    assert len(tree.assignments) == 20_000


@pytest.mark.parametrize(
    ("assigned", "reason"),
    [
        ([col("a").set(1), col("a").set(2)], f"{TWICE}; assign it once"),
        ([col("a")["k"].set(1), col("a").set(2)], AS_A_WHOLE),
        ([col("a")["k"].set(row("r").column("a")), col("a")["l"].set(2)], WHAT_WAS_READ),
        ([col("a").add(1), col("a").add(row("r").column("a"))], WHAT_WAS_READ),
        ([col("a").field("b").set(1), col("a").field("b").set(2)], f"field 'b' of {TWICE}; assign it once"),
    ],
)
def test_what_is_built_keeps_the_same_rules(assigned: list[Assignment], reason: str) -> None:
    with pytest.raises(StatementError) as refused:
        update("t").set(*assigned)
    assert refused.value.reason == reason


def test_what_a_transaction_has_read_goes_beside_other_columns() -> None:
    write = update("t").set(col("a").add(row("r").column("a")), b=row("r").column("b")).where(col("k") == 1)
    built = transaction().then(write).compile(dialect="cassandra-6.0")
    assert "SET a += r.a, b = r.b WHERE" in built.cql
