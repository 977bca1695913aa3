"""Statements that change the schema, ask for it, and write remarks on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder import ast
from cql_builder.ast import ColumnName, FunctionName, IndexName, Option, TableName, UserType
from cql_goldens.terms import INT, MARK, ONE, A, B, M, T, X

if TYPE_CHECKING:
    from cql_builder.ast import DataType, Statement

LISTS = ast.ListType(INT)
C, S, C6 = "cassandra-5.0", "scylla", "cassandra-6.0"
CLASS = Option("replication", ast.MapLiteral(((ast.StringLiteral("class"), X),)))
RACKS = Option("replication", ast.MapLiteral(((X, ast.ListLiteral((X, X))), (ONE, X))))
COMMENT = Option("comment", X)
WORD, NULL = Option("mode", ast.Word("static")), Option("a", ast.NullLiteral())
COLUMN = ast.TableColumn(A, INT)
KEY_IS_THERE = (ast.IsNotNull(A), ast.IsNotNull(B))
U = UserType("u", "k")
F, G = FunctionName("f", "k"), ast.NamedType("A", INT)


def added(data_type: DataType, cql: str, dialect: str = C) -> tuple[str, Statement, str]:
    return dialect, ast.AddColumns(T, (ast.TableColumn(A, data_type),)), f"ALTER TABLE t ADD a {cql}"


TYPES = [
    added(ast.SetType(LISTS), "set<list<int>>"),
    added(ast.MapType(INT, ast.FrozenType(UserType("U", "k"))), 'map<int, frozen<k."U">>'),
    added(ast.TupleType((INT, LISTS)), "tuple<int, list<int>>"),
    added(ast.VectorType(INT, 3), "vector<int, 3>"),
    added(UserType("int"), '"int"'),
    added(UserType("byte", "key"), 'key."byte"'),
    added(UserType("key"), "key"),
    added(ast.CustomType("org.apache.cassandra.db.marshal.Int32Type"), "'org.apache.cassandra.db.marshal.Int32Type'"),
]
TABLES: list[tuple[str, Statement, str]] = [
    (
        C,
        ast.CreateKeyspace("k", (CLASS, WORD)),
        "CREATE KEYSPACE k WITH replication = {'class': 'x'} AND mode = static",
    ),
    (S, ast.CreateKeyspace("k", (), if_not_exists=True), "CREATE KEYSPACE IF NOT EXISTS k"),
    (S, ast.AlterKeyspace("k", (RACKS,)), "ALTER KEYSPACE k WITH replication = {'x': ['x', 'x'], 1: 'x'}"),
    (C, ast.AlterKeyspace("k", (COMMENT,), if_exists=True), "ALTER KEYSPACE IF EXISTS k WITH comment = 'x'"),
    (C, ast.DropKeyspace("K", if_exists=True), 'DROP KEYSPACE IF EXISTS "K"'),
    (
        C,
        ast.CreateTable(T, (COLUMN, ast.TableColumn(B, INT, static=True)), (A,), (B,)),
        'CREATE TABLE t (a int, "B" int STATIC, PRIMARY KEY (a, "B"))',
    ),
    (
        C,
        ast.CreateTable(
            T,
            (ast.TableColumn(A, INT, mask=ast.Mask()), ast.TableColumn(B, INT, mask=ast.Mask(F, (ONE,)))),
            (A, B),
            (M,),
            (ast.Ordering(M, descending=True),),
            (COMMENT,),
            if_not_exists=True,
            compact_storage=True,
        ),
        (
            'CREATE TABLE IF NOT EXISTS t (a int MASKED WITH DEFAULT, "B" int MASKED WITH k.f(1),'
            ' PRIMARY KEY ((a, "B"), m))'
            " WITH CLUSTERING ORDER BY (m DESC) AND COMPACT STORAGE AND comment = 'x'"
        ),
    ),
    (C, ast.CreateTable(T, (COLUMN,), ()), "CREATE TABLE t (a int)"),
    (
        C6,
        ast.CreateTable(
            T,
            (
                ast.TableColumn(A, INT, not_null=True, constraints=(ast.ComparisonConstraint(A, ">", ONE),)),
                ast.TableColumn(
                    B,
                    INT,
                    constraints=(
                        ast.FunctionConstraint("length", (), "<", ONE),
                        ast.NotNullConstraint(),
                        ast.FunctionConstraint("json"),
                        ast.FunctionConstraint("not_null", (X,)),
                    ),
                ),
            ),
            (A,),
        ),
        (
            'CREATE TABLE t (a int NOT NULL CHECK a > 1, "B" int CHECK length() < 1 AND NOT NULL AND json'
            " AND not_null('x'), PRIMARY KEY (a))"
        ),
    ),
    (S, ast.CreateTable(T, (ast.TableColumn(A, INT, ttl=True),), (A,)), "CREATE TABLE t (a int TTL, PRIMARY KEY (a))"),
    (
        C6,
        ast.CopyTable(T, TableName("u", "k"), ("indexes", "security labels"), (COMMENT,), if_not_exists=True),
        "CREATE TABLE IF NOT EXISTS t LIKE k.u WITH INDEXES AND SECURITY LABELS AND comment = 'x'",
    ),
    (
        C,
        ast.AddColumns(T, (COLUMN, ast.TableColumn(B, INT, static=True)), if_exists=True, if_not_exists=True),
        'ALTER TABLE IF EXISTS t ADD IF NOT EXISTS (a int, "B" int STATIC)',
    ),
    (C, ast.DropColumns(T, (A,)), "ALTER TABLE t DROP a"),
    (
        C,
        ast.DropColumns(T, (A, B), if_columns_exist=True, timestamp=ONE),
        'ALTER TABLE t DROP IF EXISTS (a, "B") USING TIMESTAMP 1',
    ),
    (S, ast.DropColumns(T, (A,), timestamp=MARK), "ALTER TABLE t DROP a USING TIMESTAMP ?"),
    (
        C,
        ast.RenameColumns(T, ((A, B), (M, A)), if_columns_exist=True),
        'ALTER TABLE t RENAME IF EXISTS a TO "B" AND m TO a',
    ),
    (C, ast.AlterColumnType(T, ColumnName(""), INT), 'ALTER TABLE t ALTER "" TYPE int'),
    (C, ast.MaskColumn(T, A, None, if_column_exists=True), "ALTER TABLE t ALTER IF EXISTS a DROP MASKED"),
    (C, ast.MaskColumn(T, A, ast.Mask()), "ALTER TABLE t ALTER a MASKED WITH DEFAULT"),
    (C6, ast.ConstrainColumn(T, A, ()), "ALTER TABLE t ALTER a DROP CHECK"),
    (C6, ast.ConstrainColumn(T, A, (ast.NotNullConstraint(),)), "ALTER TABLE t ALTER a CHECK NOT NULL"),
    (S, ast.AlterTableOptions(T, (COMMENT, NULL)), "ALTER TABLE t WITH comment = 'x' AND a = null"),
    (C, ast.DropCompactStorage(T), "ALTER TABLE t DROP COMPACT STORAGE"),
    (S, ast.ExpireRows(T, A), "ALTER TABLE t TTL a"),
    (S, ast.ExpireRows(T, None), "ALTER TABLE t TTL NULL"),
    (C, ast.DropTable(T, if_exists=True), "DROP TABLE IF EXISTS t"),
]
INDEXES: list[tuple[str, Statement, str]] = [
    (C, ast.CreateIndex(None, T, (ast.IndexTarget(A),)), "CREATE INDEX ON t (a)"),
    (
        C,
        ast.CreateIndex(
            "I",
            T,
            (ast.IndexTarget(M, "entries"), ast.IndexTarget(B, "full")),
            "sai",
            (COMMENT, Option("options", ast.MapLiteral(()))),
            if_not_exists=True,
            custom=True,
        ),
        (
            'CREATE CUSTOM INDEX IF NOT EXISTS "I" ON t (entries(m), full("B")) USING \'sai\''
            " WITH comment = 'x' AND OPTIONS = {}"
        ),
    ),
    (
        S,
        ast.CreateIndex("i", T, (ast.LocalIndexTarget((A, B)), ast.IndexTarget(M))),
        'CREATE INDEX i ON t ((a, "B"), m)',
    ),
    (C, ast.DropIndex(IndexName("i", "k"), if_exists=True), "DROP INDEX IF EXISTS k.i"),
    (C, ast.CreateTrigger("tr", T, "x'y", if_not_exists=True), "CREATE TRIGGER IF NOT EXISTS tr ON t USING 'x''y'"),
    (C, ast.DropTrigger("tr", T), "DROP TRIGGER tr ON t"),
    (
        C,
        ast.CreateMaterializedView(
            TableName("v"), (A,), T, KEY_IS_THERE, (B,), (A,), (ast.Ordering(A),), (COMMENT,), if_not_exists=True
        ),
        (
            'CREATE MATERIALIZED VIEW IF NOT EXISTS v AS SELECT a FROM t WHERE a IS NOT NULL AND "B" IS NOT NULL'
            " PRIMARY KEY (\"B\", a) WITH CLUSTERING ORDER BY (a ASC) AND comment = 'x'"
        ),
    ),
    (
        S,
        ast.CreateMaterializedView(TableName("v"), (), T, (), (A,), compact_storage=True),
        "CREATE MATERIALIZED VIEW v AS SELECT * FROM t PRIMARY KEY (a) WITH COMPACT STORAGE",
    ),
    (
        C,
        ast.AlterMaterializedView(TableName("v"), (COMMENT,), if_exists=True),
        "ALTER MATERIALIZED VIEW IF EXISTS v WITH comment = 'x'",
    ),
    (C, ast.DropMaterializedView(TableName("v"), if_exists=True), "DROP MATERIALIZED VIEW IF EXISTS v"),
]
PROGRAMS: list[tuple[str, Statement, str]] = [
    (C, ast.CreateType(U, (G, ast.NamedType("b", LISTS))), 'CREATE TYPE k.u ("A" int, b list<int>)'),
    (C, ast.AddField(U, G, if_exists=True, if_not_exists=True), 'ALTER TYPE IF EXISTS k.u ADD IF NOT EXISTS "A" int'),
    (C, ast.RenameFields(U, (("a", "B"), ("c", "d"))), 'ALTER TYPE k.u RENAME a TO "B" AND c TO d'),
    (C, ast.AlterFieldType(U, G), 'ALTER TYPE k.u ALTER "A" TYPE int'),
    (C, ast.DropType(UserType("distinct"), if_exists=True), 'DROP TYPE IF EXISTS "distinct"'),
    (
        C,
        ast.CreateFunction(F, (G,), INT, "java", "return 'a';", or_replace=True),
        (
            'CREATE OR REPLACE FUNCTION k.f ("A" int) RETURNS NULL ON NULL INPUT RETURNS int LANGUAGE java'
            " AS $$return 'a';$$"
        ),
    ),
    (
        C,
        ast.CreateFunction(FunctionName("ttl"), (), INT, "lua", "'$", called_on_null=True, if_not_exists=True),
        "CREATE FUNCTION IF NOT EXISTS \"ttl\" () CALLED ON NULL INPUT RETURNS int LANGUAGE lua AS '''$'",
    ),
    (C, ast.DropFunction(F, (INT, LISTS), if_exists=True), "DROP FUNCTION IF EXISTS k.f (int, list<int>)"),
    (C, ast.DropFunction(F), "DROP FUNCTION k.f"),
    (
        S,
        ast.CreateAggregate(F, (INT,), "s", LISTS, "F", ONE, "r", or_replace=True),
        'CREATE OR REPLACE AGGREGATE k.f (int) SFUNC s STYPE list<int> REDUCEFUNC r FINALFUNC "F" INITCOND 1',
    ),
    (C, ast.CreateAggregate(F, (), "key", INT), 'CREATE AGGREGATE k.f () SFUNC "key" STYPE int'),
    (C, ast.DropAggregate(F, ()), "DROP AGGREGATE k.f ()"),
]
DESCRIPTIONS: list[tuple[str, Statement, str]] = [
    (
        S,
        ast.DescribeGroup("full schema", internals=True, passwords=True),
        "DESCRIBE FULL SCHEMA WITH INTERNALS AND PASSWORDS",
    ),
    (C, ast.DescribeGroup("tables"), "DESCRIBE TABLES"),
    (C, ast.DescribeKeyspace("K", only=True, internals=True), 'DESCRIBE ONLY KEYSPACE "K" WITH INTERNALS'),
    (C, ast.DescribeKeyspace(), "DESCRIBE KEYSPACE"),
    (C, ast.DescribeNamed("materialized view", TableName("v", "k")), "DESCRIBE MATERIALIZED VIEW k.v"),
    (C, ast.DescribeNamed("index", IndexName("i")), "DESCRIBE INDEX i"),
    (C, ast.DescribeNamed("type", UserType("byte")), 'DESCRIBE TYPE "byte"'),
    (C, ast.DescribeNamed("aggregate", F), "DESCRIBE AGGREGATE k.f"),
    (C, ast.DescribeNamed(None, TableName("tables")), 'DESCRIBE "tables"'),
    (C, ast.DescribeNamed(None, TableName("types", "cluster")), 'DESCRIBE "cluster".types'),
    (C6, ast.CommentOn(ast.KeyspaceName("k"), "it's"), "COMMENT ON KEYSPACE k IS 'it''s'"),
    (C6, ast.CommentOn(ast.TableColumnName(T, ColumnName("")), None), 'COMMENT ON COLUMN t."" IS NULL'),
    (C6, ast.CommentOn(ast.FieldName(U, "F"), "x"), "COMMENT ON FIELD k.u.\"F\" IS 'x'"),
    (C6, ast.SecurityLabelOn(T, "x", "P"), "SECURITY LABEL FOR \"P\" ON TABLE t IS 'x'"),
    (C6, ast.SecurityLabelOn(UserType("u"), None), "SECURITY LABEL ON TYPE u IS NULL"),
]
SCHEMA = [*TYPES, *TABLES, *INDEXES, *PROGRAMS, *DESCRIPTIONS]
