"""Peeling an annotation down to its plain type: what stands around it, and what was hung on it."""

from __future__ import annotations

import types
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NewType, Union, get_args, get_origin

_UNIONS = (Union, types.UnionType)


@dataclass(frozen=True, slots=True)
class Peeled:
    """An annotation without `Annotated`, `Optional`, `NewType` and type aliases.

    Attributes:
        core: the plain type, such as `int` or `list[str]`.
        metadata: everything that `Annotated` hung on it, the outermost last.
        nullable: whether None is allowed.
    """

    core: Any
    metadata: tuple[Any, ...] = ()
    nullable: bool = False

    def marker(self, *kinds: type) -> Any:
        """The innermost piece of metadata of one of these types, or None."""
        for found in self.metadata:
            if isinstance(found, kinds):
                return found
        return None


def peel(annotation: Any, metadata: tuple[Any, ...] = ()) -> Peeled:
    """Take off whatever stands around the plain type; a union of several types stays as it is."""
    nullable = False
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation, *inner = get_args(annotation)
            metadata = (*inner, *metadata)
        elif origin in _UNIONS:
            members = [member for member in get_args(annotation) if member is not type(None)]
            if len(members) == len(get_args(annotation)) or len(members) != 1:
                return Peeled(annotation, metadata, nullable or len(members) < len(get_args(annotation)))
            nullable, annotation = True, members[0]
        elif origin is Literal and None in get_args(annotation) and len(get_args(annotation)) > 1:
            values = tuple([value for value in get_args(annotation) if value is not None])
            nullable, annotation = True, Literal[values]
        elif isinstance(annotation, NewType):
            annotation = annotation.__supertype__
        elif type(annotation).__name__ == "TypeAliasType":
            # typing's since Python 3.12, typing_extensions' before: told by name, since 3.10 has only the latter.
            annotation = annotation.__value__
        else:
            return Peeled(annotation, metadata, nullable)


def bare(annotation: Any) -> Any:
    """The annotation without any metadata, at any depth: the type alone, without constraints and validators."""
    core = peel(annotation).core
    arguments = get_args(core)
    if not arguments or get_origin(core) not in (list, set, frozenset, dict, tuple):
        return core
    origin: Any = get_origin(core)
    return origin[tuple(argument if argument is Ellipsis else _bare_part(argument) for argument in arguments)]


def _bare_part(annotation: Any) -> Any:
    """What stands inside another type; a part of a tuple may be None."""
    core = bare(annotation)
    return core | None if peel(annotation).nullable else core


def metadata_within(annotation: Any) -> tuple[Any, ...]:
    """Everything that `Annotated` hung on the annotation, and on the parts of its collections, at any depth."""
    peeled = peel(annotation)
    found = peeled.metadata
    if get_origin(peeled.core) is not Literal:
        for part in get_args(peeled.core):
            found += metadata_within(part)
    return found
