"""The metaclass of documents: a field asked of the class is an expression, `Product.price > 10`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from coodie._model.expressions import Column
from coodie_drivers.spelling import did_you_mean

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass

    # What type checkers know of a model, its `__init__` above all, they read off Pydantic's own metaclass.
    DocumentMetaclass = ModelMetaclass

    class CounterMetaclass(ModelMetaclass):
        """What type checkers take for the metaclass of counter documents: one that makes no `__init__` from the fields.

        Pydantic's own tells them to make one, to which a field without a default is required; counters start at 0.
        """
else:

    class DocumentMetaclass(type(BaseModel)):
        """The metaclass of documents."""

        def __getattr__(cls, name: str) -> Any:
            """Return the expression of a field: Pydantic leaves no attribute of its name on the class.

            Pydantic itself, which asks bases for what a field would hide, is told so. What is made of a class here must
            not stand in `__new__`: Pydantic looks for names of annotations in the frame that calls its own.

            Raises:
                AttributeError: there is no such field; says which is called nearly so.
            """
            fields = cls.__dict__.get("__pydantic_fields__")
            if fields and not name.startswith("_") and not _is_pydantic(sys._getframe(1).f_globals):  # noqa: SLF001
                if name in fields:
                    return Column(cls, name)
                known = [each for each in dir(cls) if not each.startswith("_")]
                raise AttributeError(f"{cls.__name__} has no field or attribute {name!r}{did_you_mean(name, known)}")
            return super().__getattr__(name)

        def __dir__(cls) -> list[str]:
            """Return the names of the attributes, and those of the fields, which whoever completes names offers."""
            return list({*super().__dir__(), *(cls.__dict__.get("__pydantic_fields__") or ())})

    def _is_pydantic(names: dict[str, Any]) -> bool:
        """Return whether a frame with these global names is one of Pydantic's own."""
        return str(names.get("__name__", "")).partition(".")[0] == "pydantic"

    CounterMetaclass = DocumentMetaclass
