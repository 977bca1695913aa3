"""What all things of a row share in Python: operators that compare, which make conditions, and those that compute."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, TypeVar

from cql_builder.ast.names import ColumnName
from cql_builder.ast.relations import Between, ClusteringBound, ColumnTuple, Comparison, In, Like, ValueList
from cql_builder.ast.terms import (
    Arithmetic,
    Bind,
    Element,
    Field,
    FloatLiteral,
    FunctionCall,
    IntegerLiteral,
    Negation,
    Selectable,
    Token,
    TupleLiteral,
)
from cql_builder.builder.comparisons import ComparisonOperators
from cql_builder.builder.literals import is_mapping
from cql_builder.builder.parts import (
    Condition,
    Membership,
    Nameable,
    Part,
    Written,
    as_selectable,
    as_term,
    as_terms,
    has_parts,
    is_collection,
    is_iterable,
    is_list,
    is_part,
)
from cql_builder.builder.sharing import shared_comparison
from cql_builder.errors import ArgumentError, StatementError

if TYPE_CHECKING:
    from collections.abc import Iterable, ValuesView
    from typing import NoReturn, Protocol, TypeAlias

    from cql_builder.ast.relations import ComparisonOperator
    from cql_builder.ast.terms import ArithmeticOperator, Term

    class Listed(Protocol):
        """What has several values in an order: a list, tuple, range … and no text, in which only texts can be."""

        def __contains__(self, value: object, /) -> bool:
            """Return whether a value, of any type, is among them."""
            ...

        def __iter__(self) -> Iterator[object]:
            """Return the values one by one."""
            ...

        def __getitem__(self, part: slice[int, int, int], /) -> object:
            """Return some of the values, which mappings have not."""
            ...

    Several: TypeAlias = Listed | AbstractSet[object] | ValuesView[object] | Iterator[object] | Part[Bind]
    """What IN takes; `bind(…)` is for an object that stands for values that are known later."""

L = TypeVar("L", bound=ColumnName | Element | Field | Token | ColumnTuple | FunctionCall)
R = TypeVar("R", bound=ColumnName | Token | ColumnTuple)
E = TypeVar("E", bound=ColumnName | Element | Field | ColumnTuple)
S_co = TypeVar("S_co", bound=Selectable, covariant=True)

NOT_SEVERAL = (str, bytes, bytearray, int, float, complex)
"""Types of single values, which IN cannot take."""

_NO_TUPLE = (*NOT_SEVERAL, AbstractSet, Iterator, range)
"""Types of what is not several values in an order, or has them no more when they were counted."""

_HOLDING = frozenset({list, tuple, dict})
"""Types that pieces of CQL may be in, which is asked of their values."""

PRECEDENCE: dict[ArithmeticOperator, int] = {"+": 1, "-": 1, "*": 2, "/": 2, "%": 2}
"""How tightly an operator holds what is on its sides."""


class Comparable(ComparisonOperators, Part[L]):
    """Something on the left of a comparison.

    Comparing gives a `Condition`, so it has no hash.
    """

    __slots__ = ()

    def like(self, pattern: object) -> Condition:
        """Return the condition `… LIKE ?`, `%` in the pattern standing for anything; a column needs an index that can.

        ScyllaDB's grammar has it behind all that is compared, Cassandra's behind columns.
        """
        term, values = self._right_side(pattern, "LIKE")
        return Condition(Like(self.node, term), self.values + values)

    def _compare(self, operator: ComparisonOperator, value: object) -> Condition:
        node = self.node
        if isinstance(node, ColumnName) and not isinstance(value, Written) and type(value) not in _HOLDING:
            return Condition(shared_comparison(node, operator), (value,))
        term, values = as_term(value, operator)
        return Condition(Comparison(node, operator, term), self.values + values)

    def _right_side(self, value: object, place: str) -> tuple[Term, tuple[object, ...]]:
        return as_term(value, place)


class Rangeable(Comparable[R]):
    """Something that can be asked to lie between two values."""

    __slots__ = ()

    def between(self, low: object, high: object) -> Condition:
        """Return the condition `… BETWEEN ? AND ?`, both bounds included: Cassandra 6.0.

        Raises:
            StatementError: if one of the bounds is None.
        """
        if low is None or high is None:
            raise StatementError("BETWEEN", "it takes two bounds; for one bound write >= or <=")
        low_term, low_values = self._right_side(low, "BETWEEN")
        high_term, high_values = self._right_side(high, "BETWEEN")
        relation = Between(self.node, low_term, high_term)
        return Condition(relation, self.values + low_values + high_values)


class Enumerable(Comparable[E]):
    """Something that can be asked to be one of several values."""

    __slots__ = ()

    def in_(self, values: Several) -> Condition:
        """Return the condition `… IN ?`.

        All values are one marker, unless there are function calls among them.

        The collection is copied: what is added to it later is not part of the condition.

        Raises:
            ArgumentError: if it is a single value, or a mapping.
        """
        return self._one_of(values, "IN", negated=False)

    def not_in(self, values: Several) -> Condition:
        """Return the condition `… NOT IN ?`: Cassandra 6.0 and ScyllaDB.

        The collection is copied.

        Raises:
            ArgumentError: if it is a single value, or a mapping.
        """
        return self._one_of(values, "NOT IN", negated=True)

    def _one_of(self, given: object, place: str, *, negated: bool) -> Condition:
        values = _copied(given, place)
        bound: tuple[object, ...]
        if is_collection(values) and self._must_be_listed(values):
            pairs = [self._right_side(value, place) for value in values]
            listed = ValueList(tuple([term for term, _ in pairs]))
            bound = tuple([value for _, inner in pairs for value in inner])
            return Condition(In(self.node, listed, negated), self.values + bound)
        term, bound = as_term(values, place)
        if not isinstance(term, Bind):
            raise ArgumentError(place, "it", "a collection of values, such as [1, 2] or [fn.now(), 2]", term)
        kind = Condition if values is given else Membership
        return kind(In(self.node, term, negated), self.values + bound)

    def _must_be_listed(self, values: Iterable[object]) -> bool:
        return has_parts(values)


class Expression(Nameable[S_co]):
    """Something that can be computed with, in SELECT or where a value stands.

    Where a value stands, there are no columns in it.
    """

    __slots__ = ()

    def __add__(self, other: object) -> Expression[Arithmetic]:
        """Return `… + ?`."""
        return _arithmetic(self, "+", other)

    def __radd__(self, other: object) -> Expression[Arithmetic]:
        """Return `? + …`."""
        return _arithmetic(other, "+", self)

    def __sub__(self, other: object) -> Expression[Arithmetic]:
        """Return `… - ?`."""
        return _arithmetic(self, "-", other)

    def __rsub__(self, other: object) -> Expression[Arithmetic]:
        """Return `? - …`."""
        return _arithmetic(other, "-", self)

    def __mul__(self, other: object) -> Expression[Arithmetic]:
        """Return `… * ?`."""
        return _arithmetic(self, "*", other)

    def __rmul__(self, other: object) -> Expression[Arithmetic]:
        """Return `? * …`."""
        return _arithmetic(other, "*", self)

    def __truediv__(self, other: object) -> Expression[Arithmetic]:
        """Return `… / ?`: of whole numbers a whole number, as the server divides."""
        return _arithmetic(self, "/", other)

    def __rtruediv__(self, other: object) -> Expression[Arithmetic]:
        """Return `? / …`: of whole numbers a whole number, as the server divides."""
        return _arithmetic(other, "/", self)

    def __mod__(self, other: object) -> Expression[Arithmetic]:
        """Return `… % ?`: what is left of a division, with the sign of the dividend."""
        return _arithmetic(self, "%", other)

    def __rmod__(self, other: object) -> Expression[Arithmetic]:
        """Return `? % …`: what is left of a division, with the sign of the dividend."""
        return _arithmetic(other, "%", self)

    def __neg__(self) -> Expression[Term]:
        """Return `-…`."""
        if isinstance(self.node, IntegerLiteral | FloatLiteral):
            digits = self.node.digits
            turned = digits[1:] if digits[0] == "-" else f"-{digits}"
            return Expression(type(self.node)("NaN" if digits == "NaN" else turned))
        # Two minus signs would begin a comment.
        group = isinstance(self.node, Arithmetic | Negation)
        return Expression(Negation(TupleLiteral((self.node,)) if group else self.node), self.values)


class FunctionTerm(Comparable[FunctionCall], Expression[FunctionCall]):
    """A function call, to select or to stand where a value stands.

    In ScyllaDB it can be compared too.
    """

    __slots__ = ()


class ColumnTupleOf(Rangeable[ColumnTuple], Enumerable[ColumnTuple]):
    """Several columns compared as one: `columns("a", "b") > (1, 2)`."""

    __slots__ = ()

    def __iter__(self) -> NoReturn:
        """Refuse: these are no values, which `in` could find one among."""
        raise ArgumentError("columns()", "a loop or `in`", "a Python collection", self)

    def _compare(self, operator: ComparisonOperator, value: object) -> Condition:
        term, values = self._right_side(value, operator)
        return Condition(Comparison(self.node, operator, term), values)

    def _right_side(self, value: object, place: str) -> tuple[Term, tuple[object, ...]]:
        self._refuse_other_shape(value, place)
        if not is_list(value):
            return as_term(value, place)
        terms, values = as_terms(value, place)
        return TupleLiteral(terms), values

    def _must_be_listed(self, values: Iterable[object]) -> bool:
        listed = False
        for value in values:
            self._refuse_other_shape(value, "IN")
            listed = listed or is_part(value) or (is_list(value) and has_parts(value))
        return listed

    def _refuse_other_shape(self, value: object, place: str) -> None:
        """Refuse what is plainly no tuple, and one that is longer or shorter than the columns."""
        if _is_no_tuple(value):
            raise ArgumentError(place, "it", "a tuple of values, one for each column", value)
        written = value.node.elements if is_part(value) and isinstance(value.node, TupleLiteral) else value
        wanted = len(self.node.columns)
        if is_list(written) and len(written) != wanted:
            raise StatementError(place, f"{wanted} columns take {wanted} values, not {len(written)}")


def _copied(values: object, place: str) -> object:
    """Return a collection that nobody else can change, and an object that may stand for one as it is."""
    if values is None or isinstance(values, NOT_SEVERAL) or is_mapping(values):
        raise ArgumentError(place, "it", "a collection of values", values)
    if _is_unchanging(values) or not is_iterable(values):
        return values
    return set(values) if isinstance(values, set) else list(values)


def _is_no_tuple(value: object) -> bool:
    """Return whether an object is plainly not several values in an order; any other may stand for them."""
    if is_part(value):
        return not isinstance(value.node, Bind | TupleLiteral | ClusteringBound)
    return value is None or isinstance(value, _NO_TUPLE) or is_mapping(value)


def _is_unchanging(value: object) -> bool:
    return isinstance(value, tuple | frozenset | Written)


def _arithmetic(left: object, operator: ArithmeticOperator, right: object) -> Expression[Arithmetic]:
    left_node, left_values = as_selectable(left, operator)
    right_node, right_values = as_selectable(right, operator)
    strength = PRECEDENCE[operator]
    node = Arithmetic(_grouped(left_node, strength), operator, _grouped(right_node, strength + 1))
    return Expression(node, left_values + right_values)


def _grouped(node: Selectable, strength: int) -> Selectable:
    """Return an operand in parentheses where its own operator holds its sides less tightly than it must."""
    if isinstance(node, Arithmetic) and PRECEDENCE[node.operator] < strength:
        return TupleLiteral((node,))
    return node
