"""What the fields of nodes take: asked only when a tree could not be rendered, to say which of them is wrong."""

from __future__ import annotations

from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from cql_builder.ast.node import Node, innermost_first

if TYPE_CHECKING:
    from collections.abc import Callable


def wrong_field(tree: Node) -> str:
    """Return what is wrong with the innermost field that holds what it does not take; an empty text if there is none.

    The sentence names types, never values.
    """
    for node in innermost_first(tree):
        if not isinstance(node, Node):
            continue
        kind = type(node)
        hints = get_type_hints(kind)
        for field in kind.field_names:
            value = getattr(node, field)
            if not _fits(value, hints[field]):
                return f"the field {field!r} of {kind.__name__} takes {kind.__annotations__[field]}, not {_name(value)}"
    return ""


def _fits(value: object, hint: Any) -> bool:  # noqa: ANN401 - an annotation is of any kind
    fits = _FITS.get(get_origin(hint))
    return isinstance(value, hint) if fits is None else fits(value, get_args(hint))


def _fits_one(value: object, options: tuple[Any, ...]) -> bool:
    return any(_fits(value, option) for option in options)


def _fits_literal(value: object, options: tuple[Any, ...]) -> bool:
    return isinstance(value, str) and value in options


def _fits_elements(value: object, hints: tuple[Any, ...]) -> bool:
    if not isinstance(value, tuple):
        return False
    elements = cast("tuple[object, ...]", value)
    if hints[-1] is Ellipsis:
        return all(_fits(element, hints[0]) for element in elements)
    return len(elements) == len(hints) and all(map(_fits, elements, hints))


def _name(value: object) -> str:
    """Return the type of a value, with those of its elements where it is a tuple: one of them is wrong."""
    if not isinstance(value, tuple):
        return "None" if value is None else type(value).__name__
    names = sorted({_name(element) for element in cast("tuple[object, ...]", value)})
    return f"a tuple of {', '.join(names)}" if names else "an empty tuple"


_FITS: dict[object, Callable[[object, tuple[Any, ...]], bool]] = {
    Union: _fits_one,
    UnionType: _fits_one,
    Literal: _fits_literal,
    tuple: _fits_elements,
}
