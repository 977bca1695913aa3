"""Statements on types, functions and aggregates, descriptions of the schema and remarks on it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, get_args

from hypothesis import strategies as st

from cql_builder import ast
from cql_builder.dialects import features
from cql_trees.names import (
    TEXTS,
    bare_words,
    columns,
    flag,
    functions,
    has,
    identifiers,
    indexes,
    maybe,
    named,
    tables,
    tuples,
)
from cql_trees.terms import data_types, terms, user_types

if TYPE_CHECKING:
    from cql_builder.ast import Remarkable, Statement
    from cql_builder.dialects import Dialect

    Named = ast.TableName | ast.IndexName | ast.UserType | ast.FunctionName

BODIES = TEXTS | st.sampled_from(["", "return 1;", "return '$';", "$a", "a$b", "a$", "$$", "a$$b", "'", "\n"])


@named
def named_types(dialect: Dialect) -> st.SearchStrategy[ast.NamedType]:
    return st.builds(ast.NamedType, identifiers(dialect), data_types(dialect))


@cache
def type_statements(dialect: Dialect) -> dict[type[Statement], st.SearchStrategy[Statement]]:
    name, field = user_types(dialect), named_types(dialect)
    altered, part = flag(dialect, features.IF_EXISTS_ON_ALTER), flag(dialect, features.IF_NOT_EXISTS_ON_ADD)
    pairs = tuples(st.tuples(identifiers(dialect), identifiers(dialect)), 1)
    return {
        ast.CreateType: st.builds(ast.CreateType, name, tuples(field, 1), st.booleans()),
        ast.AddField: st.builds(ast.AddField, name, field, altered, part),
        ast.RenameFields: st.builds(ast.RenameFields, name, pairs, altered, part),
        ast.AlterFieldType: st.builds(ast.AlterFieldType, name, field, altered),
        ast.DropType: st.builds(ast.DropType, name, st.booleans()),
    }


@cache
def function_statements(dialect: Dialect) -> dict[type[Statement], st.SearchStrategy[Statement]]:
    name, called = functions(dialect), functions(dialect).map(lambda function: function.name)
    types = tuples(data_types(dialect, 1))
    reduced = maybe(called) if has(dialect, features.REDUCE_FUNCTION) else st.none()
    return {
        ast.CreateFunction: st.builds(
            ast.CreateFunction,
            name,
            tuples(named_types(dialect)),
            data_types(dialect),
            bare_words(dialect),
            BODIES,
            st.booleans(),
            st.booleans(),
            flag(dialect, features.REPLACE_IF_NOT_EXISTS),
        ),
        ast.DropFunction: st.builds(ast.DropFunction, name, maybe(types), st.booleans()),
        ast.CreateAggregate: st.builds(
            ast.CreateAggregate,
            name,
            types,
            called,
            data_types(dialect),
            maybe(called),
            maybe(terms(dialect, 1)),
            reduced,
            st.booleans(),
            flag(dialect, features.REPLACE_IF_NOT_EXISTS),
        ),
        ast.DropAggregate: st.builds(ast.DropAggregate, name, maybe(types), st.booleans()),
    }


def kinds(*of: ast.DescribedKind | None) -> st.SearchStrategy[ast.DescribedKind | None]:
    return st.sampled_from(of)


@cache
def descriptions(dialect: Dialect) -> dict[type[Statement], st.SearchStrategy[Statement]]:
    passwords = has(dialect, features.DESCRIBE_PASSWORDS)
    details = st.sampled_from(
        [(False, False), (True, False), (True, True)] if passwords else [(False, False), (True, False)]
    )
    named: st.SearchStrategy[tuple[ast.DescribedKind | None, Named]] = st.one_of(
        st.tuples(kinds("table", "materialized view", None), tables(dialect)),
        st.tuples(kinds("index"), indexes(dialect)),
        st.tuples(kinds("type"), user_types(dialect)),
        st.tuples(kinds("function", "aggregate"), functions(dialect)),
    )
    keyspace = st.tuples(maybe(identifiers(dialect)), st.booleans())
    group = st.sampled_from(get_args(ast.DescribedGroup))
    made: dict[type[Statement], st.SearchStrategy[Statement]] = {
        ast.DescribeGroup: st.tuples(group, details).map(lambda parts: ast.DescribeGroup(parts[0], *parts[1])),
        ast.DescribeKeyspace: st.tuples(keyspace, details).map(
            lambda parts: ast.DescribeKeyspace(*parts[0], *parts[1])
        ),
        ast.DescribeNamed: st.tuples(named, details).map(lambda parts: ast.DescribeNamed(*parts[0], *parts[1])),
    }
    made.update(remarks(dialect))
    return made


def remarks(dialect: Dialect) -> dict[type[Statement], st.SearchStrategy[Statement]]:
    targets: st.SearchStrategy[Remarkable] = st.one_of(
        st.builds(ast.KeyspaceName, identifiers(dialect)),
        tables(dialect),
        st.builds(ast.TableColumnName, tables(dialect), columns(dialect)),
        user_types(dialect),
        st.builds(ast.FieldName, user_types(dialect), identifiers(dialect)),
    )
    made: dict[type[Statement], st.SearchStrategy[Statement]] = {}
    if has(dialect, features.COMMENT_ON):
        made[ast.CommentOn] = st.builds(ast.CommentOn, targets, maybe(TEXTS))
    if has(dialect, features.SECURITY_LABEL):
        provider = maybe(identifiers(dialect))
        made[ast.SecurityLabelOn] = st.builds(ast.SecurityLabelOn, targets, maybe(TEXTS), provider)
    return made
