"""The names of things: keyspace and case are exact, and no name carries quotes."""

from __future__ import annotations

from cql_builder.ast.node import Node


class TableName(Node):
    """The name of a table or view, in a keyspace or in the session's own.

    >>> from cql_builder import TableName, select
    >>> select().from_(TableName("a.b", "shop")).compile().cql
    'SELECT * FROM shop."a.b"'
    """

    name: str
    keyspace: str | None = None


class IndexName(Node):
    """The name of an index, in a keyspace or in the session's own."""

    name: str
    keyspace: str | None = None


class FunctionName(Node):
    """The name of a function or aggregate, in a keyspace or among the native ones."""

    name: str
    keyspace: str | None = None


class NativeFunctionName(Node):
    """The name of a function that the server brings, as Cassandra 5.0 spells it.

    Older servers spell some otherwise.
    """

    name: str


class RoleName(Node):
    """The name of a role."""

    name: str


class ColumnName(Node):
    """A column. Cassandra knows columns with an empty name, written `""`, in old compact tables."""

    name: str
