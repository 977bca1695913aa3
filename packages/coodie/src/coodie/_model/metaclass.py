"""The metaclass of documents: a field asked of the class is an expression, `Product.price > 10`."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from coodie._model.expressions import Column

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass

    # What type checkers know of a model, its `__init__` above all, they read off Pydantic's own metaclass.
    DocumentMetaclass = ModelMetaclass

    class CounterMetaclass(ModelMetaclass):
        """What type checkers take for the metaclass of counter documents: one that makes no `__init__` from the fields.

        Pydantic's own tells them to make one, to which a field without a default is required; counters start at 0.
        """
else:
    _MAKING = ContextVar("coodie_making_a_class", default=False)
    """Whether a class is being made here: meanwhile Pydantic asks its bases for what a field would hide."""

    class DocumentMetaclass(type(BaseModel)):
        """The metaclass of documents."""

        def __new__(cls, *args: Any, **kwargs: Any) -> type:
            """Make a class, for which no field of its bases is an attribute."""
            token = _MAKING.set(True)
            try:
                return super().__new__(cls, *args, **kwargs)
            finally:
                _MAKING.reset(token)

        def __getattr__(cls, name: str) -> Any:
            """Return the expression of a field: Pydantic leaves no attribute of its name on the class."""
            fields = cls.__dict__.get("__pydantic_fields__")
            if fields and name in fields and not _MAKING.get():
                return Column(cls.__name__, name)
            return super().__getattr__(name)

    CounterMetaclass = DocumentMetaclass
