"""Parts of statements as builders hold them: a piece of tree, and beside it the values of the markers in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Generic, NoReturn, TypeVar

from cql_builder.ast.clauses import Assignment as AssignmentNode
from cql_builder.ast.node import Node
from cql_builder.ast.relations import Relation
from cql_builder.ast.terms import (
    Alias,
    Arithmetic,
    Bind,
    FunctionCall,
    Negation,
    RowReference,
    Selectable,
    Term,
    TupleLiteral,
)
from cql_builder.errors import ArgumentError, RepeatedClauseError, StatementError

if TYPE_CHECKING:
    from typing import TypeGuard

N_co = TypeVar("N_co", bound=Node, covariant=True)
S_co = TypeVar("S_co", bound=Selectable, covariant=True)

_MADE_BY: dict[type, str] = {
    list: "list_of(…)",
    tuple: "tuple_of(…)",
    dict: "map_of({…})",
}
"""What makes a collection of terms, by the type of Python's; pieces of CQL have no hash, so no set has them."""

BIND = Bind()
"""The nameless marker."""


class Written:
    """What this package has written: a piece of a statement or a whole one, and so never a value."""

    __slots__ = ()


class Part(Written, Generic[N_co]):
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


class Named(Part[Alias]):
    """Something that SELECT asks for under another name."""

    __slots__ = ()

    if not TYPE_CHECKING:  # a type checker must keep refusing it

        def as_(self, _: object) -> NoReturn:
            """Refuse: it has a name."""
            raise RepeatedClauseError("as_()", "another name")


class Nameable(Part[S_co]):
    """Something that SELECT can ask for, and that can get a name of its own there."""

    __slots__ = ()

    def as_(self, name: str) -> Part[Alias]:
        """Return it under another name: `fn.count("x").as_("total")`.

        Raises:
            ArgumentError: if the name is no str.
        """
        if _is_no_name(name):
            raise ArgumentError("as_()", "another name", "a str", name)
        return Named(Alias(self.node, str.__str__(name)), self.values)


class Condition(Part[Relation]):
    """A relation of WHERE or IF, such as `col("price") >= 3`.

    >>> from cql_builder import Condition, col, select
    >>> cheap: list[Condition] = [col("price") < 3, col("stock") > 0]
    >>> select("id").from_("t").where(*cheap).compile().cql
    'SELECT id FROM t WHERE price < ? AND stock > ?'
    """

    __slots__ = ()

    def __bool__(self) -> NoReturn:
        """Refuse: Python's `and`, `or`, `not`, `in` and chained comparisons cannot make CQL."""
        raise StatementError(
            "a condition", "it has no truth value; give each condition to where() or if_() as an argument of its own"
        )

    if not TYPE_CHECKING:  # a type checker must keep refusing these operators

        def __and__(self, other: object) -> NoReturn:
            """Refuse: that all hold is said by giving them all."""
            raise StatementError("a condition", "it knows no &; give each condition as an argument of its own")

        def __or__(self, other: object) -> NoReturn:
            """Refuse: CQL has no OR."""
            raise StatementError(
                "a condition", "CQL has no OR; of one column write in_([...]), otherwise make a statement for each"
            )

        def __invert__(self) -> NoReturn:
            """Refuse: CQL has no NOT before a condition."""
            raise StatementError("a condition", "CQL has no NOT before a condition; write the opposite one, such as !=")

        __rand__ = __and__
        __ror__ = __or__


class Membership(Condition):
    """A condition that ends with a collection of its own, as `col("id").in_([1, 2])` does: who asks gets a copy."""

    __slots__ = ("_held",)

    @property
    def values(self) -> tuple[object, ...]:
        """What its markers stand for, in the order of the text."""
        *others, several = self._held
        if is_collection(several):
            return (*others, set(several) if isinstance(several, set) else list(several))
        return self._held

    @values.setter
    def values(self, values: tuple[object, ...]) -> None:  # pyright: ignore[reportIncompatibleVariableOverride] - it can be set, too
        """Hold them; a collection at their end is not handed out itself."""
        self._held = values


class Assignment(Part[AssignmentNode]):
    """An assignment of UPDATE, such as `col("tags").add({"new"})`."""

    __slots__ = ()


class CounterChange(Assignment):
    """An assignment that only a counter takes: `col("votes").increment()`."""

    __slots__ = ()


def as_term(value: object, place: str) -> tuple[Term, tuple[object, ...]]:
    """Return what stands in the tree for a value, with its values: a marker, or a term such as the call of a function.

    Raises:
        ArgumentError: if it is a piece of CQL that cannot stand where a value stands, as no column can.
        StatementError: if it has parentheses, which values do not have, is a statement, or a collection with a piece of
            CQL in it.
    """
    if isinstance(value, Written):
        part = _checked_part(value, place)
        return _term(part, place), part.values
    refuse_parts_inside(value, place)
    return BIND, (value,)


