"""The answer of a lightweight transaction → `LWTResult`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coodie.results import LWTResult
from coodie_drivers.contract import APPLIED

if TYPE_CHECKING:
    from coodie._schema.columns import ModelSchema
    from coodie_drivers.messages import Reply


def lwt_result(schema: ModelSchema, reply: Reply) -> LWTResult:
    """Read whether the write was made and, if not, the values that stood in the way, by field name."""
    applied = bool(reply.applied)
    if applied or not reply.rows:
        return LWTResult(applied=applied)
    existing: dict[str, Any] = {}
    for name, value in zip(reply.columns, reply.rows[0], strict=True):
        column = schema.by_name.get(name)
        if name == APPLIED or column is None:
            continue
        decode = column.type.decode
        existing[column.field] = value if value is None or decode is None else decode(value)
    return LWTResult(applied=False, existing=existing)
