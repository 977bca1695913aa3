"""The one table of CQL types and Python types, and the values that CQL has and Python has not.

What a driver returns for each CQL type, and takes for it, is in `PYTHON_TYPES`. A null is None everywhere. Where Python
needs a hashable value (an element of a set, a key of a map), a list comes as a tuple, a set as a frozenset, and a map
or a user-defined type as a `FrozenMap`.

Three types of CQL hold more than Python's: a `date` beyond the years 1 to 9999 comes as a `CqlDate`, a `time` loses
what is below a microsecond, and a `timestamp` beyond the years 1 to 9999 raises a `DriverError` where it is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address
from typing import Final, TypeVar, final
from uuid import UUID

__all__ = [
    "INT32",
    "INT64",
    "PYTHON_TYPES",
    "UNSET",
    "CqlDate",
    "CqlDuration",
    "FrozenMap",
    "UnsetType",
    "is_within",
]

K = TypeVar("K")
V = TypeVar("V")

INT32: Final = range(-(2**31), 2**31)
"""The values of a CQL `int`."""

INT64: Final = range(-(2**63), 2**63)
"""The values of a CQL `bigint`."""


def is_within(number: int, allowed: range) -> bool:
    """Return whether a number is in a range; `in` looks through the whole range for a subclass of int.

    >>> is_within(5, INT32), is_within(2**31, INT32)
    (True, False)
    """
    return allowed.start <= number < allowed.stop


_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()


@final
class UnsetType:
    """The type of `UNSET`: leave this column as it is.

    Unlike None, which deletes the value, an unset column is not written at all. It has no truth value, so that a
    mistaken `if value:` fails instead of taking the wrong branch.
    """

    __slots__ = ()

    _instance: UnsetType | None = None

    def __new__(cls) -> UnsetType:
        """Return the one instance."""
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> bool:
        """Refuse to be taken for true or false."""
        msg = "UNSET is neither true nor false: compare with `is UNSET`"
        raise TypeError(msg)

    def __reduce__(self) -> str:
        """Copy and pickle to itself."""
        return "UNSET"


UNSET: Final = UnsetType()
"""Bound in place of a value: leave this column as it is (see `UnsetType`)."""


@final
@dataclass(frozen=True, slots=True)
class CqlDuration:
    """A CQL `duration`: months, days and nanoseconds, all of one sign.

    The three parts are kept apart because a month has no fixed number of days, nor a day of hours.

    Raises:
        ValueError: if a part is out of range (32 bits for months and days, 64 for nanoseconds) or the signs differ.

    >>> str(CqlDuration(months=1, days=2, nanoseconds=3))
    '1mo2d3ns'
    """

    months: int = 0
    days: int = 0
    nanoseconds: int = 0

    def __post_init__(self) -> None:
        for name, part, allowed in (
            ("months", self.months, INT32),
            ("days", self.days, INT32),
            ("nanoseconds", self.nanoseconds, INT64),
        ):
            _check_int(name, part)
            if not is_within(part, allowed):
                msg = f"{name} of a duration must be within {allowed.start} and {allowed.stop - 1}"
                raise ValueError(msg)
        signs = {part > 0 for part in (self.months, self.days, self.nanoseconds) if part}
        if len(signs) > 1:
            msg = "months, days and nanoseconds of a duration must all be positive or all be negative"
            raise ValueError(msg)

    def __str__(self) -> str:
        """Write it as CQL does: `1mo2d3ns`, negative with one leading `-`."""
        sign = "-" if min(self.months, self.days, self.nanoseconds) < 0 else ""
        parts = ((self.months, "mo"), (self.days, "d"), (self.nanoseconds, "ns"))
        return sign + ("".join(f"{abs(part)}{unit}" for part, unit in parts if part) or "0ns")


@final
@dataclass(frozen=True, slots=True, order=True)
class CqlDate:
    """A CQL `date` that Python's `date` cannot hold: days since 1970-01-01, 32 bits with sign.

    Raises:
        ValueError: if `days` is out of range.

    >>> CqlDate(-800_000)
    CqlDate(days=-800000)
    """

    days: int

    def __post_init__(self) -> None:
        _check_int("days", self.days)
        if not is_within(self.days, INT32):
            msg = f"days of a date must be within {INT32.start} and {INT32.stop - 1}"
            raise ValueError(msg)

    @staticmethod
    def from_days(days: int) -> date | CqlDate:
        """Return the day as a `date` where Python has it, else as a `CqlDate`.

        >>> CqlDate.from_days(1)
        datetime.date(1970, 1, 2)
        """
        ordinal = days + _EPOCH_ORDINAL
        if date.min.toordinal() <= ordinal <= date.max.toordinal():
            return date.fromordinal(ordinal)
        return CqlDate(days)


@final
class FrozenMap(Mapping[K, V]):
    """A mapping that never changes and is hashable, for a map or user-defined type inside a set or as a map's key.

    >>> FrozenMap({"street": "Elm St"}) == {"street": "Elm St"}
    True
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[K, V]) -> None:
        self._items = dict(items)

    def __getitem__(self, key: K) -> V:
        return self._items[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return f"FrozenMap({self._items!r})"


PYTHON_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "ascii": (str,),
    "bigint": (int,),
    "blob": (bytes,),
    "boolean": (bool,),
    "counter": (int,),
    "date": (date, CqlDate),
    "decimal": (Decimal,),
    "double": (float,),
    "duration": (CqlDuration,),
    "float": (float,),
    "inet": (IPv4Address, IPv6Address),
    "int": (int,),
    "smallint": (int,),
    "text": (str,),
    "time": (time,),
    "timestamp": (datetime,),
    "timeuuid": (UUID,),
    "tinyint": (int,),
    "uuid": (UUID,),
    "varchar": (str,),
    "varint": (int,),
    "list": (list,),
    "set": (set,),
    "map": (dict,),
    "tuple": (tuple,),
    "vector": (list,),
}
"""For each CQL type the Python types that a driver returns for it; a user-defined type is a dict by field name."""


def _check_int(name: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        msg = f"{name} must be an int, not {type(value).__name__}"
        raise TypeError(msg)
