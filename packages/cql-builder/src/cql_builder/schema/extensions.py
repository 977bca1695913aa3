"""What ScyllaDB keeps of a table's options as bytes, in the column `extensions` of its `system_schema.tables`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.builder.literals import is_mapping

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAPS = frozenset({"cdc", "per_partition_rate_limit", "tombstone_gc"})
_NUMBER = "paxos_grace_seconds"
_SIZE = 4


def read_extensions(extensions: Mapping[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    """Return the options that are in extensions, and the extensions that are none, or are written in another way.

    A map is its length, then keys and values, each its length and its UTF-8 text; numbers are of 32 bits, the lowest
    byte first (`serializer.hh` of ScyllaDB 2026).

    >>> read_extensions({"paxos_grace_seconds": (60).to_bytes(4, "little"), "other": b"x"})
    ({'paxos_grace_seconds': 60}, {'other': b'x'})
    """
    options: dict[str, object] = {}
    others: dict[str, object] = {}
    for name, value in extensions.items():
        found = _read(name, bytes(value)) if isinstance(value, bytes | bytearray) else None
        if found is None:
            others[name] = value
        elif found != {}:
            options[name] = found
    return options, others


def with_extensions(options: Mapping[str, object]) -> dict[str, object]:
    """Return options with what is in their `extensions`, and without these where nothing is left of them."""
    extensions = options.get("extensions")
    if not is_mapping(extensions):
        return dict(options)
    found, others = read_extensions({str(name): value for name, value in extensions.items()})
    left = {"extensions": others} if others else {}
    return {**{name: value for name, value in options.items() if name != "extensions"}, **found, **left}


def _read(name: str, data: bytes) -> dict[str, str] | int | None:
    """Return what is in the bytes of an extension; None where it is not known how to read them."""
    if name == _NUMBER and len(data) == _SIZE:
        return int.from_bytes(data, "little", signed=True)
    return _read_map(data) if name in _MAPS else None


def _read_map(data: bytes) -> dict[str, str] | None:
    texts: list[str] = []
    count, place = int.from_bytes(data[:_SIZE], "little"), _SIZE
    while place < len(data):
        end = place + _SIZE + int.from_bytes(data[place : place + _SIZE], "little")
        try:
            texts.append(data[place + _SIZE : end].decode())
        except UnicodeDecodeError:
            return None
        place = end
    if place != len(data) or len(texts) != 2 * count:
        return None
    return dict(zip(texts[::2], texts[1::2], strict=True))
