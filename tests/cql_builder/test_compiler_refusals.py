"""What a tree can hold and no grammar has is refused with a sentence, and never written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from cql_builder import ast, compile_statement, type_text
from cql_builder.ast import (
    Arithmetic,
    ColumnName,
    Comparison,
    Negation,
    Option,
    RoleName,
    Select,
    Statement,
    TableColumn,
    TableName,
    TupleLiteral,
)
from cql_builder.dialects import DIALECTS
from cql_builder.errors import (
    ClauseConflictError,
    CqlError,
    IdentifierError,
    MissingClauseError,
    RepeatedClauseError,
    StatementError,
)
from cql_goldens.terms import INT, MARK, ONE, A, B, M, T, X, call

if TYPE_CHECKING:
    from cql_builder.dialects import DialectName

IS_1 = (Comparison(A, "=", MARK),)
PAIR = ast.ColumnTuple((A, B))
SUM, PRODUCT = Arithmetic(ONE, "+", ONE), Arithmetic(ONE, "*", ONE)
COLUMN_SUM = Arithmetic(A, "+", B)
R, U, F = RoleName("r"), ast.UserType("u"), ast.FunctionName("f")
OPTION = Option("a", X)
C4: Final = "cassandra-4.0"
C5: Final = "cassandra-5.0"
C6: Final = "cassandra-6.0"
SCYLLA: Final = "scylla"


def values(term: ast.Term) -> Statement:
    return ast.Insert(T, (A,), (term,))


def selected(one: ast.Selectable) -> Statement:
    return Select((one,), T)


def where(relation: ast.Relation) -> Statement:
    return Select((), T, (relation,))


def on_condition(relation: ast.Relation) -> Statement:
    return ast.Update(T, (ast.Assign(A, ONE),), IS_1, conditions=(relation,))


def mistyped(node: object) -> ast.Term:
    """What a caller without a type checker can give."""
    assert isinstance(node, ast.Node)
    return node  # type: ignore[return-value]  # pyright: ignore[reportReturnType]


PARTS_THAT_ARE_MISSING: list[tuple[Statement, str]] = [
    (ast.Insert(T, (), (ONE,)), "the column of INSERT is missing"),
    (ast.Insert(T, (A,), ()), "VALUES is missing"),
    (ast.Update(T, (), IS_1), "SET is missing"),
    (ast.Update(T, (ast.Assign(A, ONE),), ()), "WHERE is missing; say which rows"),
    (ast.Delete(T, ()), "WHERE is missing"),
    (ast.Let("r", (), T, ()), "WHERE is missing"),
    (ast.Transaction(answer=()), "what SELECT answers is missing"),
    (values(TupleLiteral(())), "the element of a tuple is missing"),
    (values(ast.UserTypeLiteral(())), "the field of a value of a user-defined type is missing"),
    (selected(ast.Token(())), "the column of a token is missing"),
    (where(Comparison(ast.Token(()), "=", ONE)), "the column of a token is missing"),
    (where(Comparison(ast.ColumnTuple(()), "=", MARK)), "the column of a tuple is missing"),
    (ast.AlterKeyspace("k", ()), "WITH is missing"),
    (ast.AlterTableOptions(T, ()), "WITH is missing"),
    (ast.AlterMaterializedView(T, ()), "WITH is missing"),
    (ast.CreateTable(T, (), ()), "the partition key is missing"),
    (ast.CreateTable(T, (TableColumn(A, INT),), (), (A,)), "the partition key is missing"),
    (ast.CreateMaterializedView(T, (), T, (), ()), "the partition key is missing"),
    (ast.AddColumns(T, ()), "the column to add is missing"),
    (ast.DropColumns(T, ()), "the column to drop is missing"),
    (ast.RenameColumns(T, ()), "the column to rename is missing"),
    (ast.CreateType(U, ()), "the field of a type is missing"),
    (ast.RenameFields(U, ()), "the field to rename is missing"),
    (ast.AddColumns(T, (TableColumn(A, ast.TupleType(())),)), "the type of a tuple's element is missing"),
    (ast.AlterServiceLevel("sl", ()), "WITH is missing"),
    (ast.CreateIndex(None, T, (ast.LocalIndexTarget(()),)), "the partition key of a local index is missing"),
]


@pytest.mark.parametrize(("tree", "sentence"), PARTS_THAT_ARE_MISSING, ids=[text for _, text in PARTS_THAT_ARE_MISSING])
def test_a_part_that_is_missing_is_named(tree: Statement, sentence: str) -> None:
    scylla = isinstance(tree, ast.AlterServiceLevel | ast.CreateIndex)
    with pytest.raises(MissingClauseError) as caught:
        compile_statement(tree, dialect=SCYLLA if scylla else C6)
    assert sentence in str(caught.value)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_permissions_none_of_which_is_for_the_resource_are_refused(dialect: DialectName) -> None:
    for tree in (ast.Grant(("EXECUTE",), ast.TableResource(T), R), ast.Revoke(("CREATE",), ast.TableResource(T), R)):
        with pytest.raises(
            StatementError, match="none of these permissions is for such a resource, which knows A"
        ) as caught:
            compile_statement(tree, dialect=dialect)
        assert ("UNMASK" in str(caught.value)) == (dialect in {"cassandra-5.0", "cassandra-6.0"})


PARTS_THAT_STAND_TWICE: list[tuple[Statement, str]] = [
    (ast.AlterKeyspace("k", (OPTION, OPTION)), "the option 'a' was given twice"),
    (ast.CreateTable(T, (TableColumn(A, INT), TableColumn(A, INT)), (A,)), "the column 'a' was given twice"),
    (
        ast.AlterKeyspace("k", (Option("a", ast.MapLiteral(((X, ONE), (X, X)))),)),
        "a key in the map of an option was given twice",
    ),
    (
        ast.CreateTable(T, (TableColumn(A, INT),), (A,), (B,), (ast.Ordering(B), ast.Ordering(B, descending=True))),
        "a column in CLUSTERING ORDER BY was given twice",
    ),
    (ast.CreateRole(R, (ast.Login(value=True), ast.Login(value=False))), "the option Login was given twice"),
    (ast.CreateRole(R, (ast.Password("x"), ast.GeneratedPassword())), "the password was given twice"),
    (ast.Delete(T, IS_1, using=(ast.UsingTimestamp(ONE), ast.UsingTimestamp(ONE))), "TIMESTAMP was given twice"),
    (
        Select((), T, index_hints=(ast.IndexHints(included=True, indexes=()),) * 2),
        "included_indexes was given twice",
    ),
    (
        ast.CreateTable(T, (TableColumn(A, INT, not_null=True, constraints=(ast.NotNullConstraint(),)),), (A,)),
        "NOT NULL of 'a' was given twice",
    ),
]


@pytest.mark.parametrize(("tree", "sentence"), PARTS_THAT_STAND_TWICE, ids=[text for _, text in PARTS_THAT_STAND_TWICE])
def test_a_part_that_stands_twice_is_named(tree: Statement, sentence: str) -> None:
    with pytest.raises(RepeatedClauseError) as caught:
        compile_statement(tree, dialect=C6)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    "tree",
    [
        ast.Update(T, (ast.Assign(A, ONE),), IS_1, conditions=IS_1, if_exists=True),
        ast.Delete(T, IS_1, conditions=IS_1, if_exists=True),
        ast.CreateRole(None, generated=True, if_not_exists=True),
    ],
)
def test_parts_that_exclude_each_other_are_refused(tree: Statement) -> None:
    with pytest.raises(ClauseConflictError, match="cannot stand in one statement"):
        compile_statement(tree, dialect=C6)


GROUP = "put it into parentheses: a TupleLiteral of one element"
NO_GROUP = "only SELECT has groups: compute it before it is sent"
ARITHMETIC: list[tuple[Statement, str]] = [
    (selected(Arithmetic(COLUMN_SUM, "*", A)), f"an operand of * binds weaker than it; {GROUP}"),
    (selected(Arithmetic(A, "*", COLUMN_SUM)), f"an operand of * binds weaker than it; {GROUP}"),
    (selected(Arithmetic(A, "/", Arithmetic(A, "*", A))), f"an operand of / binds weaker than it; {GROUP}"),
    (selected(Arithmetic(A, "-", COLUMN_SUM)), f"an operand of - binds weaker than it; {GROUP}"),
    (selected(Negation(COLUMN_SUM)), f"a minus sign takes no arithmetic; {GROUP}"),
    (selected(ast.TypeHint(INT, ast.Element(M, ONE))), f"a type hint takes no Element as it is; {GROUP}"),
    (selected(ast.TypeHint(INT, Negation(A))), f"a type hint takes no Negation as it is; {GROUP}"),
    (values(Arithmetic(SUM, "*", ONE)), f"an operand of * binds weaker than it; {NO_GROUP}"),
    (values(Arithmetic(ONE, "+", SUM)), f"an operand of + binds weaker than it; {NO_GROUP}"),
    (values(Negation(PRODUCT)), f"a minus sign takes no arithmetic; {NO_GROUP}"),
    (values(ast.TypeHint(INT, SUM)), f"a type hint takes no arithmetic; {NO_GROUP}"),
    (values(ast.Cast(SUM, INT)), f"CAST outside SELECT takes no arithmetic; {NO_GROUP}"),
    (values(Negation(Negation(ONE))), "a single term outside SELECT cannot be a Negation"),
]


@pytest.mark.parametrize(("tree", "sentence"), ARITHMETIC, ids=range(len(ARITHMETIC)))
def test_arithmetic_that_would_be_read_otherwise_is_refused(tree: Statement, sentence: str) -> None:
    with pytest.raises(StatementError) as caught:
        compile_statement(tree, dialect=C5)
    assert sentence in str(caught.value)


MISPLACED: list[tuple[Statement, str]] = [
    (values(mistyped(A)), "a value outside SELECT cannot be a ColumnName"),
    (values(ast.ListLiteral((A,))), "a term outside SELECT cannot be a ColumnName"),
    (values(ast.FunctionCall(F, (ast.CountRows(),))), "a term outside SELECT cannot be a CountRows"),
    (values(ast.RowReference("r")), "it stands in a Transaction alone"),
    (where(ast.ReferenceIsNull(ast.RowReference("r"))), "a relation of WHERE cannot be a ReferenceIsNull"),
    (where(Comparison(ast.Field(A, "f"), "=", ONE)), "what WHERE compares cannot be a Field"),
    (where(Comparison(ast.Element(ast.Element(M, X), X), "=", ONE)), "cannot be a Element"),
    (where(Comparison(PAIR, "=", ONE)), "what several columns are compared with cannot be a IntegerLiteral"),
    (where(ast.In(PAIR, ast.ValueList((MARK, TupleLiteral((ONE,)))))), "are all tuples or all markers"),
    (where(ast.In(ast.Element(M, X), MARK)), "cannot be a Element"),
    (where(ast.IndexExpression(ast.IndexName("i", "k"), X)), "expr() takes the name of an index alone"),
    (on_condition(ast.IsNotNull(A)), "a condition of IF cannot be a IsNotNull"),
    (on_condition(ast.Between(A, ONE, ONE)), "a condition of IF cannot be a Between"),
    (on_condition(ast.Contains(A, ONE, negated=True)), "IF takes no NOT CONTAINS"),
    (on_condition(Comparison(ast.Token((A,)), "=", ONE)), "what IF compares cannot be a Token"),
    (Select((), T, limit=call("f")), "a number of rows, seconds or microseconds cannot be a FunctionCall"),
    (ast.InsertJson(T, ONE), "a JSON text cannot be a IntegerLiteral"),
    (ast.Delete(T, IS_1, using=(ast.UsingTtl(ONE),)), "USING of DELETE cannot be a UsingTtl"),
    (Select((), T, using=(ast.UsingTtl(ONE),)), "USING of SELECT cannot be a UsingTtl"),
    (ast.Truncate(T, (ast.UsingTtl(ONE),)), "USING of TRUNCATE cannot be a UsingTtl"),
    (values(ast.SetLiteral(())), "a set without elements is written as a map without entries: MapLiteral(())"),
    (selected(ast.SetLiteral(())), "a set without elements is written as a map without entries"),
    (selected(ast.Slice(M)), "a slice has a start, an end or both"),
    (selected(ast.WriteTime(ast.Element(call("f"), ONE))), "are of columns and their parts, not of a FunctionCall"),
    (selected(ast.Element(TupleLiteral((A,)), ONE)), "a name in parentheses with [ behind it is read as a type"),
    (selected(ast.Element(Negation(A), ONE)), "what an element, slice or field is taken of cannot be a Negation"),
    (Select((), T, order_by=(ast.Ordering(call("f")),)), "cassandra-6.0 has no ORDER BY a function"),
]


@pytest.mark.parametrize(("tree", "sentence"), MISPLACED, ids=range(len(MISPLACED)))
def test_a_node_where_it_cannot_stand_is_refused(tree: Statement, sentence: str) -> None:
    with pytest.raises(CqlError) as caught:
        compile_statement(tree, dialect=C6)
    assert sentence in str(caught.value)


READ = ast.RowReference("r", A)
OTHERS: list[tuple[str, Statement, str]] = [
    (
        SCYLLA,
        ast.AlterKeyspace("k", (Option("a", ast.MapLiteral(((X, ast.MapLiteral(())),))),)),
        "cannot be a MapLiteral",
    ),
    (
        SCYLLA,
        ast.CreateRole(R, (ast.CustomOptions(ast.MapLiteral(((X, ast.ListLiteral(())),))),)),
        "cannot be a ListLiteral",
    ),
    (SCYLLA, where(Comparison(PAIR, ">", ast.ClusteringBound(MARK))), "SCYLLA_CLUSTERING_BOUND takes a tuple"),
    (SCYLLA, Select((), T, order_by=(ast.Ordering(call("f"), descending=True),)), "has no direction"),
    (SCYLLA, Select((), None, mutation_fragments=True), "without FROM there are no MUTATION_FRAGMENTS"),
    (SCYLLA, selected(ast.TimeToLive(ast.Field(ast.Field(A, "f"), "g"))), "reach one element or field into a column"),
    (SCYLLA, ast.AddColumns(T, (TableColumn(A, INT, ttl=True),)), "ADD takes no TTL"),
    (SCYLLA, ast.DescribeGroup("schema", passwords=True), "PASSWORDS come WITH INTERNALS alone"),
    (C5, ast.AlterKeyspace("k", (Option("a", ast.Word("select")),)), "the bare word 'select' is no keyword"),
    (C5, ast.AlterKeyspace("k", (Option("a", ast.Word("anything")),)), "give it as a string"),
    (C5, ast.AlterKeyspace("k", (Option("a", MARK),)), "the value of an option cannot be a Bind"),
    (C5, ast.AlterKeyspace("k", (Option("a", ast.MapLiteral(((MARK, X),))),)), "a constant cannot be a Bind"),
    (C5, ast.CreateFunction(F, (), INT, "language", ""), "the language of a function is a word of small letters"),
    (C5, ast.CreateFunction(F, (), INT, "a b", ""), "and no keyword; not 'a b'"),
    (C5, ast.CreateRole(None), "the role has no name"),
    (C5, ast.AddColumns(T, (TableColumn(A, INT, mask=ast.Mask(None, (ONE,))),)), "takes no arguments"),
    (C5, ast.DescribeNamed("index", TableName("t")), "the name behind INDEX is a IndexName, not a TableName"),
    (C6, ast.Let("row", (), T, IS_1, call("f")), "cannot be a FunctionCall"),
    (C6, ast.Let("json", (), T, IS_1), "the name of a row that LET reads is a word of small letters"),
    (C6, ast.Let("R", (), T, IS_1), "the name of a row that LET reads is a word of small letters"),
    (C6, ast.Let("é", (), T, IS_1), "the name of a row that LET reads is a word of small letters"),
    (C6, ast.CreateRole(R, generated=True), "the server makes up the name of a GENERATED ROLE"),
    (C6, ast.AddColumns(T, (TableColumn(A, INT, not_null=True),)), "ADD takes no NOT NULL; give CHECK NOT NULL"),
    (
        C6,
        ast.ConstrainColumn(T, A, (ast.ComparisonConstraint(B, "=", ONE),)),
        "CHECK of 'a' compares that column alone, not 'B'",
    ),
    (C6, ast.ConstrainColumn(T, A, (ast.ComparisonConstraint(A, "=", SUM),)), "a value cannot be a Arithmetic"),
    (C6, ast.ConstrainColumn(T, A, (ast.FunctionConstraint("f", (), "="),)), "an operator and a value, or not at all"),
    (C6, ast.ConstrainColumn(T, A, (ast.FunctionConstraint("f", None, "=", ONE),)), "has parentheses"),
    (
        C6,
        ast.ConstrainColumn(T, A, (ast.FunctionConstraint("f", (A, ONE)),)),
        "constraint is json or not_null here, not 'f'",
    ),
    (C6, ast.Transaction(conditions=(ast.ReferenceComparison(READ, "=", READ),)), "compares what was read with a term"),
    (C6, ast.Transaction(conditions=(ast.ReferenceComparison(ONE, "=", ONE),)), "compares what was read with a term"),
    (C6, ast.Transaction(conditions=IS_1), "a condition of a transaction cannot be a Comparison"),
    (C6, ast.Transaction(answer=(ast.RowReference("r", call("f")),)), "cannot be a FunctionCall"),
    (C6, ast.Transaction(updates=(ast.Update(T, (ast.Prepend(A, READ),), IS_1),)), "cannot be a RowReference"),
]


@pytest.mark.parametrize(("dialect", "tree", "sentence"), OTHERS, ids=range(len(OTHERS)))
def test_what_no_grammar_has_is_refused(dialect: DialectName, tree: Statement, sentence: str) -> None:
    with pytest.raises(StatementError) as caught:
        compile_statement(tree, dialect=dialect)
    assert sentence in str(caught.value)


def test_a_table_in_order_of_a_function_is_refused() -> None:
    order = (ast.Ordering(call("f")),)
    with pytest.raises(StatementError, match="CREATE TABLE: CLUSTERING ORDER BY takes columns, and no functions"):
        compile_statement(ast.CreateTable(T, (TableColumn(A, INT),), (A,), clustering_order=order))


def test_what_is_nested_too_deep_is_refused() -> None:
    value: ast.Term = ONE
    for _ in range(2000):
        value = ast.ListLiteral((value,))
    with pytest.raises(StatementError, match="INSERT: it is nested too deep"):
        compile_statement(values(value))


def test_only_what_can_be_frozen_is() -> None:
    with pytest.raises(StatementError, match=r"FROZEN TYPE: only collections, tuples, vectors and user-defined types"):
        type_text(ast.FrozenType(INT))


def test_a_native_type_is_one_of_the_grammar() -> None:
    with pytest.raises(StatementError, match="no native type 'int, b text'; a type of one's own is a UserType"):
        type_text(ast.NativeType("int, b text"))


@pytest.mark.parametrize(
    "tree",
    [
        selected(ColumnName("")),
        ast.CreateTable(T, (TableColumn(ColumnName(""), INT),), (A,)),
        ast.DropColumns(T, (ColumnName(""),)),
        ast.Use(""),
        ast.Insert(TableName(""), (A,), (ONE,)),
        values(ast.Bind("")),
        selected(ast.Field(A, "")),
    ],
)
def test_a_name_is_empty_only_where_a_column_is_there(tree: Statement) -> None:
    with pytest.raises(IdentifierError, match="it is empty"):
        compile_statement(tree, dialect=C5)


WORDS: list[Statement] = [
    ast.Batch((), "LOGGED"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ast.InsertJson(T, X, "DROP"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    where(Comparison(A, "= 1 OR", ONE)),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    selected(Arithmetic(A, "^", B)),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ast.Grant(("EVERYTHING",), ast.AllRoles(), R),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ast.DescribeGroup("tables; x"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ast.DescribeNamed("view", T),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ast.CreateIndex(None, T, (ast.IndexTarget(A, "x"),)),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ast.CopyTable(T, T, ("x",)),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
]


@pytest.mark.parametrize("tree", WORDS, ids=[type(tree).__name__ for tree in WORDS])
def test_a_word_that_is_not_of_the_grammar_is_refused(tree: Statement) -> None:
    with pytest.raises(StatementError, match=r"there is|described|LIKE takes over"):
        compile_statement(tree, dialect=C6)
