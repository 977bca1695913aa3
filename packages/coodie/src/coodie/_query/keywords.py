"""The keywords of a model's verbs, resolved once and kept on its class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coodie._model.base import complete_schema
from coodie._query.assignments import AssignmentTable
from coodie._query.lookups import LookupTable
from coodie._query.state import QueryState, Shape

if TYPE_CHECKING:
    from coodie._model.base import DocumentBase


class Keywords:
    """What the keywords of one model mean.

    Attributes:
        everything: the state of a query that asks for every document.
        lookups: those of `find`, `filter`, `get` and of conditions.
        assignments: those of `update`.
    """

    __slots__ = ("assignments", "everything", "lookups")

    def __init__(self, model: type[DocumentBase]) -> None:
        """Start with nothing resolved."""
        schema = complete_schema(model)
        self.everything = QueryState(Shape())
        self.lookups = LookupTable(schema)
        self.assignments = AssignmentTable(model, schema)


def keywords_of(model: type[DocumentBase]) -> Keywords:
    """The keywords of a model.

    Raises:
        InvalidModelError: the model cannot be a table as it is written.
    """
    found = model.__dict__.get("__coodie_keywords__")
    if found is None:
        found = Keywords(model)
        model.__coodie_keywords__ = found
    keywords: Keywords = found
    return keywords
