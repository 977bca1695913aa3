"""What happens to a model class while it is made, before its table is read off it."""

from __future__ import annotations

import inspect
import warnings
from enum import Enum
from typing import TYPE_CHECKING, Any

from coodie.errors import InvalidModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

    from coodie._schema.declared import Declared

OPTIONS = ("if_conditions", "if_exists", "ttl")
"""Documented options that stand beside fields in a verb's keywords."""


def refuse_hidden_verbs(model: type[BaseModel]) -> None:
    """Refuse a field that would take the place of a method, or whose place a property has.

    Raises:
        InvalidModelError: the column is reached by an alias instead.
    """
    bases = [(base, vars(base)) for base in model.__mro__[1:]]
    for name in _annotated(model):
        if name in OPTIONS:
            warnings.warn(
                f"{model.__name__}.{name} is also an option of update(), which takes the keyword; "
                f'name the field otherwise: {name}_: ... = Field(alias="{name}")',
                UserWarning,
                stacklevel=levels_to_user(),
            )
        if name.startswith("_"):
            continue
        for base, attributes in bases:
            if name in attributes.get("__pydantic_fields__", ()):
                break
            if name not in attributes:
                continue
            held = attributes[name]
            way_out = f'write {name}_: ... = Field(alias="{name}")'
            if callable(held) or isinstance(held, classmethod):
                raise InvalidModelError(
                    model.__name__, f"field {name!r} would hide the method {base.__name__}.{name}; {way_out}"
                )
            if isinstance(held, property):
                raise InvalidModelError(
                    model.__name__, f"field {name!r} would be hidden by the property {base.__name__}.{name}; {way_out}"
                )


def refuse_mixed_kinds(model: type[BaseModel]) -> None:
    """Refuse a class that is derived from base classes of two kinds.

    Raises:
        InvalidModelError: names the two, and says which fields can be shared.
    """
    if len(model.__bases__) == 1:
        return
    kinds = {vars(base).get("__coodie_awaited__"): base for base in reversed(model.__mro__)}
    if kinds.get(True) and kinds.get(False):
        both = " and ".join(f"{kinds[each].__module__}.{kinds[each].__name__}" for each in (False, True))
        fix = "derive it from one, and put fields that both kinds have into a class of pydantic.BaseModel"
        raise InvalidModelError(model.__name__, f"is of {both}; {fix}")
    if getattr(model, "__coodie_counters__", False) and getattr(model, "__coodie_view__", False):
        fix = "derive it from one of them: a server has no views of counter tables"
        raise InvalidModelError(model.__name__, f"is of CounterDocument and of MaterializedView; {fix}")


def levels_to_user() -> int:
    """How many frames stand between the caller and the user's code, counted as `warnings.warn` does.

    They are those of this package, of Pydantic and of what both stand on; how many differs between their versions.
    """
    levels = 0
    frame = inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] in _MAKERS:
        frame = frame.f_back
        levels += 1
    # This function's own frame is the caller's level.
    return max(levels, 1)


_MAKERS = ("abc", "coodie", "pydantic", "types", "typing")
"""Packages that make classes, and call verbs, on behalf of others."""


def settle_defaults(model: type[BaseModel], declared: Mapping[str, Declared]) -> None:
    """Give enum fields their value as default, where the model holds values, and counters 0.

    Pydantic converts an enum member that is passed, not one that is a default. A counter that was never written is 0
    to the server, so it is to the model.
    """
    changed = False
    by_value = model.model_config.get("use_enum_values")
    for name, info in model.model_fields.items():
        if by_value and declared[name].mentions_enum:
            changed = _default_by_value(info) or changed
        elif declared[name].counts and info.is_required():
            info.default = 0
            changed = True
    if changed:
        model.model_rebuild(force=True)


def _default_by_value(info: FieldInfo) -> bool:
    """Make a field's default, or what its factory makes, hold values; returns whether anything changed."""
    factory: Any = info.default_factory
    if factory is not None and info.default_factory_takes_validated_data:
        info.default_factory = lambda data: _by_value(factory(data))
        return True
    if factory is not None:
        info.default_factory = lambda: _by_value(factory())
        return True
    plain = _by_value(info.default)
    changed = plain is not info.default
    info.default = plain
    return changed


def _by_value(value: Any) -> Any:
    """A value with the enum members in it replaced by their values; the very same where it is no collection of any."""
    if isinstance(value, Enum):
        return value.value
    return next((rebuild(value) for kind, rebuild in _REBUILD.items() if type(value) is kind and value), value)


def _dict_by_value(entries: dict[Any, Any]) -> dict[Any, Any]:
    return {_by_value(key): _by_value(value) for key, value in entries.items()}


_REBUILD: dict[type, Callable[[Any], Any]] = {
    dict: _dict_by_value,
    list: lambda values: list(map(_by_value, values)),
    tuple: lambda values: tuple(map(_by_value, values)),
    set: lambda values: set(map(_by_value, values)),
    frozenset: lambda values: frozenset(map(_by_value, values)),
}


def _annotated(model: type) -> list[str]:
    """The names that the class's own body annotates."""
    return list(inspect.get_annotations(model))
