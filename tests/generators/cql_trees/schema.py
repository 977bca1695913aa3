"""Statements on keyspaces, tables, indexes and views."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from cql_builder import ast
from cql_builder.dialects import features
from cql_trees.names import (
    TEXTS,
    columns,
    flag,
    functions,
    has,
    identifiers,
    indexes,
    maybe,
    named,
    new_columns,
    tables,
    tuples,
)
from cql_trees.relations import OPERATORS, relations
from cql_trees.selectors import selections
from cql_trees.terms import CONSTANTS, NULL, SMALL_INTEGERS, STRINGS, data_types, markers, terms, values

if TYPE_CHECKING:
    from cql_builder.ast import Option, Statement, Term
    from cql_builder.dialects import Dialect


@named
def option_maps(dialect: Dialect, *, plain: bool = False) -> st.SearchStrategy[ast.MapLiteral]:
    """Maps of constants; where they are not `plain`, lists of constants too."""
    value: st.SearchStrategy[Term] = CONSTANTS
    if not plain and has(dialect, features.COLLECTION_OPTION):
        value |= st.builds(ast.ListLiteral, tuples(CONSTANTS))
    return st.builds(ast.MapLiteral, tuples(st.tuples(STRINGS, value), unique=lambda entry: entry[0]))


@named
def options(dialect: Dialect, min_size: int = 0) -> st.SearchStrategy[tuple[Option, ...]]:
    word = st.builds(ast.Word, st.sampled_from(sorted(dialect.unreserved)))
    value = CONSTANTS | word | option_maps(dialect)
    if has(dialect, features.NULL_OPTION):
        value |= NULL
    return tuples(st.builds(ast.Option, identifiers(dialect), value), min_size, unique=lambda option: option.name)


@named
def masks(dialect: Dialect) -> st.SearchStrategy[ast.Mask]:
    return st.just(ast.Mask()) | st.builds(ast.Mask, functions(dialect), tuples(terms(dialect, 1)))


@named
def constraints(dialect: Dialect, column: ast.ColumnName) -> st.SearchStrategy[tuple[ast.Constraint, ...]]:
    name = st.sampled_from(["length", "octet_length", "regexp"])
    arguments = tuples(STRINGS)
    made: st.SearchStrategy[ast.Constraint] = st.one_of(
        st.builds(ast.ComparisonConstraint, st.just(column), OPERATORS, values(dialect, 1)),
        st.builds(ast.FunctionConstraint, name, arguments, OPERATORS, values(dialect, 1)),
        st.builds(ast.FunctionConstraint, st.sampled_from(["json", "not_null"]), st.none() | arguments),
    )
    return tuples(made) | st.just((ast.NotNullConstraint(),))


@named
def table_columns(dialect: Dialect, *, added: bool = False) -> st.SearchStrategy[ast.TableColumn]:
    return new_columns(dialect).flatmap(lambda column: table_column(dialect, column, added=added))


def table_column(dialect: Dialect, column: ast.ColumnName, *, added: bool) -> st.SearchStrategy[ast.TableColumn]:
    mask = maybe(masks(dialect)) if has(dialect, features.MASKING) else st.none()
    if not has(dialect, features.CONSTRAINTS):
        ttl = st.just(value=False) if added else flag(dialect, features.ROW_TTL)
        return st.builds(ast.TableColumn, st.just(column), data_types(dialect), st.booleans(), mask=mask, ttl=ttl)
    parts = (st.just(column), data_types(dialect), st.booleans())
    constrained = st.builds(ast.TableColumn, *parts, mask=mask, constraints=constraints(dialect, column) | st.just(()))
    return constrained if added else constrained | st.builds(ast.TableColumn, *parts, st.just(value=True), mask)


@named
def clustering_orders(dialect: Dialect) -> st.SearchStrategy[tuple[ast.Ordering, ...]]:
    return tuples(st.builds(ast.Ordering, new_columns(dialect), st.booleans()), unique=lambda one: one.column)


@cache
def keyspace_statements(dialect: Dialect) -> dict[type[Statement], st.SearchStrategy[Statement]]:
    name = identifiers(dialect)
    least = 0 if has(dialect, features.KEYSPACE_WITHOUT_OPTIONS) else 1
    altered = flag(dialect, features.IF_EXISTS_ON_ALTER)
    return {
        ast.CreateKeyspace: st.builds(ast.CreateKeyspace, name, options(dialect, least), st.booleans()),
        ast.AlterKeyspace: st.builds(ast.AlterKeyspace, name, options(dialect, 1), altered),
        ast.DropKeyspace: st.builds(ast.DropKeyspace, name, st.booleans()),
    }


@cache
def table_statements(dialect: Dialect) -> dict[type[Statement], st.SearchStrategy[Statement]]:
    table, column = tables(dialect), new_columns(dialect)
    altered, part = flag(dialect, features.IF_EXISTS_ON_ALTER), flag(dialect, features.IF_NOT_EXISTS_ON_ADD)
    stamp: st.SearchStrategy[Term] = SMALL_INTEGERS
    if has(dialect, features.MARKER_IN_DROP):
        stamp |= markers(dialect)
    created = tuples(table_columns(dialect), unique=lambda one: one.name.name)
    # Cassandra 6.0 gives the constraints of one column to those behind it: several are added without.
    plain = st.builds(ast.TableColumn, column, data_types(dialect), st.booleans())
    added = tuples(table_columns(dialect, added=True), 1, 1) | tuples(plain, 1)
    pairs = tuples(st.tuples(column, column), 1)
    made: dict[type[Statement], st.SearchStrategy[Statement]] = {
        ast.CreateTable: st.builds(
            ast.CreateTable,
            table,
            created,
            tuples(column, 1),
            tuples(column),
            clustering_orders(dialect),
            options(dialect),
            st.booleans(),
            st.booleans(),
        ),
        ast.AddColumns: st.builds(ast.AddColumns, table, added, altered, part),
        ast.DropColumns: st.builds(ast.DropColumns, table, tuples(column, 1), altered, part, maybe(stamp)),
        ast.RenameColumns: st.builds(ast.RenameColumns, table, pairs, altered, part),
        ast.AlterColumnType: st.builds(ast.AlterColumnType, table, columns(dialect), data_types(dialect), altered),
        ast.AlterTableOptions: st.builds(ast.AlterTableOptions, table, options(dialect, 1), altered),
        ast.DropTable: st.builds(ast.DropTable, table, st.booleans()),
    }
    made.update(optional_table_statements(dialect))
    return made


def optional_table_statements(dialect: Dialect) -> dict[type[Statement], st.SearchStrategy[Statement]]:
    table, column = tables(dialect), columns(dialect)
    altered, part = flag(dialect, features.IF_EXISTS_ON_ALTER), flag(dialect, features.IF_NOT_EXISTS_ON_ADD)
    copied = tuples(st.sampled_from(["indexes", "comments", "security labels"]))
    made: dict[type[Statement], tuple[features.Feature, st.SearchStrategy[Statement]]] = {
        ast.CopyTable: (
            features.COPY_TABLE,
            st.builds(ast.CopyTable, table, table, copied, options(dialect), st.booleans()),
        ),
        ast.MaskColumn: (
            features.MASKING,
            st.builds(ast.MaskColumn, table, column, maybe(masks(dialect)), altered, part),
        ),
        ast.ConstrainColumn: (
            features.CONSTRAINTS,
            new_columns(dialect).flatmap(
                lambda one: st.builds(
                    ast.ConstrainColumn, table, st.just(one), constraints(dialect, one) | st.just(()), altered, part
                )
            ),
        ),
        ast.DropCompactStorage: (
            features.DROP_COMPACT_STORAGE,
            st.builds(ast.DropCompactStorage, table, altered),
        ),
        ast.ExpireRows: (features.ROW_TTL, st.builds(ast.ExpireRows, table, maybe(column))),
    }
    return {cls: strategy for cls, (feature, strategy) in made.items() if has(dialect, feature)}


@cache
def index_statements(dialect: Dialect) -> dict[type[Statement], st.SearchStrategy[Statement]]:
    table, name = tables(dialect), identifiers(dialect)
    parts = st.sampled_from([None, "keys", "values", "entries", "full"])
    target: st.SearchStrategy[ast.IndexTarget | ast.LocalIndexTarget] = st.builds(
        ast.IndexTarget, columns(dialect), parts
    )
    if has(dialect, features.LOCAL_INDEX):
        target |= st.builds(ast.LocalIndexTarget, tuples(columns(dialect), 1))
    made: dict[type[Statement], st.SearchStrategy[Statement]] = {
        ast.CreateIndex: st.builds(
            ast.CreateIndex,
            maybe(name),
            table,
            tuples(target),
            maybe(TEXTS),
            options(dialect),
            st.booleans(),
            st.booleans(),
            clustering_orders(dialect) if has(dialect, features.VIEW_OF_INDEX) else st.just(()),
            flag(dialect, features.VIEW_OF_INDEX),
        ),
        ast.DropIndex: st.builds(ast.DropIndex, indexes(dialect), st.booleans()),
    }
    if has(dialect, features.TRIGGERS):
        made[ast.CreateTrigger] = st.builds(ast.CreateTrigger, name, table, TEXTS, st.booleans())
        made[ast.DropTrigger] = st.builds(ast.DropTrigger, name, table, st.booleans())
    return made


@cache
def view_statements(dialect: Dialect) -> dict[type[Statement], st.SearchStrategy[Statement]]:
    table = tables(dialect)
    return {
        ast.CreateMaterializedView: st.builds(
            ast.CreateMaterializedView,
            table,
            selections(dialect),
            table,
            tuples(relations(dialect)),
            tuples(new_columns(dialect), 1),
            tuples(new_columns(dialect)),
            clustering_orders(dialect),
            options(dialect),
            st.booleans(),
            flag(dialect, features.COMPACT_VIEW),
        ),
        ast.AlterMaterializedView: st.builds(
            ast.AlterMaterializedView, table, options(dialect, 1), flag(dialect, features.IF_EXISTS_ON_ALTER)
        ),
        ast.DropMaterializedView: st.builds(ast.DropMaterializedView, table, st.booleans()),
    }
