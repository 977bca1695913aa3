"""From acsylla's results to the contract's rows: decoders composed once per metadata of a reply.

What acsylla reads soundly and fast is taken from it and, where needed, converted. The rest is read from the value's own
bytes: acsylla's decimals are not the server's, its timestamps lose a millisecond far from 1970, a date beyond Python's
years makes it fail, an empty address is whatever stood in its memory, and it has neither vectors nor varints.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters import _acsylla_library as native
from coodie_drivers.adapters._acsylla_pages import RowBytes
from coodie_drivers.adapters._acsylla_types import is_type, type_at
from coodie_drivers.adapters._blank_uuids import UUID_PARTS, uuid_lines
from coodie_drivers.adapters._generated import generated
from coodie_drivers.adapters._protocol_pages import ReadPage, page_reader
from coodie_drivers.adapters._protocol_reading import Read, reader_of
from coodie_drivers.contract import APPLIED
from coodie_drivers.interrupts import pass_interrupt

if TYPE_CHECKING:
    from coodie_drivers.adapters._protocol_types import CqlType

Convert = Callable[[Iterable[Sequence[Any]]], list[tuple[Any, ...]]]
ConvertOne = Callable[[Sequence[Any]], tuple[Any, ...]]

_SAME: Final = frozenset(
    {"ascii", "bigint", "blob", "boolean", "counter", "double", "float", "int", "smallint", "text", "tinyint"}
)
"""Types whose values acsylla gives as the contract has them."""

_COUNTED: Final = frozenset({"list", "map", "set"})
"""Types whose bytes begin with the number of their elements."""

_EXACT_YEARS: Final = range(1700, 2240)
"""Acsylla computes timestamps with floating point: within these years no millisecond is lost."""

_PINNED_ROWS: Final = 16
"""A result with at most so many rows may be kept, so that its metadata keeps its address."""

_LARGE_ROWS, _LARGE_RESULTS = 128, 16
"""Of results with more rows than that, but no more than these, so many may be kept."""

_CAPACITY: Final = 1_000

_PAGE: Final = 8
"""From so many rows on, finding where their bytes are takes less than it saves."""

_SAVED: Final = {"timestamp": 8, "timeuuid": 1, "uuid": 1, "ascii": -1, "blob": -1, "text": -1, "list": -3, "set": -3}
"""Tenths of a microsecond, about, that reading a value from bytes takes less than having acsylla read it."""


class UnreadableError(Exception):
    """A value of the answer has no Python form; says which column, never the value."""

    def __init__(self, column: str, cql_type: str) -> None:
        super().__init__(column)
        self.column = column
        self.cql_type = cql_type


class _InexactError(Exception):
    """What acsylla gave may be a little off: the value is read in another way."""


_UUID: Final = (
    "if {0} is not None:",
    *[f" {line}" for line in uuid_lines("made", "int({0}.replace('-', ''), 16)")],
    " {0} = made",
)
_SAME_UUID: Final = (
    "if {0} != before_{0}:",
    " before_{0} = {0}",
    *[f" {line}" for line in _UUID],
    " made_{0} = {0}",
    "{0} = made_{0}",
)
"""As above, but the one of the row before, as the partition key's mostly is, is the very same object."""
_CONVERTED: Final = {
    "timestamp": (
        f"if {{0}} is not None and not {_EXACT_YEARS.start} <= {{0}}.year < {_EXACT_YEARS.stop}: raise Inexact",
    ),
    "timeuuid": _UUID,
    "uuid": _UUID,
    "varint": ("if {0} is not None: {0} = int.from_bytes({0}, 'big', signed=True) if {0} else None",),
}
"""Types whose values acsylla gives in another form, and the lines that make the contract's value of one."""

_KNOWN: Final[dict[str, Any]] = {
    "Inexact": _InexactError,
    **UUID_PARTS,
}
"""What the generated functions know."""

_as_tuple: Final[Callable[[Any], tuple[Any, ...]]] = native.extension.Row.as_tuple


def _is_same(cql_type: CqlType) -> bool:
    if cql_type.name in {"list", "set", "map"}:
        return all(each.name in _SAME for each in cql_type.subtypes)
    return cql_type.name in _SAME


class _Conversion:
    """Functions, written for rows of some types, that convert the values that need it.

    Attributes:
        of_all: converts rows.
        of_one: converts a single one, which costs less.
    """

    __slots__ = ("of_all", "of_one")

    def __init__(self, types: Sequence[CqlType]) -> None:
        self.of_all: Convert = lambda rows: [*map(tuple, rows)]
        self.of_one: ConvertOne = tuple
        converted = {f"v{at}": _CONVERTED[each.name] for at, each in enumerate(types) if each.name in _CONVERTED}
        if not converted:
            return
        names = "".join(f"v{at}, " for at in range(len(types)))
        of_one = [
            f" {names} = row",
            *[f" {line.format(name)}" for name, how in converted.items() for line in how],
            f" return ({names})",
        ]
        of_all = [
            " found = []",
            " add = found.append",
            *[f" before_{name} = made_{name} = None" for name, how in converted.items() if how is _UUID],
            f" for {names} in rows:",
            *[
                f"  {line.format(name)}"
                for name, how in converted.items()
                for line in (_SAME_UUID if how is _UUID else how)
            ],
            f"  add(({names}))",
            " return found",
        ]
        self.of_one = generated("convert(row)", of_one, _KNOWN)
        self.of_all = generated("convert_all(rows)", of_all, _KNOWN)


