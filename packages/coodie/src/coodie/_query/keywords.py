"""The keywords of a model's verbs, resolved once and kept on its class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coodie._model.base import complete_schema
from coodie._query.assignment_table import AssignmentTable
from coodie._query.entries import EntryName, EntryTable
from coodie._query.lookups import LookupTable
from coodie._query.state import state_of_all

if TYPE_CHECKING:
    from coodie._model.base import DocumentBase
    from coodie._query.entries import Name
    from coodie._query.lookups import Lookup
    from coodie._query.state import QueryState


_CLASS = 5
"""What the step of a shape begins with that keeps the rows of one class of a family."""


class Keywords:
    """What the keywords of one model mean.

    Attributes:
        all_rows: the state of a query that asks for every row of the table.
        family: the classes that share the table, if there are several.
        model: the model.
        lookups: those of `find`, `filter`, `get` and of conditions.
        assignments: those of `update`.
        entries: comparisons of entries of dicts and places of lists.
    """

    __slots__ = ("all_rows", "assignments", "entries", "family", "lookups", "model")

    def __init__(self, model: type[DocumentBase]) -> None:
        """Start with nothing resolved."""
        schema = complete_schema(model)
        self.all_rows = state_of_all()
        self.family = schema.family
        self.model = model
        self.lookups = LookupTable(model, schema)
        self.assignments = AssignmentTable(model, schema)
        self.entries = EntryTable(schema, self.lookups.checker)

    def filter(self, name: Name) -> Lookup:
        """The lookup of a keyword, of a field or of an entry, in WHERE.

        Raises:
            UnknownNameError: no such field, or no such lookup.
            InvalidQueryError: CQL has no such comparison in WHERE.
        """
        if isinstance(name, str):
            return self.lookups.filter(name)
        return self.entries.filter(name) if isinstance(name, EntryName) else self.lookups.filter_of(name)

    def condition(self, name: Name) -> Lookup:
        """The lookup of a keyword, of a field or of an entry, in IF.

        Raises:
            UnknownNameError: no such field, or no such lookup.
            InvalidQueryError: CQL has no such comparison in IF, or the column is part of the key.
        """
        if isinstance(name, str):
            return self.lookups.condition(name)
        return self.entries.condition(name) if isinstance(name, EntryName) else self.lookups.condition_of(name)

    @property
    def everything(self) -> QueryState:
        """The state of a query that asks for every document: of one class of a family, for the rows of that class."""
        family = self.family
        if family is None or family.base.model is self.model:
            return self.all_rows
        values = family.values_of(self.model)
        field = family.discriminator.field
        name, value = ((field, ""), values[0]) if len(values) == 1 else ((field, "in"), list(values))
        state = self.all_rows
        shape = state.shape.step((_CLASS, name), lambda: state.shape.compared((self.lookups.filter_of(name),)))
        return state.reaching(shape, (value,), None)


def keywords_of(model: type[DocumentBase]) -> Keywords:
    """The keywords of a model.

    Raises:
        InvalidModelError: the model cannot be a table as it is written.
    """
    found: Keywords | None = getattr(model, "__coodie_keywords__", None)
    if found is None or found.model is not model:  # those of its base
        found = model.__coodie_keywords__ = Keywords(model)
    return found
