"""What is shown of a document that was fetched in part: neither its other fields nor what is computed from these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from coodie.errors import FieldNotLoadedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic import BaseModel


def shown_of(document: BaseModel) -> Iterator[tuple[str, Any]]:
    """What `repr()` shows of a document, some computed fields of which need a field that was not fetched."""
    model = type(document)
    missing = uncomputed(document)  # first, for what is computed and kept stands beside the fields then
    held: dict[str, Any] = vars(document)
    for name, field in model.model_fields.items():
        if field.repr and name in held:
            yield name, held[name]
    for name, computed in model.__pydantic_decorators__.computed_fields.items():
        if computed.info.repr and name not in missing:
            yield name, getattr(document, name)


def uncomputed(document: BaseModel) -> set[str]:
    """The names of the computed fields that need a field which was not fetched."""
    return {name for name in type(document).__pydantic_decorators__.computed_fields if not _is_computed(document, name)}


def _is_computed(document: BaseModel, name: str) -> bool:
    try:
        getattr(document, name)
    except FieldNotLoadedError:
        return False
    except Exception:  # noqa: BLE001 - whatever else is wrong with it is said by whoever dumps it
        return True
    return True


def excluding(exclude: Any, names: Iterable[str]) -> Any:
    """What `model_dump()` is to leave out besides: names, or a mapping of names."""
    if isinstance(exclude, Mapping):
        both: dict[Any, Any] = {**exclude, **dict.fromkeys(names, True)}
        return both
    return {*(exclude or ()), *names}
