"""The tree that a call of the mapper means: what may stand in the texts that it sends, and what must."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from cql_builder import compile_statement, parse_cql
from cql_builder.analysis import find, walk
from cql_builder.ast import (
    Add,
    Alias,
    Assign,
    Bind,
    Cast,
    ColumnName,
    Comparison,
    Contains,
    ContainsKey,
    CountRows,
    CreateKeyspace,
    Delete,
    Element,
    FunctionCall,
    FunctionName,
    In,
    Insert,
    InsertJson,
    IntegerLiteral,
    Like,
    MapLiteral,
    NativeFunctionName,
    NativeType,
    NearestOrdering,
    Option,
    Ordering,
    Prepend,
    Select,
    StringLiteral,
    Subtract,
    TableName,
    TimeToLive,
    Token,
    Update,
    UsingTimestamp,
    UsingTtl,
    WriteTime,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cql_builder.ast import Node, Statement

COLUMNS: Mapping[str, frozenset[str]] = {
    "things": frozenset({"id", "place", "name", "size", "key", "tags", "lines", "notes", "spot"}),
    "clicks": frozenset({"page", "clicks"}),
}
"""The columns of each table that there is."""

ALL = frozenset[str]().union(*COLUMNS.values())
KEYS = frozenset({"id", "place", "page"})
FUNCTIONS = {"sum", "avg", "min", "max", "count"}
TYPES = {"text", "double", "int", "bigint", "varint", "decimal", "float", "smallint", "tinyint", "ascii"}

# No literal is among them: every value is sent beside the text.
_OF_VALUES = {Bind, Add, Assign, Prepend, Subtract, UsingTimestamp, UsingTtl}
_OF_ROWS = {Comparison, Contains, ContainsKey, In, Like, Element, Token, NearestOrdering, Ordering}
_OF_SELECTIONS = {Alias, Cast, CountRows, FunctionCall, FunctionName, NativeFunctionName, NativeType}
_STATEMENTS = {Delete, Insert, InsertJson, Select, Update}
NODES = {*_OF_VALUES, *_OF_ROWS, *_OF_SELECTIONS, *_STATEMENTS, ColumnName, TableName, TimeToLive, WriteTime}
OF_KEYSPACES = {CreateKeyspace, Option, MapLiteral, StringLiteral, IntegerLiteral}


class Meaning(NamedTuple):
    """What the statements of a call may be.

    The columns of a clause are words: `given` stands for those of the keywords, `named` for that of the name, `?` for
    any of the key and of those that the inputs name, `+id` for one unless a keyword is called so, and `id:>` for one
    that is compared otherwise than by equality; None for no such clause.

    Attributes:
        kinds: the classes of their trees.
        where: the columns that are compared.
        sets: the columns that an update changes.
        conditions: the columns that a condition compares.
        selects: the columns that are fetched; `*` for any.
        keyspaces: those that they may go to.
    """

    kinds: tuple[type[Statement], ...]
    where: str | None = None
    sets: str | None = None
    conditions: str | None = None
    selects: str = "*"
    keyspaces: frozenset[str] = frozenset({"ks"})


class Inputs(NamedTuple):
    """What somebody passed on: keywords with values, a name, and a value."""

    given: dict[str, Any]
    name: str
    value: Any


def hold(cql: str, params: object, meaning: Meaning, inputs: Inputs) -> None:
    """Hold a text to what the call may mean, by its tree."""
    tree = parse_cql(cql)
    assert compile_statement(tree).cql == cql
    assert type(tree) in meaning.kinds
    if isinstance(tree, CreateKeyspace):
        assert tree.name == inputs.name
        assert {type(node) for node in walk(tree)} <= OF_KEYSPACES
        return
    assert {type(node) for node in walk(tree)} <= NODES
    (table,) = find(tree, TableName)
    assert table.keyspace in meaning.keyspaces
    assert {column.name for column in find(tree, ColumnName)} <= COLUMNS[table.name]
    _hold_selection(tree, meaning, inputs)
    _hold_clause(getattr(tree, "where", ()), meaning.where, inputs)
    if isinstance(tree, Update):
        _hold_clause(tree.assignments, meaning.sets, inputs)
    _hold_clause(getattr(tree, "conditions", ()), meaning.conditions, inputs)
    if params is not None:
        assert len([*find(tree, Bind)]) == len(params)  # type: ignore[arg-type]  # a sequence of a request


def _hold_selection(tree: Statement, meaning: Meaning, inputs: Inputs) -> None:
    """Hold what is fetched, or which columns are deleted, and what stands in it, to what was named."""
    assert {each.name for each in find(tree, FunctionName)} <= FUNCTIONS
    assert {each.name for each in find(tree, NativeFunctionName)} <= FUNCTIONS
    assert {each.name for each in find(tree, NativeType)} <= TYPES
    for alias in find(tree, Alias):
        assert alias.name in ALL or re.fullmatch(r"figure\d+|partition_token", alias.name)
    if meaning.selects != "*" and isinstance(tree, (Select, Delete)):
        parts = tree.selection if isinstance(tree, Select) else tree.targets
        found = {column.name for part in parts for column in find(part, ColumnName)}
        assert found <= {*[column for column, _ in _meant(meaning.selects, inputs)], *KEYS}


def _hold_clause(parts: Iterable[Node], words: str | None, inputs: Inputs) -> None:
    """Hold relations or assignments to the columns and operators that are meant."""
    found = [(next(find(each, ColumnName)).name, _sign_of(each)) for each in parts]
    meant = [*_meant(words or "", inputs)]
    if words is not None and "?" in words:
        assert {column for column, _ in found} <= {column for column, _ in meant}
    else:
        assert sorted(found) == sorted(meant)


_SIGNS_OF: Mapping[type[Node], str] = {
    Add: "+",
    Assign: "=",
    Contains: "contains",
    ContainsKey: "contains_key",
    In: "in",
    Like: "like",
    Prepend: "prepend",
    Subtract: "-",
}
_SIGNS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "ne": "!=", "setindex": "=", "remove": "-"}
_SIGNS.update({"add": "+", "append": "+", "put": "+", "update": "+", "token": "="})


def _sign_of(part: Node) -> str:
    return part.operator if isinstance(part, Comparison) else _SIGNS_OF[type(part)]


def _meant(words: str, inputs: Inputs) -> Iterator[tuple[str, str]]:
    """The columns that the words of a clause stand for, each with its operator."""
    for word in words.split():
        if word == "given":
            yield from map(_read, inputs.given)
        elif word == "named":
            yield _read(inputs.name)
        elif word == "?":
            yield from [(column, "=") for column in {*_mentioned(inputs), *KEYS} & ALL]
        elif word.startswith("+"):
            yield from [] if word[1:] in inputs.given else [(word[1:], "=")]
        else:
            column, _, sign = word.partition(":")
            yield column, sign or "="


def _read(keyword: str) -> tuple[str, str]:
    """The column and the operator of a keyword such as `add__tags` or `size__gt`, or of a name."""
    parts = keyword.split("__")
    column = next((part for part in parts if part in ALL), keyword)
    others = [part for part in parts if part != column]
    return column, _SIGNS.get(others[-1], others[-1]) if others else "="


def _mentioned(value: Any) -> Iterator[str]:
    """The words of all texts in the inputs."""
    if isinstance(value, str):
        yield from re.split(r"__|\W", value)
    elif isinstance(value, (dict, list, tuple)):
        inner: list[Any] = [*value, *value.values()] if isinstance(value, dict) else [*value]
        for each in inner:
            yield from _mentioned(each)
