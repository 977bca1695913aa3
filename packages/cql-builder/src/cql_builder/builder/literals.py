"""Literals of schema statements, from Python values; queries have markers instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cql_builder.ast.definitions import Option, Word
from cql_builder.ast.terms import (
    BooleanLiteral,
    FloatLiteral,
    IntegerLiteral,
    ListLiteral,
    MapLiteral,
    StringLiteral,
    Term,
    UuidLiteral,
)
from cql_builder.builder.parts import is_list, is_part
from cql_builder.errors import ArgumentError

if TYPE_CHECKING:
    from typing import TypeAlias, TypeGuard
    from uuid import UUID

    from cql_builder.builder.parts import Part

    OptionConstant: TypeAlias = "str | int | float | bool | UUID | Part[Term]"
    """What one thing in an option can be; `lit(…)` makes what Python has no plain value for."""
    OptionMap: TypeAlias = "Mapping[str, OptionConstant | list[str]]"
    """What a map in an option can be; lists inside it are ScyllaDB's."""
    OptionValue: TypeAlias = "OptionConstant | Word | OptionMap"
    """What an option can be."""


_IN_A_LIST = "a str, int, float, bool or UUID"
_IN_A_MAP = f"{_IN_A_LIST}, or a list of these, and no map inside a map"


def options_of(given: object, statement: str) -> tuple[Option, ...]:
    """Return options as trees, in the order given.

    Raises:
        ArgumentError: if they are no mapping of names to constants and maps of constants.
    """
    if not is_mapping(given):
        raise ArgumentError(statement, "options", "a mapping of names to values", given)
    return tuple([_option(name, value, statement) for name, value in given.items()])


def option_literal(value: object, statement: str, name: str) -> Term | Word:
    """Return the literal of an option's value.

    Raises:
        ArgumentError: if it is neither a constant nor a map of constants.
    """
    if isinstance(value, Word):
        return value
    if is_mapping(value):
        return map_literal(value, statement, name)
    return _constant(value, statement, name, f"{_IN_A_LIST}, or a map of these")


def map_literal(given: object, statement: str, name: str) -> MapLiteral:
    """Return the literal of a map of constants.

    Raises:
        ArgumentError: if it is no mapping, a key is no str or a value neither a constant nor a list of them.
    """
    if not is_mapping(given):
        raise ArgumentError(statement, name, "a mapping of names to values", given)
    entries: list[tuple[Term, Term]] = []
    for key, value in given.items():
        if not isinstance(key, str):
            raise ArgumentError(statement, f"the map {name!r}", "keys as str", key)
        entries.append((StringLiteral(str.__str__(key)), _inner(value, statement, f"{name}[{key!r}]")))
    return MapLiteral(tuple(entries))


def is_mapping(value: object) -> TypeGuard[Mapping[object, object]]:
    """Return whether an object of an unknown type is a mapping."""
    return isinstance(value, Mapping)


def float_digits(value: float) -> str:
    """Return a float as CQL writes it."""
    if value != value:  # noqa: PLR0124 - NaN alone differs from itself
        return "NaN"
    if value in {float("inf"), float("-inf")}:
        return "Infinity" if value > 0 else "-Infinity"
    return float.__repr__(value)


def plain_literal(value: object) -> Term | None:
    """Return the literal of a str or number; None for any other value."""
    # Subclasses, such as enumerations, may write themselves otherwise than the text or number that they are.
    if isinstance(value, bool):
        return BooleanLiteral(value)
    if isinstance(value, str):
        return StringLiteral(str.__str__(value))
    if isinstance(value, int):
        return IntegerLiteral(_digits(value))
    if isinstance(value, float):
        return FloatLiteral(float_digits(value))
    return None


def _digits(value: int) -> str:
    try:
        return int.__repr__(value)
    except ValueError:
        # Python writes no int of more than 4,300 digits; a varint has no such limit, and neither have decimals.
        from decimal import Decimal  # noqa: PLC0415 - hardly any number is as long

        return str(Decimal(value))


def _option(name: object, value: object, statement: str) -> Option:
    if not isinstance(name, str):
        raise ArgumentError(statement, "the name of an option", "a str", name)
    return Option(str.__str__(name), option_literal(value, statement, name))


def _inner(value: object, statement: str, name: str) -> Term:
    if is_list(value):
        return ListLiteral(tuple([_constant(element, statement, name, _IN_A_LIST) for element in value]))
    return _constant(value, statement, name, _IN_A_MAP)


def _constant(value: object, statement: str, name: str, expected: str) -> Term:
    literal = plain_literal(value)
    if literal is not None:
        return literal
    if is_part(value) and isinstance(value.node, Term) and not value.values:
        return value.node
    # Imported here: the id of a table is the only option that is one.
    from uuid import UUID  # noqa: PLC0415

    if isinstance(value, UUID):
        return UuidLiteral(str(value))
    raise ArgumentError(statement, f"the option {name!r}", expected, value)
