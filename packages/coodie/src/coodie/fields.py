"""Markers for `Annotated[...]`: which part of the table a field is, and which CQL type it has.

A marker is a frozen value. It may stand around or inside `Optional[...]`, inside a collection (`list[Annotated[int,
BigInt()]]`), in a base class or behind a type alias.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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


@dataclass(frozen=True, slots=True)
class PrimaryKey:
    """Marks a partition key column: it decides which nodes hold the row.

    Attributes:
        partition_key_index: the column's place in a composite partition key.

    >>> PrimaryKey(partition_key_index=1)
    PrimaryKey(partition_key_index=1)
    """

    partition_key_index: int = 0


@dataclass(frozen=True, slots=True)
class ClusteringKey:
    """Marks a clustering column: it sorts the rows within their partition.

    Attributes:
        order: `ASC` or `DESC`.
        clustering_key_index: the column's place among several clustering columns.
    """

    order: Order = "ASC"
    clustering_key_index: int = 0


@dataclass(frozen=True, slots=True)
class Indexed:
    """Marks a column with a secondary index, so that it can be queried without filtering.

    Attributes:
        index_name: the index's name; None for `<table>_<column>_idx`.
    """

    index_name: str | None = None


@dataclass(frozen=True, slots=True)
class Static:
    """Marks a column that all rows of a partition share."""


@dataclass(frozen=True, slots=True)
class Counter:
    """Marks a counter column of a `CounterDocument` (CQL `counter`)."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """Stores a collection as one value (CQL `frozen<…>`): replaced whole, never changed in place."""


@dataclass(frozen=True, slots=True)
class BigInt:
    """Stores an `int` as CQL `bigint`: 64 bits, signed."""


@dataclass(frozen=True, slots=True)
class SmallInt:
    """Stores an `int` as CQL `smallint`: 16 bits, signed."""


@dataclass(frozen=True, slots=True)
class TinyInt:
    """Stores an `int` as CQL `tinyint`: 8 bits, signed."""


@dataclass(frozen=True, slots=True)
class VarInt:
    """Stores an `int` as CQL `varint`: of any size."""


@dataclass(frozen=True, slots=True)
class Double:
    """Stores a `float` as CQL `double`: 64 bits, exactly Python's own."""


@dataclass(frozen=True, slots=True)
class Ascii:
    """Stores a `str` as CQL `ascii`: US-ASCII characters only."""


@dataclass(frozen=True, slots=True)
class TimeUUID:
    """Stores a `UUID` as CQL `timeuuid`: version 1 only, ordered by its time."""


@dataclass(frozen=True, slots=True)
class Time:
    """Stores a `time` as CQL `time`; what a plain `time` field is anyway."""


@dataclass(frozen=True, slots=True)
class Duration:
    """Stores a `CqlDuration` as CQL `duration`; what a plain `CqlDuration` field is anyway."""
