"""What the statements that change the schema share, and those on keyspaces."""

from __future__ import annotations

from cql_builder.ast.node import Node
from cql_builder.ast.statements import Statement
from cql_builder.ast.terms import Term


class SchemaStatement(Statement):
    """The base of all statements that change the schema."""


class Word(Node):
    """A bare word as the value of an option: `mode = static`.

    CQL takes only its unreserved keywords there.
    """

    word: str


class Option(Node):
    """An option of a keyspace, table, view or index: `comment = 'x'`.

    Its value is a constant or a map of constants.
    """

    name: str
    value: Term | Word


class CreateKeyspace(SchemaStatement):
    """CREATE KEYSPACE."""

    name: str
    options: tuple[Option, ...]
    if_not_exists: bool = False


class AlterKeyspace(SchemaStatement):
    """ALTER KEYSPACE … WITH."""

    name: str
    options: tuple[Option, ...]
    if_exists: bool = False


class DropKeyspace(SchemaStatement):
    """DROP KEYSPACE."""

    name: str
    if_exists: bool = False
