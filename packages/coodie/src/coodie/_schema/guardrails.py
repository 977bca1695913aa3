"""How much a model lets one query ask for: `Settings.guardrails`."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, cast

from coodie.errors import InvalidModelError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Guardrails:
    """The bounds of a model; None, or True, sets none.

    Attributes:
        max_in: how many values an `__in` has at most.
        max_rows: how many rows a query holds at once at most.
        allow_filtering: whether a statement may say ALLOW FILTERING.
    """

    max_in: int | None = None
    max_rows: int | None = None
    allow_filtering: bool = True


def guardrails_of(given: object, model: str) -> Guardrails | None:
    """The bounds that a model's settings say; None where they say none.

    Raises:
        InvalidModelError: a name is unknown, or a bound is none.
    """
    if given is None:
        return None
    if not isinstance(given, dict):
        raise InvalidModelError(model, 'Settings.guardrails is a dict, such as {"max_rows": 1000, "max_in": 100}')
    bounds = cast("Mapping[Any, Any]", given)
    known = [field.name for field in fields(Guardrails)]
    for name, value in bounds.items():
        if name not in known:
            raise InvalidModelError(model, str(UnknownNameError("Settings.guardrails", "guardrail", name, known)))
        if name == "allow_filtering" and type(value) is not bool:
            raise InvalidModelError(model, f"Settings.guardrails[{name!r}] is True or False")
        if name != "allow_filtering" and (type(value) is not int or value < 1):
            raise InvalidModelError(model, f"Settings.guardrails[{name!r}] is a whole number from 1 on")
    return Guardrails(**bounds)
