"""What a chain has asked for so far. Immutable: each step of the chain makes another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coodie._query.modifiers import NOTHING_MORE, Modifiers

if TYPE_CHECKING:
    from collections.abc import Hashable

    from coodie._query.lookups import Lookup
    from coodie._schema.columns import Column


class QueryState:
    """Every modifier of a query, once.

    Attributes:
        lookups: how columns are compared, in the order they were given.
        values: what they are compared with, as a driver takes it, in the same order.
        order: the columns to sort by, each with whether it is descending.
        limit: how many documents to return at most; None for all.
        allow_filtering: whether the server may read rows that it then leaves out.
        more: the modifiers that few queries have.
    """

    __slots__ = ("allow_filtering", "limit", "lookups", "more", "order", "values")

    lookups: tuple[Lookup, ...]
    values: tuple[object, ...]
    order: tuple[tuple[Column, bool], ...]
    limit: int | None
    allow_filtering: bool
    more: Modifiers

    def __init__(self) -> None:
        """Ask for everything."""
        self.lookups = ()
        self.values = ()
        self.order = ()
        self.limit = None
        self.allow_filtering = False
        self.more = NOTHING_MORE

    def with_changes(self, **changes: Any) -> QueryState:
        """A copy that differs in the named modifiers."""
        copy = QueryState.__new__(QueryState)
        copy.lookups = self.lookups
        copy.values = self.values
        copy.order = self.order
        copy.limit = self.limit
        copy.allow_filtering = self.allow_filtering
        copy.more = self.more
        for name, value in changes.items():
            setattr(copy, name, value)
        return copy

    def with_more(self, **changes: Any) -> QueryState:
        """A copy that differs in some of the modifiers that few queries have."""
        return self.with_changes(more=self.more.but(**changes))

    def shape(self) -> Hashable:
        """Everything but the values: states of equal shape share a plan."""
        return self.lookups, self.order, self.limit is not None, self.allow_filtering, self.more.shape
