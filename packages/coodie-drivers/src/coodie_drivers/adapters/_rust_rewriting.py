"""Statements asked again in another form: what the package `scylla` cannot read as bytes, or by another type."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.messages import Request, Statement
from cql_builder import compile_statement, parse_cql, parse_type
from cql_builder.analysis import StatementKind
from cql_builder.ast import (
    Alias,
    Cast,
    ColumnName,
    FrozenType,
    FunctionCall,
    ListLiteral,
    ListType,
    MapLiteral,
    NativeType,
    Select,
    SetLiteral,
    SetType,
    Term,
    TupleLiteral,
    TupleType,
    TypeHint,
    UserTypeLiteral,
)
from cql_builder.errors import CqlError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cql_builder.ast import DataType, Selectable

AS_TIMEUUID = "(timeuuid)"
"""What stands before the name of a column of which nothing else is said than this hint."""


_BLOB: Final = NativeType("blob")
_LITERALS: Final = (ListLiteral, MapLiteral, SetLiteral, TupleLiteral, UserTypeLiteral)
_TYPED: Final = (Cast, FunctionCall, TypeHint)
"""The terms whose type the server knows whatever is around them."""


@lru_cache(maxsize=100)  # texts may be long
def literals_in(cql: str) -> frozenset[int]:
    """Return the places of the columns of a SELECT that are literals, as `(id, took)` is.

    >>> sorted(literals_in("SELECT id, (id, took), [took] AS list FROM shop.orders"))
    [1, 2]
    """
    try:
        tree = parse_cql(cql)
    except CqlError:
        return frozenset()  # what the server took and we cannot read
    selection = tree.selection if isinstance(tree, Select) else ()
    return frozenset(index for index, each in enumerate(selection) if isinstance(_expression(each), _LITERALS))


@lru_cache(maxsize=100)  # texts may be long
def with_columns_as_bytes(
    cql: str, columns: tuple[str, ...], places: frozenset[int], literals: tuple[tuple[int, str], ...] = ()
) -> str | None:
    """Return a SELECT that answers the same rows under the same names, some columns as bytes; None where it cannot be.

    A blob may be of the bytes of any type, so that the server takes it for a hint.

    Args:
        cql: the text of the SELECT.
        columns: the names that its answer has.
        places: which of the columns to ask for as bytes.
        literals: which of these are literals, each with its type: the server takes none for bytes as it stands.

    >>> with_columns_as_bytes("SELECT * FROM shop.orders WHERE id = ?", ("id", "took"), frozenset({1}))
    'SELECT id, (blob)took AS took FROM shop.orders WHERE id = ?'
    >>> with_columns_as_bytes("SELECT [took] FROM shop.orders", ("[took]",), frozenset({0}), ((0, "list<duration>"),))
    'SELECT (blob)((list<blob>)[(blob)took]) AS "[took]" FROM shop.orders'
    """
    try:
        tree = parse_cql(cql)
        if not isinstance(tree, Select) or tree.json:
            return None
        selection = tree.selection or tuple([ColumnName(name) for name in columns])
        if len(selection) != len(columns):
            return None
        hints = {index: parse_type(cql_type) for index, cql_type in literals}
        changed = tuple(
            [
                Alias(_as_bytes(_expression(selected), hints.get(index)), name) if index in places else selected
                for index, (selected, name) in enumerate(zip(selection, columns, strict=True))
            ]
        )
        return _selecting(tree, changed)
    except CqlError:
        return None  # what the server took and we cannot read: it stays as it is


def with_timeuuids(cql: str, names: Mapping[int, str]) -> str | None:
    """Return a SELECT that answers the same, with a hint that some columns are timeuuids; None where it cannot be.

    Of some functions, such as `min` and `max`, Cassandra tells the type by a class that the library does not know
    (`LegacyTimeUUIDType`).

    Args:
        cql: the text of the SELECT.
        names: what the columns are called, by their places; empty where that is not known yet.

    >>> with_timeuuids("SELECT max(event) FROM shop.events", {0: ""})
    'SELECT (timeuuid)max(event) FROM shop.events'
    >>> with_timeuuids("SELECT max(event) FROM shop.events", {0: "system.max(event)"})
    'SELECT (timeuuid)max(event) AS "system.max(event)" FROM shop.events'
    """
    try:
        tree = parse_cql(cql)
        if not isinstance(tree, Select) or len(tree.selection) <= max(names):
            return None
        selection = [*tree.selection]
        for place, name in names.items():
            selected = selection[place]
            called = selected.name if isinstance(selected, Alias) else name
            hinted = _hinted(NativeType("timeuuid"), _expression(selected))
            selection[place] = Alias(hinted, called) if called else hinted
        return _selecting(tree, tuple(selection))
    except CqlError:
        return None  # as above


def in_other_words(request: Request, cql: str) -> Request:
    """Return the request of a SELECT with another text for the same."""
    statement = Statement(cql, StatementKind.SELECT, idempotent=True)
    options = request.consistency, request.timeout, request.fetch_size, request.paging_state
    return Request(statement, request.params, *options)


def _selecting(tree: Select, selection: tuple[Selectable | Alias, ...]) -> str:
    fields: dict[str, Any] = {field: getattr(tree, field) for field in Select.field_names}
    fields["selection"] = selection
    return compile_statement(Select(**fields)).cql


def _expression(selected: Selectable | Alias) -> Selectable:
    return selected.expression if isinstance(selected, Alias) else selected


def _as_bytes(made: Selectable, cql_type: DataType | None) -> TypeHint:
    """Return what is selected as bytes; a literal, and what is in one, is given its type.

    The server takes no literal for bytes as it stands, nor a collection of a table for what a hint says of the literal
    around it. So each part is asked for as bytes by itself: around them are the same bytes as around what they are of.
    """
    if isinstance(cql_type, FrozenType):
        cql_type = cql_type.inner
    if isinstance(made, ListLiteral) and isinstance(cql_type, ListType):
        parts = [_as_bytes(each, cql_type.element) for each in made.elements]
        return _hinted(_BLOB, TypeHint(ListType(_BLOB), ListLiteral(tuple(parts))))
    if isinstance(made, SetLiteral) and isinstance(cql_type, SetType):
        parts = [_as_bytes(each, cql_type.element) for each in made.elements]
        return _hinted(_BLOB, TypeHint(SetType(_BLOB), SetLiteral(tuple(parts))))
    if isinstance(made, TupleLiteral):
        if isinstance(cql_type, TupleType):
            parts = [_as_bytes(each, of) for each, of in zip(made.elements, cql_type.elements, strict=False)]
            return _hinted(_BLOB, TypeHint(TupleType((_BLOB,) * len(parts)), TupleLiteral(tuple(parts))))
        if len(made.elements) == 1:  # a group
            return _as_bytes(made.elements[0], cql_type)
    if cql_type is not None and isinstance(made, Term) and not isinstance(made, _TYPED):
        made = _hinted(cql_type, made)
    return _hinted(_BLOB, made)


def _hinted(cql_type: DataType, expression: Selectable) -> TypeHint:
    if not isinstance(expression, (ColumnName, FunctionCall)):
        expression = TupleLiteral((expression,))  # the hint binds stronger than what is left of it
    return TypeHint(cql_type, expression)
