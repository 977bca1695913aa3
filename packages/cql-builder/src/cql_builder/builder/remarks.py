"""`comment_on` and `security_label_on`: remarks that the schema keeps, and what they can be on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.access import KeyspaceResource, TableResource
from cql_builder.ast.descriptions import CommentOn, FieldName, KeyspaceName, SecurityLabelOn, TableColumnName
from cql_builder.ast.types import UserType
from cql_builder.builder.columns import column_name
from cql_builder.builder.names import checked_name, table_name, type_name
from cql_builder.builder.statement import FinishedStatement
from cql_builder.errors import ArgumentError

if TYPE_CHECKING:
    from typing import TypeAlias

    from cql_builder.ast.descriptions import Remarkable
    from cql_builder.ast.names import TableName
    from cql_builder.builder.columns import Column

    Target: TypeAlias = KeyspaceResource | TableResource | TableColumnName | UserType | FieldName
    """What remarks can be on."""


def comment_on(target: Target, text: str | None) -> FinishedStatement:
    """Return a COMMENT ON, or with None what takes the comment away: Cassandra 6.0.

    It can be on a keyspace, table, column, type or field.

    Raises:
        ArgumentError: if an argument is of the wrong kind.

    >>> from cql_builder import comment_on, table, table_column
    >>> comment_on(table("shop.products"), "what we sell").compile("cassandra-6.0").cql
    "COMMENT ON TABLE shop.products IS 'what we sell'"
    >>> comment_on(table_column("shop.products", "price"), None).compile("cassandra-6.0").cql
    'COMMENT ON COLUMN shop.products.price IS NULL'
    """
    statement = "COMMENT ON"
    return FinishedStatement(CommentOn(_target(target, statement), _text(text, statement, "the comment")))


def security_label_on(target: Target, label: str | None, *, provider: str | None = None) -> FinishedStatement:
    """Return a SECURITY LABEL ON: Cassandra 6.0.

    A label may belong to a provider; None takes the label away.

    Raises:
        ArgumentError: if an argument is of the wrong kind.

    >>> from cql_builder import keyspace, security_label_on
    >>> security_label_on(keyspace("shop"), "internal").compile("cassandra-6.0").cql
    "SECURITY LABEL ON KEYSPACE shop IS 'internal'"
    """
    statement = "SECURITY LABEL ON"
    name = _text(provider, statement, "the provider")
    return FinishedStatement(SecurityLabelOn(_target(target, statement), _text(label, statement, "the label"), name))


def table_column(table: str | TableName, column: str | Column) -> TableColumnName:
    """Return a column of a table, for `comment_on` and `security_label_on`.

    Raises:
        ArgumentError: if the table or the column is no name.
        StatementError: if the name is none.

    >>> from cql_builder import comment_on, table_column
    >>> comment_on(table_column("shop.products", "price"), "without tax").compile("cassandra-6.0").cql
    "COMMENT ON COLUMN shop.products.price IS 'without tax'"
    """
    return TableColumnName(table_name(table, "table_column()"), column_name(column, "table_column()"))


def user_type(name: str | UserType) -> UserType:
    """Return a user-defined type, for `comment_on` and `security_label_on`.

    Raises:
        ArgumentError: if the name is neither a str nor a `UserType`.
        StatementError: if the name is none.

    >>> from cql_builder import comment_on, user_type
    >>> comment_on(user_type("shop.money"), "an amount").compile("cassandra-6.0").cql
    "COMMENT ON TYPE shop.money IS 'an amount'"
    """
    return type_name(name, "user_type()")


def type_field(user_type: str | UserType, field: str) -> FieldName:
    """Return a field of a user-defined type, for `comment_on` and `security_label_on`.

    Raises:
        ArgumentError: if the type or the field is no name.
        StatementError: if the name is none.

    >>> from cql_builder import comment_on, type_field
    >>> comment_on(type_field("shop.money", "currency"), "ISO 4217").compile("cassandra-6.0").cql
    "COMMENT ON FIELD shop.money.currency IS 'ISO 4217'"
    """
    return FieldName(type_name(user_type, "type_field()"), checked_name(field, "type_field()", "the name of a field"))


def _target(given: object, statement: str) -> Remarkable:
    if isinstance(given, KeyspaceResource):
        return KeyspaceName(given.name)
    if isinstance(given, TableResource):
        return given.table
    if isinstance(given, TableColumnName | UserType | FieldName):
        return given
    raise ArgumentError(
        statement, "its target", "keyspace(…), table(…), table_column(…), user_type(…) or type_field(…)", given
    )


def _text(given: object, statement: str, argument: str) -> str | None:
    return None if given is None else checked_name(given, statement, argument)
