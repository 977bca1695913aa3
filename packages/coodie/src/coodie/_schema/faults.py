"""Where in a value a fault stands that Pydantic has found: below the fields of user types and in lists and tuples."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie._schema.cql_types import ColumnType
    from coodie._schema.user_types import UserTypeSchema


def place_of_fault(column_type: ColumnType, path: Sequence[int | str]) -> str:
    """The place as Python gets there, `.zip` or `[2].geo.lat`; as far as it repeats no value, as keys of dicts are.

    Args:
        column_type: the type of the value.
        path: the `loc` of the fault.
    """
    if not path:
        return ""
    part, rest = path[0], path[1:]
    if column_type.user_type is not None:
        described: UserTypeSchema = column_type.user_type.__coodie_user_type__()
        field = next((each for each in described.fields if part in (each.field, each.name)), None)
        return "" if field is None else f".{field.field}{place_of_fault(field.type, rest)}"
    if not isinstance(part, int) or column_type.collection in ("set", "map") or not column_type.elements:
        return ""
    is_list = column_type.collection == "list"
    if not is_list and part >= len(column_type.elements):
        return ""
    return f"[{part}]{place_of_fault(column_type.elements[0 if is_list else part], rest)}"
