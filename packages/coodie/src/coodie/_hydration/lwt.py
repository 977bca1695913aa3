"""The answer of a lightweight transaction → `LWTResult`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coodie._hydration.rows import unreadable
from coodie._schema.compiled import REFUSALS
from coodie.results import LWTResult
from coodie_drivers.contract import APPLIED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from coodie._schema.columns import Column, ModelSchema
    from coodie_drivers.messages import Reply


_new = object.__new__
_fill = object.__setattr__


def lwt_result(schema: ModelSchema, reply: Reply, named: Iterable[Column] | None = None) -> LWTResult:
    """Read whether the write was made and, if not, the values that stood in the way, as a document would hold them.

    A null is None, whatever the field's default is: a condition on what was read then holds.

    Args:
        schema: the table.
        reply: the server's answer.
        named: the columns that an INSERT names, or several writes; None where the reply has what was compared alone.
            Cassandra reads static columns for who names one, and shows nulls for them otherwise.

    Raises:
        InvalidRowError: a value cannot become the field's, such as an unknown value of an enum.
    """
    applied = bool(reply.applied)
    if applied or not reply.rows:
        return _without_values(applied)
    existing: dict[str, Any] = {}
    reads_static = named is None or any(column.kind == "static" for column in named)
    for name, value in zip(reply.columns, reply.rows[0], strict=True):
        column = schema.by_name.get(name)
        if name == APPLIED or column is None:
            continue
        if value is None and column.in_key:
            return _without_values(applied)  # there are static values in its partition, and no row
        if not reads_static and column.kind == "static" and column.is_null(value):
            continue
        existing[column.field] = column.none_or_empty() if value is None else _read(schema, column, value)
    return LWTResult(applied=False, existing=existing)


def _without_values(applied: bool) -> LWTResult:  # noqa: FBT001 - made on nearly every such write
    """The result without values, filled in: to call the class of a frozen record costs three times as much."""
    result = _new(LWTResult)
    _fill(result, "applied", applied)
    _fill(result, "existing", {})
    return result


def _read(schema: ModelSchema, column: Column, value: object) -> object:
    if column.type.decode is None:
        return value
    try:
        return column.type.decode(value)
    except REFUSALS:
        # Not chained: what an enum says of an unknown value contains it.
        raise unreadable(schema.model, column) from None
