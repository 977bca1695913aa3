"""What an instance of another model says of fields: its plain models stand for user types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from coodie.errors import UnknownNameError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from coodie._schema.columns import Column
    from coodie._schema.cql_types import ColumnType


def value_of(patch: BaseModel, name: str, column: Column) -> object:
    """What a field of another model says of a column, with dicts for the instances of plain models in it.

    Raises:
        UnknownNameError: a field was set in a plain model that the user type has not.
    """
    return _taken(column.type, getattr(patch, name), type(patch).__name__)


def _taken(column_type: ColumnType, value: Any, given: str) -> Any:
    if column_type.user_type is not None:
        return _fields_of(column_type.user_type, value, given)
    if not column_type.elements:
        return value
    if isinstance(value, dict):
        entries = cast("dict[object, object]", value)
        return {key: _taken(column_type.elements[-1], each, given) for key, each in entries.items()}
    if type(value) is list:
        return [_taken(column_type.elements[0], each, given) for each in cast("list[object]", value)]
    if type(value) is tuple:
        parts = cast("tuple[object, ...]", value)
        kinds = column_type.elements * (len(parts) if column_type.collection else 1)
        if len(kinds) != len(parts):
            return parts  # which is refused
        return tuple([_taken(kind, each, given) for kind, each in zip(kinds, parts, strict=True)])
    return value


def _fields_of(user_type: Any, value: object, given: str) -> object:
    """A dict for the instance of a plain model; anything else as it is."""
    from pydantic import BaseModel  # noqa: PLC0415 - only this asks for it by name

    if isinstance(value, user_type) or not isinstance(value, BaseModel):
        return value
    fields = {each.field: each.type for each in user_type.__coodie_user_type__().fields}
    unknown = next((name for name in sorted(value.model_fields_set) if name not in fields), None)
    if unknown is not None:
        raise UnknownNameError(f"update_from({given}): {user_type.__name__}", "field", unknown, fields)
    shared = [name for name in type(value).model_fields if name in fields]
    return {name: _taken(fields[name], getattr(value, name), given) for name in shared}
