"""Statements on what users define beyond tables: their types, functions and aggregates."""

from __future__ import annotations

from cql_builder.ast.definitions import SchemaStatement
from cql_builder.ast.names import FunctionName
from cql_builder.ast.node import Node
from cql_builder.ast.terms import Term
from cql_builder.ast.types import DataType, UserType


class NamedType(Node):
    """A field of a type or an argument of a function: a name and its data type."""

    name: str
    type: DataType


class CreateType(SchemaStatement):
    """CREATE TYPE."""

    type: UserType
    fields: tuple[NamedType, ...]
    if_not_exists: bool = False


class AddField(SchemaStatement):
    """ALTER TYPE … ADD."""

    type: UserType
    field: NamedType
    if_exists: bool = False
    if_not_exists: bool = False


class RenameFields(SchemaStatement):
    """ALTER TYPE … RENAME: pairs of old and new name."""

    type: UserType
    names: tuple[tuple[str, str], ...]
    if_exists: bool = False
    if_fields_exist: bool = False


class AlterFieldType(SchemaStatement):
    """ALTER TYPE … ALTER … TYPE.

    ScyllaDB takes a type that reads what was written, Cassandra 4.0 and later none.
    """

    type: UserType
    field: NamedType
    if_exists: bool = False


class DropType(SchemaStatement):
    """DROP TYPE."""

    type: UserType
    if_exists: bool = False


class CreateFunction(SchemaStatement):
    """CREATE FUNCTION; `called_on_null` or else it returns null where an argument is null."""

    function: FunctionName
    arguments: tuple[NamedType, ...]
    returns: DataType
    language: str
    body: str
    called_on_null: bool = False
    or_replace: bool = False
    if_not_exists: bool = False


class DropFunction(SchemaStatement):
    """DROP FUNCTION; argument types choose one of several with the same name."""

    function: FunctionName
    argument_types: tuple[DataType, ...] | None = None
    if_exists: bool = False


class CreateAggregate(SchemaStatement):
    """CREATE AGGREGATE: a state, a function for each row, and one for the answer.

    `reduce_function` is ScyllaDB's: it makes one state of two.
    """

    aggregate: FunctionName
    argument_types: tuple[DataType, ...]
    state_function: str
    state_type: DataType
    final_function: str | None = None
    initial_state: Term | None = None
    reduce_function: str | None = None
    or_replace: bool = False
    if_not_exists: bool = False


class DropAggregate(SchemaStatement):
    """DROP AGGREGATE; argument types choose one of several with the same name."""

    aggregate: FunctionName
    argument_types: tuple[DataType, ...] | None = None
    if_exists: bool = False
