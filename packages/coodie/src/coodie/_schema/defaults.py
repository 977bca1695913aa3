"""What a field's default is made by, and of which other fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import BaseModel
    from pydantic.fields import FieldInfo


class Default(NamedTuple):
    """What makes a field's default.

    Attributes:
        make: makes it, of the values of fields by their names.
        made_of: the fields that it may be made of: those before it, where a `default_factory` takes them as Pydantic
            has validated them; None where it is made of none.
    """

    make: Callable[[dict[str, Any]], Any]
    made_of: tuple[str, ...] | None = None

    def of(self, held: Mapping[str, Any]) -> Any:
        """The default that is made of these values of fields; None where one that it may be made of is not there."""
        names = self.made_of or ()
        if any(name not in held for name in names):
            return None
        return self.make({name: held[name] for name in names})


def default_of(model: type[BaseModel], name: str, info: FieldInfo) -> Default | None:
    """What makes a field's default; None where the field is required."""
    if info.is_required():
        return None
    made_of: tuple[str, ...] | None = None
    if info.default_factory is not None and info.default_factory_takes_validated_data:
        fields = [*model.model_fields]
        made_of = tuple(fields[: fields.index(name)])

    def make(held: dict[str, Any]) -> Any:
        return info.get_default(call_default_factory=True, validated_data=held)

    return Default(make, made_of)
