"""Texts that are hardly meant as the names that they would be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from cql_builder import (
    TableName,
    all_functions,
    all_tables,
    alter_keyspace,
    col,
    create_aggregate,
    create_index,
    create_keyspace,
    delete_from,
    describe_keyspace,
    drop_index,
    drop_keyspace,
    drop_type,
    fn,
    keyspace,
    select,
    update,
    use,
)
from cql_builder.ast import ColumnName, FunctionName, IndexName
from cql_builder.errors import StatementError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cql_builder.builder.statement import StatementBuilder

SIMPLE: Mapping[str, str | int] = {"class": "SimpleStrategy", "replication_factor": 1}
NO_DOT = "'a.b' is not taken for a keyspace; name the keyspace alone, without a dot"
QUOTED = "has quotes, which are written where they must be; write"


def aggregate(state_function: Any = "plus", **others: Any) -> StatementBuilder:
    return create_aggregate("total", ["int"], state_function=state_function, state_type="int", **others)


@pytest.mark.parametrize(
    ("write", "sentence"),
    [
        (lambda: use("a.b"), f"USE: {NO_DOT}"),
        (lambda: create_keyspace("a.b", SIMPLE), f"CREATE KEYSPACE: {NO_DOT}"),
        (lambda: alter_keyspace("a.b", SIMPLE), f"ALTER KEYSPACE: {NO_DOT}"),
        (lambda: drop_keyspace("a.b"), f"DROP KEYSPACE: {NO_DOT}"),
        (lambda: describe_keyspace("a.b"), f"DESCRIBE: {NO_DOT}"),
        (lambda: keyspace("a.b"), f"keyspace(): {NO_DOT}"),
        (lambda: all_tables("a.b"), f"all_tables(): {NO_DOT}"),
        (lambda: all_functions("a.b"), f"all_functions(): {NO_DOT}"),
        (lambda: use('"a"'), f"USE: '\"a\"' {QUOTED} 'a'; no keyspace has quotes in its name"),
        (
            lambda: create_index("ks.i"),
            "CREATE INDEX: the index is in the keyspace of the table; leave the keyspace out",
        ),
        (lambda: create_index(IndexName("i", "ks")), "CREATE INDEX: the index is in the keyspace of the table"),
        (lambda: create_index(cast("Any", 5)), "CREATE INDEX: an index takes a str or an IndexName, not int"),
        (
            lambda: aggregate(state_function="ks.a"),
            "CREATE AGGREGATE: state_function is in the keyspace of the",
        ),
        (
            lambda: aggregate(final_function="ks.a"),
            "CREATE AGGREGATE: final_function is in the keyspace of the",
        ),
        (lambda: aggregate(reduce_function="ks.a"), "CREATE AGGREGATE: reduce_function is in the keyspace of the"),
        (
            lambda: aggregate(state_function=3),
            "CREATE AGGREGATE: state_function takes a str or a FunctionName",
        ),
        (
            lambda: select("a").from_('"ks"."t"'),
            f"SELECT: '\"ks\".\"t\"' {QUOTED} 'ks.t'; for a name with quotes in it give TableName(…)",
        ),
        (lambda: update('"t"'), f"UPDATE: '\"t\"' {QUOTED} 't'"),
        (
            lambda: drop_index('ks."i"'),
            f"DROP INDEX: 'ks.\"i\"' {QUOTED} 'ks.i'; for a name with quotes in it",
        ),
        (lambda: drop_type('"u"'), f"DROP TYPE: '\"u\"' {QUOTED} 'u'; for a name with quotes in it give UserType(…)"),
        (lambda: fn.call('"f"'), f"fn.call(): '\"f\"' {QUOTED} 'f'; for a name with quotes in it give FunctionName(…)"),
        (
            lambda: select("m['k']"),
            """SELECT: "m['k']" is not taken for a column; an element is col("…")["…"]""",
        ),
        (
            lambda: select("u.f"),
            'SELECT: \'u.f\' is not taken for a column; a field is col("…").field("…"), and the table',
        ),
        (
            lambda: select('"userId"'),
            "SELECT: '\"userId\"' is not taken for a column; quotes are written where they must be",
        ),
        (lambda: delete_from("t").columns("m['k']"), """DELETE: "m['k']" is not taken for a column; an element is"""),
        (lambda: fn.count("t.a"), "fn.count(): 't.a' is not taken for a column; a field is"),
    ],
)
def test_a_text_that_is_hardly_meant_as_a_name_is_refused(write: Callable[[], object], sentence: str) -> None:
    with pytest.raises(StatementError) as caught:
        write()
    assert str(caught.value).startswith(sentence)


def test_such_names_can_be_given_exactly() -> None:
    assert create_index(IndexName("a.b")).on("t", "a").compile().cql == 'CREATE INDEX "a.b" ON t (a)'
    assert aggregate(FunctionName("a.b")).compile().cql == ('CREATE AGGREGATE total (int) SFUNC "a.b" STYPE int')
    assert select(col("m['k']"), col("u.f")).from_(TableName('"t"')).compile().cql == (
        'SELECT "m[\'k\']", "u.f" FROM """t"""'
    )
    assert select("é", "a b", "a-b").from_("t").compile().cql == 'SELECT "é", "a b", "a-b" FROM t'


class Folded(str):
    """A text that is equal to another one in other letters."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and self.lower() == other.lower()

    def __hash__(self) -> int:
        return hash(self.lower())


class Unhashable(str):
    """A text without a hash."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType] - as a class with __eq__ alone


@pytest.mark.parametrize("kind", [str, Folded, Unhashable])
def test_names_are_exact_whatever_a_text_derives_from(kind: type[str]) -> None:
    for name in ("Folded", "folded", "fOlded"):
        found = select(kind(name)).from_(kind(name)).where(col(kind(name)) == 1).order_by(kind(name))
        quoted = name if name == "folded" else f'"{name}"'
        assert found.compile().cql == f"SELECT {quoted} FROM {quoted} WHERE {quoted} = ? ORDER BY {quoted} ASC"


def test_what_is_done_to_a_column_is_done_to_no_other() -> None:
    one = col("mine")
    one.node = ColumnName("other")
    one.values = (1,)
    assert select(col("mine")).from_("t").where(col("mine") == 2).compile() == (
        "SELECT mine FROM t WHERE mine = ?",
        (2,),
        (None,),
    )
