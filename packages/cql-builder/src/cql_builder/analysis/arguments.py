"""What every function here refuses: an answer about something that is no tree would be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.node import Node
from cql_builder.ast.statements import Statement
from cql_builder.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterable

_TREE = "a tree (give statement.tree, or parse_cql(text))"


def require_node(value: object, function: str) -> None:
    """Refuse what is no node.

    Raises:
        ArgumentError: if it is none.
    """
    if not isinstance(value, Node):
        raise ArgumentError(function, "it", _TREE, value)


def require_statement(value: object, function: str) -> None:
    """Refuse what is no statement, such as a table or a term alone.

    Raises:
        ArgumentError: if it is none.
    """
    if not isinstance(value, Statement):
        raise ArgumentError(function, "it", _TREE, value)


def column_names(names: Iterable[str], function: str) -> tuple[str, ...]:
    """Return the names of columns; a str is refused, not taken for its letters.

    Raises:
        ArgumentError: if they are no names.
    """
    expected = 'names of columns such as ["id"]'
    if isinstance(names, str) or not hasattr(names, "__iter__"):
        raise ArgumentError(function, "the partition key", expected, names)
    found = tuple(names)
    for name in found:
        if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance] - asked from anywhere
            raise ArgumentError(function, "the partition key", expected, name)
    return found
