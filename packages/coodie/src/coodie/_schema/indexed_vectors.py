"""What an index of vectors takes: a server refuses others with the sentence of a failed replica, which says nothing.

Cassandra 5.0 (`VectorIndex` of SAI, `VectorUtil` of jvector) demands numbers of at most 1e17 as floats of 32 bits, so
that products of vectors stay finite, and of `COSINE` that a vector has a direction: one number that is not zero.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie._schema.cql_types import ColumnType
    from coodie._schema.indexes import Index

_MOST = 100_000_002_725_642_240.0
"""Half a step of a 32-bit float above 1e17: what is greater rounds to more than that."""

_ZERO = 2.0**-150
"""What is not greater rounds to zero."""

_SMALL = 1e-40
"""Numbers whose sum is greater are not all zero, as many as a vector has."""


def taken_by_indexes(column: ColumnType, indexes: Sequence[Index]) -> ColumnType:
    """The type of a column with these indexes, which refuses vectors that they do not take."""
    similarity = next((index.similarity for index in indexes if index.similarity is not None), None)
    if similarity is None or column.dimensions is None or column.encode is None:
        return column
    encode, needs_direction = column.encode, similarity == "COSINE"

    def checked(values: Any) -> Any:
        held: list[float] = encode(values)
        if _SMALL < sum(map(abs, held)) <= _MOST:
            return held
        if not all(-_MOST <= value <= _MOST for value in held):
            raise ValueError("an index of vectors takes numbers from -1e17 to 1e17, no NaN and nothing infinite")
        if needs_direction and all(-_ZERO <= value <= _ZERO for value in held):
            fix = "leave it None, or compare by VectorIndex(similarity_function='EUCLIDEAN')"
            raise ValueError(f"a vector of zeros has no direction, by which an index compares with COSINE; {fix}")
        return held

    return replace(column, encode=checked)
