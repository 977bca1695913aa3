"""Blanks: instances that are filled in first and become documents then, which costs half of filling in a document.

A document asks its model about every assignment, and the slots' own setters are called one by one, as functions. Of a
blank both is one instruction of Python's. Its class can be changed for the model's, since instances of both are laid
out alike (Python's data model: `__class__` is assigned where both classes have the same slots).
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from coodie._model.base import DocumentBase

if TYPE_CHECKING:
    from pydantic import BaseModel

BLANK: Any = type.__new__(  # Pydantic's part in making a class is left out: no model is made
    type(DocumentBase),
    "Blank",
    (DocumentBase,),
    {
        "__doc__": "Becomes a document.",
        "__module__": __name__,
        "__slots__": ("__weakref__",),
        "__init__": object.__init__,
        "__setattr__": object.__setattr__,
        "__delattr__": object.__delattr__,  # Python assigns by one function, which it has for both
    },
)
"""The class of blanks."""


def can_become(model: type[BaseModel]) -> bool:
    """Whether blanks can become documents of a model: not where it has its own way to be made, laid out or ended."""
    if model.__new__ is not object.__new__ or hasattr(model, "__del__") or inspect.isabstract(model):
        return False
    blank = BLANK()
    try:
        blank.__class__ = model
    except TypeError:
        return False
    return True
