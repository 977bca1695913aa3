from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, get_type_hints

import pytest

from cql_builder import compile_statement
from cql_builder.analysis import walk
from cql_builder.ast import (
    Add,
    AddColumns,
    Alias,
    AlterTableOptions,
    Assign,
    Bind,
    BooleanLiteral,
    ColumnName,
    Comparison,
    Contains,
    ContainsKey,
    CountRows,
    CreateIndex,
    CreateKeyspace,
    CreateMaterializedView,
    CreateTable,
    CustomType,
    Delete,
    DropColumns,
    DropIndex,
    DropKeyspace,
    DropMaterializedView,
    DropTable,
    Element,
    FloatLiteral,
    FrozenType,
    FunctionCall,
    FunctionName,
    In,
    IndexName,
    IndexTarget,
    Insert,
    InsertJson,
    IntegerLiteral,
    IsNotNull,
    Like,
    ListType,
    MapLiteral,
    MapType,
    NativeType,
    Node,
    Option,
    Ordering,
    Prepend,
    Select,
    SetType,
    Statement,
    StringLiteral,
    Subtract,
    TableColumn,
    TableName,
    TimeToLive,
    Token,
    Truncate,
    TupleType,
    Update,
    UserType,
    UsingTimestamp,
    UsingTtl,
    VectorType,
    WriteTime,
)
from cql_builder.compiler.compile import RENDERERS
from cql_builder.errors import LiteralError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

A, B, M = ColumnName("a"), ColumnName("B"), ColumnName("m")
T = TableName("t")
IS_1 = (Comparison(A, "=", Bind()),)
INT = NativeType("int")

GOLDENS: list[tuple[Statement, str]] = [
    (Select((), T), "SELECT * FROM t"),
    (Select((A, B), TableName("T", "Ks")), 'SELECT a, "B" FROM "Ks"."T"'),
    (Select((CountRows(), Alias(A, "Total")), T), 'SELECT COUNT(*), a AS "Total" FROM t'),
    (Select((WriteTime(A), TimeToLive(A), Token((A, B))), T), 'SELECT writetime(a), ttl(a), token(a, "B") FROM t'),
    (Select((FunctionCall(FunctionName("f", "Ks"), (A, Bind())),), T), 'SELECT "Ks".f(a, ?) FROM t'),
    (Select((FunctionCall(FunctionName("Mine"), (A,)),), T), 'SELECT "Mine"(a) FROM t'),
    (Select((A,), T, distinct=True, json=True), "SELECT JSON DISTINCT a FROM t"),
    (Select((), T, (Comparison(Token((A,)), ">", Bind()),)), "SELECT * FROM t WHERE token(a) > ?"),
    (Select((), T, (In(A, Bind()), Contains(B, Bind()))), 'SELECT * FROM t WHERE a IN ? AND "B" CONTAINS ?'),
    (
        Select((), T, (ContainsKey(M, Bind("k")), Like(A, Bind("K")))),
        'SELECT * FROM t WHERE m CONTAINS KEY :k AND a LIKE :"K"',
    ),
    (Select((), T, order_by=(Ordering(A), Ordering(B, descending=True))), 'SELECT * FROM t ORDER BY a ASC, "B" DESC'),
    (
        Select((), T, per_partition_limit=Bind(), limit=Bind(), allow_filtering=True),
        "SELECT * FROM t PER PARTITION LIMIT ? LIMIT ? ALLOW FILTERING",
    ),
    (Insert(T, (A, B), (Bind(), Bind())), 'INSERT INTO t (a, "B") VALUES (?, ?)'),
    (
        Insert(T, (A,), (Bind(),), if_not_exists=True, using=(UsingTimestamp(Bind()), UsingTtl(Bind()))),
        "INSERT INTO t (a) VALUES (?) IF NOT EXISTS USING TIMESTAMP ? AND TTL ?",
    ),
    (InsertJson(T, Bind(), "unset"), "INSERT INTO t JSON ? DEFAULT UNSET"),
    (InsertJson(T, Bind(), "null", if_not_exists=True), "INSERT INTO t JSON ? DEFAULT NULL IF NOT EXISTS"),
    (Update(T, (Assign(A, Bind()),), IS_1, if_exists=True), "UPDATE t SET a = ? WHERE a = ? IF EXISTS"),
    (
        Update(T, (Add(A, Bind()), Prepend(M, Bind()), Subtract(B, Bind())), IS_1, conditions=IS_1),
        'UPDATE t SET a = a + ?, m = ? + m, "B" = "B" - ? WHERE a = ? IF a = ?',
    ),
    (Update(T, (Assign(Element(M, Bind()), Bind()),), IS_1), "UPDATE t SET m[?] = ? WHERE a = ?"),
    (Delete(T, IS_1), "DELETE FROM t WHERE a = ?"),
    (
        Delete(T, IS_1, (A, Element(M, Bind())), (UsingTimestamp(Bind()),), IS_1),
        "DELETE a, m[?] FROM t USING TIMESTAMP ? WHERE a = ? IF a = ?",
    ),
    (Truncate(TableName("t", "select")), 'TRUNCATE "select".t'),
    (
        CreateKeyspace("k", (Option("replication", MapLiteral(((StringLiteral("class"), StringLiteral("it's")),))),)),
        "CREATE KEYSPACE k WITH replication = {'class': 'it''s'}",
    ),
    (DropKeyspace("k", if_exists=True), "DROP KEYSPACE IF EXISTS k"),
    (
        CreateTable(T, (TableColumn(A, INT), TableColumn(B, INT), TableColumn(M, INT, static=True)), (A,), (B,)),
        'CREATE TABLE t (a int, "B" int, m int STATIC, PRIMARY KEY (a, "B"))',
    ),
    (
        CreateTable(
            T,
            (TableColumn(A, INT),),
            (A, B),
            (M,),
            (Ordering(M, descending=True),),
            (Option("x", BooleanLiteral(value=True)), Option("y", IntegerLiteral("0"))),
        ),
        'CREATE TABLE t (a int, PRIMARY KEY ((a, "B"), m)) WITH CLUSTERING ORDER BY (m DESC) AND x = true AND y = 0',
    ),
    (
        AddColumns(T, (TableColumn(A, ListType(SetType(INT))), TableColumn(B, TupleType((INT, INT))))),
        'ALTER TABLE t ADD (a list<set<int>>, "B" tuple<int, int>)',
    ),
    (
        AddColumns(T, (TableColumn(A, MapType(INT, FrozenType(UserType("U", "k")))),)),
        'ALTER TABLE t ADD a map<int, frozen<k."U">>',
    ),
    (AddColumns(T, (TableColumn(A, VectorType(INT, 3)),)), "ALTER TABLE t ADD a vector<int, 3>"),
    (
        AddColumns(T, (TableColumn(A, CustomType("org.apache.cassandra.db.marshal.Int32Type")),)),
        "ALTER TABLE t ADD a 'org.apache.cassandra.db.marshal.Int32Type'",
    ),
    (DropColumns(T, (A,)), "ALTER TABLE t DROP a"),
    (DropColumns(T, (A, B)), 'ALTER TABLE t DROP (a, "B")'),
    (
        AlterTableOptions(T, (Option("bloom_filter_fp_chance", FloatLiteral("1.5e-3")),)),
        "ALTER TABLE t WITH bloom_filter_fp_chance = 1.5e-3",
    ),
    (DropTable(T), "DROP TABLE t"),
    (CreateIndex(None, T, IndexTarget(A)), "CREATE INDEX ON t (a)"),
    (
        CreateIndex("I", T, IndexTarget(M, "entries"), "sai", MapLiteral(()), if_not_exists=True),
        "CREATE INDEX IF NOT EXISTS \"I\" ON t (entries(m)) USING 'sai' WITH OPTIONS = {}",
    ),
    (DropIndex(IndexName("i", "k"), if_exists=True), "DROP INDEX IF EXISTS k.i"),
    (
        CreateMaterializedView(TableName("v"), (A,), T, (IsNotNull(A), IsNotNull(B)), (B,), (A,)),
        'CREATE MATERIALIZED VIEW v AS SELECT a FROM t WHERE a IS NOT NULL AND "B" IS NOT NULL PRIMARY KEY ("B", a)',
    ),
    (DropMaterializedView(TableName("v")), "DROP MATERIALIZED VIEW v"),
]


