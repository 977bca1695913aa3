"""From a tree to text: `compile_statement`, and what comes out of it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, cast

from cql_builder.compiler import definitions, queries, terms, types
from cql_builder.compiler.rendering import Rendering
from cql_builder.dialects import DEFAULT_DIALECT, find_dialect

if TYPE_CHECKING:
    from collections.abc import Callable

    from cql_builder.ast.node import Node
    from cql_builder.ast.statements import Statement
    from cql_builder.ast.types import DataType
    from cql_builder.dialects import Dialect

CACHED_SHAPES = 1000
"""How many compiled trees are kept, the least recently used going first."""


class Compiled(NamedTuple):
    """A statement as text, with what its markers stand for.

    Attributes:
        cql: the text.
        params: the values, in the order of the markers; empty for a tree that came without values.
        names: the name of each marker, None for a nameless one.
    """

    cql: str
    params: tuple[object, ...] = ()
    names: tuple[str | None, ...] = ()

    def __repr__(self) -> str:
        """Show the text; values are never shown, they may be secrets."""
        return f"Compiled({self.cql!r}, {len(self.params)} values)"


RENDERERS = cast(
    "dict[type[Node], Callable[[Node, Rendering], str]]",
    {**terms.RENDERERS, **types.RENDERERS, **queries.RENDERERS, **definitions.RENDERERS},
)
"""The renderer of each node class."""


def compile_statement(tree: Statement, *, dialect: str | Dialect = DEFAULT_DIALECT) -> Compiled:
    """Return the text of a tree.

    Raises:
        IdentifierError: if a name cannot be written.
        LiteralError: if a literal cannot be written.
        UnknownDialectError: if there is no such dialect.
        UnsupportedFeatureError: if the dialect lacks something that the tree has.

    >>> from cql_builder.ast import Select, TableName
    >>> compile_statement(Select((), TableName("products", "shop"))).cql
    'SELECT * FROM shop.products'
    """
    text, names = render(tree, find_dialect(dialect))
    return Compiled(text, (), names)


def type_text(data_type: DataType, *, dialect: str | Dialect = DEFAULT_DIALECT) -> str:
    """Return the text of a data type.

    Raises:
        IdentifierError: if a name cannot be written.
        UnsupportedFeatureError: if the dialect lacks the type.

    >>> from cql_builder.ast import ListType, NativeType
    >>> type_text(ListType(NativeType("int")))
    'list<int>'
    """
    return render(data_type, find_dialect(dialect))[0]


@lru_cache(CACHED_SHAPES)
def render(tree: Node, dialect: Dialect) -> tuple[str, tuple[str | None, ...]]:
    """Return the text of a tree and the names of its markers, kept by tree and dialect: a shape is rendered once."""
    rendering = Rendering(dialect, RENDERERS)
    text = rendering.text(tree)
    return text, tuple(rendering.markers)
