"""Statements that read and write rows."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from cql_builder.ast import (
    Batch,
    Delete,
    Insert,
    InsertJson,
    Let,
    PruneMaterializedView,
    ReferenceComparison,
    ReferenceIsNull,
    RowReference,
    Select,
    Statement,
    Transaction,
    Truncate,
    Update,
    Use,
)
from cql_builder.dialects import features
from cql_trees.names import bare_words, columns, flag, has, identifiers, maybe, named, tables, tuples
from cql_trees.relations import (
    OPERATORS,
    assignments,
    conditions,
    deleted,
    group_by,
    index_hints,
    limits,
    order_by,
    relations,
    timeouts,
    using_of_delete,
    using_of_prune,
    using_of_select,
    using_of_write,
)
from cql_trees.selectors import referenced, selections
from cql_trees.terms import STRINGS, markers, terms

if TYPE_CHECKING:
    from cql_builder.ast import Relation, Term
    from cql_builder.dialects import Dialect

    Modification = Insert | InsertJson | Update | Delete


@named
def selects(dialect: Dialect) -> st.SearchStrategy[Select]:
    made = st.builds(
        Select,
        selections(dialect),
        tables(dialect),
        tuples(relations(dialect)),
        group_by(dialect),
        order_by(dialect),
        limits(dialect),
        limits(dialect),
        distinct=st.booleans(),
        json=st.booleans(),
        allow_filtering=st.booleans(),
        mutation_fragments=flag(dialect, features.MUTATION_FRAGMENTS),
        bypass_cache=flag(dialect, features.BYPASS_CACHE),
        using=using_of_select(dialect),
        index_hints=index_hints(dialect),
    )
    if not has(dialect, features.SELECT_WITHOUT_TABLE):
        return made
    return made | st.builds(Select, selections(dialect).filter(bool), st.none())


@named
def inserts(dialect: Dialect, read: st.SearchStrategy[Term] | None = None) -> st.SearchStrategy[Insert]:
    value = terms(dialect) if read is None else terms(dialect) | read
    return st.integers(1, 3).flatmap(
        lambda count: st.builds(
            Insert,
            tables(dialect),
            tuples(columns(dialect), count, count),
            tuples(value, count, count),
            st.booleans(),
            using_of_write(dialect),
        )
    )


@named
def insert_jsons(dialect: Dialect) -> st.SearchStrategy[InsertJson]:
    return st.builds(
        InsertJson,
        tables(dialect),
        STRINGS | markers(dialect),
        st.sampled_from([None, "null", "unset"]),
        st.booleans(),
        using_of_write(dialect),
    )


@named
def updates(dialect: Dialect, read: st.SearchStrategy[Term] | None = None) -> st.SearchStrategy[Update]:
    parts = (tables(dialect), assignments(dialect, read), tuples(relations(dialect), 1), using_of_write(dialect))
    return st.builds(Update, *parts, tuples(conditions(dialect))) | st.builds(Update, *parts, if_exists=st.booleans())


@named
def deletes(dialect: Dialect) -> st.SearchStrategy[Delete]:
    parts = (tables(dialect), tuples(relations(dialect), 1), deleted(dialect), using_of_delete(dialect))
    bypass = flag(dialect, features.BYPASS_GUARDRAILS)
    return st.builds(Delete, *parts, tuples(conditions(dialect)), bypass_guardrails=bypass) | st.builds(
        Delete, *parts, if_exists=st.booleans(), bypass_guardrails=bypass
    )


@named
def modifications(dialect: Dialect, read: st.SearchStrategy[Term] | None = None) -> st.SearchStrategy[Modification]:
    return st.one_of(inserts(dialect, read), insert_jsons(dialect), updates(dialect, read), deletes(dialect))


@named
def batches(dialect: Dialect) -> st.SearchStrategy[Batch]:
    kinds = st.sampled_from(["logged", "unlogged", "counter"])
    return st.builds(Batch, tuples(modifications(dialect), max_size=2), kinds, using_of_write(dialect))


@named
def truncates(dialect: Dialect) -> st.SearchStrategy[Truncate]:
    return st.builds(Truncate, tables(dialect), st.just(()) | st.tuples(timeouts(dialect)))


@named
def lets(dialect: Dialect) -> st.SearchStrategy[Let]:
    return st.builds(
        Let,
        bare_words(dialect),
        selections(dialect, aliases=False),
        tables(dialect),
        tuples(relations(dialect), 1, 2),
        limits(dialect),
    )


@named
def transactions(dialect: Dialect) -> st.SearchStrategy[Transaction]:
    reference = st.builds(RowReference, identifiers(dialect), maybe(referenced(dialect)))
    answer = st.none() | selects(dialect) | tuples(reference, 1)
    conditions: st.SearchStrategy[Relation] = st.one_of(
        st.builds(ReferenceComparison, reference, OPERATORS, terms(dialect, 1)),
        st.builds(ReferenceComparison, terms(dialect, 1), OPERATORS, reference),
        st.builds(ReferenceIsNull, reference, st.booleans()),
    )
    reads = tuples(lets(dialect), max_size=2)
    return st.builds(
        Transaction, reads, answer, tuples(conditions), tuples(modifications(dialect, reference), max_size=2)
    )


@cache
def queries(dialect: Dialect) -> dict[type[Statement], st.SearchStrategy[Statement]]:
    """The strategy of each class of statement that reads or writes rows."""
    made: dict[type[Statement], st.SearchStrategy[Statement]] = {
        Select: selects(dialect),
        Insert: inserts(dialect),
        InsertJson: insert_jsons(dialect),
        Update: updates(dialect),
        Delete: deletes(dialect),
        Batch: batches(dialect),
        Truncate: truncates(dialect),
        Use: st.builds(Use, identifiers(dialect)),
    }
    if has(dialect, features.PRUNE_VIEW):
        view, rows = tables(dialect), tuples(relations(dialect))
        made[PruneMaterializedView] = st.builds(PruneMaterializedView, view, rows, using_of_prune(dialect))
    if has(dialect, features.TRANSACTIONS):
        made[Transaction] = transactions(dialect)
        made[Let] = lets(dialect)
    return made
