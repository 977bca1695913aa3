"""Values that the package `scylla` cannot read, or not exactly, from the bytes that the server has for them.

It reads no duration exactly, no element of a set that Python's own list or dict would be, and no tuple with fewer
values than its type has; it gives a null collection as an empty one, and an empty text at the end of a vector as null.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters._protocol_reading import reader_of
from coodie_drivers.adapters._protocol_types import CqlType
from coodie_drivers.adapters._protocol_writing import writer_of
from coodie_drivers.adapters._rust_types import NATIVE_NAMES, CqlUserDefinedType, CqlVector, parts_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.values import CqlDuration


class UnreadableError(Exception):
    """A value has no Python form.

    Attributes:
        index: the column's place.
    """

    def __init__(self, index: int) -> None:
        super().__init__()
        self.index = index


def bytes_reader_of(cql_type: Any) -> Callable[[bytes], Any]:
    """Return what makes a value of its bytes."""
    return reader_of(_described(cql_type))


def value_from_bytes(read: Callable[[bytes], Any], data: bytes | None, index: int) -> Any:
    """Return the contract's value of these bytes; None for null.

    Raises:
        UnreadableError: if it has no Python form, as a time beyond the year 9999.
    """
    try:
        return None if data is None else read(data)
    except (ArithmeticError, LookupError, TypeError, ValueError, struct.error):
        raise UnreadableError(index) from None


def duration_bytes(value: CqlDuration) -> bytes:
    """Return the bytes of a duration."""
    return _WRITE_DURATION(value)


def _described(cql_type: Any) -> CqlType:
    native = NATIVE_NAMES.get(type(cql_type))
    if native is not None:
        return CqlType(native)
    parts = tuple([_described(part) for part in parts_of(cql_type)])
    if isinstance(cql_type, CqlUserDefinedType):
        return CqlType("udt", parts, tuple([field for field, _ in cql_type.field_types]))
    size = cql_type.dimensions if isinstance(cql_type, CqlVector) else 0
    return CqlType(type(cql_type).__name__.removeprefix("Cql").lower(), parts, size=size)


_WRITE_DURATION: Final = writer_of(CqlType("duration"))