def concrete_classes(base: type[Node] = Node) -> Iterator[type[Node]]:
    below = base.__subclasses__()
    if not below:
        yield base
    for cls in below:
        yield from concrete_classes(cls)


@pytest.mark.parametrize(("tree", "cql"), GOLDENS, ids=[cql for _, cql in GOLDENS])
def test_a_tree_has_its_text(asked_parser: Callable[[str], str | None] | None, tree: Statement, cql: str) -> None:
    assert compile_statement(tree).cql == cql
    if asked_parser is not None:
        assert asked_parser(cql) is None


def test_every_node_class_has_a_renderer_and_a_golden() -> None:
    classes = set(concrete_classes())
    assert set(RENDERERS) == classes
    assert {type(node) for tree, _ in GOLDENS for node in walk(tree)} == classes


def test_every_annotation_of_a_node_can_be_resolved() -> None:
    for cls in concrete_classes():
        assert set(get_type_hints(cls)) >= set(inspect.signature(cls).parameters)


def test_markers_keep_their_names_in_the_order_of_the_text() -> None:
    tree = Select((), T, (Comparison(A, "=", Bind("second")), Comparison(B, "=", Bind())), limit=Bind("Limit"))
    compiled = compile_statement(tree)
    assert compiled.cql == 'SELECT * FROM t WHERE a = :second AND "B" = ? LIMIT :"Limit"'
    assert compiled.names == ("second", None, "Limit")
    assert compiled.params == ()


def test_one_shape_is_rendered_once() -> None:
    first = compile_statement(Select((A,), TableName("rendered_once")))
    again = compile_statement(Select((ColumnName("a"),), TableName("rendered_once")))
    assert first.cql is again.cql


@pytest.mark.parametrize("digits", ["", "-", "1.5", "1e3", "--1", "٣", "1 OR 1", "+1"])
def test_an_integer_literal_is_digits(digits: str) -> None:
    with pytest.raises(LiteralError, match="a whole number is digits"):
        compile_statement(AlterTableOptions(T, (Option("a", IntegerLiteral(digits)),)))


@pytest.mark.parametrize("digits", ["", "1", ".5", "1.x", "1e", "nan", "--1.0", "1.5; DROP", "1e1e1"])
def test_a_float_literal_is_a_number(digits: str) -> None:
    with pytest.raises(LiteralError, match="a number is digits with a point"):
        compile_statement(AlterTableOptions(T, (Option("a", FloatLiteral(digits)),)))


@pytest.mark.parametrize("digits", ["1.", "-1.5", "1e5", "1.5E-3", "1.5e+3", "NaN", "Infinity", "-Infinity"])
def test_a_float_literal_of_the_grammar_is_written_as_it_is(refusal: Callable[[str], str | None], digits: str) -> None:
    text = compile_statement(AlterTableOptions(T, (Option("a", FloatLiteral(digits)),))).cql
    assert text == f"ALTER TABLE t WITH a = {digits}"
    assert refusal(text) is None


def test_a_compiled_statement_shows_no_values() -> None:
    assert "secret" not in repr(compile_statement(Truncate(T))._replace(params=("secret",)))
