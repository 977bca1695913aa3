"""Parts of statements as builders hold them: a piece of tree, and beside it the values of the markers in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NoReturn, TypeVar

from cql_builder.ast.clauses import Assignment as AssignmentNode
from cql_builder.ast.node import Node
from cql_builder.ast.relations import Relation
from cql_builder.ast.terms import Alias, Bind, FunctionCall, Selectable, Term
from cql_builder.errors import ArgumentError, StatementError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeGuard

N_co = TypeVar("N_co", bound=Node, covariant=True)
S_co = TypeVar("S_co", bound=Selectable, covariant=True)

BIND = Bind()
"""The nameless marker."""


class Part(Generic[N_co]):
    """A piece of tree with the values of its markers.

    Attributes:
        node: the piece of tree.
        values: what its markers stand for, in the order of the text.
    """

    __slots__ = ("node", "values")

    node: N_co
    values: tuple[object, ...]

    def __init__(self, node: N_co, values: tuple[object, ...] = ()) -> None:
        """Hold a piece of tree and its values."""
        self.node = node
        self.values = values

    def __repr__(self) -> str:
        """Show the tree; values are never shown, they may be secrets."""
        return f"<{type(self).__name__} {self.node!r}>"


class Nameable(Part[S_co]):
    """Something that SELECT can ask for, and that can get a name of its own there."""

    __slots__ = ()

    def as_(self, name: str) -> Part[Alias]:
        """Return it under another name: `fn.count("x").as_("total")`."""
        return Part(Alias(self.node, name), self.values)


class FunctionTerm(Nameable[FunctionCall]):
    """A function call: it can be selected, and it can stand where a value stands."""

    __slots__ = ()


class Condition(Part[Relation]):
    """A relation of WHERE or IF, such as `col("price") >= 3`."""

    __slots__ = ()

    def __bool__(self) -> NoReturn:
        """Refuse: Python's `and`, `or`, `not`, `in` and chained comparisons cannot make CQL."""
        raise StatementError(
            "a condition", "it has no truth value; give each condition to where() or if_() as an argument of its own"
        )


class Assignment(Part[AssignmentNode]):
    """An assignment of UPDATE, such as `col("tags").add({"new"})`."""

    __slots__ = ()


def as_term(value: object, place: str) -> tuple[Term, tuple[object, ...]]:
    """Return what stands in the tree for a value, with its values: a marker, or the call of a function.

    Raises:
        ArgumentError: if it is a piece of CQL that cannot stand where a value stands.
    """
    if isinstance(value, FunctionTerm):
        return value.node, value.values
    if is_part(value):
        raise ArgumentError(place, "it", "a value or a function call", value)
    return BIND, (value,)


def is_part(value: object) -> TypeGuard[Part[Node]]:
    """Return whether an object of an unknown type is a piece of a statement."""
    return isinstance(value, Part)


def nodes_of(parts: Iterable[Part[N_co]]) -> tuple[N_co, ...]:
    """Return the trees of parts."""
    return tuple([part.node for part in parts])


def values_of(*groups: Iterable[Part[Node]]) -> tuple[object, ...]:
    """Return the values of groups of parts, in their order."""
    return tuple([value for group in groups for part in group for value in part.values])
