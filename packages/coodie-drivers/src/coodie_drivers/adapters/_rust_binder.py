"""Functions compiled for the columns of one statement: they tell at little cost that its values need no encoding."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from coodie_drivers.adapters._generated import generated
from coodie_drivers.adapters._rust_encoding import plain_kind_of
from coodie_drivers.adapters._rust_types import NATIVE_NAMES, CqlList, CqlSet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def quick_binder(cql_types: Sequence[Any]) -> Callable[..., list[Any] | None]:
    """Return what takes a value for each of these types and returns them as a list, if all are bound as they are.

    It returns None if any of them must be encoded, and raises TypeError for another number of values. It is compiled
    for the types, for a loop over ten values takes three times as long.
    """
    names = [f"v{index}" for index in range(len(cql_types))]
    scope: dict[str, Any] = {"datetime": datetime, "utc": timezone.utc, "type": type, "map": map}
    wrong = [_wrongness(name, cql_type, scope) for name, cql_type in zip(names, cql_types, strict=True)]
    listed = ", ".join(names)
    lines = [*(f" if {each}: return None" for each in wrong if each), f" return [{listed}]"]
    bind: Callable[..., list[Any] | None] = generated(f"bind({listed})", lines, scope)
    return bind


def _wrongness(name: str, cql_type: Any, scope: dict[str, Any]) -> str:
    """Return the expression that is true for a value that must be encoded; puts into `scope` what it uses."""
    if NATIVE_NAMES.get(type(cql_type)) == "timestamp":
        return f"{name}.__class__ is not datetime or {name}.tzinfo is not utc"
    kind = plain_kind_of(cql_type)
    if kind is not None:
        scope[f"kind_{name}"] = kind
        return f"{name}.__class__ is not kind_{name}"
    element = plain_kind_of(cql_type.column_type) if isinstance(cql_type, (CqlList, CqlSet)) else None
    if element is None:
        return "True"
    scope[f"kind_{name}"] = list if isinstance(cql_type, CqlList) else set
    scope[f"elements_{name}"] = frozenset((element,))
    return f"{name}.__class__ is not kind_{name} or not elements_{name}.issuperset(map(type, {name}))"
