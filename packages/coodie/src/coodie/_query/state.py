"""What a chain has asked for so far. Immutable: each step of the chain makes another.

What is asked for, but for the values, is a `Shape`. Equal steps from one shape lead to one other, so that the plan of a
query is found by the identity of its shape, and a keyword is looked up once for each place where it is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from coodie._query.modifiers import NOTHING_MORE, Modifiers
from coodie._schema.compiled import compile_function, present_converted

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from coodie._query.lookups import Lookup
    from coodie._schema.columns import Column

S = TypeVar("S")

KNOWN_STEPS = 1_000
"""How many steps a model remembers; then it begins anew."""

_FILTERING, _LIMIT, _NO_LIMIT, _ORDER, _SLICE = 0, 1, 2, 3, 4


class Shape:
    """What a query asks for, but for the values and what few queries say.

    Attributes:
        lookups: how columns are compared, in the order they were given.
        order: the columns to sort by, each with whether it is descending.
        turned: whether the order is that of the table, turned by `reverse()` and not asked for by `order_by()`.
        limited: whether there is a limit.
        sliced: whether the rows are a slice, of which no later step may make others.
        allow_filtering: whether the server may read rows that it then leaves out.
        known_step: gives what a step leads to that is remembered, or None; see `step`.
        known_order: gives the shape with an order in words that is remembered, or None; see `ordered_by`.
    """

    __slots__ = (
        *("_known", "_orders", "_root", "_steps", "allow_filtering", "known_order", "known_step", "limited", "lookups"),
        *("order", "sliced", "turned"),
    )

    def __init__(  # noqa: PLR0913 - one for each part
        self,
        root: Shape | None = None,
        lookups: tuple[Lookup, ...] = (),
        order: tuple[tuple[Column, bool], ...] = (),
        *,
        turned: bool = False,
        limited: bool = False,
        sliced: bool = False,
        allow_filtering: bool = False,
    ) -> None:
        """Ask for this; without a root, it is one."""
        self.lookups = lookups
        self.order = order
        self.turned = turned
        self.limited = limited
        self.sliced = sliced
        self.allow_filtering = allow_filtering
        self._root = self if root is None else root
        self._known = 0
        self._steps: dict[Hashable, Any] = {}
        self._orders: dict[tuple[object, ...], Shape] = {}
        self.known_step: Callable[[Hashable], Any] = self._steps.get
        self.known_order: Callable[[tuple[object, ...]], Shape | None] = self._orders.get

    def step(self, key: Hashable, make: Callable[[], S]) -> S:
        """What a step leads to: remembered, or made now.

        Args:
            key: a keyword, or a tuple of names, is that of `filter`; any other step is a number or begins with one.
            make: makes what the step leads to.
        """
        found: S | None = self._steps.get(key)
        if found is None:
            self._count()
            found = self._steps[key] = make()
        return found

    def _count(self) -> None:
        """Count one more step, and forget all of them where there are too many."""
        root = self._root
        root._known += 1  # noqa: SLF001 - of this class
        if root._known > KNOWN_STEPS:  # noqa: SLF001 - as above
            root._known = 0  # noqa: SLF001 - as above
            for shape in (root, self):
                shape._steps.clear()  # noqa: SLF001 - as above
                shape._orders.clear()  # noqa: SLF001 - as above

    def compared(self, lookups: tuple[Lookup, ...]) -> Shape:
        """The shape with further lookups."""
        return self._but(lookups=(*self.lookups, *lookups))

    def ordered(self, order: tuple[tuple[Column, bool], ...], *, turned: bool = False) -> Shape:
        """The shape with this order."""
        return self.step((_ORDER, order, turned), lambda: self._but(order=order, turned=turned))

    def ordered_by(self, words: tuple[object, ...], order: tuple[tuple[Column, bool], ...]) -> Shape:
        """The shape with this order, which is that of words: it is remembered by them."""
        self._count()
        found = self._orders[words] = self.ordered(order)
        return found

    def with_limit(self) -> Shape:
        """The shape with a limit."""
        return self if self.limited else self.step(_LIMIT, lambda: self._but(limited=True))

    def without_limit(self) -> Shape:
        """The shape without a limit."""
        return self.step(_NO_LIMIT, lambda: self._but(limited=False)) if self.limited else self

    def slice(self) -> Shape:
        """The shape of a slice."""
        return self if self.sliced else self.step(_SLICE, lambda: self._but(sliced=True))

    def filtering(self) -> Shape:
        """The shape of which the server may filter rows."""
        return self.step(_FILTERING, lambda: self._but(allow_filtering=True))

    def _but(self, **changes: Any) -> Shape:
        asked: dict[str, Any] = {
            "lookups": self.lookups,
            "order": self.order,
            "turned": self.turned,
            "limited": self.limited,
            "sliced": self.sliced,
            "allow_filtering": self.allow_filtering,
        }
        return Shape(self._root, **(asked | changes))


class QueryState:
    """Every modifier of a query, once.

    Attributes:
        shape: what is asked for, but for the values.
        values: what the columns of the lookups are compared with, as a driver takes it, in the same order.
        limit: how many items to return at most; None for all.
        more: the modifiers that few queries have.
    """

    # Made at each step of a chain: one that is filled in costs a third of one with an `__init__`.
    __slots__ = ("limit", "more", "shape", "values")

    shape: Shape
    values: tuple[object, ...]
    limit: int | None
    more: Modifiers

    @property
    def lookups(self) -> tuple[Lookup, ...]:
        """How columns are compared, in the order they were given."""
        return self.shape.lookups

    @property
    def order(self) -> tuple[tuple[Column, bool], ...]:
        """The columns to sort by, each with whether it is descending."""
        return self.shape.order

    @property
    def sorted_by(self) -> str:
        """The step that asked for the order, as sentences name it."""
        return "reverse()" if self.shape.turned else "order_by()"

    @property
    def allow_filtering(self) -> bool:
        """Whether the server may read rows that it then leaves out."""
        return self.shape.allow_filtering

    def reaching(self, shape: Shape, values: tuple[object, ...], limit: int | None) -> QueryState:
        """The state that asks for this besides the modifiers that few queries have."""
        other = QueryState()
        other.shape = shape
        other.values = values
        other.limit = limit
        other.more = self.more
        return other

    def limited_to(self, limit: int | None) -> QueryState:
        """The state with this limit, or with none."""
        shape = self.shape
        if limit is None:
            shape = shape.without_limit()
        elif not shape.limited:
            shape = shape.known_step(_LIMIT) or shape.with_limit()
        other = QueryState()  # a call of `reaching` would be a fifth of the step
        other.shape = shape
        other.values = self.values
        other.limit = limit
        other.more = self.more
        return other

    def narrowed_to(self, limit: int | None, skip: int) -> QueryState:
        """The state of a slice: with this limit, or with none, and with so many rows in front left out."""
        other = self.limited_to(limit)
        other.shape = other.shape.slice()
        return other.with_more(skip=skip) if skip != self.more.skip else other

    def ordered(self, order: tuple[tuple[Column, bool], ...], *, turned: bool = False) -> QueryState:
        """The state with this order."""
        return self.reaching(self.shape.ordered(order, turned=turned), self.values, self.limit)

    def filtering(self) -> QueryState:
        """The state of which the server may filter rows."""
        return self.reaching(self.shape.filtering(), self.values, self.limit)

    def with_more(self, **changes: Any) -> QueryState:
        """The state that differs in some of the modifiers that few queries have."""
        other = self.reaching(self.shape, self.values, self.limit)
        other.more = self.more.but(**changes)
        return other

    def key(self) -> Hashable:
        """What tells plans apart: states of equal keys share one."""
        more = self.more
        return self.shape if more is NOTHING_MORE else (self.shape, more.shape)


def compile_reaching(
    shape: Shape, readers: Sequence[Callable[[object], object]]
) -> Callable[[QueryState, Iterable[object]], QueryState]:
    """Make the function that reaches a shape from a state, with values of further lookups besides those that it has.

    Args:
        shape: the shape.
        readers: what reads the values, each one of a lookup.
    """
    names: dict[str, object] = {"QueryState": QueryState, "shape": shape}
    read = "".join(
        f"{present_converted(f'v{place}', f'read{place}', reader, names)}, " for place, reader in enumerate(readers)
    )
    lines = [
        f"{''.join(f'v{place}, ' for place in range(len(readers)))}= values",
        "other = QueryState()",
        "other.shape = shape",
        f"other.values = state.values + ({read})",
        "other.limit = state.limit",
        "other.more = state.more",
        "return other",
    ]
    reach: Callable[[QueryState, Iterable[object]], QueryState] = compile_function(
        "reach", "state, values", lines, names
    )
    return reach


def state_of_all() -> QueryState:
    """The state that asks for every row, by a shape of its own."""
    state = QueryState()
    state.shape, state.values, state.limit, state.more = Shape(), (), None, NOTHING_MORE
    return state
