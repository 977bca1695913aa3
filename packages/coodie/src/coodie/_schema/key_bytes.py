"""The primary key as the bytes that a server keeps: how long it may be, and by which of them a partition has its token.

A partition key of one column is that column's bytes. One of several has, of each, two bytes of its length, itself and
a zero (Cassandra, `CompositeType`); a server takes 65,535 bytes in all ("Key length of … is longer than maximum"), and
as many of all clustering columns together, which stand beside each other.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from coodie._schema.scalar_bytes import SCALAR_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coodie._schema.columns import Column
    from coodie._schema.cql_types import ColumnType

MOST_BYTES = 65_535
"""How many bytes a partition key has at most, and all clustering columns together."""

_OF_A_PART = 3
"""What each column of a partition key of several costs besides its own bytes."""

_LENGTH = struct.Struct(">i")


def bytes_of(held: ColumnType, value: Any) -> bytes:
    """A value, as a driver takes it, in the bytes of the native protocol; of a set or map in any order."""
    if held.user_type is not None:
        fields = held.user_type.__coodie_user_type__().fields
        return b"".join(_measured(each.type, value.get(each.name)) for each in fields)
    if held.dimensions is not None:
        return b"".join(map(struct.Struct(">f").pack, value))
    if held.collection == "map":
        key, part = held.elements
        entries: Mapping[Any, Any] = value
        parts = (_measured(key, each) + _measured(part, other) for each, other in entries.items())
        return _LENGTH.pack(len(entries)) + b"".join(parts)
    if held.collection is not None:
        return _LENGTH.pack(len(value)) + b"".join(_measured(held.elements[0], each) for each in value)
    if held.elements:
        return b"".join(_measured(part, each) for part, each in zip(held.elements, value, strict=True))
    return SCALAR_BYTES[held.cql](value)


def _measured(held: ColumnType, value: Any) -> bytes:
    if value is None:
        return _LENGTH.pack(-1)
    written = bytes_of(held, value)
    return _LENGTH.pack(len(written)) + written


def partition_bytes(parts: Sequence[bytes]) -> bytes:
    """The bytes of a partition key from those of its columns."""
    if len(parts) == 1:
        return parts[0]
    return b"".join(len(part).to_bytes(2, "big") + part + b"\0" for part in parts)


def key_fault(columns: Sequence[Column], values: Sequence[object]) -> tuple[Column, str] | None:
    """What makes a key too long for any server, and the longest column that it is about; None where it fits.

    Args:
        columns: among others, all those of the partition key, and perhaps those of the clustering key.
        values: of each column the value, as a driver takes it.
    """
    if not any(column.in_key and has_any_length(column.type) for column in columns):
        return None
    sizes: dict[str, list[tuple[int, Column]]] = {}
    try:
        for column, value in zip(columns, values, strict=True):
            if column.in_key:
                sizes.setdefault(column.kind, []).append((len(bytes_of(column.type, value)), column))
    except (AttributeError, LookupError, TypeError, ValueError, struct.error):
        return None  # what has no bytes no driver takes; it says so
    for kind, found in sizes.items():
        several = kind == "partition_key" and len(found) > 1
        total = sum(size for size, _ in found) + (_OF_A_PART * len(found) if several else 0)
        if total > MOST_BYTES:
            longest = max(found, key=lambda each: each[0])[1]
            return longest, _sentence(kind, found, total, counted_besides=several)
    return None


def _sentence(kind: str, found: list[tuple[int, Column]], total: int, *, counted_besides: bool) -> str:
    what = "partition key" if kind == "partition_key" else "clustering key"
    names = ", ".join(repr(column.field) for _, column in found)
    besides = f", {_OF_A_PART} for each column among them" if counted_besides else ""
    fix = "store a digest of it as the key, and the whole in another field"
    return f"the {what} ({names}) has {total:,} bytes{besides}; a server takes {MOST_BYTES:,}: {fix}"


def has_any_length(held: ColumnType) -> bool:
    """Whether a column of this type alone can make a key too long."""
    return held.cql in _OF_ANY_LENGTH or bool(held.elements) or held.user_type is not None


def safe_length(columns: Sequence[Column]) -> int | None:
    """How many characters or bytes these columns may have together so that a key of them fits in any case.

    None where that cannot be told by `len`: then the key is to be measured.
    """
    sized = [column for column in columns if has_any_length(column.type)]
    if any(column.type.cql not in _COUNTED for column in sized):
        return None
    rest = sum(16 for column in columns if column not in sized) + _OF_A_PART * len(columns)
    # UTF-8 has up to four bytes for a character.
    return max(0, (MOST_BYTES - rest) // 4)


_COUNTED = frozenset({"ascii", "blob", "text"})
_OF_ANY_LENGTH = _COUNTED | {"decimal", "varint"}
