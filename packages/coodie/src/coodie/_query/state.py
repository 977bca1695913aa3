"""What a chain has asked for so far. Immutable: each step of the chain makes another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    """

    __slots__ = ("allow_filtering", "limit", "lookups", "order", "values")

    lookups: tuple[Lookup, ...]
    values: tuple[object, ...]
    order: tuple[tuple[Column, bool], ...]
    limit: int | None
    allow_filtering: bool

    def __init__(self) -> None:
        """Ask for everything."""
        self.lookups = ()
        self.values = ()
        self.order = ()
        self.limit = None
        self.allow_filtering = False

    def with_changes(self, **changes: Any) -> QueryState:
        """A copy that differs in the named modifiers."""
        copy = QueryState.__new__(QueryState)
        for name in QueryState.__slots__:
            setattr(copy, name, changes[name] if name in changes else getattr(self, name))
        return copy

    def shape(self) -> Hashable:
        """Everything but the values: states of equal shape share a plan."""
        return self.lookups, self.order, self.limit is not None, self.allow_filtering