class RowDecoder:
    """Turns the rows of results with the same columns into the contract's."""

    __slots__ = ("_bytes", "_conversion", "_raw", "_read_page", "_readers", "_types", "columns", "tells_applied")

    def __init__(self, columns: Sequence[str], types: Sequence[CqlType]) -> None:
        self.columns = tuple(columns)
        self.tells_applied = self.columns[:1] == (APPLIED,)
        self._types = tuple(types)
        self._readers: list[Read] = [reader_of(each) for each in types]
        self._conversion = _Conversion(types)
        self._raw = [at for at, each in enumerate(types) if not _is_same(each) and each.name not in _CONVERTED]
        pays = bool(self._raw) or sum(_SAVED.get(each.name, 0) for each in types) > 0
        self._read_page: ReadPage | None = page_reader(types) if pays else None
        self._bytes = RowBytes([each.name in _COUNTED for each in types])

    def reads(self, result: Any) -> bool:
        """Return whether a result has the columns that this decoder is for."""
        if tuple(result.columns_names()) != self.columns:
            return False
        pointer = native.result_pointer(result)
        return all(is_type(native.column_type(pointer, at), each) for at, each in enumerate(self._types))

    def rows(self, result: Any) -> list[tuple[Any, ...]]:
        """Return all rows of a result.

        Raises:
            UnreadableError: if a value has no Python form.
        """
        count: int = result.count()
        if self._read_page is not None and count >= _PAGE:
            try:
                return self._read_page(self._bytes.of(result, count), count)
            except Exception as error:  # noqa: BLE001 - read row by row it will tell, or succeed
                pass_interrupt(error)
        if self._raw:
            return [self._mixed(row) for row in result]
        try:
            if count == 1:  # which needs nothing that iterates
                return [self._conversion.of_one(result.first().as_tuple())]
            return self._conversion.of_all(map(_as_tuple, result))
        except Exception as error:  # noqa: BLE001 - whatever acsylla stumbles over, the bytes are sound
            pass_interrupt(error)
            return [self._from_bytes(row) for row in result]

    def _mixed(self, row: Any) -> tuple[Any, ...]:
        raw = self._raw
        pointer = native.row_pointer(row)
        try:
            values = [
                self._read(pointer, at) if at in raw else row.column_value_by_index(at)
                for at in range(len(self.columns))
            ]
            return self._conversion.of_one(values)
        except UnreadableError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever acsylla stumbles over, the bytes are sound
            pass_interrupt(error)
            return self._from_bytes(row)

    def _from_bytes(self, row: Any) -> tuple[Any, ...]:
        pointer = native.row_pointer(row)
        return tuple([self._read(pointer, at) for at in range(len(self.columns))])

    def _read(self, row: int, at: int) -> Any:
        value = native.row_column(row, at)
        if native.value_is_null(value):
            return None
        data = native.bytes_from(native.value_bytes, value)
        if self._types[at].name in _COUNTED:
            data = native.value_count(value).to_bytes(4, "big") + data  # the driver has taken it off
        try:
            return self._readers[at](data)
        except Exception as error:  # noqa: BLE001 - whatever it was, the value stays untold
            pass_interrupt(error)
            if not data:  # what Cassandra calls an empty value, which only texts and blobs have in Python
                return None
            raise UnreadableError(self.columns[at], str(self._types[at])) from None


class RowDecoders:
    """The row decoders in use, by what the replies themselves say their columns are.

    A change of the schema shows in the next reply's metadata, and so finds, or makes, another decoder.

    Attributes:
        large: who keeps a large result, the one that has done so longest first.
    """

    __slots__ = ("_decoders", "large")

    def __init__(self) -> None:
        self._decoders: dict[tuple[object, ...], RowDecoder] = {}
        self.large: deque[LastDecoder] = deque()

    def get(self, result: Any) -> RowDecoder:
        """Return the decoder for the columns of this result."""
        columns = tuple(result.columns_names())
        pointer = native.result_pointer(result)
        types = tuple([type_at(native.column_type(pointer, at)) for at in range(len(columns))])
        key = (columns, types)
        found = self._decoders.get(key)
        if found is None:
            if len(self._decoders) >= _CAPACITY:
                self._decoders.clear()  # made again in microseconds each
            found = self._decoders[key] = RowDecoder(columns, types)
        return found


class LastDecoder:
    """The decoder that the replies of one prepared statement had last.

    Their metadata is one object, until the statement is prepared anew. A small result is kept, so that no other
    metadata can come to lie at the same address, and a larger one as long as few are; the metadata of others is read
    each time.
    """

    __slots__ = ("_address", "_decoder", "_decoders", "_pinned")

    def __init__(self, decoders: RowDecoders) -> None:
        self._decoders = decoders
        self._address: int | None = None
        self._decoder: RowDecoder | None = None
        self._pinned: Any = None

    def get(self, result: Any) -> RowDecoder:
        """Return the decoder for the columns of this result."""
        address = native.first_column_type(result)
        decoder = self._decoder
        if decoder is not None and address == self._address:
            return decoder
        if decoder is None or not decoder.reads(result):
            decoder = self._decoders.get(result)
        rows = result.count()
        self._pinned, self._address = (result, address) if rows <= _LARGE_ROWS else (None, None)
        self._decoder = decoder
        if _PINNED_ROWS < rows <= _LARGE_ROWS:
            self._take_turn()
        return decoder

    def _take_turn(self) -> None:
        """Have whoever has kept a large result longest let it go, when too many do."""
        large = self._decoders.large
        large.append(self)
        while len(large) > _LARGE_RESULTS:
            oldest = large.popleft()
            if oldest is not self:
                oldest._pinned = oldest._address = None  # noqa: SLF001 - another one of the same class
