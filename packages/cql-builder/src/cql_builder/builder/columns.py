"""Columns and their parts as they are written in Python: `col("price") >= 3`, `col("m")["k"]`, `columns("a", "b")`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, overload

from cql_builder.ast.clauses import Add, Assign, Prepend, Subtract
from cql_builder.ast.names import ColumnName
from cql_builder.ast.relations import (
    ClusteringBound,
    ColumnTuple,
    Contains,
    ContainsKey,
    IndexExpression,
    IsNotNull,
)
from cql_builder.ast.terms import Bind, Element, Field, IntegerLiteral, Slice, Token, TupleLiteral
from cql_builder.builder.expressions import ColumnTupleOf, Enumerable, Expression, Rangeable
from cql_builder.builder.names import checked_name, index_name
from cql_builder.builder.parts import Assignment, Condition, CounterChange, Nameable, Part, as_term, as_terms, is_part
from cql_builder.builder.sharing import shared_column
from cql_builder.errors import ArgumentError, MissingClauseError, StatementError, UnknownClauseError

if TYPE_CHECKING:
    from typing import NoReturn, TypeGuard

    from cql_builder.ast.names import IndexName
    from cql_builder.ast.terms import Term

NO_COUNT = (str, bytes, bytearray, float, bool, complex, list, tuple, dict, set, frozenset)
"""Types that are plainly no whole number; any other object may stand for one that is known later."""

LOWEST_COUNT, HIGHEST_COUNT = -(2**63), 2**63 - 1
"""What a counter can be changed by: it is a `bigint`."""

P = TypeVar("P", bound=ColumnName | Element | Field)


class Divisible(Enumerable[P], Expression[P]):
    """A column or a part of one, to compare, assign and compute with.

    It may have parts itself.
    """

    __slots__ = ()

    @overload
    def __getitem__(self, key: slice[object, object, object]) -> CollectionSlice: ...  # type: ignore[overload-overlap] # a slice is no key
    @overload
    def __getitem__(self, key: object) -> CollectionElement: ...
    def __getitem__(self, key: object) -> CollectionElement | CollectionSlice:
        """Return the element of a map under a key, or of a list at an index; or a slice, both ends included.

        Raises:
            StatementError: if a slice has no end on either side, or a step.

        >>> from cql_builder import select
        >>> select(col("m")["k"], col("m")["a":"c"], col("l")[1:]).from_("t").compile().cql
        'SELECT m[?], m[?..?], l[?..] FROM t'
        """
        if _is_slice(key):
            return self._slice(key.start, key.stop, key.step)
        term, values = as_term(key, "an element")
        return CollectionElement(Element(self.node, term), self.values + values)

    def __iter__(self) -> NoReturn:
        """Refuse: a column is not a sequence, though its elements can be named."""
        raise ArgumentError("a column", "a loop", "a Python collection", self)

    def field(self, name: str) -> UserField:
        """Return a field of a user-defined type: `col("address").field("street")`.

        Raises:
            ArgumentError: if the name is no str.
        """
        return UserField(Field(self.node, checked_name(name, "field()", "the name of a field")), self.values)

    def set(self, value: object) -> Assignment:
        """Return the assignment `… = ?`, of a column, an element or a field.

        Raises:
            StatementError: if it is a part of a part, which CQL cannot assign.
        """
        node = self.node
        if not isinstance(node, ColumnName) and not isinstance(node.receiver, ColumnName):
            raise StatementError("SET", "a part of a part cannot be assigned; assign the part of the column as a whole")
        term, values = as_term(value, "SET")
        return Assignment(Assign(node, term), self.values + values)

    def _slice(self, start: object, stop: object, step: object) -> CollectionSlice:
        if step is not None:
            raise StatementError("a slice", "it has no step in CQL")
        if start is None and stop is None:
            raise StatementError("a slice", "it needs a start or an end; the whole collection is the column")
        first, first_values = (None, ()) if start is None else as_term(start, "a slice")
        last, last_values = (None, ()) if stop is None else as_term(stop, "a slice")
        return CollectionSlice(Slice(self.node, first, last), self.values + first_values + last_values)

    if not TYPE_CHECKING:  # a type checker must keep refusing unknown names

        def __getattr__(self, name: str) -> NoReturn:
            """Say what there is instead."""
            if name in {"is_null", "is_none"}:
                remedy = "WHERE never asks for null; in IF write col(…) == None, and in a view is_not_null()"
                raise UnknownClauseError("a column", name, (), remedy)
            raise UnknownClauseError("a column", name, [known for known in dir(type(self)) if known[0] != "_"])


class CollectionSlice(Nameable[Slice]):
    """The elements of a collection from one key to another: `col("m")["a":"c"]`.

    Both ends are included; only SELECT has slices.
    """

    __slots__ = ()


class CollectionElement(Divisible[Element]):
    """One element of a collection column, by map key or list index: `col("m")["k"]`."""

    __slots__ = ()


class UserField(Divisible[Field]):
    """A field of a user-defined type: `col("address").field("street")`."""

    __slots__ = ()


class Column(Rangeable[ColumnName], Divisible[ColumnName]):
    """A column, by its exact name.

    >>> from cql_builder import col, select
    >>> select().from_("t").where(col("a") == 1, col("tags").contains("x"), col("m").contains_key("k")).compile().cql
    'SELECT * FROM t WHERE a = ? AND tags CONTAINS ? AND m CONTAINS KEY ?'
    >>> select().from_("t").where(col("name").like("a%")).compile().cql
    'SELECT * FROM t WHERE name LIKE ?'
    >>> select().from_("t").where(col("tags").not_contains("x")).compile("cassandra-6.0").cql
    'SELECT * FROM t WHERE tags NOT CONTAINS ?'
    """

    __slots__ = ()

    def contains(self, value: object) -> Condition:
        """Return the condition `a CONTAINS ?`: the collection has this value."""
        term, values = as_term(value, "CONTAINS")
        return Condition(Contains(self.node, term), values)

    def not_contains(self, value: object) -> Condition:
        """Return the condition `a NOT CONTAINS ?`: the collection lacks it; Cassandra 6.0."""
        term, values = as_term(value, "NOT CONTAINS")
        return Condition(Contains(self.node, term, negated=True), values)

    def contains_key(self, key: object) -> Condition:
        """Return the condition `a CONTAINS KEY ?`: the map has this key."""
        term, values = as_term(key, "CONTAINS KEY")
        return Condition(ContainsKey(self.node, term), values)

    def not_contains_key(self, key: object) -> Condition:
        """Return the condition `a NOT CONTAINS KEY ?`: the map lacks it; Cassandra 6.0."""
        term, values = as_term(key, "NOT CONTAINS KEY")
        return Condition(ContainsKey(self.node, term, negated=True), values)

    def is_not_null(self) -> Condition:
        """Return the condition `a IS NOT NULL`, which a view asks of its key's columns."""
        return Condition(IsNotNull(self.node))

    def add(self, value: object) -> Assignment:
        """Return the assignment `a = a + ?`.

        A set or map gets more, a list gets more at its end.

        Raises:
            ArgumentError: if it is a single text, of which the characters would be meant.
        """
        term, values = _several(value, "add()")
        return Assignment(Add(self.node, term), values)

    def append(self, value: object) -> Assignment:
        """Return the assignment `a = a + ?`: a list gets more at its end.

        Raises:
            ArgumentError: if it is a single text.
        """
        term, values = _several(value, "append()")
        return Assignment(Add(self.node, term), values)

    def prepend(self, value: object) -> Assignment:
        """Return the assignment `a = ? + a`: a list gets more at its front.

        Raises:
            ArgumentError: if it is a single text.
        """
        term, values = _several(value, "prepend()")
        return Assignment(Prepend(self.node, term), values)

    def remove(self, value: object) -> Assignment:
        """Return the assignment `a = a - ?`: these values, or keys of the map, go.

        Raises:
            ArgumentError: if it is a single text.
        """
        term, values = _several(value, "remove()")
        return Assignment(Subtract(self.node, term), values)

    def increment(self, by: int | Part[Term] = 1) -> Assignment:
        """Return the assignment `a = a + ?` of a counter.

        Raises:
            ArgumentError: if it is plainly no whole number.
            StatementError: if a counter has not so many bits.
        """
        term, values = _count(by, "increment()")
        return CounterChange(Add(self.node, term), values)

    def decrement(self, by: int | Part[Term] = 1) -> Assignment:
        """Return the assignment `a = a - ?` of a counter.

        Raises:
            ArgumentError: if it is plainly no whole number.
            StatementError: if a counter has not so many bits.
        """
        term, values = _count(by, "decrement()")
        return CounterChange(Subtract(self.node, term), values)


