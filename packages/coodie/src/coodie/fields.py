"""Markers for `Annotated[...]`: which part of the table a field is, and which CQL type it has.

A marker is a frozen value. It may stand around or inside `Optional[...]`, inside a collection (`list[Annotated[int,
BigInt()]]`), in a base class or behind a type alias.

A plain type needs no marker; what its column keeps is not always all that Python holds:

- `datetime` (CQL `timestamp`) keeps milliseconds: what is finer is cut off. A datetime without a time zone is taken as
  UTC, and every one is read back in UTC with its time zone; Pydantic's `NaiveDatetime` is read back without one.
- `float` (CQL `float`) keeps 32 bits; `Double()` keeps all 64. `int` is CQL `int`; `BigInt()` and others are wider.
- An empty list, set or dict is no value at all to the server, which reads as an empty one, or as None where the field
  allows None.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from coodie_drivers.errors import ConfigurationError

__all__ = [
    "Ascii",
    "BigInt",
    "ClusteringKey",
    "Counter",
    "Double",
    "Duration",
    "Frozen",
    "Indexed",
    "PrimaryKey",
    "SmallInt",
    "Static",
    "Time",
    "TimeUUID",
    "TinyInt",
    "VarInt",
]

Order = Literal["ASC", "DESC"]


def _check_place(what: str, place: object) -> None:
    if type(place) is not int or place < 0:
        raise ConfigurationError(f"{what} is a whole number from 0 on")


class Marker:
    """What all markers have in common: without parameters, every one of a kind is equal."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        """Whether the other one is of the same kind."""
        return type(other) is type(self)

    def __hash__(self) -> int:
        """The hash of the kind."""
        return hash(type(self))

    def __repr__(self) -> str:
        """The marker as it is written."""
        return f"{type(self).__name__}()"


@dataclass(frozen=True, slots=True)
class PrimaryKey:
    """Marks a partition key column: it decides which nodes hold the row.

    Attributes:
        partition_key_index: the column's place in a composite partition key.

    >>> PrimaryKey(partition_key_index=1)
    PrimaryKey(partition_key_index=1)
    """

    partition_key_index: int = 0

    def __post_init__(self) -> None:
        """Refuse a place that is none."""
        _check_place("PrimaryKey(partition_key_index=...)", self.partition_key_index)


@dataclass(frozen=True, slots=True)
class ClusteringKey:
    """Marks a clustering column: it sorts the rows within their partition.

    Attributes:
        order: `ASC` or `DESC`.
        clustering_key_index: the column's place among several clustering columns.
    """

    order: Order = "ASC"
    clustering_key_index: int = 0

    def __post_init__(self) -> None:
        """Refuse an order or a place that is none."""
        if self.order not in ("ASC", "DESC"):
            raise ConfigurationError("ClusteringKey(order=...) is 'ASC' or 'DESC'")
        _check_place("ClusteringKey(clustering_key_index=...)", self.clustering_key_index)


@dataclass(frozen=True, slots=True)
class Indexed:
    """Marks a column with a secondary index, so that it can be queried without filtering.

    Attributes:
        index_name: the index's name; None for `<table>_<column>_idx`.
    """

    index_name: str | None = None

    def __post_init__(self) -> None:
        """Refuse a name that is none."""
        name = cast("object", self.index_name)
        if name is not None and not (isinstance(name, str) and name):
            raise ConfigurationError("Indexed(index_name=...) is a text, or None for the server's own name")


class Static(Marker):
    """Marks a column that all rows of a partition share."""

    __slots__ = ()


class Counter(Marker):
    """Marks a counter column of a `CounterDocument` (CQL `counter`)."""

    __slots__ = ()


class Frozen(Marker):
    """Stores a collection as one value (CQL `frozen<…>`): replaced whole, never changed in place."""

    __slots__ = ()


class BigInt(Marker):
    """Stores an `int` as CQL `bigint`: 64 bits, signed."""

    __slots__ = ()


class SmallInt(Marker):
    """Stores an `int` as CQL `smallint`: 16 bits, signed."""

    __slots__ = ()


class TinyInt(Marker):
    """Stores an `int` as CQL `tinyint`: 8 bits, signed."""

    __slots__ = ()


class VarInt(Marker):
    """Stores an `int` as CQL `varint`: of any size."""

    __slots__ = ()


class Double(Marker):
    """Stores a `float` as CQL `double`: 64 bits, exactly Python's own."""

    __slots__ = ()


class Ascii(Marker):
    """Stores a `str` as CQL `ascii`: US-ASCII characters only."""

    __slots__ = ()


class TimeUUID(Marker):
    """Stores a `UUID` as CQL `timeuuid`: version 1 only, ordered by its time."""

    __slots__ = ()


class Time(Marker):
    """Stores a `time` as CQL `time`; what a plain `time` field is anyway."""

    __slots__ = ()


class Duration(Marker):
    """Stores a `CqlDuration` as CQL `duration`; what a plain `CqlDuration` field is anyway."""

    __slots__ = ()
