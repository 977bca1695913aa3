"""Renderers of what is written: the values of INSERT, what SET does to columns, and what DELETE takes away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast import clauses, names, terms
from cql_builder.compiler.names import column_name, defined_column
from cql_builder.compiler.rendering import Rule
from cql_builder.compiler.terms import TERM
from cql_builder.dialects.features import SERVICE_LEVELS

if TYPE_CHECKING:
    from cql_builder.compiler.rendering import Rendering

_LIST_INDEX = "scylla_timeuuid_list_index"
_COUNTER_SHARDS = "scylla_counter_shard_list"


def row_reference(node: terms.RowReference, rendering: Rendering) -> str:
    """Return what a transaction has read."""
    if not rendering.in_transaction:
        rendering.refuse("a RowReference is of a row that a transaction has read; it stands in a Transaction alone")
    row = rendering.identifier(node.row)
    return row if node.selection is None else f"{row}.{_REFERENCED.text(node.selection, rendering)}"


def _keyword_call(value: terms.Term, name: str, rendering: Rendering) -> str | None:
    """Return the call of a function of ScyllaDB's whose name is a reserved word and has no quotes."""
    # Elsewhere the word is like any other; ScyllaDB is told by what it alone has.
    if not isinstance(value, terms.FunctionCall) or not rendering.has(SERVICE_LEVELS):
        return None
    if value.function != names.FunctionName(name) or len(value.arguments) != 1:
        return None
    return f"{name}({TERM.join(value.arguments, rendering)})"


def _element(node: terms.Element, rendering: Rendering) -> str:
    key = _keyword_call(node.key, _LIST_INDEX, rendering) or TERM.text(node.key, rendering)
    return f"{_COLUMN.text(node.receiver, rendering)}[{key}]"


def _deleted_element(node: terms.Element, rendering: Rendering) -> str:
    return f"{_COLUMN.text(node.receiver, rendering)}[{TERM.text(node.key, rendering)}]"


def _field(node: terms.Field, rendering: Rendering) -> str:
    return f"{_COLUMN.text(node.receiver, rendering)}.{rendering.identifier(node.name)}"


def _assign(node: clauses.Assign, rendering: Rendering) -> str:
    target = _TARGET.text(node.target, rendering)
    value = None
    if isinstance(node.target, names.ColumnName):
        value = _keyword_call(node.value, _COUNTER_SHARDS, rendering)
    return f"{target} = {value or WRITTEN.text(node.value, rendering)}"


def _add(node: clauses.Add, rendering: Rendering) -> str:
    return _change(node, "+", rendering)


def _prepend(node: clauses.Prepend, rendering: Rendering) -> str:
    column = column_name(node.column, rendering)
    return f"{column} = {TERM.text(node.value, rendering)} + {column}"


def _subtract(node: clauses.Subtract, rendering: Rendering) -> str:
    return _change(node, "-", rendering)


def _change(node: clauses.Add | clauses.Subtract, sign: str, rendering: Rendering) -> str:
    column = column_name(node.column, rendering)
    # The long form takes terms alone.
    if isinstance(node.value, terms.RowReference):
        return f"{column} {sign}= {row_reference(node.value, rendering)}"
    return f"{column} = {column} {sign} {TERM.text(node.value, rendering)}"


_COLUMN = Rule("a column, or what an element or field is of", {names.ColumnName: column_name})
_TARGET = Rule("what SET writes", {**_COLUMN, terms.Element: _element, terms.Field: _field})
DELETED = Rule("what DELETE takes away", {**_COLUMN, terms.Element: _deleted_element, terms.Field: _field})
_REFERENCED = Rule(
    "what is taken of a row that was read",
    {names.ColumnName: defined_column, terms.Element: _deleted_element, terms.Field: _field},
)
WRITTEN = Rule("a value outside SELECT", {**TERM, terms.RowReference: row_reference})
ASSIGNMENT = Rule(
    "what SET does",
    {clauses.Assign: _assign, clauses.Add: _add, clauses.Prepend: _prepend, clauses.Subtract: _subtract},
)
