"""Statements asked again in another form: the columns that the package `scylla` cannot read, as bytes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cql_builder import compile_statement, parse_cql
from cql_builder.ast import Alias, ColumnName, FunctionCall, NativeType, Select, TupleLiteral, TypeHint
from cql_builder.errors import CqlError

if TYPE_CHECKING:
    from cql_builder.ast import Selectable


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
                _as_bytes(selected, name) if index in places else selected
                for index, (selected, name) in enumerate(zip(selection, columns, strict=True))
            ]
        )
        fields: dict[str, Any] = {field: getattr(tree, field) for field in Select.field_names}
        fields["selection"] = changed
        return compile_statement(Select(**fields)).cql
    except CqlError:
        return None  # what the server took and we cannot read: it stays as it is


def _as_bytes(selected: Selectable | Alias, name: str) -> Alias:
    expression = selected.expression if isinstance(selected, Alias) else selected
    if not isinstance(expression, (ColumnName, FunctionCall)):
        expression = TupleLiteral((expression,))  # the hint binds stronger than what is left of it
    return Alias(TypeHint(NativeType("blob"), expression), name)