class TokenOf(Rangeable[Token], Nameable[Token]):
    """The token of a partition key: `fn.token("a", "b") > 0`."""

    __slots__ = ()


def col(name: str) -> Column:
    """Return a column, to compare, assign or select.

    Raises:
        ArgumentError: if the name is no str.

    >>> from cql_builder import select
    >>> select().from_("products").where(col("price") >= 3, col("tags").contains("vip")).compile().cql
    'SELECT * FROM products WHERE price >= ? AND tags CONTAINS ?'
    >>> select((col("price") + col("tax")) * 2, col("size").field("width")).from_("products").compile().cql
    'SELECT (price + tax) * ?, size.width FROM products'
    """
    if isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance] - not everyone has a checker
        return Column(shared_column(name))
    return Column(column_name(name, "col()"))


def columns(*names: str | Column) -> ColumnTupleOf:
    """Return clustering columns that are compared as one, in their order.

    Raises:
        StatementError: if there are none, or one is no column.

    >>> from cql_builder import select
    >>> select().from_("t").where(columns("a", "b") > (1, 2), columns("c", "d").in_([(1, 2)])).compile()
    Compiled('SELECT * FROM t WHERE (a, b) > (?, ?) AND (c, d) IN ?', 3 values)
    """
    if not names:
        raise MissingClauseError("columns()", "what to compare", "name at least one column")
    return ColumnTupleOf(ColumnTuple(tuple([column_name(name, "columns()") for name in names])))


