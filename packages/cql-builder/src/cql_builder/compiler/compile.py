"""From a tree to text: `compile_statement`, and what comes out of it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from cql_builder.ast.access import AlterRole, AlterUser, CreateRole, CreateUser
from cql_builder.ast.node import Node
from cql_builder.ast.statements import Statement
from cql_builder.compiler.queries import QUERY
from cql_builder.compiler.rendering import Rendering, Rule
from cql_builder.compiler.types import TYPE
from cql_builder.dialects import DEFAULT_DIALECT, find_dialect
from cql_builder.dialects.features import SHARED_MARKER
from cql_builder.errors import ArgumentError, CqlError, StatementError
from cql_builder.recursion import on_own_stack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from cql_builder.ast.types import DataType
    from cql_builder.compiler.rendering import Renderer
    from cql_builder.dialects import Dialect, DialectName

    Check: TypeAlias = Callable[[Node, Dialect], None]
    """What else is asked of a tree that has a text: it raises, or it does nothing."""
    Rendered: TypeAlias = tuple[str, tuple[str | None, ...], tuple[int, ...] | None]
    """A text, the names of its values, and which of these each marker has; None where each has its own."""

CACHED_SHAPES = 1000
"""How many compiled trees are kept, the least recently used going first."""

KEPT_CHARACTERS = 2000
"""How long the text of a tree may be that is kept.

