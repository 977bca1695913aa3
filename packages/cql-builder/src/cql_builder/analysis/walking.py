"""Going through a tree: every node of it, the nodes of a kind, and the same tree with other nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from cql_builder.analysis.arguments import require_node
from cql_builder.ast.node import Node, children, innermost_first
from cql_builder.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

N = TypeVar("N", bound=Node)


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and all nodes in it, in the order of their fields.

    Raises:
        ArgumentError: if it is no node; a statement that was built has one as its `tree`.

    >>> from cql_builder import truncate
    >>> [type(node).__name__ for node in walk(truncate("t").tree)]
    ['Truncate', 'TableName']
    """
    require_node(node, "walk")
    return _walk(node)


def _walk(node: Node) -> Iterator[Node]:
    waiting: list[object] = [node]
    while waiting:
        found = waiting.pop()
        if isinstance(found, Node):
            yield found
            waiting.extend([getattr(found, field) for field in reversed(type(found).field_names)])
        elif parts := children(found):
            waiting.extend(parts[::-1])


def find(node: Node, kind: type[N]) -> Iterator[N]:
    """Yield the nodes of a class, or of a class below it, in the order of `walk`.

    Raises:
        ArgumentError: if it is no node, or the kind no class.

    >>> from cql_builder import col, select
    >>> from cql_builder.ast import ColumnName
    >>> tree = select("id", "name").from_("shop.products").where(col("price") >= 3).tree
    >>> [column.name for column in find(tree, ColumnName)]
    ['id', 'name', 'price']
    """
    require_node(node, "find")
    if not isinstance(kind, type):  # pyright: ignore[reportUnnecessaryIsInstance] - asked from anywhere
        raise ArgumentError("find", "the kind", "a class of cql_builder.ast", kind)
    return _find(node, kind)


def _find(node: Node, kind: type[N]) -> Iterator[N]:
    for found in _walk(node):
        if isinstance(found, kind):
            yield found


def transform(node: N, change: Callable[[Node], Node]) -> N:
    """Return the tree with every node replaced by what `change` makes of it.

    It goes from the innermost nodes outwards.

    `change` gets each node with its parts changed already, and returns it or one that can stand in its place. Where
    nothing changes, the very same nodes come back.

    Raises:
        ArgumentError: if it is no node, `change` is no function, or returns no node.

    >>> from cql_builder import compile_statement, select
    >>> from cql_builder.ast import Node, TableName
    >>> def of_tenant(node: Node) -> Node:
    ...     return TableName(node.name, "tenant_7") if isinstance(node, TableName) else node
    >>> compile_statement(transform(select("id").from_("products").tree, of_tenant)).cql
    'SELECT id FROM tenant_7.products'
    """
    require_node(node, "transform")
    if not callable(change):
        raise ArgumentError("transform", "change", "a function that takes a node and returns one", change)
    done: list[object] = []
    for value in innermost_first(node):
        parts = children(value)
        start = len(done) - len(parts)
        changed = done[start:]
        del done[start:]
        same = all(one is other for one, other in zip(parts, changed, strict=True))
        if isinstance(value, Node):
            done.append(_changed(value if same else type(value)(*changed), change))
        else:
            done.append(value if same else tuple(changed))
    return cast("N", done[0])


def _changed(node: Node, change: Callable[[Node], Node]) -> Node:
    changed = change(node)
    if not isinstance(changed, Node):  # pyright: ignore[reportUnnecessaryIsInstance] - it may return nothing
        raise ArgumentError("transform", f"what stands in the place of a {type(node).__name__}", "a node", changed)
    return changed
