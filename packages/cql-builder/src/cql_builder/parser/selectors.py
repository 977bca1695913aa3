"""What SELECT asks for, from text: columns, their parts, functions, arithmetic and literals with columns inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.names import ColumnName, FunctionName
from cql_builder.ast.terms import (
    Alias,
    Cast,
    CountRows,
    Element,
    Field,
    FunctionCall,
    MapLiteral,
    MaxWriteTime,
    Negation,
    Slice,
    TimeToLive,
    Token,
    TupleLiteral,
    TypeHint,
    WriteTime,
)
from cql_builder.dialects import features
from cql_builder.errors import CqlSyntaxError
from cql_builder.parser.collection_literals import elements, list_literal, set_or_map
from cql_builder.parser.cursor import MAX_DEPTH
from cql_builder.parser.names import at_function_call, called_function
from cql_builder.parser.terms import arithmetic, constant, is_constant, signed_constant, simple_term, term
from cql_builder.parser.types import data_type, end_of_type, native_type

if TYPE_CHECKING:
    from collections.abc import Callable

    from cql_builder.ast.terms import Selectable
    from cql_builder.parser.cursor import Cursor

_OPERATORS = frozenset("+-*/%")
_TOKEN = FunctionName("token")
_AFTER_COLUMN = frozenset({",", ".", "[", ")", "from"})
"""What shows, where a reserved word was selected, that it is meant as a column."""
_AFTER_ALIAS = frozenset({",", "from", ")"})


def selectors(cursor: Cursor) -> tuple[Selectable | Alias, ...]:
    """Read what is selected; `*` is nothing."""
    kinds = cursor.kinds
    if kinds[cursor.position] == "*":
        cursor.position += 1
        return ()
    selected = [_selector(cursor)]
    while kinds[cursor.position] == ",":
        cursor.position += 1
        selected.append(_selector(cursor))
    return tuple(selected)


def selectable(cursor: Cursor) -> Selectable:
    """Read one selected expression, without an alias."""
    left = _operand(cursor)
    if cursor.kinds[cursor.position] not in _OPERATORS:
        return left
    return arithmetic(cursor, left, _operand)


def is_alias(cursor: Cursor, ahead: int = 0) -> bool:
    """Whether a token is the AS of an alias, and not a column of this name."""
    return cursor.peek(ahead) == "as" and cursor.is_name(ahead + 1) and cursor.peek(ahead + 2) in _AFTER_ALIAS


def _selector(cursor: Cursor) -> Selectable | Alias:
    selected = selectable(cursor)
    if cursor.kinds[cursor.position] != "as":
        return selected
    cursor.position += 1
    return Alias(selected, cursor.identifier("an alias"))


def _operand(cursor: Cursor) -> Selectable:
    if cursor.kinds[cursor.position] == "-":
        return _negation(cursor)
    selected = _primary(cursor)
    return _parts(cursor, selected) if cursor.kinds[cursor.position] in _PARTS else selected


def _negation(cursor: Cursor) -> Selectable:
    negative = signed_constant(cursor)
    if negative is not None:
        return negative
    cursor.require(features.ARITHMETIC)
    cursor.position += 1
    with cursor.nested("terms"):
        return Negation(_operand(cursor))


def _primary(cursor: Cursor) -> Selectable:
    position = cursor.position
    kind = cursor.kinds[position]
    read = _COLLECTIONS.get(kind)
    if read is not None:
        return read(cursor) if features.COLLECTION_SELECTOR in cursor.dialect.features else _literal(cursor)
    if cursor.peek(1) == "(":
        read = _FUNCTIONS.get(kind)
        if read is not None and (kind in cursor.dialect.unreserved or kind in cursor.dialect.reserved):
            return read(cursor)
    if at_function_call(cursor):
        return _function_call(cursor)
    if cursor.is_name():
        return ColumnName(cursor.identifier("a column"))
    if kind in {"?", ":", "null"}:
        return simple_term(cursor)
    literal = constant(cursor)
    if literal is None:
        expected = "a column, function or value"
        raise cursor.no_name(expected) if cursor.peek(1) in _AFTER_COLUMN else cursor.error(expected)
    return literal


def _parts(cursor: Cursor, whole: Selectable) -> Selectable:
    """Read the fields and elements of what was read before."""
    most = cursor.operations + MAX_DEPTH
    while True:
        if cursor.accept("."):
            whole = Field(whole, cursor.identifier("a field"))
        elif cursor.accept("["):
            with cursor.nested("terms"):
                whole = _element(cursor, whole)
            cursor.expect("]")
        else:
            return whole
        cursor.operations += 1
        if cursor.operations > most:
            raise cursor.refusal(f"elements and fields are nested deeper than {MAX_DEPTH} levels", of_all=True)


def _element(cursor: Cursor, whole: Selectable) -> Selectable:
    start = None if cursor.at("..") else term(cursor)
    if cursor.kinds[cursor.position] != ".." and start is not None:
        return Element(whole, start)
    cursor.require(features.SLICE)
    cursor.expect("..")
    end = term(cursor) if start is None or not cursor.at("]") else None
    return Slice(whole, start, end)


def _function_call(cursor: Cursor) -> Selectable:
    function = called_function(cursor)
    cursor.position += 1
    if cursor.accept(")"):
        return FunctionCall(function)
    with cursor.nested("terms"):
        arguments = elements(cursor, selectable)
    cursor.expect(")")
    if function == _TOKEN:
        columns = tuple(argument for argument in arguments if isinstance(argument, ColumnName))
        if len(columns) == len(arguments):
            return Token(columns)
    return FunctionCall(function, arguments)


def _count(cursor: Cursor) -> Selectable:
    if not cursor.accept("count", "(", "*", ")"):
        return _function_call(cursor)
    return CountRows()


def _cast(cursor: Cursor) -> Selectable:
    cursor.position += 2
    with cursor.nested("terms"):
        selected = selectable(cursor)
    cursor.expect("as")
    cast = Cast(selected, native_type(cursor))
    cursor.expect(")")
    return cast


def _of_column(make: Callable[[ColumnName | Element | Slice | Field], Selectable]) -> Callable[[Cursor], Selectable]:
    def read(cursor: Cursor) -> Selectable:
        cursor.position += 2
        column = ColumnName(cursor.identifier("a column"))
        if cursor.at(")"):
            cursor.position += 1
            return make(column)
        if cursor.kinds[cursor.position] in _PARTS:
            cursor.require(features.WRITETIME_OF_PART)
        part = _parts(cursor, column)
        deeper = isinstance(part, Element | Field) and part.receiver is not column
        # Where nothing but values makes collections, the grammar takes one step into the column and no further.
        if deeper and features.COLLECTION_SELECTOR not in cursor.dialect.features:
            raise cursor.refusal(
                "writetime and ttl reach one element or field into a column here; ask for the outer one"
            )
        cursor.expect(")")
        return make(part) if isinstance(part, ColumnName | Element | Slice | Field) else make(column)

    return read


def _list(cursor: Cursor) -> Selectable:
    return list_literal(cursor, selectable)


def _braces(cursor: Cursor) -> Selectable:
    cursor.position += 1
    if cursor.accept("}"):
        return MapLiteral(())
    with cursor.nested("terms"):
        literal = set_or_map(cursor, selectable)
    cursor.expect("}")
    return literal


def _literal(cursor: Cursor) -> Selectable:
    """Read a literal without columns inside, all that ScyllaDB selects."""
    start = cursor.mark()
    try:
        literal = simple_term(cursor)
    except CqlSyntaxError:
        if cursor.is_name():
            cursor.require(features.COLLECTION_SELECTOR, start)
        raise
    if isinstance(literal, TypeHint):
        cursor.require(features.TYPE_HINT_SELECTOR, start)
    return literal


def _parentheses(cursor: Cursor) -> Selectable:
    end = end_of_type(cursor, cursor.position + 1)
    if end > 0 and cursor.kinds[end] == ")" and _starts_hinted(cursor, end + 1):
        cursor.require(features.TYPE_HINT_SELECTOR)
        cursor.position += 1
        hint = data_type(cursor)
        cursor.expect(")")
        with cursor.nested("terms"):
            return TypeHint(hint, _primary(cursor))
    cursor.position += 1
    with cursor.nested("terms"):
        found = elements(cursor, selectable)
    cursor.expect(")")
    return TupleLiteral(found)


def _starts_hinted(cursor: Cursor, index: int) -> bool:
    """Whether what follows a type in parentheses makes it a hint, and not a column in parentheses."""
    ahead = index - cursor.position
    kind = cursor.kinds[index]
    if kind == "[":
        return not _is_slice(cursor, index)
    if kind == ":":
        return cursor.is_name(ahead + 1)
    if kind == "per" and cursor.peek(ahead + 1) == "partition":
        return False
    if is_alias(cursor, ahead):
        return False
    return cursor.is_name(ahead) or kind in _COLLECTIONS or kind in {"?", "null", "token", "cast"} or is_constant(kind)


def _is_slice(cursor: Cursor, index: int) -> bool:
    """Whether a bracket that opens at an index holds a range."""
    depth = 0
    kinds = cursor.kinds
    while index < len(kinds):
        kind = kinds[index]
        if kind == "[":
            depth += 1
        elif kind == "]":
            depth -= 1
            if not depth:
                return False
        elif kind == ".." and depth == 1:
            return True
        index += 1
    return False


_PARTS = frozenset({".", "["})
_COLLECTIONS: dict[str, Callable[[Cursor], Selectable]] = {"(": _parentheses, "[": _list, "{": _braces}
_FUNCTIONS: dict[str, Callable[[Cursor], Selectable]] = {
    "cast": _cast,
    "count": _count,
    "maxwritetime": _of_column(MaxWriteTime),
    "ttl": _of_column(TimeToLive),
    "writetime": _of_column(WriteTime),
}
