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
    """Stands for a value while a plan is made: the place of that value among the inputs of a call.

    Attributes:
        index: the place of the input.
        part: which part of an input that is a pair; None for the input itself.
    """

    __slots__ = ("index", "part")

    def __init__(self, index: int, part: int | None = None) -> None:
        """Stand for the input of this place, or for a part of it."""
        self.index = index
        self.part = part


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
        slots = [slot for slot in compiled.params if isinstance(slot, Slot)]
        order = tuple(slot.index for slot in slots)
        self._count = len(order)
        self._laid_out: Callable[[tuple[object, ...]], Sequence[object]] | None = None
        self.takes_all: int | None = None
        if any(slot.part is not None for slot in slots):
            self._laid_out = _parts(slots)
        elif order == tuple(range(len(order))):
            self.takes_all = self._count
        else:
            # itemgetter makes a tuple of several items only; a single one in another order is rare.
            self._laid_out = itemgetter(*order) if len(order) > 1 else _alone(*order)

    def params(self, inputs: tuple[object, ...]) -> Sequence[object]:
        """The inputs of one call in the order of the statement's markers; those without a marker are left out."""
        if self._laid_out is None:
            return inputs if len(inputs) == self._count else inputs[: self._count]
        return self._laid_out(inputs)


def _alone(place: int) -> Callable[[tuple[object, ...]], tuple[object, ...]]:
    return lambda inputs: (inputs[place],)


def _parts(slots: Sequence[Slot]) -> Callable[[tuple[Any, ...]], tuple[object, ...]]:
    """Lays inputs out of which some are pairs, that stand for two markers each."""
    places = [(slot.index, slot.part) for slot in slots]
    return lambda inputs: tuple([inputs[at] if part is None else inputs[at][part] for at, part in places])


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
        """The plan of this shape, made now if it is not known yet.

        Raises:
            InvalidQueryError: the statement cannot be CQL.
        """
        found = self._plans.get(shape)
        if found is None:
            try:
                found = make()
            except CqlError as error:
                raise InvalidQueryError(str(error)) from error
            while len(self._plans) >= CACHE_SIZE:
                self._plans.pop(next(iter(self._plans)), None)
            self._plans[shape] = found
        plan: P = found
        return plan
