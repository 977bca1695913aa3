from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import cql_builder as cql
from cql_builder import (
    alter_table,
    alter_type,
    bind,
    col,
    create_index,
    create_table,
    delete_from,
    grant,
    lit,
    mask,
    select,
    table,
    transaction,
    update,
)
from cql_builder.errors import (
    ArgumentError,
    ClauseConflictError,
    CqlError,
    LiteralError,
    MissingClauseError,
    RepeatedClauseError,
    StatementError,
    UnknownClauseError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

T = select().from_("t")
U = update("t").set(a=1).where(col("id") == 1)
D = delete_from("t")
ID = col("id") == 1
NEAR = T.order_by_nearest("v", [1.0])
ALTER = alter_table("t")
TABLE = create_table("t")
READ = transaction().let("r", select("a").from_("t").where(ID))
a, b, m, u = col("a"), col("b"), col("m"), col("u")


def call(name: str, /, *arguments: object, **keywords: object) -> Callable[[Any], object]:
    """Return a call that type checkers would refuse."""
    return lambda subject: getattr(subject, name)(*arguments, **keywords)


def made(name: str, /, *arguments: object, **keywords: object) -> Callable[[Any], object]:
    """Return a call of a name of the package that type checkers would refuse."""
    return lambda _: getattr(cql, name)(*arguments, **keywords)


Wrong = tuple[object, "Callable[[Any], object]", type[CqlError], str]

DEFINITIONS: list[Wrong] = [
    (None, made("create_keyspace", "k", ["class"]), ArgumentError, "replication takes a mapping, not list"),
    (None, made("alter_keyspace", "k"), MissingClauseError, "what to set is missing"),
    (None, made("alter_keyspace", "k", {"dc": 1}), MissingClauseError, "the replication strategy is missing"),
    (TABLE.options({"a": 1}), call("options", {"a": 2}), RepeatedClauseError, "the option 'a' was given twice"),
    (TABLE.if_not_exists(), call("if_not_exists"), RepeatedClauseError, "CREATE TABLE: IF NOT EXISTS was given twice"),
    (TABLE.compact_storage(), call("compact_storage"), RepeatedClauseError, "COMPACT STORAGE was given twice"),
    (ALTER.if_exists(), call("if_exists"), RepeatedClauseError, "ALTER TABLE: IF EXISTS was given twice"),
    (TABLE, call("column", "a", "int", mask="default"), ArgumentError, "MASKED WITH takes mask()"),
    (TABLE, call("column", "a", "int", check=a > 0), StatementError, "CHECK cannot compare with a marker"),
    (TABLE, call("column", "a", "int", check=a), ArgumentError, "CHECK takes conditions"),
    (TABLE, call("column", "a", "int", check=[3]), ArgumentError, "CHECK takes conditions"),
    (TABLE, call("column", "a", "int", check=a.contains(lit(1))), StatementError, "CHECK knows comparisons"),
    (ALTER, call("check", "a"), MissingClauseError, "give at least one constraint"),
    (ALTER.mask("a", mask()), call("mask", "b", mask()), RepeatedClauseError, "MASKED was given twice"),
    (ALTER.add("a", "int"), call("rename", a="b"), ClauseConflictError, "ADD and RENAME"),
    (ALTER.rename(a="b"), call("drop_mask", "a"), ClauseConflictError, "RENAME and MASKED"),
    (ALTER.drop_compact_storage(), call("add", "a", "int"), ClauseConflictError, "DROP COMPACT STORAGE and ADD"),
    (ALTER.row_ttl("a").if_exists(), call("compile"), ClauseConflictError, "IF EXISTS and TTL"),
    (ALTER, call("rename"), StatementError, "rename() takes at least one name"),
    (ALTER, call("rename", {"a": "x", "b": "x"}), StatementError, "RENAME has 'x' twice"),
    (ALTER.rename(a="x"), call("rename", a="y"), StatementError, "RENAME has 'a' twice"),
    (ALTER, call("rename", {"a": 3}), ArgumentError, "a new name takes a str, not int"),
    (ALTER, call("drop", "a", timestamp="now"), ArgumentError, "TIMESTAMP takes a whole number of microseconds"),
    (None, made("create_table_like", "a", "b", including=["views"]), StatementError, "is one of indexes, comments"),
    (create_index(), call("within_partition"), MissingClauseError, "the partition key is missing"),
    (create_index().within_partition("a"), call("within_partition", "a"), RepeatedClauseError, "given twice"),
    (create_index().using("sai"), call("custom", "x"), RepeatedClauseError, "USING was given twice"),
    (None, made("alter_materialized_view", "v", {}), MissingClauseError, "WITH is missing"),
    (None, made("create_type", "a"), MissingClauseError, "a field is missing; a type has at least one"),
    (None, made("create_type", "a", {"b": 3}), ArgumentError, "the type of 'b' takes CQL text"),
    (alter_type("a"), call("compile"), MissingClauseError, "what to do is missing; call add(...) or rename(...)"),
    (alter_type("a").add("b", "int"), call("add", "c", "int"), RepeatedClauseError, "what to do was given twice"),
    (
        None,
        made("create_function", "f", {}, returns="int", language="x", body="", or_replace=True, if_not_exists=True),
        ClauseConflictError,
        "OR REPLACE and IF NOT EXISTS",
    ),
    (
        None,
        made("create_aggregate", "a", "int", state_function="f", state_type="int"),
        ArgumentError,
        "types takes a list of types, not str",
    ),
    (
        None,
        made("create_aggregate", "a", [], state_function="f", state_type="int", initial_state=bind(1)),
        StatementError,
        "INITCOND has no markers",
    ),
    (None, made("create_trigger", "t", on=3, using="x"), ArgumentError, "a table takes a str or a TableName, not int"),
]

ACCESS: list[Wrong] = [
    (None, made("create_role", "r", pasword="x"), UnknownClauseError, "(did you mean 'password'?)"),
    (None, made("create_role", 3), ArgumentError, "a role takes a str, not int"),
    (None, made("create_role", "r", password="a", hashed_password="b"), StatementError, "there is one password"),
    (None, made("create_role", "r", password=b"a"), ArgumentError, "password takes a str, not bytes"),
    (None, made("create_role", "r", login="yes"), ArgumentError, "login takes a bool, not str"),
    (None, made("create_role", "r", options=[1]), ArgumentError, "options takes a mapping"),
    (None, made("create_role", "r", access_to_datacenters=[]), StatementError, 'at least one, or "ALL"'),
    (None, made("create_role", "r", access_from_cidrs="x"), ArgumentError, '"ALL" or a list of names'),
    (None, made("alter_role", "r"), MissingClauseError, "what to set is missing"),
    (None, made("alter_user", "u"), MissingClauseError, "give a password or superuser"),
    (None, made("create_user", "u", login=True), UnknownClauseError, "there is no 'login' here"),
    (None, made("grant", "SELCT", on=table("t"), to="r"), StatementError, "'SELCT' is no permission (did you mean 'SE"),
    (None, made("grant", [], on=table("t"), to="r"), StatementError, 'give at least one, or "ALL"'),
    (None, made("grant", [3], on=table("t"), to="r"), StatementError, "that is no permission; there is ALL, CREATE"),
    (None, made("grant", "SELECT", on="t", to="r"), ArgumentError, "on takes a resource such as table"),
    (table("t"), lambda t: grant("SELECT", on=t, to=None), ArgumentError, "a role takes a str, not None"),  # type: ignore[arg-type] # the fault
    (None, made("comment_on", "t", "x"), ArgumentError, "its target takes keyspace(…)"),
    (None, made("comment_on", table("t"), 3), ArgumentError, "the comment takes a str, not int"),
    (None, made("create_service_level", "s", [1]), ArgumentError, "options takes a mapping"),
    (None, made("create_service_level", "s", {"timeout": "soon"}), LiteralError, "a duration is numbers"),
    (None, made("alter_service_level", "s", {}), MissingClauseError, "WITH is missing"),
    (None, made("describe", "table"), StatementError, "'table' is no group (did you mean 'tables'?)"),
    (None, made("describe", "schema", passwords=True), StatementError, "give internals=True too"),
    (None, made("describe_named", "t", "tabel"), StatementError, "'tabel' is no kind (did you mean 'table'?)"),
]


@pytest.mark.parametrize(
    ("subject", "wrong", "error", "sentence"),
    [*DEFINITIONS, *ACCESS],
)
def test_a_wrong_definition_that_is_built_is_refused_with_a_sentence(
    subject: Any, wrong: Callable[[Any], object], error: type[CqlError], sentence: str
) -> None:
    with pytest.raises(error) as caught:
        wrong(subject)
    assert sentence in str(caught.value)