def as_selectable(value: object, place: str) -> tuple[Selectable, tuple[object, ...]]:
    """Return what stands in SELECT for a value: a marker, or a column, a function and the like.

    Raises:
        ArgumentError: if it is a piece of CQL that cannot be selected.
        StatementError: if it is a statement.
    """
    if not isinstance(value, Written):
        return BIND, (value,)
    part = _checked_part(value, place)
    if isinstance(part.node, Selectable):
        return part.node, part.values
    raise ArgumentError(place, "it", "a value, a column or a function call", value)


def as_terms(given: Iterable[object], place: str) -> tuple[tuple[Term, ...], tuple[object, ...]]:
    """Return the terms of several values, and the values of their markers.

    Raises:
        StatementError: if one cannot stand where a value stands.
    """
    pairs = [as_term(value, place) for value in given]
    return tuple([term for term, _ in pairs]), tuple([value for _, values in pairs for value in values])


def as_selectables(given: Iterable[object], place: str) -> tuple[tuple[Selectable, ...], tuple[object, ...]]:
    """Return what stands in SELECT for several values, and the values of their markers.

    Raises:
        ArgumentError: if one is a piece of CQL that cannot be selected.
    """
    pairs = [as_selectable(value, place) for value in given]
    return tuple([node for node, _ in pairs]), tuple([value for _, values in pairs for value in values])


def refuse_parts_inside(value: object, place: str) -> None:
    """Refuse a Python collection with a piece of CQL in it: it would be bound as one value, which no driver knows.

    Raises:
        StatementError: naming what makes a collection of terms.
    """
    if type(value) not in _MADE_BY:
        return
    waiting, seen = [value], {id(value)}
    while waiting:
        each = waiting.pop()
        inner = (*each, *each.values()) if is_dict(each) else each if is_list(each) else ()
        for element in inner:
            if isinstance(element, Written):
                made = _MADE_BY[type(each)]
                raise StatementError(
                    place, f"a {type(each).__name__} with a piece of CQL in it is no value; write {made} instead"
                )
            if type(element) in _MADE_BY and id(element) not in seen:
                seen.add(id(element))
                waiting.append(element)


def is_part(value: object) -> TypeGuard[Part[Node]]:
    """Return whether an object of an unknown type is a piece of a statement."""
    return isinstance(value, Part)


def is_dict(value: object) -> TypeGuard[dict[object, object]]:
    """Return whether an object of an unknown type is a dict."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[object] | tuple[object, ...]]:
    """Return whether an object of an unknown type is a list or tuple."""
    return isinstance(value, list | tuple)


def is_collection(
    value: object,
) -> TypeGuard[list[object] | tuple[object, ...] | set[object] | frozenset[object]]:
    """Return whether an object of an unknown type is a list, tuple or set."""
    return isinstance(value, list | tuple | set | frozenset)


def is_iterable(value: object) -> TypeGuard[Iterable[object]]:
    """Return whether an object of an unknown type gives several, one by one."""
    return isinstance(value, Iterable)


def has_parts(values: Iterable[object]) -> bool:
    """Return whether there are pieces of a statement, or whole ones, among some values."""
    return any(isinstance(value, Written) for value in values)


def nodes_of(parts: Iterable[Part[N_co]]) -> tuple[N_co, ...]:
    """Return the trees of parts."""
    return tuple([part.node for part in parts])


def values_of(*groups: Iterable[Part[Node]]) -> tuple[object, ...]:
    """Return the values of groups of parts, in their order."""
    return tuple([value for group in groups for part in group for value in part.values])


def _is_no_name(given: object) -> bool:
    return not isinstance(given, str)


def _checked_part(given: Written, place: str) -> Part[Node]:
    if is_part(given):
        return given
    raise StatementError(place, "a statement cannot stand where a value stands; run it first and give what it answers")


def _term(part: Part[Node], place: str) -> Term:
    node = part.node
    if not isinstance(node, Term):
        raise ArgumentError(place, "it", "a value or a function call", part)
    if isinstance(node, Bind | RowReference) or (isinstance(node, FunctionCall) and not node.arguments):
        return node
    # Imported here: terms of several parts need it, an import of the package does not.
    from cql_builder.analysis.walking import walk  # noqa: PLC0415

    for inner in walk(node):
        if isinstance(inner, Selectable) and not isinstance(inner, Term):
            raise StatementError(
                place, "a column cannot stand where a value stands; read it first, or compare it in a condition"
            )
        if isinstance(inner, Arithmetic | Negation) and _has_group(inner):
            raise StatementError(
                place, "arithmetic has parentheses in SELECT alone; compute the value before it is sent"
            )
    return node


def _has_group(node: Arithmetic | Negation) -> bool:
    operands = (node.term,) if isinstance(node, Negation) else (node.left, node.right)
    return any(isinstance(operand, TupleLiteral) for operand in operands)
