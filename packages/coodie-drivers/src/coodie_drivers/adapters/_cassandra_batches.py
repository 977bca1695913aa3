"""The parts of a batch as the package `cassandra` holds them, those alike laid out as they stand in a frame.

The library has an entry for each part, and writes one after the other. Most batches are many rows of one prepared
statement: these a function lays out, generated once for the statement, that goes through all the rows. Columns of a
fixed size that stand beside each other, with usual values, it packs at once.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from coodie_drivers.adapters._cassandra_frames import NULL, UNSET
from coodie_drivers.adapters._cassandra_library import query

Entry = tuple[bool, Any, Any]
"""A part as the library has it: whether it is prepared, its id or its text, its values."""

LayOut = Callable[[Iterable[Sequence[object]], bytes], list[bytes]]
"""From the values of rows, and what stands before those of each, to the bytes of all; raises for what it cannot do."""

_NOTHING: Final = {NULL: None, UNSET: query.UNSET_VALUE}

_uint16: Final = struct.Struct(">H")
_int32: Final = struct.Struct(">i")


class Column(NamedTuple):
    """How the values of a column are written, as source.

    Attributes:
        lines: from a value to its size and its octets; indented by one.
        test: whether a value is a usual one.
        packed: what a usual one is packed from; empty where they differ in size.
        code: how it is packed, as `struct` has it.
    """

    lines: Sequence[str]
    test: str
    packed: str
    code: str


class Run:
    """Parts that follow each other and are of one prepared statement, as they stand in a frame.

    Attributes:
        count: how many there are.
        pieces: all their bytes.
    """

    __slots__ = ("_query_id", "count", "pieces")

    def __init__(self, query_id: bytes, count: int, pieces: list[bytes]) -> None:
        """Hold them."""
        self._query_id = query_id
        self.count = count
        self.pieces = pieces

    def entries(self) -> Iterator[Entry]:
        """Give them as the library has them."""
        octets, at = b"".join(self.pieces), 0
        before = 3 + len(self._query_id)
        for _ in range(self.count):
            at += before
            (width,) = _uint16.unpack_from(octets, at)
            at += 2
            values: list[Any] = []
            for _ in range(width):
                size = octets[at : at + 4]
                at += 4
                if size in _NOTHING:
                    values.append(_NOTHING[size])
                    continue
                (length,) = _int32.unpack(size)
                values.append(octets[at : at + length])
                at += length
            yield True, self._query_id, values


class Parts:
    """All parts of a batch, in order: to the library the list that it would have made itself.

    Attributes:
        given: the parts, each an entry or a run of several.
    """

    __slots__ = ("_count", "given")

    def __init__(self) -> None:
        """Begin without any."""
        self.given: list[Entry | Run] = []
        self._count = 0

    def append(self, entry: Entry) -> None:
        """Add one, as the library does."""
        self.given.append(entry)
        self._count += 1

    def add(self, run: Run) -> None:
        """Add several at once."""
        self.given.append(run)
        self._count += run.count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Entry]:
        for each in self.given:
            if isinstance(each, Run):
                yield from each.entries()
            else:
                yield each


def head_of(query_id: bytes, width: int) -> bytes:
    """Return what stands before the values of a part: that it is prepared, its id, how many values there are."""
    return b"\x01" + _uint16.pack(len(query_id)) + query_id + _uint16.pack(width)


def lines_laying_out(columns: Sequence[Column], keys: frozenset[int], known: dict[str, Any]) -> list[str]:
    """Return the body of the function that lays out rows; what it mentions is added to `known`.

    Args:
        columns: those of the statement. A value is called `v` with its place, its size `size`, its octets `octets`.
        keys: which are of the partition key, that mostly is the same for all rows and then is laid out once.
        known: what the lines of the columns mention.
    """
    places = range(len(columns))
    names = ", ".join(f"v{place}" for place in places)
    # A key at the beginning is laid out with what stands before it.
    leading = "0" if keys >= {0} else ""
    before: list[str] = []
    lines: list[str] = []
    pieces = [] if leading else ["head"]
    place = 0
    while place < len(columns):
        run = _run_from(place, columns, keys)
        if place in keys:
            before.append(f" before{place} = never")
            first = "head + " if place == 0 else ""
            lines += [
                f"  if v{place} is not before{place}:",
                *[f"  {line}" for line in columns[place].lines],
                f"   key{place} = {first}size{place} + octets{place}",
                f"   before{place} = v{place}",
            ]
            pieces.append(f"key{place}")
        elif run:
            lines += _packing(run, columns, known)
            pieces.append(f"packed{place}")
        else:
            lines += [f" {line}" for line in columns[place].lines]
            pieces += [f"size{place}", f"octets{place}"]
        place += len(run) or 1
    return [
        " pieces = []",
        *before,
        f" for {names}, in rows:",
        *lines,
        f"  pieces += ({', '.join(pieces)},)",
        " return pieces",
    ]


def _run_from(place: int, columns: Sequence[Column], keys: frozenset[int]) -> range:
    """Return the places, from this one on, of columns that are packed at once."""
    end = place
    while end < len(columns) and end not in keys and columns[end].code:
        end += 1
    return range(place, end)


def _packing(run: range, columns: Sequence[Column], known: dict[str, Any]) -> list[str]:
    """Return the lines that pack columns at once where all values are usual ones, and else write each by itself."""
    codes = [columns[place].code for place in run]
    known[f"pack{run.start}"] = struct.Struct(">" + "".join(f"i{code}" for code in codes)).pack
    sizes = [struct.calcsize(f">{code}") for code in codes]
    values = ", ".join(f"{size}, {columns[place].packed}" for size, place in zip(sizes, run, strict=True))
    cells = ", ".join(f"size{place}, octets{place}" for place in run)
    return [
        f"  if {' and '.join(f'({columns[place].test})' for place in run)}:",
        f"   packed{run.start} = pack{run.start}({values})",
        "  else:",
        *[f"  {line}" for place in run for line in columns[place].lines],
        f"   packed{run.start} = b''.join(({cells}))",
    ]
