"""Vectors to compare a column's with: `ORDER BY embedding ANN OF ?`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coodie._model.extract import encode_value
from coodie._query.values import several
from coodie.errors import InvalidValueError
from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from coodie._schema.columns import Column, ModelSchema


def vector_of(schema: ModelSchema, column: Column, given: object) -> object:
    """The vector as a driver takes it.

    Raises:
        InvalidQueryError: the column has no vectors.
        InvalidValueError: it is no vector of the column's dimensions, or has no order.
    """
    if not column.type.cql.startswith("vector<"):
        raise InvalidQueryError(
            f"{schema.model}.{column.field} is CQL {column.type.cql}; order_by_ann() compares fields with vectors, "
            "list[float] marked Vector(dimensions=...)"
        )
    if column.vector_index is None:
        of_one = "similarity_function='EUCLIDEAN'" if column.type.dimensions == 1 else ""
        way_out = f"mark the field VectorIndex({of_one})"
        if schema.view is not None:
            way_out = (
                f"no view has one, so {way_out} in the model of its table {schema.view.base_table!r}, and query that"
            )
        raise InvalidQueryError(
            f"{schema.model}.{column.field} has no index of its vectors, which order_by_ann() needs; {way_out}"
        )
    kind = type(given)
    values = None if issubclass(kind, (set, frozenset)) else several(given)  # whose order is chance
    if values is None:
        raise InvalidValueError(schema.model, column.field, f"a vector is a list of floats, not {kind.__name__}")
    return encode_value(schema.model, column, values)
