"""Every statement, by its class and all together."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from cql_trees.access import permission_statements, role_statements, service_level_statements
from cql_trees.names import named
from cql_trees.programs import descriptions, function_statements, type_statements
from cql_trees.queries import queries
from cql_trees.schema import index_statements, keyspace_statements, table_statements, view_statements

if TYPE_CHECKING:
    from cql_builder.ast import Statement
    from cql_builder.dialects import Dialect


@cache
def statements_of(dialect: Dialect) -> dict[type[Statement], st.SearchStrategy[Statement]]:
    """The strategy of each class of statement that the dialect has."""
    return {
        **queries(dialect),
        **keyspace_statements(dialect),
        **table_statements(dialect),
        **index_statements(dialect),
        **view_statements(dialect),
        **type_statements(dialect),
        **function_statements(dialect),
        **descriptions(dialect),
        **role_statements(dialect),
        **permission_statements(dialect),
        **service_level_statements(dialect),
    }


@named
def statements(dialect: Dialect) -> st.SearchStrategy[Statement]:
    """Statements of every class that the dialect has."""
    return st.one_of(list(statements_of(dialect).values()))
