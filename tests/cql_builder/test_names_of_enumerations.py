"""Names given as members of an enumeration of texts: what is written is the text, on every version of Python."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import pytest

from cql_builder import (
    add_identity,
    bind,
    col,
    compile_statement,
    create_function,
    create_keyspace,
    create_materialized_view,
    create_role,
    create_table,
    create_type,
    delete_from,
    describe,
    fn,
    grant,
    insert_into,
    parse_cql,
    select,
    table,
    update,
)
from cql_builder.ast import ColumnName, Select, TableName

if TYPE_CHECKING:
    from cql_builder.builder.statement import StatementBuilder


class Name(str, Enum):
    """Texts whose members have other names, one of them a reserved word."""

    ID = "id"
    T = "things"
    WORD = "order"
    TYPE = "int"
    PERMISSION = "SELECT"
    GROUP = "tables"
    BODY = "return a;"
    TOKEN = "token"


WRITTEN: list[tuple[StatementBuilder, str]] = [
    (
        select(Name.WORD, col(Name.ID).as_(Name.T)).from_(Name.T).where(col(Name.ID) == 1).order_by(Name.WORD),
        'SELECT "order", id AS things FROM things WHERE id = ? ORDER BY "order" ASC',
    ),
    (select().from_(TableName(Name.T, Name.WORD)), 'SELECT * FROM "order".things'),
    (select(fn.max(Name.WORD), fn.cast(Name.ID, Name.TYPE)).from_("t"), 'SELECT max("order"), CAST(id AS int) FROM t'),
    (select(fn.call(Name.TOKEN, 1)).from_("t"), "SELECT token(?) FROM t"),
    (select().from_("t").where(col("a") == bind(1, name=Name.ID)), "SELECT * FROM t WHERE a = :id"),
    (update(Name.T).set({Name.WORD: 1}).where(col(Name.ID) == 1), 'UPDATE things SET "order" = ? WHERE id = ?'),
    (insert_into(Name.T).values({Name.WORD: 1}), 'INSERT INTO things ("order") VALUES (?)'),
    (delete_from(Name.T).columns(Name.WORD).where(col(Name.ID) == 1), 'DELETE "order" FROM things WHERE id = ?'),
    (
        create_table(Name.T).column(Name.ID, Name.TYPE).partition_key(Name.ID),
        "CREATE TABLE things (id int, PRIMARY KEY (id))",
    ),
    (
        create_materialized_view(Name.T).from_("t").where(col(Name.ID).is_not_null()).partition_key(Name.ID),
        "CREATE MATERIALIZED VIEW things AS SELECT * FROM t WHERE id IS NOT NULL PRIMARY KEY (id)",
    ),
    (create_type(Name.T, {Name.WORD: Name.TYPE}), 'CREATE TYPE things ("order" int)'),
    (create_role(Name.T, login=True), "CREATE ROLE things WITH LOGIN = true"),
    (
        grant(Name.PERMISSION, on=table(Name.T), to=Name.ID),  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - a text
        "GRANT SELECT ON TABLE things TO id",
    ),
    (add_identity(Name.WORD, to=Name.ID), "ADD IDENTITY 'order' TO ROLE 'id'"),
    (describe(Name.GROUP), "DESCRIBE TABLES"),  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - a text
    (
        create_keyspace(Name.WORD, {"class": "SimpleStrategy", Name.ID: 1}),
        "CREATE KEYSPACE \"order\" WITH replication = {'class': 'SimpleStrategy', 'id': 1}",
    ),
]


@pytest.mark.parametrize(("statement", "cql"), WRITTEN)
def test_the_text_of_a_member_is_what_is_written(statement: StatementBuilder, cql: str) -> None:
    assert statement.compile().cql == cql


def test_a_body_is_written_as_it_is() -> None:
    function = create_function("f", {"a": "int"}, returns="int", language="java", body=Name.BODY)
    assert function.compile().cql.endswith("$$return a;$$")


def test_the_names_of_markers_are_texts() -> None:
    compiled = select().from_("t").where(col("a") == bind(1, name=Name.ID)).compile()
    assert [type(name) for name in compiled.names] == [str]


def test_a_member_leaves_nothing_behind_for_its_text() -> None:
    by_member = compile_statement(Select((ColumnName(Name.WORD),), TableName(Name.T))).cql
    assert by_member == compile_statement(Select((ColumnName("order"),), TableName("things"))).cql
    assert parse_cql(by_member) == select("order").from_("things").tree
