"""Statements asked again in another form: the columns that the package `scylla` cannot read, as JSON."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cql_builder import compile_statement, parse_cql
from cql_builder.ast import Alias, ColumnName, FunctionCall, FunctionName, Select
from cql_builder.errors import CqlError

if TYPE_CHECKING:
    from cql_builder.ast import Selectable


@lru_cache(maxsize=100)  # texts may be long
def with_json_columns(
    cql: str, columns: tuple[str, ...], instead: frozenset[int], beside: tuple[int, ...] = ()
) -> str | None:
    """Return a SELECT that answers the same rows under the same names, some columns as JSON; None where it cannot be.

    Args:
        cql: the text of the SELECT.
        columns: the names that its answer has.
        instead: which of the columns to ask for as JSON.
        beside: which of them to ask for as JSON too; these come behind all others.

    >>> with_json_columns("SELECT * FROM shop.orders WHERE id = ?", ("id", "took"), frozenset({1}))
    'SELECT id, tojson(took) AS took FROM shop.orders WHERE id = ?'
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
                _as_json(selected, name) if index in instead else selected
                for index, (selected, name) in enumerate(zip(selection, columns, strict=True))
            ]
        )
        changed += tuple([_as_json(selection[index], f"json of {index}") for index in beside])
        fields: dict[str, Any] = {field: getattr(tree, field) for field in Select.field_names}
        fields["selection"] = changed
        return compile_statement(Select(**fields)).cql
    except CqlError:
        return None  # what the server took and we cannot read: it stays as it is


def _as_json(selected: Selectable | Alias, name: str) -> Alias:
    expression = selected.expression if isinstance(selected, Alias) else selected
    return Alias(FunctionCall(FunctionName("tojson"), (expression,)), name)
