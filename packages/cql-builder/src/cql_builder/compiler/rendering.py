"""How a tree becomes text: each place of the grammar has a `Rule`, and all of one statement share a `Rendering`.

A renderer renders the parts of its node in the order of the text, for that is the order of the markers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cql_builder.dialects import require_feature
from cql_builder.errors import MissingClauseError, RepeatedClauseError, StatementError
from cql_builder.quoting import quote_identifier

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
    from typing import NoReturn, TypeAlias

    from cql_builder.ast.node import Node
    from cql_builder.dialects import Dialect, Feature

    Renderer: TypeAlias = Callable[[Any, "Rendering"], str]
    """Any renderer; which node it takes is said by its place in a rule."""

_NAMED_CLASSES = 40
"""How many classes of a place an error names at the most: nobody reads a hundred."""


class Rendering:
    """The state of rendering one statement: the dialect, and the markers met so far.

    Attributes:
        dialect: the dialect that the text is for.
        statement: what is rendered, as errors name it.
        markers: the names of the markers met so far, None for a nameless one.
        in_transaction: whether a transaction is being rendered, where values may be what it has read.
    """

    __slots__ = ("_tree", "dialect", "in_transaction", "markers")

    def __init__(self, dialect: Dialect, tree: Node) -> None:
        """Start the rendering of `tree` in `dialect`."""
        self.dialect = dialect
        self.markers: list[str | None] = []
        self.in_transaction = False
        self._tree = tree

    @property
    def statement(self) -> str:
        """Return the name of what is rendered: `CREATE TABLE` for a `CreateTable`."""
        name = type(self._tree).__name__.removesuffix("Options")
        return "".join(f" {letter}" if letter.isupper() else letter.upper() for letter in name).strip()

    def has(self, feature: Feature) -> bool:
        """Whether the dialect has a feature."""
        return feature in self.dialect.features

    def require(self, feature: Feature) -> None:
        """Refuse a feature that the dialect lacks."""
        if feature not in self.dialect.features:
            require_feature(self.dialect, feature)

    def identifier(self, name: str) -> str:
        """Return a name, in quotes where the dialect needs them."""
        return quote_identifier(name, self.dialect.reserved)

    def refuse(self, reason: str) -> NoReturn:
        """Refuse the statement.

        Raises:
            StatementError: always.
        """
        raise StatementError(self.statement, reason)

    def require_some(self, parts: Sequence[object], clause: str, remedy: str) -> None:
        """Refuse a statement without a part that its grammar has at least once.

        Raises:
            MissingClauseError: if there are no parts.
        """
        if not parts:
            raise MissingClauseError(self.statement, clause, remedy)

    def require_once(self, keys: Iterable[Hashable], clause: Callable[[Any], str]) -> None:
        """Refuse what stands twice where the parser takes it once; `clause` names it by its key.

        Raises:
            RepeatedClauseError: if a key is there twice.
        """
        seen: set[Hashable] = set()
        for key in keys:
            if key in seen:
                raise RepeatedClauseError(self.statement, clause(key))
            seen.add(key)


class Rule(dict["type[Node]", "Renderer"]):
    """A place of the grammar: the node classes that can stand there, each with its renderer.

    A node of any other class is refused by name, so that no tree becomes text that means something else.
    """

    __slots__ = ("place",)

    def __init__(self, place: str, renderers: Mapping[type[Node], Renderer]) -> None:
        """Name the place as errors name it, and give the renderers."""
        super().__init__(renderers)
        self.place = place

    def text(self, node: Node, rendering: Rendering) -> str:
        """Return the text of a node in this place."""
        return self[type(node)](node, rendering)

    def join(self, nodes: Iterable[Node], rendering: Rendering, separator: str = ", ") -> str:
        """Return the texts of nodes in this place, joined."""
        return separator.join([self[type(node)](node, rendering) for node in nodes])

    def __missing__(self, key: type[Node]) -> Renderer:
        """Return a renderer that refuses."""
        return self._refuse

    def _refuse(self, node: Node, rendering: Rendering) -> NoReturn:
        name = type(node).__name__
        found = "None" if name == "NoneType" else f"a {name}"
        one_of = ""
        if len(self) <= _NAMED_CLASSES:
            one_of = f"; it is one of {', '.join(sorted(cls.__name__ for cls in self))}"
        rendering.refuse(f"{self.place} cannot be {found}{one_of}")
