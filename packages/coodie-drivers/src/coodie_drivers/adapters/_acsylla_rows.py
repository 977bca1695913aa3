"""From acsylla's results to the contract's rows: decoders composed once per metadata of a reply.

What acsylla reads soundly and fast is taken from it and, where needed, converted. The rest is read from the value's own
bytes: acsylla's decimals are not the server's, its timestamps lose a millisecond far from 1970, a date beyond Python's
years makes it fail, and it has neither vectors nor varints.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, SafeUUID

from coodie_drivers.adapters import _acsylla_library as native
from coodie_drivers.adapters._acsylla_reading import Read, reader_of
from coodie_drivers.adapters._acsylla_types import CqlType, type_at
from coodie_drivers.contract import APPLIED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

Convert = Callable[[Any], Any]

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

_CAPACITY: Final = 1_000


class UnreadableError(Exception):
    """A value of the answer has no Python form; says which column, never the value."""

    def __init__(self, column: str, cql_type: str) -> None:
        super().__init__(column)
        self.column = column
        self.cql_type = cql_type


_new_uuid: Any = UUID.__new__
_set_int: Any = UUID.__dict__["int"].__set__
_set_safety: Any = UUID.__dict__["is_safe"].__set__


_UNKNOWN: Final = SafeUUID.unknown


def _uuid(text: str) -> UUID:
    # As `UUID(text)`, which takes three times as long.
    made: UUID = _new_uuid(UUID)
    _set_int(made, int(text.replace("-", ""), 16))
    _set_safety(made, _UNKNOWN)
    return made


def _varint(data: bytes) -> int:
    return int.from_bytes(data, "big", signed=True)


class _Inexact(Exception):  # noqa: N818 - no error: the value is read in another way
    """What acsylla gave may be a little off."""


def _timestamp(value: datetime) -> datetime:
    if value.year not in _EXACT_YEARS:
        raise _Inexact
    return value


_CONVERTED: Final[dict[str, Convert]] = {
    "inet": ip_address,
    "timestamp": _timestamp,
    "timeuuid": _uuid,
    "uuid": _uuid,
    "varint": _varint,
}
"""Types whose values acsylla gives in another form."""


def _is_same(cql_type: CqlType) -> bool:
    if cql_type.name in {"list", "set", "map"}:
        return all(each.name in _SAME for each in cql_type.subtypes)
    return cql_type.name in _SAME


def _row_function(count: int, conversions: dict[int, Convert]) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """Return a function, written for rows of this shape, that converts what needs it."""
    if not conversions:
        return tuple
    places = [f"None if v{at} is None else c{at}(v{at})" if at in conversions else f"v{at}" for at in range(count)]
    taken = ", ".join(f"v{at}" for at in range(count))
    source = f"def convert(row):\n    {taken}, = row\n    return ({', '.join(places)},)"
    names: dict[str, Any] = {f"c{at}": convert for at, convert in conversions.items()}
    exec(source, names)  # noqa: S102 - made of numbers alone
    made: Callable[[tuple[Any, ...]], tuple[Any, ...]] = names["convert"]
    return made


class RowDecoder:
    """Turns the rows of results with the same columns into the contract's."""

    __slots__ = ("_conversions", "_converted", "_raw", "_readers", "_types", "columns", "tells_applied")

    def __init__(self, columns: Sequence[str], types: Sequence[CqlType]) -> None:
        self.columns = tuple(columns)
        self.tells_applied = self.columns[:1] == (APPLIED,)
        self._types = tuple(types)
        self._readers: list[Read] = [reader_of(each) for each in types]
        self._conversions = [(at, _CONVERTED[each.name]) for at, each in enumerate(types) if each.name in _CONVERTED]
        self._raw = [at for at, each in enumerate(types) if not _is_same(each) and each.name not in _CONVERTED]

        self._converted = _row_function(len(self.columns), dict(self._conversions))

    def rows(self, result: Any) -> list[tuple[Any, ...]]:
        """Return all rows of a result.

        Raises:
            UnreadableError: if a value has no Python form.
        """
        if self._raw:
            return [self._mixed(row) for row in result]
        convert = self._converted
        try:
            return [convert(row.as_tuple()) for row in result]
        except Exception:  # noqa: BLE001 - whatever acsylla stumbles over, the bytes are sound
            return [self._from_bytes(row) for row in result]

    def _mixed(self, row: Any) -> tuple[Any, ...]:
        raw = self._raw
        pointer = native.row_pointer(row)
        try:
            values = [
                self._read(pointer, at) if at in raw else row.column_value_by_index(at)
                for at in range(len(self.columns))
            ]
            for at, convert in self._conversions:
                value = values[at]
                if value is not None:
                    values[at] = convert(value)
        except UnreadableError:
            raise
        except Exception:  # noqa: BLE001 - whatever acsylla stumbles over, the bytes are sound
            return self._from_bytes(row)
        return tuple(values)

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
        except Exception:  # noqa: BLE001 - whatever it was, the value stays untold
            if not data:  # what Cassandra calls an empty value, which only texts and blobs have in Python
                return None
            raise UnreadableError(self.columns[at], str(self._types[at])) from None


class RowDecoders:
    """The row decoders in use, by what the replies themselves say their columns are.

    A change of the schema shows in the next reply's metadata, and so finds, or makes, another decoder.
    """

    __slots__ = ("_decoders",)

    def __init__(self) -> None:
        self._decoders: dict[tuple[object, ...], RowDecoder] = {}

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
    metadata can come to lie at the same address.
    """

    __slots__ = ("_address", "_decoder", "_decoders", "_pinned")

    def __init__(self, decoders: RowDecoders) -> None:
        self._decoders = decoders
        self._address: int | None = None
        self._decoder: RowDecoder | None = None
        self._pinned: Any = None

    def get(self, result: Any) -> RowDecoder:
        """Return the decoder for the columns of this result."""
        address = native.column_type(native.result_pointer(result), 0)
        if self._decoder is not None and address == self._address:
            return self._decoder
        decoder = self._decoders.get(result)
        if result.count() <= _PINNED_ROWS:
            self._decoder = None
            self._pinned, self._address = result, address
            self._decoder = decoder
        return decoder
