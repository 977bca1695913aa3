"""What SELECT asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from cql_builder.ast import (
    Alias,
    Cast,
    ColumnName,
    CountRows,
    Element,
    Field,
    FunctionCall,
    ListLiteral,
    MapLiteral,
    MaxWriteTime,
    Negation,
    SetLiteral,
    Slice,
    StringLiteral,
    TimeToLive,
    Token,
    TupleLiteral,
    TypeHint,
    WriteTime,
)
from cql_builder.dialects.features import (
    ARITHMETIC,
    COLLECTION_SELECTOR,
    MAXWRITETIME,
    SLICE,
    TYPE_HINT_SELECTOR,
    WRITETIME_OF_PART,
)
from cql_trees.names import called_functions, has, identifiers, maybe, named, new_columns, tuples
from cql_trees.terms import NATIVE, arithmetic, constants_and_markers, data_types, terms, values

if TYPE_CHECKING:
    from cql_builder.ast import Selectable, Term
    from cql_builder.dialects import Dialect


@named
def receivers(dialect: Dialect, depth: int) -> st.SearchStrategy[Selectable]:
    """What can have an element, a slice or a field, but is none itself."""
    leaves: st.SearchStrategy[Selectable] = st.one_of(
        new_columns(dialect),
        new_columns(dialect),
        constants_and_markers(dialect),
        st.builds(CountRows),
        st.builds(Token, tuples(new_columns(dialect), 1)),
        timed(dialect),
    )
    if depth == 0:
        return leaves
    inner = selectors(dialect, depth - 1)
    made = st.one_of(
        leaves, st.builds(FunctionCall, called_functions(dialect), tuples(inner)), st.builds(Cast, inner, NATIVE)
    )
    if has(dialect, TYPE_HINT_SELECTOR):
        made |= st.builds(TypeHint, data_types(dialect, 1), receivers(dialect, depth - 1))
    if not has(dialect, COLLECTION_SELECTOR):
        return made | values(dialect, 1)
    return st.one_of(
        made,
        st.builds(ListLiteral, tuples(inner)),
        st.builds(SetLiteral, tuples(inner, 1)),
        st.builds(MapLiteral, tuples(st.tuples(inner, inner))),
        st.builds(TupleLiteral, tuples(inner, 1)),
    )


def parts(
    dialect: Dialect, receiver: st.SearchStrategy[Selectable], *, slices: bool = True
) -> st.SearchStrategy[Selectable]:
    """Elements, slices and fields of what is given."""
    key = terms(dialect, 1)
    made: st.SearchStrategy[Selectable] = st.builds(
        Element, receiver.filter(lambda part: not is_read_as_type(part)), key
    ) | st.builds(Field, receiver, identifiers(dialect))
    if not slices or not has(dialect, SLICE):
        return made
    return made | st.builds(Slice, receiver, key, maybe(key)) | st.builds(Slice, receiver, st.none(), key)


def is_read_as_type(part: Selectable) -> bool:
    """Whether `part[1]` would be a list with a type hint: `(a)[1]`."""
    if not isinstance(part, TupleLiteral) or len(part.elements) != 1:
        return False
    return isinstance(part.elements[0], ColumnName | Field | StringLiteral)


@named
def timed(dialect: Dialect) -> st.SearchStrategy[Selectable]:
    column: st.SearchStrategy[Selectable] = new_columns(dialect)
    if has(dialect, WRITETIME_OF_PART):
        part = parts(dialect, new_columns(dialect))
        column |= part | parts(dialect, part) if has(dialect, COLLECTION_SELECTOR) else part
    made: st.SearchStrategy[Selectable] = st.builds(WriteTime, column) | st.builds(TimeToLive, column)
    return made | st.builds(MaxWriteTime, column) if has(dialect, MAXWRITETIME) else made


@named
def selectors(dialect: Dialect, depth: int = 2) -> st.SearchStrategy[Selectable]:
    single = receivers(dialect, depth)
    if depth == 0:
        return single
    smaller = receivers(dialect, depth - 1)
    part = parts(dialect, smaller)
    group = st.one_of(single, part, parts(dialect, part))
    if not has(dialect, ARITHMETIC):
        return group
    small: st.SearchStrategy[Selectable] = smaller | part
    operand = small | st.builds(Negation, small) | st.builds(Negation, st.builds(Negation, small))
    return group | group | arithmetic(operand) | st.builds(Negation, small)


@named
def selections(dialect: Dialect, *, aliases: bool = True) -> st.SearchStrategy[tuple[Selectable | Alias, ...]]:
    selected: st.SearchStrategy[Selectable | Alias] = new_columns(dialect) | selectors(dialect)
    if aliases:
        selected |= st.builds(Alias, selectors(dialect, 1), identifiers(dialect))
    return tuples(selected)


def referenced(dialect: Dialect) -> st.SearchStrategy[Term | Selectable]:
    """What a transaction takes of a row that it has read."""
    return new_columns(dialect) | parts(dialect, new_columns(dialect), slices=False)
