"""Which classes belong to a family, found when they are defined."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from coodie._schema.columns import Family, Member
from coodie._schema.declared import declared_by
from coodie._schema.families import narrowed, owning
from coodie._schema.settings import own_discriminator_value, read_settings, snake_case
from coodie.errors import InvalidModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import BaseModel

    from coodie._schema.columns import ModelSchema
    from coodie._schema.declared import Declared


def discriminator_of(model: type[BaseModel], declared: Mapping[str, Declared], value: str | None) -> str | None:
    """The field that tells the classes of a family apart; None where the model belongs to none.

    Args:
        model: the model.
        declared: what each of its fields declares.
        value: what its settings say that it has in that field.

    Raises:
        InvalidModelError: there are several, or a value is given and there is none.
    """
    found = [name for name, each in declared.items() if each.discriminates]
    if len(found) > 1:
        names = " and ".join(map(repr, found))
        raise InvalidModelError(model.__name__, f"fields {names} are marked Discriminator(); one tells classes apart")
    if not found and value is not None:
        fix = "mark a field of its base class: Annotated[str, Discriminator()]"
        raise InvalidModelError(model.__name__, f"Settings.__discriminator_value__ needs a discriminator; {fix}")
    return found[0] if found else None


def settle_discriminator(model: type[BaseModel], field: str, value: str | None) -> None:
    """Let a class of a family, which this field tells apart, have its own value of it by default."""
    if value is not None and model.model_fields[field].default != value:
        model.model_fields[field].default = value
        model.model_fields[field].default_factory = None
        model.model_rebuild(force=True)


def in_family(model: type[BaseModel], schema: ModelSchema, schema_of: Callable[[Any], ModelSchema]) -> ModelSchema:
    """The schema of a model that belongs to a family, which it joins.

    Args:
        model: the model.
        schema: what it says by itself.
        schema_of: what another model says.

    Raises:
        InvalidModelError: it has no value of its own, or does not fit into the table of the family's base.
    """
    base = _base_of(model)
    value = own_discriminator_value(model)
    if base is model:
        family = Family(Member(model, schema))
        joined = replace(schema if value is None else owning(schema, value), family=family, discriminator_value=value)
        family.base = Member(model, joined)
        if value is not None:
            family.admit(value, family.base)
        return joined
    above = schema_of(base)
    if above.family is None:
        raise InvalidModelError(model.__name__, f"{base.__name__} is no base of a family")
    if schema.abstract:
        return replace(schema, family=above.family)
    if value is None:
        fix = f'set __discriminator_value__ = "{snake_case(model.__name__)}" in its Settings, or abstract = True'
        raise InvalidModelError(model.__name__, f"is a row of {base.__name__} and has no value to be told by; {fix}")
    if schema.table not in (above.table, snake_case(model.__name__)) or schema.keyspace != above.keyspace:
        problem = f"has the table of {base.__name__}, whose discriminator it inherits"
        raise InvalidModelError(model.__name__, f"{problem}; leave name and keyspace out of its Settings")
    joined = replace(narrowed(schema, value), table=above.table, family=above.family, discriminator_value=value)
    above.family.admit(value, Member(model, joined))
    return joined


def _base_of(model: type[BaseModel]) -> type[BaseModel]:
    """The outermost class with the discriminator that has a table."""
    above: tuple[Any, ...] = model.__mro__
    documents: list[type[BaseModel]] = [each for each in above if hasattr(each, "__coodie_schema__")]
    bases = [each for each in documents if discriminator_of(each, declared_by(each), None) is not None]
    return next((each for each in reversed(bases) if not read_settings(each).abstract), model)
