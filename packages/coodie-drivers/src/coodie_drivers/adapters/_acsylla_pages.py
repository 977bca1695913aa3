"""The bytes of all rows of a result of acsylla, as the server sent them.

The C++ driver keeps an answer as it came, and its values point into it. It goes through each row itself before it is
told here where the last one ends, so nothing beyond the rows is read. That they do lie behind each other is looked at
in the first answer of each kind.
"""

from __future__ import annotations

import ctypes
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters import _acsylla_library as native

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LARGEST: Final = 2**28
"""Bytes that an answer has at most: section 2.5 of the protocol."""

_NUMBER: Final = 4
"""Bytes of a value's length, which is before each, and of a collection's number of elements."""


class ScatteredError(Exception):
    """The bytes of the rows cannot be had."""


class RowBytes:
    """Takes the bytes of the rows out of results with the same columns."""

    __slots__ = ("_before", "_looked_at")

    def __init__(self, counted: Sequence[bool]) -> None:
        """Take for each column whether the driver has taken the number of elements off the bytes of its values."""
        self._before = tuple([2 * _NUMBER if each else _NUMBER for each in counted])
        self._looked_at = False

    def of(self, result: Any, count: int) -> bytes:
        """Return the bytes of all rows of a result, which has so many of them, two at least.

        Raises:
            ScatteredError: if they cannot be had.
        """
        if not self._looked_at:
            self._look(iter(result))
        rows: Iterator[Any] = iter(result)
        start = self._start(native.row_pointer(next(rows)))
        # What iterates is kept meanwhile: the last row is no longer there when all have been taken.
        last: Any = next(islice(rows, count - 2, None), None)
        size = 0 if last is None else self._end(native.row_pointer(last)) - start
        if not 0 < size <= _LARGEST:
            raise ScatteredError
        return ctypes.string_at(start, size)

    def _look(self, rows: Iterator[Any]) -> None:
        """Make sure that the values of two rows follow each other, with nothing between but their lengths."""
        at: int | None = None
        for row in islice(rows, 2):
            pointer = native.row_pointer(row)
            at = self._start(pointer) if at is None else at
            for column, before in enumerate(self._before):
                cell = _cell(pointer, column)
                if cell is not None and cell[0] - before != at:
                    raise ScatteredError
                at = at + _NUMBER if cell is None else cell[1]
        self._looked_at = True

    def _start(self, row: int) -> int:
        nulls = 0
        for column, before in enumerate(self._before):
            cell = _cell(row, column)
            if cell is not None:
                return cell[0] - before - nulls
            nulls += _NUMBER
        raise ScatteredError

    def _end(self, row: int) -> int:
        nulls = 0
        for column in range(len(self._before) - 1, -1, -1):
            cell = _cell(row, column)
            if cell is not None:
                return cell[1] + nulls
            nulls += _NUMBER
        raise ScatteredError


def _cell(row: int, column: int) -> tuple[int, int] | None:
    """Return where a value begins, behind its length, and where it ends; None for null."""
    start, length = ctypes.c_void_p(), ctypes.c_size_t()
    if native.value_bytes(native.row_column(row, column), start, length):
        return None
    at = start.value
    if at is None:
        raise ScatteredError
    return at, at + length.value
