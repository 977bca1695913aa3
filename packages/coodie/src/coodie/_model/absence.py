"""`DoesNotExist`: of each model its own error, which says that none of its documents was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coodie.errors import DocumentNotFound

_KEPT = "__coodie_absence__"


class Absence:
    """Gives a class its own `DocumentNotFound`, made when it is first asked for.

    That of a class derived from a model is one of the model's as well, as the documents are.
    """

    def __get__(self, document: object, model: type[Any]) -> type[DocumentNotFound]:
        """The error of a model; the general one for the classes that models are derived from."""
        found: type[DocumentNotFound] | None = model.__dict__.get(_KEPT)
        if found is None:
            found = _made(model)
            setattr(model, _KEPT, found)
        return found


def _made(model: type[Any]) -> type[DocumentNotFound]:
    if not model.model_fields and model.__module__.startswith("coodie."):
        return DocumentNotFound
    parents: tuple[Any, ...] = model.__bases__
    above = dict.fromkeys(base.DoesNotExist for base in parents if hasattr(base, "__coodie_schema__"))
    bases = tuple(each for each in above if each is not DocumentNotFound) or (DocumentNotFound,)
    # Where the class says that it stands, pickle finds it: as an attribute of its model.
    names = {"__module__": model.__module__, "__qualname__": f"{model.__qualname__}.DoesNotExist"}
    return type("DoesNotExist", bases, {**names, "__doc__": f"`get()` found no matching {model.__name__}."})


if TYPE_CHECKING:
    DOES_NOT_EXIST: type[DocumentNotFound]
else:
    DOES_NOT_EXIST = Absence()
