"""Relations of WHERE, conditions of IF, and the other clauses of statements that read and write rows."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, cast

from hypothesis import strategies as st

from cql_builder.ast import (
    Add,
    Assign,
    Between,
    ClusteringBound,
    ColumnTuple,
    Comparison,
    Contains,
    ContainsKey,
    Element,
    Field,
    FunctionCall,
    FunctionName,
    In,
    IndexExpression,
    IndexHints,
    IndexName,
    IsNotNull,
    Like,
    NearestOrdering,
    Ordering,
    Prepend,
    Subtract,
    Token,
    UsingConcurrency,
    UsingServiceLevel,
    UsingTimeout,
    UsingTimestamp,
    UsingTtl,
    ValueList,
)
from cql_builder.dialects import features
from cql_trees.names import columns, flag, functions, has, identifiers, indexes, maybe, named, new_columns, tuples
from cql_trees.selectors import selectors
from cql_trees.terms import markers, terms, tuple_literals, whole_numbers

if TYPE_CHECKING:
    from cql_builder.ast import Assignment, ComparisonOperator, Relation, Selectable, Term, UsingOption
    from cql_builder.dialects import Dialect

OPERATORS: st.SearchStrategy[ComparisonOperator] = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])


@named
def column_tuples(dialect: Dialect) -> st.SearchStrategy[ColumnTuple]:
    return st.builds(ColumnTuple, tuples(columns(dialect), 1))


@named
def elements(dialect: Dialect) -> st.SearchStrategy[Element]:
    return st.builds(Element, columns(dialect), terms(dialect, 1))


@named
def fields(dialect: Dialect) -> st.SearchStrategy[Field]:
    return st.builds(Field, columns(dialect), identifiers(dialect))


@named
def tokens(dialect: Dialect) -> st.SearchStrategy[Token]:
    return st.builds(Token, tuples(columns(dialect), 1))


@named
def value_lists(dialect: Dialect) -> st.SearchStrategy[Term | ValueList]:
    return cast(
        "st.SearchStrategy[Term | ValueList]", markers(dialect) | st.builds(ValueList, tuples(terms(dialect, 1)))
    )


@named
def relations(dialect: Dialect) -> st.SearchStrategy[Relation]:
    column, term = columns(dialect), terms(dialect)
    made: st.SearchStrategy[Relation] = st.one_of(
        st.builds(Comparison, column | elements(dialect) | tokens(dialect), OPERATORS, term),
        st.builds(In, column, value_lists(dialect), flag(dialect, features.NOT_IN)),
        st.builds(Contains, column, term, flag(dialect, features.NOT_CONTAINS)),
        st.builds(ContainsKey, column, term, flag(dialect, features.NOT_CONTAINS)),
        st.builds(Like, column, term),
        st.builds(IsNotNull, column),
        relations_of_tuples(dialect),
    )
    if has(dialect, features.BETWEEN):
        made |= st.builds(Between, column | tokens(dialect), term, term)
    if has(dialect, features.INDEX_EXPRESSION):
        made |= st.builds(IndexExpression, st.builds(IndexName, identifiers(dialect)), term)
    if has(dialect, features.FUNCTION_RELATION):
        call = st.builds(FunctionCall, functions(dialect), tuples(selectors(dialect, 1)))
        made |= st.builds(Comparison, call, OPERATORS, term)
    if has(dialect, features.LIKE_OF_OTHERS):
        call = st.builds(FunctionCall, functions(dialect), tuples(selectors(dialect, 1)))
        made |= st.builds(Like, elements(dialect) | tokens(dialect) | call, term)
    return made


@named
def relations_of_tuples(dialect: Dialect) -> st.SearchStrategy[Relation]:
    several = column_tuples(dialect)
    literals, marks = tuple_literals(dialect, 2), markers(dialect)
    bound: st.SearchStrategy[Term] = literals | marks
    if has(dialect, features.CLUSTERING_BOUND):
        bound |= st.builds(ClusteringBound, literals)
    lists = st.builds(ValueList, tuples(literals)) | st.builds(ValueList, tuples(marks))
    made: st.SearchStrategy[Relation] = st.builds(Comparison, several, OPERATORS, bound) | st.builds(
        In, several, marks | lists, flag(dialect, features.TUPLE_NOT_IN)
    )
    if has(dialect, features.BETWEEN):
        made |= st.builds(Between, several, literals | marks, literals | marks)
    return made | st.builds(Like, several, bound) if has(dialect, features.LIKE_OF_OTHERS) else made


@named
def conditions(dialect: Dialect) -> st.SearchStrategy[Relation]:
    column, term = columns(dialect), terms(dialect, 1)
    compared = column | elements(dialect) | fields(dialect)
    made: st.SearchStrategy[Relation] = st.builds(Comparison, compared, OPERATORS, term) | st.builds(
        In, compared, value_lists(dialect), flag(dialect, features.NOT_IN_CONDITION)
    )
    if has(dialect, features.CONTAINS_CONDITION):
        made |= st.builds(Contains, column, term) | st.builds(ContainsKey, column, term)
    return made | st.builds(Like, compared, term) if has(dialect, features.LIKE_CONDITION) else made


@named
def group_by(dialect: Dialect) -> st.SearchStrategy[tuple[Selectable, ...]]:
    group: st.SearchStrategy[Selectable] = columns(dialect)
    if has(dialect, features.GROUP_BY_EXPRESSION):
        group = new_columns(dialect) | selectors(dialect, 1)
    return tuples(group)


@named
def order_by(dialect: Dialect) -> st.SearchStrategy[tuple[Ordering | NearestOrdering, ...]]:
    made: st.SearchStrategy[Ordering | NearestOrdering] = st.builds(Ordering, columns(dialect), st.booleans())
    if has(dialect, features.NEAREST):
        made |= st.builds(NearestOrdering, columns(dialect), terms(dialect, 1), st.booleans())
    if has(dialect, features.ORDER_BY_FUNCTION):
        call = st.builds(FunctionCall, functions(dialect), tuples(selectors(dialect, 1)))
        made |= st.builds(Ordering, call)
    return tuples(made)


@named
def index_hints(dialect: Dialect) -> st.SearchStrategy[tuple[IndexHints, ...]]:
    if not has(dialect, features.INDEX_HINTS):
        return st.just(())
    hint = st.builds(IndexHints, st.booleans(), tuples(indexes(dialect)))
    return tuples(hint, unique=lambda one: one.included)


@cache
def timeouts(dialect: Dialect) -> st.SearchStrategy[UsingOption]:
    if not has(dialect, features.USING_TIMEOUT):
        nothing: st.SearchStrategy[UsingOption] = st.nothing()  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        return nothing
    return st.builds(UsingTimeout, terms(dialect, 1))


@named
def using_of_write(dialect: Dialect) -> st.SearchStrategy[tuple[UsingOption, ...]]:
    number = whole_numbers(dialect)
    return tuples(st.one_of(st.builds(UsingTtl, number), st.builds(UsingTimestamp, number), timeouts(dialect)))


@named
def using_of_delete(dialect: Dialect) -> st.SearchStrategy[tuple[UsingOption, ...]]:
    stamp = st.builds(UsingTimestamp, whole_numbers(dialect))
    return tuples(stamp | timeouts(dialect), max_size=2 if has(dialect, features.USING_TIMEOUT) else 1)


@named
def using_of_select(dialect: Dialect) -> st.SearchStrategy[tuple[UsingOption, ...]]:
    if not has(dialect, features.USING_SERVICE_LEVEL):
        return st.just(())
    return tuples(timeouts(dialect) | st.builds(UsingServiceLevel, identifiers(dialect)))


@named
def using_of_prune(dialect: Dialect) -> st.SearchStrategy[tuple[UsingOption, ...]]:
    return tuples(timeouts(dialect) | st.builds(UsingConcurrency, terms(dialect, 1)))


@named
def assignments(
    dialect: Dialect, read: st.SearchStrategy[Term] | None = None
) -> st.SearchStrategy[tuple[Assignment, ...]]:
    """What SET does, each column once; in a transaction values may be what it has `read`."""
    column, term = columns(dialect), terms(dialect)
    value = term if read is None else term | read
    key = terms(dialect, 1)
    made: st.SearchStrategy[Assignment] = st.one_of(
        st.builds(Assign, column | fields(dialect) | elements(dialect), value),
        st.builds(Add, column, value),
        st.builds(Prepend, column, term),
        st.builds(Subtract, column, value),
    )
    if has(dialect, features.SERVICE_LEVELS):
        index = st.builds(FunctionCall, st.just(FunctionName("scylla_timeuuid_list_index")), st.tuples(key))
        shards = st.builds(FunctionCall, st.just(FunctionName("scylla_counter_shard_list")), st.tuples(key))
        made |= st.builds(Assign, st.builds(Element, column, index), term) | st.builds(Assign, column, shards)
    return tuples(made, 1, unique=assigned)


def assigned(assignment: Assignment) -> str:
    if not isinstance(assignment, Assign):
        return assignment.column.name
    target = assignment.target if not isinstance(assignment.target, Element | Field) else assignment.target.receiver
    return str(getattr(target, "name", ""))


@named
def deleted(dialect: Dialect) -> st.SearchStrategy[tuple[Selectable, ...]]:
    return tuples(columns(dialect) | elements(dialect) | fields(dialect))


@named
def limits(dialect: Dialect) -> st.SearchStrategy[Term | None]:
    return maybe(whole_numbers(dialect))
