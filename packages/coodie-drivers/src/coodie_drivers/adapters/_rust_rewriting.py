"""Statements asked again in another form: what the package `scylla` cannot read as bytes, or by another type."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from coodie_drivers.messages import Request, Statement
from cql_builder import compile_statement, parse_cql
from cql_builder.analysis import StatementKind
from cql_builder.ast import Alias, ColumnName, FunctionCall, NativeType, Select, TupleLiteral, TypeHint
from cql_builder.errors import CqlError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cql_builder.ast import Selectable

AS_TIMEUUID = "(timeuuid)"
"""What stands before the name of a column of which nothing else is said than this hint."""


@lru_cache(maxsize=100)  # texts may be long
def with_columns_as_bytes(cql: str, columns: tuple[str, ...], places: frozenset[int]) -> str | None:
    """Return a SELECT that answers the same rows under the same names, some columns as bytes; None where it cannot be.

    A blob may be of the bytes of any type, so that the server takes it for a hint.

    Args:
        cql: the text of the SELECT.
        columns: the names that its answer has.
        places: which of the columns to ask for as bytes.

    >>> with_columns_as_bytes("SELECT * FROM shop.orders WHERE id = ?", ("id", "took"), frozenset({1}))
    'SELECT id, (blob)took AS took FROM shop.orders WHERE id = ?'
    """
    try:
        tree = parse_cql(cql)
        if not isinstance(tree, Select) or tree.json:
            return None
        selection = tree.selection or tuple([ColumnName(name) for name in columns])
        if len(selection) != len(columns):
            return None
        changed = tuple(
            [
                Alias(_hinted("blob", selected), name) if index in places else selected
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
            hinted = _hinted("timeuuid", selected)
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


def _hinted(cql_type: str, selected: Selectable | Alias) -> TypeHint:
    expression = selected.expression if isinstance(selected, Alias) else selected
    if not isinstance(expression, (ColumnName, FunctionCall)):
        expression = TupleLiteral((expression,))  # the hint binds stronger than what is left of it
    return TypeHint(NativeType(cql_type), expression)
