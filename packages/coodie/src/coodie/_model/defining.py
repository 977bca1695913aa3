"""What happens to a model class while it is made, before its table is read off it."""

from __future__ import annotations

import inspect
from enum import Enum
from typing import TYPE_CHECKING

from coodie._schema.annotations import peel
from coodie.errors import InvalidModelError
from coodie.fields import Counter

if TYPE_CHECKING:
    from pydantic import BaseModel


def refuse_hidden_verbs(model: type[BaseModel]) -> None:
    """Refuse a field that would take the place of a method.

    Raises:
        InvalidModelError: the column is reached by an alias instead.
    """
    for name in _annotated(model):
        for base in model.__mro__[1:]:
            if name in getattr(base, "model_fields", {}) or name.startswith("_"):
                break
            if callable(base.__dict__.get(name)) or isinstance(base.__dict__.get(name), classmethod):
                way_out = f'{name}_: ... = Field(alias="{name}")'
                raise InvalidModelError(
                    model.__name__, f"field {name!r} would hide the method {base.__name__}.{name}; write {way_out}"
                )


def settle_defaults(model: type[BaseModel]) -> None:
    """Give enum fields their value as default, where the model holds values, and counters 0.

    Pydantic converts an enum member that is passed, not one that is a default. A counter that was never written is 0
    to the server, so it is to the model.
    """
    changed = False
    for info in model.model_fields.values():
        if isinstance(info.default, Enum) and model.model_config.get("use_enum_values"):
            info.default = info.default.value
            changed = True
        elif info.is_required() and peel(info.annotation, tuple(info.metadata)).marker(Counter) is not None:
            info.default = 0
            changed = True
    if changed:
        model.model_rebuild(force=True)


def _annotated(model: type) -> list[str]:
    """The names that the class's own body annotates."""
    return list(inspect.get_annotations(model))
