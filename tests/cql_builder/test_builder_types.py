"""Types as they are given to definitions: what is wrong says of which column it is, and types of Python are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cql_builder import alter_table, create_function, create_table, create_type, parse_type, type_text
from cql_builder.ast import UserType
from cql_builder.errors import CqlSyntaxError, StatementError

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("write", "what"),
    [
        (lambda: create_table("t").column("a", "list<int"), "the type of 'a'"),
        (lambda: alter_table("t").add("a", "list<int"), "the type of 'a'"),
        (lambda: create_type("u", b="list<int"), "the type of 'b'"),
        (lambda: create_function("f", {"c": "list<int"}, returns="int", language="java", body=""), "the type of 'c'"),
    ],
)
def test_a_wrong_type_names_what_is_of_it(write: Callable[[], object], what: str) -> None:
    with pytest.raises(CqlSyntaxError) as caught:
        write()
    assert str(caught.value).splitlines()[:2] == [
        f"line 1, column 9: {what}: expected '>', found the end",
        "  list<int",
    ]
    assert caught.value.position == len("list<int")


@pytest.mark.parametrize(
    ("given", "name", "meant"),
    [
        ("str", "str", "text"),
        ("String", "string", "text"),
        ("bool", "bool", "boolean"),
        ("bytes", "bytes", "blob"),
        ("dict", "dict", "map<…, …>"),
        ("list<str>", "str", "text"),
        ("frozen<list>", "list", "list<…>"),
    ],
)
def test_a_type_of_python_is_not_taken_for_a_user_defined_one(given: str, name: str, meant: str) -> None:
    for write in (create_table("t").column, alter_table("t").add):
        with pytest.raises(StatementError) as caught:
            write("a", given)
        assert str(caught.value).endswith(
            f"the type of 'a': {name!r} is no type of CQL (did you mean {meant!r}?); "
            f"a user-defined type of that name is UserType({name!r})"
        )


@pytest.mark.parametrize("given", [UserType("str"), '"str"', "ks.str"])
def test_a_user_defined_type_may_have_any_name(given: str | UserType) -> None:
    tree = given if isinstance(given, UserType) else parse_type(given)
    added = alter_table("t").add("a", given).compile().cql
    assert added == f"ALTER TABLE t ADD a {type_text(tree)}"
