"""What a statement does as a whole: its kind, and whether it is a lightweight transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.analysis.arguments import require_statement
from cql_builder.analysis.kinds import StatementKind
from cql_builder.ast.definitions import SchemaStatement
from cql_builder.ast.statements import Batch, Delete, Insert, InsertJson, Select, Transaction, Truncate, Update

if TYPE_CHECKING:
    from cql_builder.ast.node import Node
    from cql_builder.ast.statements import Statement

_KINDS: dict[type[Node], StatementKind] = {
    Select: StatementKind.SELECT,
    Insert: StatementKind.INSERT,
    InsertJson: StatementKind.INSERT,
    Update: StatementKind.UPDATE,
    Delete: StatementKind.DELETE,
    Batch: StatementKind.BATCH,
    Transaction: StatementKind.BATCH,
    Truncate: StatementKind.TRUNCATE,
}


def statement_kind(tree: Statement) -> StatementKind:
    """Return what the statement does.

    Raises:
        ArgumentError: if it is no statement's tree.

    >>> from cql_builder import truncate
    >>> statement_kind(truncate("t").tree)
    <StatementKind.TRUNCATE: 'truncate'>
    """
    require_statement(tree, "statement_kind")
    if isinstance(tree, SchemaStatement):
        return StatementKind.SCHEMA
    return _KINDS.get(type(tree), StatementKind.OTHER)


def is_conditional(tree: Statement) -> bool:
    """Return whether the statement is a lightweight transaction.

    It is one if it has an IF, or one of the statements in its batch does.

    Raises:
        ArgumentError: if it is no statement's tree.

    >>> from cql_builder import insert_into
    >>> is_conditional(insert_into("t").values(a=1).if_not_exists().tree)
    True
    """
    require_statement(tree, "is_conditional")
    if isinstance(tree, Insert | InsertJson):
        return tree.if_not_exists
    if isinstance(tree, Batch):
        return any(is_conditional(statement) for statement in tree.statements)
    if isinstance(tree, Transaction):
        return bool(tree.conditions)
    return isinstance(tree, Update | Delete) and (tree.if_exists or bool(tree.conditions))
