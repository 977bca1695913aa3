"""Functions as they are written in Python: `fn.count()`, `fn.token("a", "b") > 0`, `fn.now()`."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from cql_builder.ast.names import ColumnName, FunctionName, NativeFunctionName
from cql_builder.ast.terms import (
    Cast,
    CountRows,
    Element,
    Field,
    FunctionCall,
    MaxWriteTime,
    Selectable,
    Slice,
    Term,
    TimeToLive,
    Token,
    WriteTime,
)
from cql_builder.ast.types import NATIVE_TYPES, NativeType
from cql_builder.builder.columns import (
    CollectionElement,
    CollectionSlice,
    Column,
    TokenOf,
    UserField,
    column_name,
    refuse_expression,
)
from cql_builder.builder.expressions import Expression, FunctionTerm
from cql_builder.builder.names import checked_name, function_name
from cql_builder.builder.parts import Nameable, Part, as_selectables, as_terms, is_part
from cql_builder.builder.sharing import shared_column
from cql_builder.dialects.functions import WITHOUT_UNDERSCORES
from cql_builder.errors import ArgumentError, MissingClauseError, StatementError, UnknownClauseError, suggestion

if TYPE_CHECKING:
    from typing import NoReturn, TypeAlias

    Operand: TypeAlias = str | Part[Selectable]
    """What a function is called with: a column, by name or as `col(…)`, or anything that is made of terms."""
    WrittenPart: TypeAlias = str | Column | CollectionElement | CollectionSlice | UserField
    """What has been written at some time: a column or a part of one."""

CONVERTED_TYPES = NATIVE_TYPES - {"blob"}
"""The types that there are conversions from and to blobs for."""


class Functions:
    """The functions of CQL, as methods of `fn`.

    A str is the name of a column; `bind(…)` and `lit(…)` make values. What is neither a name nor made of terms is
    refused with an `ArgumentError`.

    Native functions have the names of Cassandra 5.0 here; in the text they are what the dialect calls them.

    >>> from cql_builder import fn, select
    >>> select(fn.count(), fn.min("price"), fn.max("price"), fn.sum("left"), fn.avg("price")).from_("t").compile().cql
    'SELECT COUNT(*), min(price), max(price), sum(left), avg(price) FROM t'
    >>> select(fn.writetime("name"), fn.maxwritetime("tags"), fn.ttl("name")).from_("t").compile().cql
    'SELECT writetime(name), maxwritetime(tags), ttl(name) FROM t'
    >>> select(fn.cast("price", "text"), fn.to_json("tags"), fn.as_blob("int", "n")).from_("t").compile().cql
    'SELECT CAST(price AS text), to_json(tags), int_as_blob(n) FROM t'
    >>> select(fn.to_date("at"), fn.to_timestamp("at"), fn.to_unix_timestamp("at")).from_("t").compile().cql
    'SELECT to_date(at), to_timestamp(at), to_unix_timestamp(at) FROM t'
    >>> select(fn.map_keys("m"), fn.collection_count("m"), fn.collection_max("l")).from_("t").compile().cql
    'SELECT map_keys(m), collection_count(m), collection_max(l) FROM t'
    >>> select(fn.abs("a"), fn.round("a"), fn.log10("a")).from_("t").compile().cql
    'SELECT abs(a), round(a), log10(a) FROM t'
    >>> select(fn.similarity_cosine("v", [0.1, 0.2]), fn.mask_inner("card", 0, 4)).from_("t").compile()
    Compiled('SELECT similarity_cosine(v, ?), mask_inner(card, ?, ?) FROM t', 3 values)

    In values, and what older servers call them:

    >>> from cql_builder import col, insert_into
    >>> insert_into("t").values(id=fn.uuid(), at=fn.now(), day=fn.current_date(), l=fn.from_json("[1]")).compile().cql
    'INSERT INTO t (id, at, day, l) VALUES (uuid(), now(), current_date(), from_json(?))'
    >>> since = select().from_("t").where(col("at") > fn.min_timeuuid("2026-01-01"))
    >>> since.compile().cql
    'SELECT * FROM t WHERE at > min_timeuuid(?)'
    >>> since.compile("cassandra-4.1").cql
    'SELECT * FROM t WHERE at > mintimeuuid(?)'
    """

    __slots__ = ()

    def count(self, column: Operand | None = None) -> Nameable[CountRows | FunctionCall]:
        """Return `COUNT(*)`, or `count(column)`: how many rows have the column."""
        if isinstance(column, str):
            refuse_expression(column, "fn.count()", "fn.count() counts all rows")
        return Nameable(CountRows()) if column is None else _call("count", column)

    def min(self, column: Operand) -> FunctionTerm:
        """Return `min(column)`."""
        return _call("min", column)

    def max(self, column: Operand) -> FunctionTerm:
        """Return `max(column)`."""
        return _call("max", column)

    def sum(self, column: Operand) -> FunctionTerm:
        """Return `sum(column)`, in the type of the column."""
        return _call("sum", column)

    def avg(self, column: Operand) -> FunctionTerm:
        """Return `avg(column)`, in the type of the column.

        Whole numbers have a whole average.
        """
        return _call("avg", column)

    @overload
    def token(self, column: str | Column, /, *more: str | Column) -> TokenOf: ...
    @overload
    def token(self, value: Expression[Term], /, *more: Expression[Term]) -> FunctionTerm: ...
    def token(self, *given: object) -> TokenOf | FunctionTerm:
        """Return `token(…)` of the partition key, or of values of it.

        Name all columns of the partition key, in the order of the key.

        Raises:
            StatementError: if nothing is given, or columns and values together.

        >>> from cql_builder import bind, fn, select
        >>> select("a").from_("t").where(fn.token("a", "b") > -5).compile().cql
        'SELECT a FROM t WHERE token(a, b) > ?'
        >>> select("a").from_("t").where(fn.token("a") > fn.token(bind("last"))).compile()
        Compiled('SELECT a FROM t WHERE token(a) > token(?)', 1 values)
        """
        if not given:
            raise MissingClauseError("fn.token()", "the partition key", "name its columns")
        if all(is_part(each) and isinstance(each.node, Term) for each in given):
            terms, values = as_terms(given, "fn.token()")
            return FunctionTerm(FunctionCall(FunctionName("token"), terms), values)
        return TokenOf(Token(tuple([column_name(column, "fn.token()") for column in given])))

    def writetime(self, column: WrittenPart) -> Nameable[WriteTime]:
        """Return `writetime(column)`, in microseconds since 1970."""
        part = _written(column, "fn.writetime()")
        return Nameable(WriteTime(part.node), part.values)

    def maxwritetime(self, column: WrittenPart) -> Nameable[MaxWriteTime]:
        """Return `maxwritetime(column)`: when its youngest part was written.

        It counts in microseconds since 1970.
        """
        part = _written(column, "fn.maxwritetime()")
        return Nameable(MaxWriteTime(part.node), part.values)

    def ttl(self, column: WrittenPart) -> Nameable[TimeToLive]:
        """Return `ttl(column)`, the seconds it still lives; null without end."""
        part = _written(column, "fn.ttl()")
        return Nameable(TimeToLive(part.node), part.values)

    def cast(self, operand: Operand, to: str) -> Expression[Cast]:
        """Return `CAST(… AS type)`, the type being one that the server brings.

        Raises:
            StatementError: if the type is none of them.
        """
        name = checked_name(to, "fn.cast()", "the type")
        if name not in NATIVE_TYPES:
            raise StatementError("fn.cast()", f"{name!r} is no native type{suggestion(name, NATIVE_TYPES)}")
        node, values = _operand(operand, "fn.cast()")
        return Expression(Cast(node, NativeType(name)), values)

    def now(self) -> FunctionTerm:
        """Return `now()`: a timeuuid of this moment, made by the coordinator."""
        return FunctionTerm(FunctionCall(FunctionName("now")))

    def uuid(self) -> FunctionTerm:
        """Return `uuid()`: a random uuid, made by the coordinator."""
        return FunctionTerm(FunctionCall(FunctionName("uuid")))

    def current_date(self) -> FunctionTerm:
        """Return `current_date()`, of the coordinator."""
        return _call("current_date")

    def current_time(self) -> FunctionTerm:
        """Return `current_time()`, of the coordinator."""
        return _call("current_time")

    def current_timestamp(self) -> FunctionTerm:
        """Return `current_timestamp()`, of the coordinator."""
        return _call("current_timestamp")

    def current_timeuuid(self) -> FunctionTerm:
        """Return `current_timeuuid()`, of the coordinator."""
        return _call("current_timeuuid")

    def min_timeuuid(self, moment: object) -> FunctionTerm:
        """Return `min_timeuuid(?)`: less than every timeuuid of this timestamp."""
        return _call("min_timeuuid", more=(moment,))

    def max_timeuuid(self, moment: object) -> FunctionTerm:
        """Return `max_timeuuid(?)`: greater than every timeuuid of this timestamp."""
        return _call("max_timeuuid", more=(moment,))

    def to_date(self, operand: Operand) -> FunctionTerm:
        """Return `to_date(…)` of a timeuuid or timestamp."""
        return _call("to_date", operand)

    def to_timestamp(self, operand: Operand) -> FunctionTerm:
        """Return `to_timestamp(…)` of a timeuuid or date."""
        return _call("to_timestamp", operand)

    def to_unix_timestamp(self, operand: Operand) -> FunctionTerm:
        """Return `to_unix_timestamp(…)` of a timeuuid, timestamp or date.

        It counts in milliseconds since 1970.
        """
        return _call("to_unix_timestamp", operand)

    def floor(self, operand: Operand, duration: object, start: object = None) -> FunctionTerm:
        """Return `floor(…, duration)`: when the interval began that a time is in.

        It is for GROUP BY, from Cassandra 4.1 on.

        >>> from cql_builder import duration, fn, select
        >>> by_hour = fn.floor("at", duration("1h"))
        >>> select(by_hour, fn.max("heat")).from_("readings").group_by("day", by_hour).compile().cql
        'SELECT floor(at, 1h), max(heat) FROM readings GROUP BY day, floor(at, 1h)'
        """
        return _call("floor", operand, more=(duration,) if start is None else (duration, start))

    def to_json(self, operand: Operand) -> FunctionTerm:
        """Return `to_json(…)`."""
        return _call("to_json", operand)

    def from_json(self, text: object) -> FunctionTerm:
        """Return `from_json(?)`: the value that a JSON text holds, for INSERT and UPDATE."""
        return _call("from_json", more=(text,))

    def as_blob(self, of: str, operand: Operand) -> FunctionTerm:
        """Return `<type>_as_blob(…)`: `fn.as_blob("int", "a")` is `int_as_blob(a)`.

        Raises:
            StatementError: if there is no such conversion.
        """
        return _call(f"{_converted(of, 'fn.as_blob()')}_as_blob", operand)

    def from_blob(self, to: str, operand: Operand) -> FunctionTerm:
        """Return `blob_as_<type>(…)`: `fn.from_blob("int", "a")` is `blob_as_int(a)`.

        Raises:
            StatementError: if there is no such conversion.
        """
        return _call(f"blob_as_{_converted(to, 'fn.from_blob()')}", operand)

    def map_keys(self, operand: Operand) -> FunctionTerm:
        """Return `map_keys(…)`, a set; Cassandra 5.0."""
        return _call("map_keys", operand)

    def map_values(self, operand: Operand) -> FunctionTerm:
        """Return `map_values(…)`, a list; Cassandra 5.0."""
        return _call("map_values", operand)

    def collection_count(self, operand: Operand) -> FunctionTerm:
        """Return `collection_count(…)`: how many elements a collection has; Cassandra 5.0."""
        return _call("collection_count", operand)

    def collection_min(self, operand: Operand) -> FunctionTerm:
        """Return `collection_min(…)` of a list or set; Cassandra 5.0."""
        return _call("collection_min", operand)

    def collection_max(self, operand: Operand) -> FunctionTerm:
        """Return `collection_max(…)` of a list or set; Cassandra 5.0."""
        return _call("collection_max", operand)

    def collection_sum(self, operand: Operand) -> FunctionTerm:
        """Return `collection_sum(…)` of a list or set of numbers; Cassandra 5.0.

        It has the type of the numbers.
        """
        return _call("collection_sum", operand)

    def collection_avg(self, operand: Operand) -> FunctionTerm:
        """Return `collection_avg(…)` of a list or set of numbers; Cassandra 5.0.

        It has the type of the numbers.
        """
        return _call("collection_avg", operand)

    def abs(self, operand: Operand) -> FunctionTerm:
        """Return `abs(…)`; Cassandra 5.0."""
        return _call("abs", operand)

    def exp(self, operand: Operand) -> FunctionTerm:
        """Return `exp(…)`; Cassandra 5.0."""
        return _call("exp", operand)

    def log(self, operand: Operand) -> FunctionTerm:
        """Return `log(…)`, the natural logarithm; Cassandra 5.0."""
        return _call("log", operand)

    def log10(self, operand: Operand) -> FunctionTerm:
        """Return `log10(…)`; Cassandra 5.0."""
        return _call("log10", operand)

    def round(self, operand: Operand) -> FunctionTerm:
        """Return `round(…)`, halves away from zero; Cassandra 5.0."""
        return _call("round", operand)

    def similarity_cosine(self, operand: Operand, vector: object) -> FunctionTerm:
        """Return `similarity_cosine(…, ?)` of a vector column and a vector.

        It is 1 for the same direction.
        """
        return _call("similarity_cosine", operand, more=(vector,))

    def similarity_euclidean(self, operand: Operand, vector: object) -> FunctionTerm:
        """Return `similarity_euclidean(…, ?)` of a vector column and a vector."""
        return _call("similarity_euclidean", operand, more=(vector,))

    def similarity_dot_product(self, operand: Operand, vector: object) -> FunctionTerm:
        """Return `similarity_dot_product(…, ?)` of a vector column and a vector.

        Both have length 1.
        """
        return _call("similarity_dot_product", operand, more=(vector,))

    def mask_null(self, operand: Operand) -> FunctionTerm:
        """Return `mask_null(…)`: null; Cassandra 5.0."""
        return _call("mask_null", operand)

    def mask_default(self, operand: Operand) -> FunctionTerm:
        """Return `mask_default(…)`; Cassandra 5.0.

        It is `****`, 0 or what else stands for a value of the type.
        """
        return _call("mask_default", operand)

    def mask_replace(self, operand: Operand, value: object) -> FunctionTerm:
        """Return `mask_replace(…, ?)`: another value; Cassandra 5.0."""
        return _call("mask_replace", operand, more=(value,))

    def mask_inner(self, operand: Operand, begin: object, end: object, padding: object = None) -> FunctionTerm:
        """Return `mask_inner(…, ?, ?)`; Cassandra 5.0.

        Of the text, only so many first and last characters are shown.
        """
        return _call("mask_inner", operand, more=(begin, end) if padding is None else (begin, end, padding))

    def mask_outer(self, operand: Operand, begin: object, end: object, padding: object = None) -> FunctionTerm:
        """Return `mask_outer(…, ?, ?)`; Cassandra 5.0.

        Of the text, so many first and last characters are not shown.
        """
        return _call("mask_outer", operand, more=(begin, end) if padding is None else (begin, end, padding))

    def mask_hash(self, operand: Operand, algorithm: object = None) -> FunctionTerm:
        """Return `mask_hash(…)`, SHA-256 where no algorithm is given; Cassandra 5.0."""
        return _call("mask_hash", operand, more=() if algorithm is None else (algorithm,))

    def call(self, function: str | FunctionName, /, *arguments: object) -> FunctionTerm:
        """Return the call of any function.

        It is given as `"function"`, `"keyspace.function"` or `FunctionName`.

        Take care: a str among these arguments is a value, and a column is `col(…)`: `fn.call("f", "a")` is `f(?)`, and
        `fn.call("f", col("a"))` is `f(a)`. In the functions that have a method here it is the other way: `fn.max("a")`
        is `max(a)`, and `fn.max(bind("a"))` is `max(?)`. Names are exact: write native functions in small letters, such
        as `bm25` or `scylla_timeuuid_list_index`, for one in capitals is another function, in quotes.

        Raises:
            StatementError: if the name is none, or an argument cannot be one.

        >>> from cql_builder import col, fn, select
        >>> select(fn.call("shop.discount", col("price"), "summer").as_("less")).from_("products").compile()
        Compiled('SELECT shop.discount(price, ?) AS less FROM products', 1 values)
        """
        nodes, values = as_selectables(arguments, "fn.call()")
        return FunctionTerm(FunctionCall(function_name(function, "fn.call()"), nodes), values)

    if not TYPE_CHECKING:  # a type checker must keep refusing unknown names

        def __getattr__(self, name: str) -> NoReturn:
            """Say which function is close, and how any other is called."""
            known = [function for function in dir(type(self)) if function[0] != "_"]
            raise UnknownClauseError("fn", name, known, f'a function that has no method here is fn.call("{name}", …)')


fn = Functions()
"""The functions of CQL: `fn.count()`, `fn.token("id")`, `fn.now()`."""


def _call(name: str, *operands: object, more: tuple[object, ...] = ()) -> FunctionTerm:
    place = f"fn.{name}()"
    pairs = [_operand(operand, place) for operand in operands]
    others, other_values = as_selectables(more, place)
    values = tuple([value for _, inner in pairs for value in inner])
    arguments = (*[node for node, _ in pairs], *others)
    # Where dialects spell a name otherwise or lack it, the tree says that the server's own function is meant.
    function = NativeFunctionName(name) if name in WITHOUT_UNDERSCORES else FunctionName(name)
    return FunctionTerm(FunctionCall(function, arguments), values + other_values)


def _operand(operand: object, place: str) -> tuple[Selectable, tuple[object, ...]]:
    if isinstance(operand, str):
        return shared_column(operand), ()
    if is_part(operand) and isinstance(operand.node, Selectable):
        return operand.node, operand.values
    raise ArgumentError(place, "a column", "its name as a str", operand)


def _written(column: object, place: str) -> Part[ColumnName | Element | Slice | Field]:
    if isinstance(column, CollectionElement | CollectionSlice | UserField):
        return column
    return Part(column_name(column, place))


def _converted(name: str, place: str) -> str:
    exact = checked_name(name, place, "the type")
    if exact in CONVERTED_TYPES:
        return exact
    raise StatementError(place, f"there is no conversion of {name!r}{suggestion(name, CONVERTED_TYPES)}")
