"""Columns as they are written in Python: `col("price") >= 3`, `col("tags").contains("vip")`, `col("m")["k"].set(1)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from cql_builder.ast.clauses import Add, Assign, Prepend, Subtract
from cql_builder.ast.names import ColumnName
from cql_builder.ast.relations import Comparison, Contains, ContainsKey, In, IsNotNull, Like
from cql_builder.ast.terms import Element, Token
from cql_builder.builder.parts import Assignment, Condition, Nameable, Part, as_term
from cql_builder.errors import ArgumentError

if TYPE_CHECKING:
    from typing import NoReturn

    from cql_builder.ast.relations import ComparisonOperator

L = TypeVar("L", bound=ColumnName | Element | Token)

NOT_SEVERAL = (str, bytes, bytearray, int, float, complex)
"""Types of single values, which IN cannot take."""


class Comparable(Part[L]):
    """Something on the left of a comparison. Comparing gives a `Condition`, so it has no hash."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment] # comparing does not tell whether two are the same

    def __eq__(self, value: object) -> Condition:  # type: ignore[override] # an operator of the language built here
        """Return the condition `… = ?`."""
        return self._compare("=", value)

    def __ne__(self, value: object) -> Condition:  # type: ignore[override] # an operator of the language built here
        """Return the condition `… != ?`, which Cassandra knows in IF alone."""
        return self._compare("!=", value)

    def __lt__(self, value: object) -> Condition:
        """Return the condition `… < ?`."""
        return self._compare("<", value)

    def __le__(self, value: object) -> Condition:
        """Return the condition `… <= ?`."""
        return self._compare("<=", value)

    def __gt__(self, value: object) -> Condition:
        """Return the condition `… > ?`."""
        return self._compare(">", value)

    def __ge__(self, value: object) -> Condition:
        """Return the condition `… >= ?`."""
        return self._compare(">=", value)

    def _compare(self, operator: ComparisonOperator, value: object) -> Condition:
        term, values = as_term(value, operator)
        return Condition(Comparison(self.node, operator, term), self.values + values)


class CollectionElement(Comparable[Element]):
    """One element of a collection column, by map key or list index: `col("m")["k"]`."""

    __slots__ = ()

    def in_(self, values: object) -> Condition:
        """Return the condition `m[?] IN ?`, which is one of IF alone."""
        return _in(self, values)

    def set(self, value: object) -> Assignment:
        """Return the assignment `m[?] = ?`."""
        term, values = as_term(value, "SET")
        return Assignment(Assign(self.node, term), self.values + values)


class Column(Comparable[ColumnName], Nameable[ColumnName]):
    """A column, by its exact name."""

    __slots__ = ()

    def __getitem__(self, key: object) -> CollectionElement:
        """Return the element of a map under a key, or of a list at an index."""
        term, values = as_term(key, "an element")
        return CollectionElement(Element(self.node, term), values)

    def __iter__(self) -> NoReturn:
        """Refuse: a column is not a sequence, though its elements can be named."""
        raise ArgumentError("a column", "a loop", "a Python collection", self)

    def in_(self, values: object) -> Condition:
        """Return the condition `a IN ?`: all values are one marker."""
        return _in(self, values)

    def contains(self, value: object) -> Condition:
        """Return the condition `a CONTAINS ?`: the collection has this value."""
        term, values = as_term(value, "CONTAINS")
        return Condition(Contains(self.node, term), values)

    def contains_key(self, key: object) -> Condition:
        """Return the condition `a CONTAINS KEY ?`: the map has this key."""
        term, values = as_term(key, "CONTAINS KEY")
        return Condition(ContainsKey(self.node, term), values)

    def like(self, pattern: object) -> Condition:
        """Return the condition `a LIKE ?`, `%` in the pattern standing for anything; it needs an index that can."""
        term, values = as_term(pattern, "LIKE")
        return Condition(Like(self.node, term), values)

    def is_not_null(self) -> Condition:
        """Return the condition `a IS NOT NULL`."""
        return Condition(IsNotNull(self.node))

    def set(self, value: object) -> Assignment:
        """Return the assignment `a = ?`."""
        term, values = as_term(value, "SET")
        return Assignment(Assign(self.node, term), values)

    def add(self, value: object) -> Assignment:
        """Return the assignment `a = a + ?`: a set or map gets more, a list gets more at its end."""
        term, values = as_term(value, "SET")
        return Assignment(Add(self.node, term), values)

    def append(self, value: object) -> Assignment:
        """Return the assignment `a = a + ?`: a list gets more at its end."""
        return self.add(value)

    def prepend(self, value: object) -> Assignment:
        """Return the assignment `a = ? + a`: a list gets more at its front."""
        term, values = as_term(value, "SET")
        return Assignment(Prepend(self.node, term), values)

    def remove(self, value: object) -> Assignment:
        """Return the assignment `a = a - ?`: these values, or the map's keys among them, go."""
        term, values = as_term(value, "SET")
        return Assignment(Subtract(self.node, term), values)

    def increment(self, by: object = 1) -> Assignment:
        """Return the assignment `a = a + ?` of a counter."""
        return self.add(by)

    def decrement(self, by: object = 1) -> Assignment:
        """Return the assignment `a = a - ?` of a counter."""
        return self.remove(by)


class TokenOf(Comparable[Token], Nameable[Token]):
    """The token of a partition key: `fn.token("a", "b") > 0`."""

    __slots__ = ()


def col(name: str) -> Column:
    """Return a column, to compare, assign or select.

    Raises:
        ArgumentError: if the name is no str.

    >>> from cql_builder import select
    >>> select().from_("products").where(col("price") >= 3, col("tags").contains("vip")).compile().cql
    'SELECT * FROM products WHERE price >= ? AND tags CONTAINS ?'
    """
    return Column(column_name(name, "col()"))


def column_name(name: object, place: str) -> ColumnName:
    """Return a column's name as a tree.

    Raises:
        ArgumentError: if it is neither a str nor a column.
    """
    if isinstance(name, str):
        return ColumnName(name)
    if isinstance(name, Column):
        return name.node
    raise ArgumentError(place, "a column", "its name as a str", name)


def _in(left: Column | CollectionElement, values: object) -> Condition:
    if values is None or isinstance(values, NOT_SEVERAL):
        raise ArgumentError("IN", "it", "a collection of values", values)
    term, bound = as_term(values, "IN")
    return Condition(In(left.node, term), left.values + bound)
