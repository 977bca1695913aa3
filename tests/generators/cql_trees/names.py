"""Names, with all that makes them need quotes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

from hypothesis import strategies as st

from cql_builder.ast import ColumnName, FunctionName, IndexName, NativeFunctionName, RoleName, TableName
from cql_builder.dialects.features import EMPTY_COLUMN_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from cql_builder.dialects import Dialect, Feature

P = ParamSpec("P")
T = TypeVar("T")

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    ["", "'", "''", '"', "$$", "$", "--", "/*", "*/", ";", "\n", "\0", "?", ":a", "it's", "\U0001f600", "a\\", "é"]
)
ODD_NAMES = ["A", "aB", "_a", "1a", "a b", 'a"b', '"', "a.b", "é", "--", "*", "\n", "\0", "\U0001f600", "'", "(", "N"]
PLAIN_NAMES = ["a", "b", "c1", "d_e", "expr", "nanx", "name", "id", "px", "deadbeef", "e5", "ann", "options", "i"]


def has(dialect: Dialect, feature: Feature) -> bool:
    return feature in dialect.features


def tuples(
    strategy: st.SearchStrategy[T], min_size: int = 0, max_size: int = 3, unique: Callable[[T], Hashable] | None = None
) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(strategy, min_size=min_size, max_size=max_size, unique_by=unique).map(tuple)


def maybe(strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    return st.none() | strategy


def flag(dialect: Dialect, *features: Feature) -> st.SearchStrategy[bool]:
    """Either, where the dialect has all of the features; else False."""
    return st.booleans() if dialect.features.issuperset(features) else st.just(value=False)


def named(make: Callable[P, st.SearchStrategy[T]]) -> Callable[P, st.SearchStrategy[T]]:
    """Make a strategy once for its arguments, and show it as a call: what it is made of would fill megabytes."""
    made = cast("Callable[P, st.SearchStrategy[T]]", cache(make))

    def drawn(draw: st.DrawFn, *args: P.args, **kwargs: P.kwargs) -> T:
        return draw(made(*args, **kwargs))

    drawn.__name__ = make.__name__
    return cast("Callable[P, st.SearchStrategy[T]]", cache(st.composite(drawn)))


@named
def words(dialect: Dialect) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted(dialect.reserved | dialect.unreserved))


@named
def identifiers(dialect: Dialect) -> st.SearchStrategy[str]:
    plain = st.sampled_from(PLAIN_NAMES)
    return plain | plain | words(dialect) | st.sampled_from(ODD_NAMES) | TEXTS.filter(bool)


@named
def keyspaces(dialect: Dialect) -> st.SearchStrategy[str | None]:
    return st.none() | identifiers(dialect)


@named
def tables(dialect: Dialect) -> st.SearchStrategy[TableName]:
    return st.builds(TableName, identifiers(dialect), keyspaces(dialect))


@named
def indexes(dialect: Dialect) -> st.SearchStrategy[IndexName]:
    return st.builds(IndexName, identifiers(dialect), keyspaces(dialect))


@named
def functions(dialect: Dialect) -> st.SearchStrategy[FunctionName]:
    # `token` of columns is a node of its own.
    called = identifiers(dialect) | st.sampled_from(
        ["count", "ttl", "cast", "json", "writetime", "maxwritetime", "now"]
    )
    usual = called.filter(lambda name: name != "token" and name not in dialect.functions)
    return st.builds(FunctionName, usual, keyspaces(dialect))


@named
def called_functions(dialect: Dialect) -> st.SearchStrategy[FunctionName | NativeFunctionName]:
    return functions(dialect) | st.builds(NativeFunctionName, st.sampled_from(sorted(dialect.function_names)))


@named
def roles(dialect: Dialect) -> st.SearchStrategy[RoleName]:
    return st.builds(RoleName, identifiers(dialect))


def users() -> st.SearchStrategy[RoleName]:
    return st.builds(RoleName, TEXTS)


@named
def new_columns(dialect: Dialect) -> st.SearchStrategy[ColumnName]:
    """Columns where they are defined or selected."""
    return st.builds(ColumnName, identifiers(dialect))


@named
def columns(dialect: Dialect) -> st.SearchStrategy[ColumnName]:
    """Columns that are there already, whose names may be empty."""
    if not has(dialect, EMPTY_COLUMN_NAME):
        return new_columns(dialect)
    return new_columns(dialect) | new_columns(dialect) | st.just(ColumnName(""))


@named
def bare_words(dialect: Dialect) -> st.SearchStrategy[str]:
    """Words of small letters, digits and _ that are no keyword."""
    keywords = dialect.reserved | dialect.unreserved
    return st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True).filter(lambda word: word not in keywords)