def clustering_bound(*values: object) -> Part[ClusteringBound]:
    """Return a place between the rows of a partition: ScyllaDB.

    Rows count in the order in which they are stored.

    `columns("a", "b") > (1, 2)` compares values; compared with a bound, `>` is after it and `<` before it, also where a
    column descends.

    Raises:
        StatementError: if there are no values, or one is no value.

    >>> from cql_builder import clustering_bound, columns, select
    >>> select().from_("t").where(columns("a", "b") > clustering_bound(1, 2)).compile("scylla")
    Compiled('SELECT * FROM t WHERE (a, b) > SCYLLA_CLUSTERING_BOUND (?, ?)', 2 values)
    """
    if not values:
        raise MissingClauseError("clustering_bound()", "what to compare with", "give a value for each column")
    terms, bound = as_terms(values, "clustering_bound()")
    return Part(ClusteringBound(TupleLiteral(terms)), bound)


def expr(index: str | IndexName, query: object) -> Condition:
    """Return the condition `expr(index, ?)`, in the language of a custom index.

    Raises:
        StatementError: if the index is none.

    >>> from cql_builder import select
    >>> select().from_("t").where(expr("by_text", "a AND b")).compile().cql
    'SELECT * FROM t WHERE expr(by_text, ?)'
    """
    name = index_name(index, "expr()")
    if name.keyspace is not None:
        raise StatementError("expr()", "the index is in the keyspace of the table; leave the keyspace out")
    term, values = as_term(query, "expr()")
    return Condition(IndexExpression(name, term), values)


def column_name(name: object, place: str) -> ColumnName:
    """Return a column's name as a tree.

    Raises:
        ArgumentError: if it is neither a str nor a column.
    """
    if isinstance(name, str):
        return shared_column(name)
    if isinstance(name, Column):
        return name.node
    raise ArgumentError(place, "a column", "its name as a str", name)


def refuse_expression(name: str, statement: str, everything: str) -> None:
    """Refuse a text that is hardly meant as the name of a column, though the server can have one of that name.

    Raises:
        StatementError: saying what would be right; of `*`, it is `everything` that does.
    """
    if name.isidentifier():
        return
    if name == "*":
        raise StatementError(statement, f"'*' is no column; {everything}")
    if '"' in name:
        right = f"quotes are written where they must be, write {name.replace(chr(34), '')!r}"
    elif "(" in name:
        right = "a function is fn.count(), fn.call(…) or another of fn"
    elif "," in name:
        right = "give each column as an argument of its own"
    elif "[" in name:
        right = 'an element is col("…")["…"]'
    elif "." in name:
        right = 'a field is col("…").field("…"), and the table is named in FROM alone'
    elif " as " in name.lower():
        right = 'another name is col("…").as_("…")'
    else:
        return
    raise StatementError(
        statement, f"{name!r} is not taken for a column; {right}, a column of that very name is col(…)"
    )


def _several(value: object, place: str) -> tuple[Term, tuple[object, ...]]:
    if isinstance(value, str | bytes | bytearray):
        raise ArgumentError(place, "it", 'a collection of values such as {"new"} or ["new"]', value)
    return as_term(value, "SET")


def _count(value: object, place: str) -> tuple[Term, tuple[object, ...]]:
    if _is_no_count(value):
        raise ArgumentError(place, "it", "a whole number", value)
    counted = _counted(value)
    if isinstance(counted, int) and not LOWEST_COUNT <= counted <= HIGHEST_COUNT:
        raise StatementError(place, f"a counter changes by a whole number from {LOWEST_COUNT} to {HIGHEST_COUNT}")
    return as_term(value, "SET")


def _counted(value: object) -> object:
    """Return the number that is bound or written, where it is one."""
    if not is_part(value):
        return value
    if isinstance(value.node, IntegerLiteral):
        digits = value.node.digits
        # Python reads no number of more than 4,300 digits, and a counter has no more than 19.
        return int(digits) if len(digits) <= len(str(LOWEST_COUNT)) else HIGHEST_COUNT + 1
    return value.values[0] if isinstance(value.node, Bind) else None


def _is_no_count(value: object) -> bool:
    return isinstance(value, NO_COUNT)


def _is_slice(key: object) -> TypeGuard[slice[object, object, object]]:
    return isinstance(key, slice)
