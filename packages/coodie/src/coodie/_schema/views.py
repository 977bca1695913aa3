"""What a model of a materialized view says: of which table it is made, and which rows and columns it has."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from coodie._schema.columns import ViewDefinition
from coodie.errors import InvalidModelError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import BaseModel

    from coodie._schema.columns import Column, ModelSchema
    from coodie._schema.indexes import Index
    from coodie._schema.settings import Settings
    from cql_builder.schema import ViewSchema


def view_of(schema: ModelSchema, settings: Settings) -> ModelSchema:
    """The schema of a view, its clustering columns in the order that the settings say.

    Raises:
        InvalidModelError: the settings of the view cannot be right.
    """
    model = schema.model
    if schema.abstract:
        return schema
    if not _is_name(settings.base_table):
        raise InvalidModelError(model, _no_base_table(settings.base_table))
    if not _are_names(settings.view_columns):
        raise InvalidModelError(model, 'Settings.__view_columns__ is a list of column names; ["*"] is all of the table')
    clause = cast("object", settings.where_clause)
    if clause is not None and not (isinstance(clause, str) and clause.strip()):
        raise InvalidModelError(model, 'Settings.__where_clause__ is a text of CQL, such as "price IS NOT NULL"')
    if settings.default_ttl is not None or "default_time_to_live" in settings.options:
        raise InvalidModelError(model, "rows of a view live as long as those of its table; leave default_ttl out")
    outside = next((each for each in schema.columns if not {"*", each.name}.intersection(settings.view_columns)), None)
    if outside is not None:
        fix = f"add {outside.name!r} there, or leave the field out"
        raise InvalidModelError(model, f"field {outside.field!r} is none of Settings.__view_columns__; {fix}")
    static = next((each for each in schema.columns if each.kind == "static"), None)
    if static is not None:
        raise InvalidModelError(
            model, f"field {static.field!r} is Static(), which no view can have; leave the field out"
        )
    base_table: str = settings.base_table or ""
    view = ViewDefinition(base_table, tuple(settings.view_columns), settings.where_clause)
    return replace(_ordered(schema, settings.clustering_order), view=view)


def indexes_of_view(model: type[BaseModel], field: str, indexes: tuple[Index, ...]) -> tuple[Index, ...]:
    """The indexes that a field has in a view, which are none: no server makes one of a view.

    Those of fields that a class of its own shares with the table are the table's alone.

    Raises:
        InvalidModelError: the view itself asks for one.
    """
    annotated = next((base for base in model.__mro__ if field in inspect.get_annotations(base)), model)
    if indexes and getattr(annotated, "__coodie_view__", False):
        marker = "Indexed()" if all(each.similarity is None for each in indexes) else "VectorIndex()"
        fix = "leave it out, and mark the field so in the model of the table, which is queried by it"
        raise InvalidModelError(model.__name__, f"field {field!r} is marked {marker}, and no view has an index; {fix}")
    return ()


def _no_base_table(given: object) -> str:
    """What is wrong with what stands for the name of a view's table."""
    if given is None:
        return 'a view needs its table; set Settings.__base_table__ = "products", the table that the view is made of'
    fix = '"products", in letters, digits and underscores'
    if isinstance(given, type) and hasattr(given, "table_name"):
        fix = f"{given.__name__}.table_name()"
    return f"Settings.__base_table__ is the name of the table that the view is made of; write {fix}"


def _is_name(given: object) -> bool:
    return isinstance(given, str) and re.fullmatch(r"\w+", given) is not None


def _are_names(given: object) -> bool:
    if not isinstance(given, (list, tuple)):
        return False
    names = cast("list[object]", given)
    return bool(names) and all(isinstance(each, str) and each for each in names)


def _ordered(schema: ModelSchema, order: Mapping[str, str] | None) -> ModelSchema:
    if order is None:
        return schema
    names = [column.name for column in schema.clustering_key]
    if not isinstance(cast("object", order), dict):
        raise InvalidModelError(schema.model, 'Settings.__clustering_order__ is a dict, such as {"price": "DESC"}')
    changed: dict[str, Column] = {}
    for name, direction in order.items():
        column = schema.by_name.get(name)
        if column is None or column not in schema.clustering_key:
            raise InvalidModelError(
                schema.model, str(UnknownNameError("Settings.__clustering_order__", "clustering column", name, names))
            )
        if direction not in ("ASC", "DESC"):
            raise InvalidModelError(schema.model, f"Settings.__clustering_order__[{name!r}] is 'ASC' or 'DESC'")
        if column.descending and direction == "ASC":
            of_field = f"field {column.field!r} is ClusteringKey(order='DESC')"
            fix = "say it in one of the two"
            raise InvalidModelError(schema.model, f"{of_field}, and Settings.__clustering_order__ says 'ASC'; {fix}")
        changed[column.field] = replace(column, descending=direction == "DESC")

    def with_order(columns: Sequence[Column]) -> tuple[Column, ...]:
        return tuple(changed.get(column.field, column) for column in columns)

    return replace(schema, columns=with_order(schema.columns), clustering_key=with_order(schema.clustering_key))


def view_schema(schema: ModelSchema, keyspace: str) -> ViewSchema:
    """The view as a value of cql_builder.

    Raises:
        InvalidModelError: the condition is no CQL, or more than a condition.
    """
    from cql_builder import CqlError, parse_cql  # noqa: PLC0415 - only what makes views pays for the parser
    from cql_builder.ast import Select, TableName  # noqa: PLC0415 - as above
    from cql_builder.schema import ClusteringColumn, ViewSchema  # noqa: PLC0415 - as above

    view = schema.view
    if view is None:
        raise InvalidModelError(schema.model, "is no view")
    where = view.where_clause or " AND ".join(f'"{column.name}" IS NOT NULL' for column in schema.key)
    try:
        tree: Any = parse_cql(f"SELECT * FROM t WHERE {where}")
    except CqlError as error:
        raise InvalidModelError(schema.model, f"Settings.__where_clause__ cannot be read: {error}") from error
    if tree != Select((), TableName("t"), tree.where):
        raise InvalidModelError(schema.model, "Settings.__where_clause__ holds more than conditions joined by AND")
    return ViewSchema(
        keyspace,
        schema.table,
        view.base_table,
        () if "*" in view.columns else tuple(view.columns),
        tree.where,
        tuple(column.name for column in schema.partition_key),
        tuple(ClusteringColumn(column.name, column.descending) for column in schema.clustering_key),
        dict(schema.options),
    )
