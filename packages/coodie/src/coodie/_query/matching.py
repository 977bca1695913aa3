"""Which columns the fields of another model are filled from, by their names and aliases: `into(...)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from coodie._schema.user_types import user_types_in
from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

    from coodie._query.target import Target
    from coodie._schema.columns import Column, ModelSchema


class Match(NamedTuple):
    """A column that a field of another model is filled from.

    Attributes:
        field: the name of the other model's field.
        text: what Pydantic finds the value by: an alias of the field, or its name.
        column: the column of that name.
    """

    field: str
    text: str
    column: Column


def takes_aliases(model: Any) -> bool:
    """Whether a model is validated by the aliases of its fields."""
    return model.model_config.get("validate_by_alias") is not False


def matches_of(schema: ModelSchema, model: Any) -> list[Match]:
    """The columns that another model's fields are filled from, as Pydantic looks for them: by alias, then by name.

    Either is the name of a field here, or of a column.

    Raises:
        InvalidQueryError: an `AliasPath` leads into a user type.
    """
    found: list[Match] = []
    for field, info in model.model_fields.items():
        aliases = _aliases(info) if takes_aliases(model) else ()
        for text, is_path in (*aliases, (field, False)):
            column = schema.by_name.get(text)
            if column is None:
                continue
            if is_path and user_types_in([column.type]):
                problem = f"{model.__name__}.{field} has an AliasPath into {schema.model}.{column.field}"
                fix = "give it a model of its own as type, with the fields of the user type that it is to have"
                raise InvalidQueryError(f"into(): {problem}, which has a user type; {fix}")
            found.append(Match(field, text, column))
            if not is_path:  # of which Pydantic goes on to the next, where there is nothing at its end
                break
    return found


def classes_of(schema: ModelSchema) -> list[ModelSchema]:
    """The classes whose documents rows may be: that of a query and, in a family, those derived from it."""
    if schema.family is None:
        return [schema]
    base: type[Any] = schema.document
    members = [each for each in schema.family.members.values() if each.model is not base]
    return [schema, *(each.schema for each in members if issubclass(each.model, base))]


def class_with_version(schema: ModelSchema) -> ModelSchema | None:
    """The first of those classes whose documents have a version; None where none has."""
    return next((each for each in classes_of(schema) if each.version is not None), None)


def class_named(target: Target[Any], value: object) -> ModelSchema:
    """The class that a row is of by its discriminator: the one that was asked for, where it names no other."""
    family = target.schema.family
    member = family.members.get(value) if family is not None and isinstance(value, str) else None
    if member is None or not issubclass(member.model, target.model):
        return target.schema
    return member.schema


def columns_matched(schema: ModelSchema, model: Any) -> tuple[Column, ...]:
    """The columns that another model is filled from, in the order of the table: of each class that rows may be of.

    Raises:
        InvalidQueryError: a field is required and none has it, or nothing is shared at all.
    """
    by_class = [matches_of(each, model) for each in classes_of(schema)]
    matched = {each.field for matches in by_class for each in matches}
    required = [name for name, info in model.model_fields.items() if info.is_required() and name not in matched]
    if required:
        problem = f"{model.__name__}.{required[0]} is required, and {schema.model} has no such field"
        raise InvalidQueryError(f"into(): {problem}; give it a default, or name it as {schema.model} does")
    if not matched:
        raise InvalidQueryError(f"into(): {model.__name__} has no field of {schema.model}")
    found: dict[str, Column] = {}
    for each in (each for matches in by_class for each in matches):
        found.setdefault(each.column.name, each.column)
    own = tuple([column for column in schema.columns if found.pop(column.name, None) is not None])
    return (*own, *found.values())


def _aliases(info: FieldInfo) -> Iterator[tuple[str, bool]]:
    """The aliases that a field is validated by, each with whether it leads on into the value."""
    given: Any = info.validation_alias
    for each in getattr(given, "choices", None) or [given]:
        path: Any = getattr(each, "path", None)
        if path is not None:
            yield str(path[0]), len(path) > 1
        elif each is not None:
            yield each, False
