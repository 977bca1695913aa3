"""What compiling keeps: the shapes used last, up to a number, and no text that is long.

Memory is traced in a process of its own: where a client library runs threads beside, `tracemalloc` counts what they do,
and may fail with them when it stops.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from typing import TYPE_CHECKING

import pytest

from cql_builder import compile_statement, parse_cql
from cql_builder.ast import (
    Bind,
    ColumnName,
    Comparison,
    CreateRole,
    Password,
    RoleName,
    Select,
    TableName,
)
from cql_builder.compiler import forget

if TYPE_CHECKING:
    from cql_builder.ast import Statement

T = TableName("t")
SHAPES = 1000
"""How many shapes are promised to be kept."""
MEGABYTE = 1_000_000


class Name(str):
    """A name that can be watched: whether anything still holds it."""

    __slots__ = ("__weakref__",)


def watched(number: int, column: str = "c") -> tuple[Statement, weakref.ref[Name]]:
    """A statement of a shape of its own, and what tells whether it is still held."""
    name = Name(f"{column}{number}")
    return Select((ColumnName(name),), T, (Comparison(ColumnName("k"), "=", Bind()),)), weakref.ref(name)


def compiled(number: int, column: str = "c") -> weakref.ref[Name]:
    tree, held = watched(number, column)
    compile_statement(tree)
    return held


@pytest.fixture(autouse=True)
def nothing_kept_before() -> None:
    forget()


def test_as_many_shapes_are_kept_as_promised_and_no_more() -> None:
    kept = [compiled(number) for number in range(2 * SHAPES)]
    gc.collect()
    assert [held() is not None for held in kept] == [False] * SHAPES + [True] * SHAPES


def test_the_least_recently_used_goes_first() -> None:
    first, second = compiled(0), compiled(1)
    for number in range(2, SHAPES):
        compiled(number)
    compiled(0)
    compiled(SHAPES)
    gc.collect()
    assert (first() is not None, second() is not None) == (True, False)


def test_a_long_text_is_not_kept() -> None:
    held = compiled(0, "c" * 2000)
    gc.collect()
    assert held() is None


def bytes_kept(program: str) -> int:
    """What a program prints."""
    return int(subprocess.check_output([sys.executable, "-c", program], text=True, timeout=60))


LITERALS = """
import gc, tracemalloc
from cql_builder import compile_statement
from cql_builder.ast import ColumnName, Insert, StringLiteral, TableName

trees = [Insert(TableName("t"), (ColumnName("a"),), (StringLiteral(str(n) * 1_000_000),)) for n in range(5)]
compile_statement(trees[0])  # loads what the first of all statements loads
tracemalloc.start()
for tree in trees[1:]:
    assert len(compile_statement(tree).cql) > 1_000_000
gc.collect()
print(tracemalloc.get_traced_memory()[0])
"""


def test_statements_with_a_megabyte_of_text_leave_nothing_behind() -> None:
    assert bytes_kept(LITERALS) < MEGABYTE / 10


def test_a_long_text_comes_with_the_names_of_its_markers() -> None:
    text = f"INSERT INTO t (a, b) VALUES ('{'x' * MEGABYTE}', :b)"
    assert compile_statement(parse_cql(text)) == (text, (), ("b",))


def test_nothing_is_kept_of_a_statement_with_a_password() -> None:
    password = Name("canary")
    held = weakref.ref(password)
    compile_statement(CreateRole(RoleName("r"), (Password(password),)))
    del password
    gc.collect()
    assert held() is None


NAMES = """
import gc, tracemalloc
from cql_builder import col, insert_into, select

def built(letter):
    name = letter * 1_000_000
    select(name).from_(name).where(col(name) == 1).order_by(name).compile()
    insert_into(name).values({name: 1}).compile()

built("a")
tracemalloc.start()
for letter in "bcdefgh":
    built(letter)
gc.collect()
print(tracemalloc.get_traced_memory()[0])
"""


def test_of_statements_with_names_as_long_as_texts_nothing_is_kept() -> None:
    assert bytes_kept(NAMES) < MEGABYTE
