"""Renderers of constants and bind markers, with the checks that keep a literal what it says it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cql_builder.ast import terms
from cql_builder.compiler.numbers import is_in_range
from cql_builder.compiler.rendering import Rule
from cql_builder.dialects.features import ARITHMETIC, EMPTY_DURATION
from cql_builder.errors import LiteralError
from cql_builder.quoting import quote_string

if TYPE_CHECKING:
    from cql_builder.compiler.rendering import Rendering

_NAMED_FLOATS = frozenset({"NaN", "-NaN", "Infinity", "-Infinity"})
_HEX_DIGITS = frozenset("0123456789abcdef")
_UUID_GROUPS = (8, 4, 4, 4, 12)
_DURATION = (
    r"-?([0-9]+(y|mo|w|d|h|m|s|ms|us|µs|ns))+",
    r"-?P[0-9]+W",
    r"-?P[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}",
    r"-?P(?=[0-9T])([0-9]+Y)?([0-9]+M)?([0-9]+D)?(T(?=[0-9])([0-9]+H)?([0-9]+M)?([0-9]+S)?)?",
)
_EMPTY_DURATION = r"-?P([0-9]+Y)?([0-9]+M)?([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+S)?)?"


def _bind(node: terms.Bind, rendering: Rendering) -> str:
    rendering.markers.append(node.name)
    return "?" if node.name is None else f":{rendering.identifier(node.name)}"


def _string_literal(node: terms.StringLiteral, _: Rendering) -> str:
    return quote_string(node.text)


def _integer_literal(node: terms.IntegerLiteral, _: Rendering) -> str:
    if not _is_integer(node.digits):
        raise LiteralError("a whole number is digits, after a minus sign or none")
    return node.digits


def _float_literal(node: terms.FloatLiteral, rendering: Rendering) -> str:
    digits = node.digits
    if not _is_float(digits):
        raise LiteralError("a number is digits with a point, an exponent or both, or NaN, Infinity or -Infinity")
    # Where there is arithmetic, the parser works out what a number is.
    if digits not in _NAMED_FLOATS and rendering.has(ARITHMETIC) and not is_in_range(digits):
        raise LiteralError(f"a number is at most 1.8e308 to the parser of {rendering.dialect.name}; bind it")
    return digits


def _boolean_literal(node: terms.BooleanLiteral, _: Rendering) -> str:
    return "true" if node.value else "false"


def _null_literal(_: terms.NullLiteral, __: Rendering) -> str:
    return "null"


def _uuid_literal(node: terms.UuidLiteral, _: Rendering) -> str:
    groups = node.text.split("-")
    if tuple(map(len, groups)) != _UUID_GROUPS or not _HEX_DIGITS.issuperset("".join(groups)):
        raise LiteralError("a UUID is hexadecimal digits in lower case: 8, 4, 4, 4 and 12 of them, with - between")
    return node.text


def _blob_literal(node: terms.BlobLiteral, _: Rendering) -> str:
    if not _HEX_DIGITS.issuperset(node.digits):
        raise LiteralError("a blob is hexadecimal digits in lower case, without 0x")
    return f"0x{node.digits}"


def _duration_literal(node: terms.DurationLiteral, rendering: Rendering) -> str:
    units, *iso = _DURATION
    # Units are of either case, ISO 8601's designators are not; `re` keeps what it has compiled.
    if re.fullmatch(units, node.text, re.IGNORECASE) or any(re.fullmatch(form, node.text) for form in iso):
        return node.text
    if re.fullmatch(_EMPTY_DURATION, node.text):
        rendering.require(EMPTY_DURATION)
    else:
        raise LiteralError("a duration is numbers with units such as 1h30m, or in a form of ISO 8601 such as PT1H30M")
    return node.text


def _is_integer(digits: str) -> bool:
    return digits.isascii() and digits.removeprefix("-").isdigit()


def _is_float(digits: str) -> bool:
    if digits in _NAMED_FLOATS:
        return True
    mantissa, exponent_mark, exponent = digits.lower().partition("e")
    whole, point, fraction = mantissa.partition(".")
    if not _is_integer(whole) or not (point or exponent_mark):
        return False
    if fraction and not (fraction.isascii() and fraction.isdigit()):
        return False
    return not exponent_mark or _is_integer(exponent.removeprefix("+"))


CONSTANT = Rule(
    "a constant",
    {
        terms.StringLiteral: _string_literal,
        terms.IntegerLiteral: _integer_literal,
        terms.FloatLiteral: _float_literal,
        terms.BooleanLiteral: _boolean_literal,
        terms.UuidLiteral: _uuid_literal,
        terms.BlobLiteral: _blob_literal,
        terms.DurationLiteral: _duration_literal,
    },
)
CONSTANT_OR_NULL = Rule("a constant", {**CONSTANT, terms.NullLiteral: _null_literal})
MARKER = Rule("a bind marker", {terms.Bind: _bind})
LITERAL_OR_MARKER = Rule("a literal or bind marker", {**CONSTANT_OR_NULL, **MARKER})
WHOLE_NUMBER = Rule("a number of rows, seconds or microseconds", {terms.IntegerLiteral: _integer_literal, **MARKER})
JSON_TEXT = Rule("a JSON text", {terms.StringLiteral: _string_literal, **MARKER})
