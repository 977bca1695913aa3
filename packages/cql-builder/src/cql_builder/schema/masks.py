"""Which function masks a column: what a mask may be, and what it is while steps are taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.types import NativeType
from cql_builder.compiler import type_text
from cql_builder.errors import suggestion
from cql_builder.schema.meanings import NATIVE_MASKS, mask_function
from cql_builder.schema.programs import argument_type, signature_text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from cql_builder.ast.tables import Mask
    from cql_builder.ast.types import DataType
    from cql_builder.schema.programs import FunctionSchema, Signature
    from cql_builder.schema.structure import ColumnSchema

_TAKES = {
    "bigint": {"timestamp"},
    "date": {"int"},
    "text": {"ascii"},
    "time": {"bigint"},
    "timestamp": {"bigint"},
    "uuid": {"timeuuid"},
    "varint": {"bigint", "int", "timestamp"},
}
"""What an argument takes beside its own type (`AbstractType.isValueCompatibleWith` of Cassandra 5.0.9)."""


def masking_functions(
    mask: Mask, data_type: DataType, keyspace: str, functions: Collection[Signature]
) -> list[Signature]:
    """Return the functions of a keyspace that a mask of a column may be: those for its type, else those that take it.

    A mask names its function and the arguments after the column. Which types these have is not looked at.

    >>> from cql_builder import parse_type
    >>> from cql_builder.ast import FunctionName, Mask
    >>> text, blob, number = (parse_type(name) for name in ("text", "blob", "int"))
    >>> functions = [("hide", (text,)), ("hide", (blob,)), ("hide", (number, number))]
    >>> [signature_text(each) for each in masking_functions(Mask(FunctionName("hide")), text, "shop", functions)]
    ['hide(text)']
    """
    function, arity = mask_function(mask, keyspace), len(mask.arguments) + 1
    if function.keyspace != keyspace:
        return []
    own_type = argument_type(data_type, keyspace)
    fitting = [
        each
        for each in functions
        if each[0] == function.name and len(each[1]) == arity and _takes(each[1][0], own_type)
    ]
    return [each for each in fitting if each[1][0] == own_type] or fitting


def mask_fault(column: ColumnSchema, keyspace: str, functions: Mapping[Signature, FunctionSchema]) -> str:
    """Return why a server refuses the mask of a column; empty where it takes it, or there is none."""
    if column.mask is None:
        return ""
    function, own_type = mask_function(column.mask, keyspace), argument_type(column.type, keyspace)
    label, name = f"column {column.name!r} cannot be masked", function.name
    if function.keyspace == "system":
        there_is = f"{label}: the server has no masking function {name!r}{suggestion(name, NATIVE_MASKS)}"
        return "" if name in NATIVE_MASKS else there_is
    if function.keyspace != keyspace:
        what = f"function {name!r} of keyspace {function.keyspace!r}"
        return f"{label} with {what}: take one of {keyspace!r} or of the server"
    fitting = masking_functions(column.mask, column.type, keyspace, functions)
    if not fitting:
        there = [signature_text(each) for each in functions if each[0] == name]
        if there:
            what = type_text(own_type) + (f" and {len(column.mask.arguments)} more" if column.mask.arguments else "")
            return f"{label}: no function {name!r} takes {what}; there is {', '.join(there)}"
        known = {*NATIVE_MASKS, *[each[0] for each in functions]}
        return f"{label}: there is no function {name!r}{suggestion(name, known)}"
    returned = [functions[each].returns for each in fitting]
    if own_type in returned:
        return ""
    what = f"function {signature_text(fitting[0])} returns {type_text(returned[0])}"
    return f"{label}: {what}, and a mask returns the type of its column, {type_text(own_type)}"


def mask_at_first(column: ColumnSchema, wanted: ColumnSchema, keyspace: str) -> Mask | None:
    """Return the mask of a column before functions are made and dropped: no longer one that is taken away.

    What masks it instead must be there by then: a function of the server is.
    """
    last = mask_at_last(column, wanted, keyspace)
    return column.mask if _is_own(last, keyspace) else last


def mask_at_last(column: ColumnSchema, wanted: ColumnSchema, keyspace: str) -> Mask | None:
    """Return the mask of a column after all steps: the one it has where the wanted one is for another type."""
    if column.type != wanted.type and _is_own(wanted.mask, keyspace):
        return column.mask
    return wanted.mask


def _is_own(mask: Mask | None, keyspace: str) -> bool:
    return mask is not None and mask_function(mask, keyspace).keyspace != "system"


def _takes(argument: DataType, given: DataType) -> bool:
    if argument == given:
        return True
    if not isinstance(argument, NativeType):
        return False
    return argument.name == "blob" or (isinstance(given, NativeType) and given.name in _TAKES.get(argument.name, ()))
