"""Literals of schema statements, from Python values; queries have markers instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cql_builder.ast.definitions import Option
from cql_builder.ast.terms import BooleanLiteral, FloatLiteral, IntegerLiteral, MapLiteral, StringLiteral
from cql_builder.errors import ArgumentError

if TYPE_CHECKING:
    from typing import TypeAlias, TypeGuard

    from cql_builder.ast.terms import Term

    OptionValue: TypeAlias = "str | int | float | bool | Mapping[str, str | int | float | bool]"
    """What an option can be."""


def options_of(given: object, statement: str) -> tuple[Option, ...]:
    """Return options as trees, in the order given.

    Raises:
        ArgumentError: if they are no mapping of names to constants and maps of constants.
    """
    if not is_mapping(given):
        raise ArgumentError(statement, "options", "a mapping of names to values", given)
    return tuple([_option(name, value, statement) for name, value in given.items()])


def option_literal(value: object, statement: str, name: str) -> Term:
    """Return the literal of an option's value.

    Raises:
        ArgumentError: if it is neither a constant nor a map of constants.
    """
    if is_mapping(value):
        return map_literal(value, statement, name)
    return _constant(value, statement, name)


def map_literal(given: Mapping[str, object] | Mapping[object, object], statement: str, name: str) -> MapLiteral:
    """Return the literal of a map of constants.

    Raises:
        ArgumentError: if a key is no str or a value no constant.
    """
    entries: list[tuple[Term, Term]] = []
    for key, value in given.items():
        if not isinstance(key, str):
            raise ArgumentError(statement, f"the map {name!r}", "keys as str", key)
        entries.append((StringLiteral(key), _constant(value, statement, f"{name}[{key!r}]")))
    return MapLiteral(tuple(entries))


def is_mapping(value: object) -> TypeGuard[Mapping[object, object]]:
    """Return whether an object of an unknown type is a mapping."""
    return isinstance(value, Mapping)


def _option(name: object, value: object, statement: str) -> Option:
    if not isinstance(name, str):
        raise ArgumentError(statement, "the name of an option", "a str", name)
    return Option(name, option_literal(value, statement, name))


def _constant(value: object, statement: str, name: str) -> Term:
    # Subclasses, such as enumerations, may write themselves otherwise than the number that they are.
    if isinstance(value, bool):
        return BooleanLiteral(value)
    if isinstance(value, str):
        return StringLiteral(value)
    if isinstance(value, int):
        return IntegerLiteral(int.__repr__(value))
    if isinstance(value, float):
        return FloatLiteral(float_digits(value))
    raise ArgumentError(statement, f"the option {name!r}", "a str, int, float, bool or a map of these", value)


def float_digits(value: float) -> str:
    """Return a float as CQL writes it."""
    if value != value:  # noqa: PLR0124 - NaN alone differs from itself
        return "NaN"
    if value in {float("inf"), float("-inf")}:
        return "Infinity" if value > 0 else "-Infinity"
    return float.__repr__(value)
