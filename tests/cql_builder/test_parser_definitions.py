from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cql_builder.ast import (
    AddColumns,
    AddField,
    AlterColumnType,
    AlterFieldType,
    AlterKeyspace,
    AlterTableOptions,
    Bind,
    BooleanLiteral,
    ColumnName,
    ComparisonConstraint,
    ConstrainColumn,
    CopyTable,
    CreateAggregate,
    CreateFunction,
    CreateKeyspace,
    CreateTable,
    CreateType,
    DropAggregate,
    DropColumns,
    DropCompactStorage,
    DropFunction,
    DropKeyspace,
    DropTable,
    DropType,
    ExpireRows,
    FrozenType,
    FunctionConstraint,
    FunctionName,
    IntegerLiteral,
    ListLiteral,
    ListType,
    MapLiteral,
    Mask,
    MaskColumn,
    NamedType,
    NativeType,
    NotNullConstraint,
    NullLiteral,
    Option,
    Ordering,
    RenameColumns,
    RenameFields,
    StringLiteral,
    TableColumn,
    TableName,
    TupleLiteral,
    UserType,
    Word,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cql_builder.ast import Node
    from cql_builder.dialects import DialectName

A, B, C = ColumnName("a"), ColumnName("b"), ColumnName("c")
INT, TEXT = NativeType("int"), NativeType("text")
KS, T = "ks", TableName("t")
KS_T = TableName("t", KS)
X = Option("x", IntegerLiteral("1"))
INT_A = TableColumn(A, INT)

IN_5_0: list[tuple[str, Node]] = [
    ("CREATE KEYSPACE IF NOT EXISTS ks WITH x = 1", CreateKeyspace(KS, (X,), if_not_exists=True)),
    (
        "CREATE KEYSPACE \"Ks\" WITH replication = {'class': 'S', 1: true} AND durable_writes = FALSE AND y = static",
        CreateKeyspace(
            "Ks",
            (
                Option(
                    "replication",
                    MapLiteral(
                        (
                            (StringLiteral("class"), StringLiteral("S")),
                            (IntegerLiteral("1"), BooleanLiteral(value=True)),
                        )
                    ),
                ),
                Option("durable_writes", BooleanLiteral(value=False)),
                Option("y", Word("static")),
            ),
        ),
    ),
    ("ALTER KEYSPACE IF EXISTS ks WITH x = 1", AlterKeyspace(KS, (X,), if_exists=True)),
    ("DROP KEYSPACE IF EXISTS ks", DropKeyspace(KS, if_exists=True)),
    ("CREATE TABLE t (a int PRIMARY KEY)", CreateTable(T, (INT_A,), (A,))),
    ("CREATE COLUMNFAMILY t (a int,,, b text, PRIMARY KEY (b),)", CreateTable(T, (INT_A, TableColumn(B, TEXT)), (B,))),
    # That a table has a key is checked by the server and not by its parser.
    ("CREATE TABLE t (a int)", CreateTable(T, (INT_A,), ())),
    (
        (
            "CREATE TABLE IF NOT EXISTS ks.t (a int, b text STATIC MASKED WITH ks.f(1), c int MASKED WITH DEFAULT, "
            "PRIMARY KEY ((a, b), c)) WITH CLUSTERING ORDER BY (c DESC) AND x = 1 AND COMPACT STORAGE "
            "AND CLUSTERING ORDER BY (a ASC)"
        ),
        CreateTable(
            KS_T,
            (
                INT_A,
                TableColumn(B, TEXT, static=True, mask=Mask(FunctionName("f", KS), (IntegerLiteral("1"),))),
                TableColumn(C, INT, mask=Mask()),
            ),
            (A, B),
            (C,),
            (Ordering(C, descending=True), Ordering(A)),
            (X,),
            if_not_exists=True,
            compact_storage=True,
        ),
    ),
    (
        "CREATE TABLE t (a int MASKED WITH default() PRIMARY KEY)",
        CreateTable(T, (TableColumn(A, INT, mask=Mask(FunctionName("default"))),), (A,)),
    ),
    ("DROP TABLE IF EXISTS ks.t", DropTable(KS_T, if_exists=True)),
    ("ALTER TABLE t ADD a int", AddColumns(T, (INT_A,))),
    (
        "ALTER TABLE IF EXISTS t ADD IF NOT EXISTS (a int, b text STATIC MASKED WITH DEFAULT)",
        AddColumns(T, (INT_A, TableColumn(B, TEXT, static=True, mask=Mask())), if_exists=True, if_not_exists=True),
    ),
    ("ALTER TABLE t DROP compact", DropColumns(T, (ColumnName("compact"),))),
    (
        "ALTER TABLE t DROP IF EXISTS (a, b) USING TIMESTAMP -5",
        DropColumns(T, (A, B), if_columns_exist=True, timestamp=IntegerLiteral("-5")),
    ),
    ("ALTER TABLE t DROP COMPACT STORAGE", DropCompactStorage(T)),
    (
        "ALTER TABLE t RENAME IF EXISTS a TO b AND b TO c",
        RenameColumns(T, ((A, B), (B, C)), if_columns_exist=True),
    ),
    ('ALTER TABLE t ALTER "" TYPE int', AlterColumnType(T, ColumnName(""), INT)),
    ("ALTER TABLE t ALTER a MASKED WITH f()", MaskColumn(T, A, Mask(FunctionName("f")))),
    ("ALTER TABLE t ALTER IF EXISTS a DROP MASKED", MaskColumn(T, A, None, if_column_exists=True)),
    ("ALTER TABLE t WITH x = 1", AlterTableOptions(T, (X,))),
    (
        "CREATE TYPE IF NOT EXISTS ks.t (a int,, b frozen<list<int>>,)",
        CreateType(
            UserType("t", KS),
            (NamedType("a", INT), NamedType("b", FrozenType(ListType(INT)))),
            if_not_exists=True,
        ),
    ),
    (
        "ALTER TYPE IF EXISTS t ADD IF NOT EXISTS a int",
        AddField(UserType("t"), NamedType("a", INT), if_exists=True, if_not_exists=True),
    ),
    ("ALTER TYPE t ALTER a TYPE int", AlterFieldType(UserType("t"), NamedType("a", INT))),
    (
        "ALTER TYPE t RENAME IF EXISTS a TO b AND c TO d",
        RenameFields(UserType("t"), (("a", "b"), ("c", "d")), if_fields_exist=True),
    ),
    ("DROP TYPE IF EXISTS ks.t", DropType(UserType("t", KS), if_exists=True)),
    (
        (
            "CREATE OR REPLACE FUNCTION IF NOT EXISTS ks.f (a int, key text) CALLED ON NULL INPUT RETURNS int "
            "LANGUAGE Java AS $$return 'x';$$"
        ),
        CreateFunction(
            FunctionName("f", KS),
            (NamedType("a", INT), NamedType("key", TEXT)),
            INT,
            "java",
            "return 'x';",
            called_on_null=True,
            or_replace=True,
            if_not_exists=True,
        ),
    ),
    (
        "CREATE FUNCTION token () RETURNS NULL ON NULL INPUT RETURNS int LANGUAGE java AS 'x'",
        CreateFunction(FunctionName("token"), (), INT, "java", "x"),
    ),
    ("DROP FUNCTION f", DropFunction(FunctionName("f"))),
    ("DROP FUNCTION IF EXISTS f ()", DropFunction(FunctionName("f"), (), if_exists=True)),
    (
        "CREATE OR REPLACE AGGREGATE a (int) SFUNC f STYPE text FINALFUNC g INITCOND (1, ?)",
        CreateAggregate(
            FunctionName("a"),
            (INT,),
            "f",
            TEXT,
            "g",
            TupleLiteral((IntegerLiteral("1"), Bind())),
            or_replace=True,
        ),
    ),
    ("CREATE AGGREGATE ks.a () SFUNC f STYPE int", CreateAggregate(FunctionName("a", KS), (), "f", INT)),
    ("DROP AGGREGATE IF EXISTS a (int, text)", DropAggregate(FunctionName("a"), (INT, TEXT), if_exists=True)),
]
ELSEWHERE: list[tuple[str, str, Node]] = [
    ("scylla", "CREATE KEYSPACE ks", CreateKeyspace(KS, ())),
    (
        "scylla",
        "CREATE KEYSPACE ks WITH x = null AND y = {'a': ['b', 1], 'c': []}",
        CreateKeyspace(
            KS,
            (
                Option("x", NullLiteral()),
                Option(
                    "y",
                    MapLiteral(
                        (
                            (StringLiteral("a"), ListLiteral((StringLiteral("b"), IntegerLiteral("1")))),
                            (StringLiteral("c"), ListLiteral(())),
                        )
                    ),
                ),
            ),
        ),
    ),
    ("scylla", "CREATE TABLE t (a int TTL PRIMARY KEY)", CreateTable(T, (TableColumn(A, INT, ttl=True),), (A,))),
    ("scylla", "ALTER TABLE t TTL a", ExpireRows(T, A)),
    ("scylla", "ALTER TABLE t TTL NULL", ExpireRows(T, None)),
    (
        "scylla",
        "CREATE AGGREGATE a (int) SFUNC f STYPE int REDUCEFUNC r",
        CreateAggregate(FunctionName("a"), (INT,), "f", INT, reduce_function="r"),
    ),
    (
        "cassandra-6.0",
        "CREATE TABLE IF NOT EXISTS t LIKE ks.t WITH INDEXES AND x = 1 AND COMMENTS AND SECURITY LABELS",
        CopyTable(T, KS_T, ("indexes", "comments", "security labels"), (X,), if_not_exists=True),
    ),
    (
        "cassandra-6.0",
        "CREATE TABLE a LIKE t WITH indexes = 1",
        CopyTable(TableName("a"), T, (), (Option("indexes", IntegerLiteral("1")),)),
    ),
    (
        "cassandra-6.0",
        "CREATE TABLE t (a int STATIC NOT NULL MASKED WITH DEFAULT CHECK a > 0 AND LENGTH('x') < 5 AND JSON)",
        CreateTable(
            T,
            (
                TableColumn(
                    A,
                    INT,
                    static=True,
                    not_null=True,
                    mask=Mask(),
                    constraints=(
                        ComparisonConstraint(A, ">", IntegerLiteral("0")),
                        FunctionConstraint("length", (StringLiteral("x"),), "<", IntegerLiteral("5")),
                        FunctionConstraint("json"),
                    ),
                ),
            ),
            (),
        ),
    ),
    (
        "cassandra-6.0",
        "ALTER TABLE t ALTER IF EXISTS a CHECK NOT NULL AND a = (1, 2)",
        ConstrainColumn(
            T,
            A,
            (
                NotNullConstraint(),
                ComparisonConstraint(A, "=", TupleLiteral((IntegerLiteral("1"), IntegerLiteral("2")))),
            ),
            if_column_exists=True,
        ),
    ),
    ("cassandra-6.0", "ALTER TABLE t ALTER a DROP CHECK", ConstrainColumn(T, A, ())),
]


@pytest.mark.parametrize(("dialect", "text", "tree"), [*[("cassandra-5.0", *row) for row in IN_5_0], *ELSEWHERE])
def test_the_text_is_read_as_the_tree_and_written_again(
    is_read_as: Callable[[DialectName, str, Node], None], dialect: DialectName, text: str, tree: Node
) -> None:
    is_read_as(dialect, text, tree)


def test_cassandra_reads_all_of_them_too(complaints: Callable[[Sequence[str]], dict[str, str]]) -> None:
    assert complaints([text for text, _ in IN_5_0]) == {}
