"""Assigning to single fields: what a model demands of a field, apart from what it demands of a whole document."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from pydantic_core import SchemaValidator

from coodie._model.far_dates import taking_far_dates
from coodie.errors import InvalidModelError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel


def fields_validator(model: type[BaseModel]) -> SchemaValidator:
    """Make the validator of a complete model's fields: their types, constraints and `@field_validator`s.

    It follows the model's configuration; the validators of the model as a whole (`@model_validator`) stay out.

    Raises:
        InvalidModelError: the model makes its own core schema, in which no fields can be told.
    """
    return SchemaValidator(*_schema_of_fields(model, thawed=False))


def field_assigner(model: type[BaseModel], *, thawed: bool) -> Callable[..., Any]:
    """Make what assigns to a complete model's fields as the validator of them does, and takes each `CqlDate` of a row.

    Args:
        model: the model.
        thawed: whether fields that are fixed by `Field(frozen=True)` are checked as the others are.

    Raises:
        InvalidModelError: the model makes its own core schema, in which no fields can be told.
    """
    schema, config = _schema_of_fields(model, thawed=thawed)
    assign = SchemaValidator(schema, config).validate_assignment
    return taking_far_dates(assign, schema, attrgetter("validate_assignment"), config)


def _schema_of_fields(model: type[BaseModel], *, thawed: bool) -> tuple[Any, Any]:
    """The core schema of a model's fields, and the configuration.

    Raises:
        InvalidModelError: the model makes its own core schema, in which no fields can be told.
    """
    schema: Any = model.__pydantic_core_schema__
    config: Any = None
    definitions: list[Any] = []
    # Around the fields stand the model, its own validators before, after and around it, and what it refers to.
    while schema["type"] != "model-fields":
        if schema["type"] == "definition-ref":
            schema = next(each for each in definitions if each["ref"] == schema["schema_ref"])
            continue
        config = schema.get("config", config)
        definitions += schema.get("definitions", ())
        if "schema" not in schema:
            problem = "its __get_pydantic_core_schema__ hides the fields; update() needs them, save() does not"
            raise InvalidModelError(model.__name__, problem)
        schema = schema["schema"]
    if thawed:
        fields = {name: {**field, "frozen": False} for name, field in schema["fields"].items()}
        schema = {**schema, "fields": fields}
    if definitions:
        schema = {"type": "definitions", "schema": schema, "definitions": definitions}
    return schema, config
