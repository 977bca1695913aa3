"""How large a number in a text may be: Cassandra's parser works out what it reads, and ends where it cannot."""

from __future__ import annotations

from math import isinf

_MAX_EXPONENT = 2**31 - 1
_MAX_EXPONENT_DIGITS = 10
_MAX_PLAIN_DIGITS = 300
"""A number with so many characters and no exponent is in range, whatever they are."""


def is_in_range(digits: str) -> bool:
    """Whether a number with a point or exponent is one to Cassandra's parser, in all versions from 4.0 to 6.0.

    It makes a decimal of the text, whose exponent and number of places are 32 bits each, and a double of that, which
    must be finite.
    """
    mantissa, mark, exponent = digits.lower().partition("e")
    if not mark:
        return len(digits) <= _MAX_PLAIN_DIGITS or not isinf(float(digits))
    negative = exponent.startswith("-")
    size = exponent.lstrip("+-").lstrip("0")
    if len(size) > _MAX_EXPONENT_DIGITS:
        return False
    power = int(size or "0")
    places = len(mantissa.partition(".")[2])
    in_range = power + places <= _MAX_EXPONENT if negative else power <= _MAX_EXPONENT
    return in_range and not isinf(float(digits))
