"""Decimals of any length: the package `cassandra` goes by their digits as text, of which Python takes 4,300."""

from __future__ import annotations

import struct
from decimal import Decimal
from typing import Any, Final

from coodie_drivers.adapters._cassandra_library import cqltypes

_SCALE: Final = struct.Struct(">i")
_SHORT: Final = 1_700
"""Octets of a number that surely has no more than 4,300 digits."""


class _LongDecimal(cqltypes.DecimalType):  # type: ignore[misc]  # the library carries no types
    """The type of decimals, whose number goes from bytes to digits, and back, by no text."""

    cassname = "DecimalType"  # an underscore before the class's own name keeps it out of the library's register

    @staticmethod
    def serialize(value: Decimal, _: int) -> bytes:
        """Return the octets of a finite number: its scale, and what is left of it without one."""
        sign, digits, exponent = value.as_tuple()
        number = int(Decimal((sign, digits, 0)))
        size = (number if number >= 0 else ~number).bit_length() // 8 + 1
        return _SCALE.pack(-int(exponent)) + number.to_bytes(size, "big", signed=True)

    @staticmethod
    def deserialize(octets: bytes, _: int) -> Decimal:
        """Return the number of these octets."""
        number, scale = int.from_bytes(octets[4:], "big", signed=True), _SCALE.unpack_from(octets)[0]
        if len(octets) < _SHORT:
            return Decimal(f"{number}e{-scale}")
        sign, digits, _exponent = Decimal(number).as_tuple()
        return Decimal((sign, digits, -scale))


LongDecimal: Final[Any] = _LongDecimal
"""What stands in place of the library's own type."""


def with_long_decimals(cql_type: Any) -> Any:
    """Return the library's class for a type, with decimals of any length in it; the same one where there are none."""
    if issubclass(cql_type, cqltypes.VectorType):
        subtype = with_long_decimals(cql_type.subtype)
        same = subtype is cql_type.subtype
        return cql_type if same else type("_WithDecimals", (cql_type,), {"subtype": subtype, "subtypes": (subtype,)})
    if issubclass(cql_type, cqltypes.DecimalType):
        return LongDecimal
    before: tuple[Any, ...] = tuple(cql_type.subtypes)
    subtypes = tuple([with_long_decimals(each) for each in before])
    if all(new is old for new, old in zip(subtypes, before, strict=True)):
        return cql_type
    return type("_WithDecimals", (cql_type,), {"subtypes": subtypes, "cassname": cql_type.cassname})