A tree takes up to 50 bytes for each character of its text, so all take 100 MB at the very most, and some 3 MB where
they are statements of 300 characters with markers. What is longer has values in it or is a batch, and hardly comes
again.
"""

_UP_TO_SECRET = r"(?s:(?:CREATE|ALTER) (?:GENERATED )?(?:ROLE|USER) .*?(?:PASSWORD (?:= )?(?=')|OPTIONS = (?={)))"  # noqa: S105 - a pattern
"""What a statement on a role begins with, up to the first that may be a secret: a name in it may look like one."""

_WITH_PASSWORDS: frozenset[type[Node]] = frozenset({CreateRole, AlterRole, CreateUser, AlterUser})
"""What may hold a password: it is rendered each time, so that nothing is kept of it."""

_FAULTS = (AttributeError, TypeError, ValueError)
"""What renderers run into where a field holds what it does not take."""


class Compiled(NamedTuple):
    """A statement as text, with what its markers stand for.

    Attributes:
        cql: the text.
        params: the values that the server wants, in the order of the markers; empty for a tree without values.
        names: the name that each value goes by, None for that of a nameless marker. In ScyllaDB the markers of one
            name are one; in Cassandra each has a value of its own.

    >>> from cql_builder import bind, col, select
    >>> cql, params, names = select().from_("t").where(col("a") == 1, col("b") == bind(2, name="b")).compile()
    >>> cql, params, names
    ('SELECT * FROM t WHERE a = ? AND b = :b', (1, 2), (None, 'b'))
    """

    cql: str
    params: tuple[object, ...] = ()
    names: tuple[str | None, ...] = ()

    def __repr__(self) -> str:
        """Show the text up to a password or the options of a role; values are never shown, they may be secrets."""
        secret = re.match(_UP_TO_SECRET, self.cql)
        shown = self.cql if secret is None else f"{secret[0]}…"
        return f"Compiled({shown!r}, {len(self.params)} values)"


class _Grammar(Rule):
    """What is compiled: statements on rows at once, the renderers of all others when the first of them comes."""

    __slots__ = ()

    def __missing__(self, key: type[Node]) -> Renderer:
        """Load the renderers of all other statements; return one that refuses if none of them takes the node."""
        from cql_builder.compiler.statements_beside_rows import STATEMENT_BESIDE_ROWS  # noqa: PLC0415 - many never need it

        self.update(STATEMENT_BESIDE_ROWS)
        return self.get(key) or super().__missing__(key)


_COMPILED = _Grammar("what is compiled", {**QUERY, **TYPE})


def compile_statement(tree: Statement, *, dialect: DialectName | Dialect = DEFAULT_DIALECT) -> Compiled:
    """Return the text of a tree.

    Raises:
        ArgumentError: if it is no tree of a statement; a statement that was built has `compile()`.
        IdentifierError: if a name cannot be written.
        LiteralError: if a literal cannot be written.
        StatementError: if the tree holds what no grammar has: a part that is missing, two that exclude each other,
            a node where its class cannot stand, or a field with what it does not take.
        UnknownDialectError: if there is no such dialect.
        UnsupportedFeatureError: if the dialect lacks something that the tree has.

    >>> from cql_builder.ast import Select, TableName
    >>> compile_statement(Select((), TableName("products", "shop"))).cql
    'SELECT * FROM shop.products'
    """
    if not isinstance(tree, Statement):  # pyright: ignore[reportUnnecessaryIsInstance] - it may be another tree
        _require_tree(tree)
        raise ArgumentError("compile_statement", "it", "the tree of a statement", tree)
    text, names, _ = render(tree, find_dialect(dialect))
    return Compiled(text, (), names)


def type_text(data_type: DataType, *, dialect: DialectName | Dialect = DEFAULT_DIALECT) -> str:
    """Return the text of a data type.

    Raises:
        ArgumentError: if it is no tree.
        IdentifierError: if a name cannot be written.
        StatementError: if a field of the type has what it does not take.
        UnsupportedFeatureError: if the dialect lacks the type.

    >>> from cql_builder.ast import ListType, NativeType
    >>> type_text(ListType(NativeType("int")))
    'list<int>'
    """
    if not isinstance(data_type, Node):  # pyright: ignore[reportUnnecessaryIsInstance] - it may be a text
        raise ArgumentError("type_text", "it", "the tree of a data type (give parse_type(text))", data_type)
    return render(data_type, find_dialect(dialect))[0]


def render(tree: Node, dialect: Dialect, check: Check | None = None) -> Rendered:
    """Return the text of a tree, the names of its values and their places: kept, so that a shape is rendered once.

    What else is checked is checked then, too. A tree that may hold a password is not kept, nor is one with a long text.

    Raises:
        StatementError: if the tree holds what no grammar has, or is nested deeper than Python follows.
    """
    try:
        return _text(tree, dialect, check) if type(tree) in _WITH_PASSWORDS else _kept_text(tree, dialect, check)
    except _TooLongToKeepError as error:
        return error.rendered
    except RecursionError:
        pass  # the caller may have left little of the stack
    except _FAULTS as error:
        raise _explained(error, tree, dialect) from None
    try:
        return on_own_stack(_text_or_reason, tree, dialect, check)
    except RecursionError:
        reason = "it is nested too deep, as for any server"
    raise StatementError(Rendering(dialect, tree).statement, reason)


def forget() -> None:
    """Forget all compiled trees, as a measurement wants it that has each one rendered."""
    _kept_text.cache_clear()


def _text_or_reason(tree: Node, dialect: Dialect, check: Check | None) -> Rendered:
    try:
        return _text(tree, dialect, check)
    except _FAULTS as error:
        raise _explained(error, tree, dialect) from None


def _explained(error: Exception, tree: Node, dialect: Dialect) -> Exception:
    """Return the error that says which field of a tree is wrong, or the error itself where none is."""
    from cql_builder.compiler.fields import wrong_field  # noqa: PLC0415 - an error needs it, an import does not

    _require_tree(tree)
    wrong = "" if isinstance(error, CqlError) else wrong_field(tree)
    return StatementError(Rendering(dialect, tree).statement, wrong) if wrong else error


def _require_tree(tree: object) -> None:
    """Refuse what is no tree; asked when it is rendered, and not each time its text is found again."""
    if not isinstance(tree, Node):
        expected = "a tree (a statement that was built: call .compile() on it)"
        raise ArgumentError("compile_statement", "it", expected, tree)


def _text(tree: Node, dialect: Dialect, check: Check | None) -> Rendered:
    _require_tree(tree)
    rendering = Rendering(dialect, tree)
    text = _COMPILED.text(tree, rendering)
    if check is not None:
        check(tree, dialect)
    if rendering.has(SHARED_MARKER):
        return (text, *_shared(rendering.markers))
    return text, tuple(rendering.markers), None


def _shared(markers: Sequence[str | None]) -> tuple[tuple[str | None, ...], tuple[int, ...] | None]:
    """Return the names of values where the markers of one name share one, and which of them each marker has."""
    names: list[str | None] = []
    known: dict[str, int] = {}
    places: list[int] = []
    for name in markers:
        place = len(names) if name is None else known.setdefault(name, len(names))
        if place == len(names):
            names.append(name)
        places.append(place)
    return tuple(names), tuple(places) if len(names) < len(places) else None


class _TooLongToKeepError(Exception):
    """Carries a long text past the cache, which keeps all that is returned."""

    def __init__(self, rendered: Rendered) -> None:
        super().__init__()
        self.rendered = rendered


@lru_cache(CACHED_SHAPES)
def _kept_text(tree: Node, dialect: Dialect, check: Check | None) -> Rendered:
    rendered = _text(tree, dialect, check)
    if len(rendered[0]) > KEPT_CHARACTERS:
        raise _TooLongToKeepError(rendered)
    return rendered
