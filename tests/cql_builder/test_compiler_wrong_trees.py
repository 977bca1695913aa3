"""Trees that a program has put together wrongly, and what is kept of those with a password."""

from __future__ import annotations

import pickle
import sys
from typing import TYPE_CHECKING, Any, get_type_hints

import pytest

from cql_builder import compile_statement, parse_cql, parse_type, select, type_text
from cql_builder.ast import (
    AlterRole,
    AlterUser,
    Batch,
    Bind,
    ColumnName,
    Comparison,
    CreateRole,
    CreateUser,
    FloatLiteral,
    In,
    Insert,
    IntegerLiteral,
    ListType,
    MapLiteral,
    Node,
    Password,
    RoleName,
    Select,
    Statement,
    StringLiteral,
    TableName,
    Term,
    ValueList,
)
from cql_builder.errors import ArgumentError, StatementError

if TYPE_CHECKING:
    from collections.abc import Iterator

T, A, ONE = TableName("t"), ColumnName("a"), IntegerLiteral("1")


def wrong(value: object) -> Any:
    """What type checkers take for anything: the tests give what they would refuse."""
    return value


@pytest.mark.parametrize(
    ("tree", "sentence"),
    [
        (Select(wrong([A]), T), "'selection' of Select takes tuple[Selectable | Alias, ...], not list"),
        (Select((), wrong("t")), "'table' of Select takes TableName | None, not str"),
        (Select((A,), T, wrong(7)), "'where' of Select takes tuple[Relation, ...], not int"),
        (Select((StringLiteral(wrong(5)),), T), "'text' of StringLiteral takes str, not int"),
        (Select((IntegerLiteral(wrong(None)),), T), "'digits' of IntegerLiteral takes str, not None"),
        (Select((FloatLiteral(wrong(1.5)),), T), "'digits' of FloatLiteral takes str, not float"),
        (Insert(T, (A,), (MapLiteral(wrong((ONE, ONE))),)), "not a tuple of IntegerLiteral"),
        (Insert(T, (A,), wrong([ONE])), "'values' of Insert takes tuple[Term, ...], not list"),
        (Select((), T, (In(A, ValueList(wrong([ONE]))),)), "'values' of ValueList takes tuple["),
        (Select((), T, (Comparison(A, wrong(["="]), ONE),)), "'operator' of Comparison takes ComparisonOperator, not"),
    ],
)
def test_a_field_with_what_it_does_not_take_is_named(tree: Node, sentence: str) -> None:
    with pytest.raises(StatementError) as caught:
        compile_statement(wrong(tree))
    assert sentence in str(caught.value)


@pytest.mark.parametrize("tree", [wrong(select("a").from_("t")), wrong("SELECT a FROM t"), wrong(None), wrong([])])
def test_what_is_no_tree_is_refused_with_what_would_be_one(tree: Any) -> None:
    with pytest.raises(ArgumentError, match=r"a tree \(a statement that was built: call \.compile\(\) on it\), not"):
        compile_statement(tree)
    with pytest.raises(ArgumentError, match=r"type_text: it takes the tree of a data type \(give parse_type\(text\)\)"):
        type_text(tree)


@pytest.mark.parametrize("tree", [T, parse_type("int"), Comparison(A, "=", ONE)])
def test_a_node_that_is_no_statement_is_refused_in_one_short_sentence(tree: Node) -> None:
    with pytest.raises(ArgumentError) as caught:
        compile_statement(wrong(tree))
    assert str(caught.value) == f"compile_statement: it takes the tree of a statement, not {type(tree).__name__}"


def test_a_type_with_a_str_in_it_is_refused() -> None:
    with pytest.raises(StatementError, match="a data type cannot be a str; it is one of"):
        type_text(ListType(wrong("int")))


def all_classes(base: type[Node] = Node) -> Iterator[type[Node]]:
    yield base
    for cls in base.__subclasses__():
        yield from all_classes(cls)


def test_what_every_field_takes_can_be_asked_for() -> None:
    for cls in all_classes():
        if cls.__module__.startswith("cql_builder."):
            assert set(cls.field_names) <= set(get_type_hints(cls))


def test_a_node_with_fields_has_no_classes_below_it() -> None:
    for base in (Select, ColumnName, Bind):
        with pytest.raises(TypeError, match=f"{base.__name__} has fields, so no class can be below it"):
            type("Mine", (base,), {})
    mine: Any = type("Mine", (Term,), {"__annotations__": {"text": "str"}})
    assert mine("a").text == "a"


PASSWORD = Password("canary-7f3a")
ROLE = RoleName("r")


@pytest.mark.parametrize(
    ("tree", "shown"),
    [
        (CreateRole(ROLE, (PASSWORD,)), "CREATE ROLE r WITH PASSWORD = …"),
        (AlterRole(ROLE, (PASSWORD,)), "ALTER ROLE r WITH PASSWORD = …"),
        (CreateUser(ROLE, PASSWORD), "CREATE USER 'r' WITH PASSWORD …"),
        (AlterUser(ROLE, PASSWORD, superuser=True), "ALTER USER 'r' WITH PASSWORD …"),
        (CreateRole(ROLE), "CREATE ROLE r"),
    ],
)
def test_a_password_is_not_shown(tree: CreateRole, shown: str) -> None:
    compiled = compile_statement(tree)
    assert repr(compiled) == f"Compiled({shown!r}, 0 values)"
    assert compiled.cql.startswith(shown.rstrip("…"))


@pytest.mark.parametrize("name", ["PASSWORD '", "PASSWORD = '", "a\nPASSWORD 'b"])
def test_a_name_that_looks_like_a_password_uncovers_none(name: str) -> None:
    for tree in (CreateRole(RoleName(name), (PASSWORD,)), CreateUser(RoleName(name), PASSWORD)):
        compiled = compile_statement(tree)
        assert "canary" in compiled.cql
        assert "canary" not in repr(compiled)


def is_kept(tree: Statement) -> bool:
    """Whether somebody holds a tree after it was compiled who did not before."""
    before = sys.getrefcount(tree)
    compile_statement(tree)
    return sys.getrefcount(tree) > before


def test_nothing_is_kept_of_a_tree_with_a_password() -> None:
    assert is_kept(Select((), TableName("kept_by_shape")))
    for tree in (
        CreateRole(ROLE, (PASSWORD,)),
        AlterRole(ROLE, (PASSWORD,)),
        CreateUser(ROLE, PASSWORD),
        AlterUser(ROLE, PASSWORD),
    ):
        assert not is_kept(tree)


def test_a_batch_of_something_else_is_refused() -> None:
    with pytest.raises(StatementError, match="a statement of a batch cannot be a Select; it is one of Delete, Insert"):
        compile_statement(Batch((wrong(Select((), T)),)))


def test_a_tree_with_a_password_is_pickled_like_any_other() -> None:
    tree = CreateRole(ROLE, (PASSWORD,))
    assert pickle.loads(pickle.dumps(tree)) == tree  # noqa: S301 - made here
    assert "canary" not in repr(tree)
    assert parse_cql(compile_statement(tree).cql) == tree
