"""Values that the package `scylla` cannot read, or not exactly, from the bytes that the server has for them.

It reads no duration exactly, no element of a set that Python's own list or dict would be, and no tuple with fewer
values than its type has; it gives a null collection as an empty one, and an empty text at the end of a vector as null.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from coodie_drivers.adapters._acsylla_reading import reader_of
from coodie_drivers.adapters._acsylla_writing import writer_of
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


class _Described(NamedTuple):
    """A type as the readers of bytes want it described."""

    name: str
    subtypes: tuple[Any, ...] = ()
    fields: tuple[str, ...] = ()
    size: int = 0


def bytes_reader_of(cql_type: Any) -> Callable[[bytes], Any]:
    """Return what makes a value of its bytes."""
    described: Any = _described(cql_type)
    return reader_of(described)


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


def _described(cql_type: Any) -> _Described:
    native = NATIVE_NAMES.get(type(cql_type))
    if native is not None:
        return _Described(native)
    parts = tuple([_described(part) for part in parts_of(cql_type)])
    if isinstance(cql_type, CqlUserDefinedType):
        return _Described("udt", parts, tuple([field for field, _ in cql_type.field_types]))
    size = cql_type.dimensions if isinstance(cql_type, CqlVector) else 0
    return _Described(type(cql_type).__name__.removeprefix("Cql").lower(), parts, size=size)


_DURATION: Final[Any] = _Described("duration")
_WRITE_DURATION: Final = writer_of(_DURATION)
