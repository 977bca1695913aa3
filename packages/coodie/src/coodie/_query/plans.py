"""Plans: a statement made once per query shape, the order in which it takes its values, and the cache of plans."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from coodie_drivers.errors import InvalidQueryError
from coodie_drivers.messages import Statement
from cql_builder import CqlError
from cql_builder.analysis import is_conditional, is_idempotent, statement_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from cql_builder import Compiled

P = TypeVar("P")

CACHE_SIZE = 1_000
"""How many plans a model keeps per keyspace."""


class Built(Protocol):
    """A statement of cql_builder: a tree with values beside it."""

    @property
    def tree(self) -> Any:
        """The statement as a tree."""
        ...

    def compile(self) -> Compiled:
        """The statement as text with the values in the text's order."""
        ...


class Slot:
    """Stands for a value while a plan is made: the place of that value among the inputs of a call."""

    __slots__ = ("index",)

    def __init__(self, index: int) -> None:
        """Stand for the input of this place."""
        self.index = index


class Plan:
    """A statement and how to lay out its values.

    Attributes:
        statement: the CQL and what a driver must know about it.
        takes_all: how many inputs it takes as they are, in their order; None where it takes them otherwise.
    """

    __slots__ = ("_count", "_laid_out", "statement", "takes_all")

    def __init__(self, built: Built, *, idempotent: bool | None = None) -> None:
        """Compile a statement whose values are all slots.

        Raises:
            InvalidQueryError: the statement cannot be CQL.
        """
        try:
            compiled = built.compile()
        except CqlError as error:
            raise InvalidQueryError(str(error)) from error
        tree = built.tree
        self.statement = Statement(
            compiled.cql,
            statement_kind(tree),
            is_idempotent(tree) if idempotent is None else idempotent,
            is_conditional(tree),
        )
        order = tuple(slot.index for slot in compiled.params if isinstance(slot, Slot))
        self._count = len(order)
        in_order = order == tuple(range(len(order)))
        # itemgetter makes a tuple of several items only; a single one in another order is rare.
        self._laid_out = None if in_order else itemgetter(*order) if len(order) > 1 else _alone(*order)
        self.takes_all = self._count if in_order else None

    def params(self, inputs: tuple[object, ...]) -> Sequence[object]:
        """The inputs of one call in the order of the statement's markers; those without a marker are left out."""
        if self._laid_out is None:
            return inputs if len(inputs) == self._count else inputs[: self._count]
        return self._laid_out(inputs)


def _alone(place: int) -> Callable[[tuple[object, ...]], tuple[object, ...]]:
    return lambda inputs: (inputs[place],)


class PlanCache:
    """A bounded memory of plans by shape; the oldest goes first.

    Attributes:
        known: gives the plan of a shape, or None.
    """

    __slots__ = ("_plans", "known")

    def __init__(self) -> None:
        """Start empty."""
        self._plans: dict[Hashable, Any] = {}
        self.known: Callable[[Hashable], Any] = self._plans.get

    def get(self, shape: Hashable, make: Callable[[], P]) -> P:
        """The plan of this shape, made now if it is not known yet."""
        found = self._plans.get(shape)
        if found is None:
            found = make()
            while len(self._plans) >= CACHE_SIZE:
                self._plans.pop(next(iter(self._plans)), None)
            self._plans[shape] = found
        plan: P = found
        return plan
