"""Which CQL types the server converts to which others: the table of CAST (CQL reference, "CAST function")."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from coodie.errors import UnknownNameError
from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from coodie._schema.columns import Column, ModelSchema

_NUMBERS = ("tinyint", "smallint", "int", "bigint", "float", "double", "decimal", "varint", "text")

CASTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((*_NUMBERS[:-1], "counter"), _NUMBERS),
    "ascii": ("text",),
    "boolean": ("text",),
    "date": ("timestamp", "text"),
    "inet": ("text",),
    "time": ("text",),
    "timestamp": ("date", "text"),
    "timeuuid": ("timestamp", "date", "text"),
    "uuid": ("text",),
}
"""The CQL types that a column's type is converted to."""


def castable(schema: ModelSchema, column: Column, cql_type: object) -> str:
    """The type that a column is to be converted to.

    Raises:
        UnknownNameError: no CQL type of this name is converted to.
        InvalidQueryError: the column's type cannot be.
    """
    known = sorted({each for types in CASTS.values() for each in types})
    name = cql_type.lower() if isinstance(cql_type, str) else cql_type
    name = "text" if name == "varchar" else name
    if name not in known:
        raise UnknownNameError("cast()", "CQL type", cast("str", cql_type), known)
    wanted = str(name)
    possible = CASTS.get(column.type.cql, ())
    if wanted not in possible:
        ways = f"to {', '.join(possible)} only" if possible else "to no other type"
        raise InvalidQueryError(
            f"{schema.model}.{column.field} is CQL {column.type.cql}, which a server converts {ways}"
        )
    return wanted


def check_casts(schema: ModelSchema, casts: Iterable[tuple[Column, str]], fetched: Collection[Column]) -> None:
    """Refuse to convert a field that is not fetched.

    Raises:
        InvalidQueryError: names it.
    """
    left_out = next((column for column, _ in casts if column not in fetched), None)
    if left_out is not None:
        problem = f"cast() converts {schema.model}.{left_out.field}, which is not among the fields that are fetched"
        fix = "name it in values_list(), or in only() before json(), or leave cast() out"
        raise InvalidQueryError(f"{problem}; {fix}")
