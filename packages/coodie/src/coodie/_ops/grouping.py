"""Taking writes of one partition together in unlogged batches, which the server applies as one mutation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from coodie_drivers.messages import BatchRequest

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from coodie._ops.many import Bundle, Strand
    from coodie._query.options import WriteOptions
    from coodie_drivers.messages import Request

MOST_ROWS = 100
"""How many writes a batch has at most."""

MOST_BYTES = 3 * 1024
"""How many bytes a batch has at most by estimate: servers warn from 5 KiB on (`batch_size_warn_threshold`)."""

_ROW_BYTES = 48
_VALUE_BYTES = 20
_ELEMENT_BYTES = 36
"""What a server counts besides the values: of a cell 16 bytes, of an element its place in the collection too."""


class Grouping:
    """Takes writes together of whose documents the keys are known."""

    __slots__ = ("_keys", "_options")

    def __init__(self, keys: Sequence[tuple[Hashable, Hashable] | None], options: WriteOptions) -> None:
        """Group by these keys.

        Args:
            keys: of each document the partition key and the whole key; None where they cannot be told apart.
            options: how the writes are sent.
        """
        self._keys = keys
        self._options = options

    def __call__(self, strands: Sequence[Strand[Any]]) -> list[Bundle]:
        """The writes, those of a partition together as long as their rows are distinct and the batch is small.

        What is not the same when it is done twice, and what has a condition, is sent by itself.
        """
        groups: list[_Group] = []
        filling: dict[Hashable, _Group] = {}
        for strand in strands:
            asked, key = cast("Request", strand.asked), self._keys[strand.place]
            if key is None or asked.statement.conditional or not asked.statement.idempotent:
                groups.append(_Group([strand]))
                continue
            partition, row = key
            size = estimated_bytes(asked.params)
            group = filling.get(partition)
            if group is None or not group.has_room(row, size):
                group = filling[partition] = _Group([])
                groups.append(group)
            group.take(strand, row, size)
        return [(group.strands, self._request(group.strands)) for group in groups]

    def _request(self, strands: Sequence[Strand[Any]]) -> Request | BatchRequest:
        asked = [cast("Request", strand.asked) for strand in strands]
        if len(asked) == 1:
            return asked[0]
        parts = [(each.statement, each.params) for each in asked]
        return BatchRequest(parts, "unlogged", self._options.consistency, self._options.timeout)


class _Group:
    """Writes that become one batch."""

    def __init__(self, strands: list[Strand[Any]]) -> None:
        self.strands = strands
        self._rows: set[Hashable] = set()
        self._bytes = 0

    def has_room(self, row: Hashable, size: int) -> bool:
        # All writes of a batch have one timestamp: of two to one row, the server would take the larger values.
        fits = self._bytes + size <= MOST_BYTES and len(self.strands) < MOST_ROWS
        return fits and row not in self._rows

    def take(self, strand: Strand[Any], row: Hashable, size: int) -> None:
        self.strands.append(strand)
        self._rows.add(row)
        self._bytes += size


def estimated_bytes(values: Sequence[object]) -> int:
    """About how many bytes a server counts for a write of these values, rather too many than too few."""
    return _ROW_BYTES + sum(_VALUE_BYTES + _bytes_of(value) for value in values)


def _bytes_of(value: object) -> int:
    if isinstance(value, str):
        return len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass"))
    if isinstance(value, (bytes, bytearray)):
        return len(value)
    if isinstance(value, dict):
        pairs = cast("Mapping[object, object]", value).items()
        return sum(_ELEMENT_BYTES + _bytes_of(key) + _bytes_of(each) for key, each in pairs)
    if isinstance(value, (list, tuple, set, frozenset)):
        return sum(_ELEMENT_BYTES + _bytes_of(each) for each in cast("Sequence[object]", value))
    if type(value) is int:
        return 8 + value.bit_length() // 8
    return 24
