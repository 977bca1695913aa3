"""Data types, literals and terms as they stand outside SELECT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from cql_builder.ast import (
    Arithmetic,
    Bind,
    BlobLiteral,
    BooleanLiteral,
    Cast,
    CustomType,
    DurationLiteral,
    FloatLiteral,
    FrozenType,
    FunctionCall,
    IntegerLiteral,
    ListLiteral,
    ListType,
    MapLiteral,
    MapType,
    NativeType,
    Negation,
    NullLiteral,
    SetLiteral,
    SetType,
    StringLiteral,
    TupleLiteral,
    TupleType,
    TypeHint,
    UserType,
    UserTypeLiteral,
    UuidLiteral,
    VectorType,
)
from cql_builder.ast.types import NATIVE_TYPES
from cql_builder.dialects.bare_names import quoted_type_names
from cql_builder.dialects.features import ARITHMETIC, CAST_TERM, CUSTOM_TYPE, VECTOR
from cql_trees.names import TEXTS, called_functions, has, identifiers, keyspaces, maybe, named, tuples

if TYPE_CHECKING:
    from cql_builder.ast import DataType, Selectable, Term
    from cql_builder.dialects import Dialect

NATIVE = st.sampled_from(sorted(NATIVE_TYPES)).map(NativeType)
CUSTOM = st.sampled_from(["Int32Type", "UTF8Type"]).map(
    lambda name: CustomType(f"org.apache.cassandra.db.marshal.{name}")
)
DIGITS = st.sampled_from(["0", "7", "00", "123456789012345678901234567890"])
SIGNS = st.sampled_from(["", "-"])
UNITS = st.sampled_from(["y", "mo", "w", "d", "h", "m", "s", "ms", "us", "µs", "ns", "MO", "Us"])

STRINGS = st.builds(StringLiteral, TEXTS)
INTEGERS = st.builds(IntegerLiteral, st.builds("{}{}".format, SIGNS, DIGITS))
SMALL_INTEGERS = st.integers(-(2**31), 2**31 - 1).map(lambda number: IntegerLiteral(str(number)))
FRACTIONS = st.sampled_from([".", ".0", ".50", "e5", "E-3", "e+3", ".e1", ".5E10", ".25e-7"])
FLOATS = st.builds(
    FloatLiteral,
    st.sampled_from(["NaN", "-NaN", "Infinity", "-Infinity"]) | st.builds("{}{}{}".format, SIGNS, DIGITS, FRACTIONS),
)
BOOLEANS = st.builds(BooleanLiteral, st.booleans())
UUIDS = st.uuids().map(lambda value: UuidLiteral(str(value)))
BLOBS = st.builds(BlobLiteral, st.text("0123456789abcdef", max_size=5))
AMOUNTS = st.lists(st.builds("{}{}".format, DIGITS, UNITS), min_size=1, max_size=3).map("".join)
PERIODS = [
    "1Y",
    "1Y2M",
    "1Y2M3D",
    "2M",
    "3D",
    "1Y3D",
    "1YT1H",
    "T1H",
    "T2M",
    "T3S",
    "T1H2M3S",
    "T1H3S",
    "2MT3S",
    "2W",
    "10W",
    "0001-02-03T04:05:06",
    "1Y2M3DT4H5M6S",
]
DURATIONS = st.builds(
    DurationLiteral,
    st.builds("{}{}".format, SIGNS, AMOUNTS) | st.builds("{}P{}".format, SIGNS, st.sampled_from(PERIODS)),
)
CONSTANTS = st.one_of(STRINGS, INTEGERS, FLOATS, BOOLEANS, UUIDS, BLOBS, DURATIONS)
NULL = st.builds(NullLiteral)


@named
def markers(dialect: Dialect) -> st.SearchStrategy[Bind]:
    return st.builds(Bind, maybe(identifiers(dialect)))


@named
def whole_numbers(dialect: Dialect) -> st.SearchStrategy[Term]:
    return SMALL_INTEGERS | markers(dialect)


@named
def user_types(dialect: Dialect) -> st.SearchStrategy[UserType]:
    names = identifiers(dialect) | st.sampled_from(
        sorted(quoted_type_names(dialect) | {"empty", "json", "map", "maxwritetime", "vector", "key"})
    )
    return st.builds(UserType, names, keyspaces(dialect))


@named
def data_types(dialect: Dialect, depth: int = 2) -> st.SearchStrategy[DataType]:
    leaves: st.SearchStrategy[DataType] = NATIVE | user_types(dialect)
    if has(dialect, CUSTOM_TYPE):
        leaves |= CUSTOM
    return leaves if depth == 0 else leaves | freezable_types(dialect, depth)


@named
def freezable_types(dialect: Dialect, depth: int) -> st.SearchStrategy[DataType]:
    inner = data_types(dialect, depth - 1)
    made: st.SearchStrategy[DataType] = st.one_of(
        st.builds(ListType, inner),
        st.builds(SetType, inner),
        st.builds(MapType, inner, inner),
        st.builds(TupleType, tuples(inner, 1)),
        st.builds(FrozenType, user_types(dialect) if depth == 1 else freezable_types(dialect, depth - 1)),
    )
    return made | st.builds(VectorType, inner, st.integers(1, 8192)) if has(dialect, VECTOR) else made


@named
def constants_and_markers(dialect: Dialect) -> st.SearchStrategy[Term]:
    return st.one_of(CONSTANTS, NULL, markers(dialect))


@named
def values(dialect: Dialect, depth: int = 2) -> st.SearchStrategy[Term]:
    """What may stand where neither functions nor arithmetic do."""
    leaves = constants_and_markers(dialect)
    if depth == 0:
        return leaves
    inner = terms(dialect, depth - 1)
    return st.one_of(
        leaves,
        st.builds(ListLiteral, tuples(inner)),
        st.builds(SetLiteral, tuples(inner, 1)),
        st.builds(MapLiteral, tuples(st.tuples(inner, inner))),
        st.builds(UserTypeLiteral, tuples(st.tuples(identifiers(dialect), inner), 1)),
        tuple_literals(dialect, depth),
    )


@named
def tuple_literals(dialect: Dialect, depth: int = 1) -> st.SearchStrategy[TupleLiteral]:
    return st.builds(TupleLiteral, tuples(terms(dialect, depth - 1), 1))


@named
def function_calls(dialect: Dialect, depth: int = 1) -> st.SearchStrategy[FunctionCall]:
    return st.builds(FunctionCall, called_functions(dialect), tuples(terms(dialect, depth - 1)))


@named
def simple_terms(dialect: Dialect, depth: int = 2) -> st.SearchStrategy[Term]:
    if depth == 0:
        return constants_and_markers(dialect)
    inner = simple_terms(dialect, depth - 1)
    made = st.one_of(
        values(dialect, depth), function_calls(dialect, depth), st.builds(TypeHint, data_types(dialect, 1), inner)
    )
    return made | st.builds(Cast, inner, NATIVE) if has(dialect, CAST_TERM) else made


@named
def terms(dialect: Dialect, depth: int = 2) -> st.SearchStrategy[Term]:
    simple = simple_terms(dialect, depth)
    if depth == 0 or not has(dialect, ARITHMETIC):
        return simple
    single = simple_terms(dialect, depth - 1)
    operand = single | st.builds(Negation, single)
    return simple | simple | operand | arithmetic(operand)


def arithmetic(operand: st.SearchStrategy[Selectable]) -> st.SearchStrategy[Arithmetic]:
    """Arithmetic in which nothing that binds weaker is an operand."""
    product = st.builds(Arithmetic, operand, st.sampled_from(["*", "/", "%"]), operand)
    longer_product = st.builds(Arithmetic, product, st.sampled_from(["*", "/", "%"]), operand)
    sum_ = st.builds(Arithmetic, operand | longer_product, st.sampled_from(["+", "-"]), operand | product)
    return st.one_of(longer_product, sum_, st.builds(Arithmetic, sum_, st.sampled_from(["+", "-"]), operand | product))
