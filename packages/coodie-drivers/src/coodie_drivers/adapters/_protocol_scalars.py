"""What is written for a value of each native type, once it was checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from coodie_drivers.adapters._value_checks import CHECKS, Check, days_of, decimal_of, time_of
from coodie_drivers.values import INT32

if TYPE_CHECKING:
    from collections.abc import Mapping


class Scaled(NamedTuple):
    """A decimal number: an integer in two's complement, big-endian, and how many of its digits are decimals."""

    digits: bytes
    scale: int


def _integer_bytes(value: int) -> bytes:
    """Return an integer as CQL's `varint` has it: as few bytes as hold it with its sign."""
    return value.to_bytes((value if value >= 0 else ~value).bit_length() // 8 + 1, "big", signed=True)


def _varint(value: Any) -> bytes:
    return _integer_bytes(CHECKS["varint"](value))


def _decimal(value: Any) -> Scaled:
    sign, digits, exponent = decimal_of(value).as_tuple()
    number = _joined(digits)
    return Scaled(_integer_bytes(-number if sign else number), -int(exponent))


def _joined(digits: tuple[int, ...]) -> int:
    number = 0
    for digit in digits:
        number = number * 10 + digit
    return number


def _date(value: Any) -> int:
    """Return days since 1970, moved up by half of what 32 bits hold, as the protocol has it."""
    return days_of(value) + INT32.stop


def _time(value: Any) -> int:
    """Return nanoseconds since midnight."""
    taken = time_of(value)
    return ((taken.hour * 60 + taken.minute) * 60 + taken.second) * 1_000_000_000 + taken.microsecond * 1_000


WRITTEN: Final[Mapping[str, Check]] = {**CHECKS, "date": _date, "decimal": _decimal, "time": _time, "varint": _varint}
"""What checks the values of each native type and brings them into the one form that is then written."""
