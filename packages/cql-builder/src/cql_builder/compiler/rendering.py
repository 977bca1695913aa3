"""How a tree becomes text: each node class has a renderer, and all of one statement share a `Rendering`.

A renderer renders the parts of its node in the order of the text, for that is the order of the markers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.dialects import require_feature
from cql_builder.quoting import quote_identifier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import NoReturn, TypeAlias

    from cql_builder.ast.node import Node
    from cql_builder.dialects import Dialect, Feature

    AnyRenderer: TypeAlias = Callable[[NoReturn, "Rendering"], str]
    """Any renderer; which node it takes is said by its place in the table."""


class Rendering:
    """The state of rendering one statement: the dialect, and the markers met so far.

    Attributes:
        dialect: the dialect that the text is for.
        markers: the names of the markers met so far, None for a nameless one.
    """

    __slots__ = ("_renderers", "dialect", "markers")

    def __init__(self, dialect: Dialect, renderers: Mapping[type[Node], Callable[[Node, Rendering], str]]) -> None:
        """Start a statement in `dialect`."""
        self.dialect = dialect
        self.markers: list[str | None] = []
        self._renderers = renderers

    def text(self, node: Node) -> str:
        """Return the text of a node."""
        return self._renderers[type(node)](node, self)

    def join(self, nodes: Iterable[Node], separator: str = ", ") -> str:
        """Return the texts of nodes, joined."""
        renderers = self._renderers
        return separator.join([renderers[type(node)](node, self) for node in nodes])

    def identifier(self, name: str) -> str:
        """Return a name, in quotes where the dialect needs them."""
        return quote_identifier(name, self.dialect.reserved)

    def marker(self, name: str | None) -> None:
        """Note a marker."""
        self.markers.append(name)

    def require(self, feature: Feature) -> None:
        """Refuse a feature that the dialect lacks."""
        require_feature(self.dialect, feature)
