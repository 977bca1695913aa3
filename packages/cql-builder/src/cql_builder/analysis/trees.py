"""What a tree tells: its kind, whether it may run twice, whether it is a lightweight transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.analysis.kinds import StatementKind
from cql_builder.ast.clauses import Assign
from cql_builder.ast.definitions import SchemaStatement
from cql_builder.ast.names import ColumnName
from cql_builder.ast.node import Node
from cql_builder.ast.statements import Delete, Insert, InsertJson, Select, Truncate, Update
from cql_builder.ast.terms import FunctionCall

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeGuard

    from cql_builder.ast.statements import Statement

_KINDS: dict[type[Node], StatementKind] = {
    Select: StatementKind.SELECT,
    Insert: StatementKind.INSERT,
    InsertJson: StatementKind.INSERT,
    Update: StatementKind.UPDATE,
    Delete: StatementKind.DELETE,
    Truncate: StatementKind.TRUNCATE,
}


def statement_kind(tree: Statement) -> StatementKind:
    """Return what the statement does.

    >>> from cql_builder import truncate
    >>> statement_kind(truncate("t").tree)
    <StatementKind.TRUNCATE: 'truncate'>
    """
    if isinstance(tree, SchemaStatement):
        return StatementKind.SCHEMA
    return _KINDS.get(type(tree), StatementKind.OTHER)


def is_conditional(tree: Statement) -> bool:
    """Return whether the statement is a lightweight transaction: whether it has an IF.

    >>> from cql_builder import insert_into
    >>> is_conditional(insert_into("t").values(a=1).if_not_exists().tree)
    True
    """
    if isinstance(tree, Insert | InsertJson):
        return tree.if_not_exists
    return isinstance(tree, Update | Delete) and (tree.if_exists or bool(tree.conditions))


def is_idempotent(tree: Statement) -> bool:
    """Return whether running the statement twice surely leaves what running it once does.

    False where the tree alone cannot tell: `c = c + ?` may be a set or a counter, `DELETE l[?]` a map or a list. What
    changes the schema, truncates, is conditional or calls a function that may answer differently is not idempotent.

    >>> from cql_builder import col, update
    >>> is_idempotent(update("t").set(name="x").where(col("id") == 1).tree)
    True
    >>> is_idempotent(update("t").set(col("n").increment()).where(col("id") == 1).tree)
    False
    """
    if isinstance(tree, Select):
        return True
    if not isinstance(tree, Insert | InsertJson | Update | Delete) or is_conditional(tree) or _calls_function(tree):
        return False
    if isinstance(tree, Update):
        return all(isinstance(part, Assign) and isinstance(part.target, ColumnName) for part in tree.assignments)
    return not isinstance(tree, Delete) or all(isinstance(target, ColumnName) for target in tree.targets)


def _calls_function(tree: Statement) -> bool:
    """Return whether any function is called: now() and uuid() differ each time, and so may a user's own."""
    return any(isinstance(node, FunctionCall) for node in walk(tree))


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and all nodes in it, in the order of their fields.

    >>> from cql_builder import truncate
    >>> [type(node).__name__ for node in walk(truncate("t").tree)]
    ['Truncate', 'TableName']
    """
    waiting: list[object] = [node]
    while waiting:
        found = waiting.pop()
        if isinstance(found, Node):
            yield found
            waiting.extend([getattr(found, field) for field in reversed(type(found).field_names)])
        elif _is_tuple(found):
            waiting.extend(found[::-1])


def _is_tuple(value: object) -> TypeGuard[tuple[object, ...]]:
    return isinstance(value, tuple)
