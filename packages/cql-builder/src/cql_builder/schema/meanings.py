"""What makes two values of a schema equal: not how they are spelled, but what a server makes of them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from cql_builder.ast.names import FunctionName
from cql_builder.ast.terms import (
    FloatLiteral,
    IntegerLiteral,
    ListLiteral,
    MapLiteral,
    NullLiteral,
    SetLiteral,
    TupleLiteral,
    TypeHint,
    UserTypeLiteral,
)
from cql_builder.builder.literals import is_mapping
from cql_builder.schema.options import complete_options

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence
    from typing import TypeGuard

    from cql_builder.ast.tables import Mask
    from cql_builder.ast.terms import Selectable
    from cql_builder.schema.structure import ColumnSchema


NATIVE_MASKS = frozenset({"mask_default", "mask_hash", "mask_inner", "mask_null", "mask_outer", "mask_replace"})
"""The masking functions of the server's own (`MaskingFcts` of Cassandra 5.0.9)."""


class ComparedByMeaning:
    """The base of values that are equal when their meanings are."""

    __slots__ = ()

    @property
    def meaning(self) -> Hashable:
        """What the value comes to on a server.

        It is equal for values that make no difference there.
        """
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        """Compare the meanings of two values of one class."""
        if self is other:
            return True
        if not isinstance(other, ComparedByMeaning) or type(other) is not type(self):
            return NotImplemented
        return self.meaning == other.meaning

    def __hash__(self) -> int:
        """Hash the meaning."""
        return hash((type(self), self.meaning))


def options_meaning(options: Mapping[str, object]) -> Hashable:
    """Return the meaning of the options of a table or view, with all that the server adds; `id` is no option of it."""
    complete = complete_options(options)
    return frozenset([(name, _hashable(value)) for name, value in complete.items() if name != "id"])


def entries_meaning(entries: Mapping[str, object]) -> Hashable:
    """Return the meaning of a map as it is."""
    return frozenset([(name, _hashable(value)) for name, value in entries.items()])


def columns_meaning(columns: Iterable[ColumnSchema], keyspace: str) -> Hashable:
    """Return the meaning of columns: their order is none, and each mask has one name."""
    return frozenset(
        [
            (
                column.name,
                column.type,
                column.static,
                mask_meaning(column.mask, keyspace),
                frozenset(column.constraints),
            )
            for column in columns
        ]
    )


def mask_meaning(mask: Mask | None, keyspace: str) -> Hashable:
    """Return the meaning of a mask: its function with its keyspace, and its arguments.

    >>> from cql_builder.ast import FunctionName, Mask
    >>> mask_meaning(Mask(), "ks") == mask_meaning(Mask(FunctionName("mask_default", "system")), "ks")
    True
    """
    if mask is None:
        return None
    return mask_function(mask, keyspace), tuple([term_meaning(argument) for argument in mask.arguments])


def mask_function(mask: Mask, keyspace: str) -> FunctionName:
    """Return the function of a mask with its keyspace, which is `system` for those of the server's own."""
    function = mask.function or FunctionName("mask_default")
    if function.keyspace is not None:
        return function
    return FunctionName(function.name, "system" if function.name in NATIVE_MASKS else keyspace)


def term_meaning(term: Selectable | None) -> Hashable:
    """Return the meaning of a literal: numbers by their value, sets and maps without order, null as nothing.

    What is in parentheses is what is there without, a type before it says nothing (the initial states of aggregates in
    Cassandra 5.0.9).

    >>> from cql_builder.ast import FloatLiteral, IntegerLiteral
    >>> term_meaning(IntegerLiteral("1")) == term_meaning(FloatLiteral("1.0"))
    True
    """
    term = _bare(term)
    if isinstance(term, NullLiteral):
        return None
    if isinstance(term, IntegerLiteral | FloatLiteral):
        number = Decimal(term.digits)
        return ("number", term.digits.lower() if number.is_nan() else number)
    if isinstance(term, ListLiteral | TupleLiteral):
        return (type(term), tuple([term_meaning(element) for element in term.elements]))
    if isinstance(term, SetLiteral):
        return (SetLiteral, frozenset([term_meaning(element) for element in term.elements]))
    if isinstance(term, MapLiteral):
        return (MapLiteral, frozenset([(term_meaning(key), term_meaning(value)) for key, value in term.entries]))
    if isinstance(term, UserTypeLiteral):
        fields = [(name, term_meaning(value)) for name, value in term.fields]
        return (UserTypeLiteral, frozenset([field for field in fields if field[1] is not None]))
    return term


def _bare(term: Selectable | None) -> Selectable | None:
    while True:
        if isinstance(term, TypeHint):
            term = term.term
        elif isinstance(term, TupleLiteral) and len(term.elements) == 1:
            term = term.elements[0]
        else:
            return term


def _hashable(value: object) -> Hashable:
    if is_mapping(value):
        return frozenset([(str(key), _hashable(each)) for key, each in value.items()])
    if _is_sequence(value):
        return tuple([_hashable(each) for each in value])
    return value


def _is_sequence(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, tuple | list)
