"""What all statements share while they are built: a tree, values, a compiled text, and no way to change them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, NoReturn

from cql_builder.builder.names import checked_flag
from cql_builder.builder.parts import Written
from cql_builder.compiler import Compiled, render
from cql_builder.dialects import DEFAULT_DIALECT, find_dialect
from cql_builder.errors import CqlError, UnknownClauseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

    from cql_builder.ast.statements import Statement
    from cql_builder.dialects import Dialect

_BETWEEN_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")

SHARED = frozenset({"compile", "kind", "params", "tree"})
"""What every statement has beside its clauses."""


class StatementBuilder(Written):
    """A statement while it is built. It never changes: every call returns another one."""

    kind: ClassVar[str]
    """What the statement is, as CQL says it."""

    @property
    def tree(self) -> Statement:
        """The statement as a tree, markers where values stand.

        Raises:
            MissingClauseError: if a clause is missing without which there is no statement.
        """
        raise NotImplementedError

    @property
    def params(self) -> tuple[object, ...]:
        """What the markers stand for, in the order of the text."""
        return ()

    def compile(self, dialect: str | Dialect = DEFAULT_DIALECT) -> Compiled:
        """Return the text and the values of its markers, in the order of the text.

        Raises:
            CqlError: if a clause is missing, a name cannot be written, or the dialect lacks something.
        """
        text, names = render(self.tree, find_dialect(dialect))
        return Compiled(text, self.params, names)

    def __repr__(self) -> str:
        """Show the text where there is one; values are never shown, they may be secrets."""
        try:
            text = self.compile().cql
        except CqlError as error:
            text = str(error)
        return f"<{type(self).__name__} {text}>"

    if not TYPE_CHECKING:  # a type checker must keep refusing unknown names

        def __getattr__(self, name: str) -> object:
            """Say what clauses there are."""
            clauses = [clause for clause in dir(type(self)) if clause[0] != "_" and clause not in SHARED]
            raise UnknownClauseError(self.kind, name, clauses)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Refuse: statements never change."""
        message = "a statement never changes; each call returns another one"
        raise AttributeError(message)

    def _with(self, **changes: object) -> Self:
        """Return a copy with some of its attributes changed."""
        changed = object.__new__(type(self))
        _set_attributes(changed, self.__dict__ | changes)
        return changed


_set_attributes: Callable[[StatementBuilder, dict[str, object]], None] = vars(StatementBuilder)["__dict__"].__set__
"""Sets all attributes at once, past the refusal to set any."""


class FinishedStatement(StatementBuilder):
    """A statement without anything left to add."""

    kind: ClassVar[str] = "a finished statement"
    _tree: Statement

    def __init__(self, tree: Statement) -> None:
        """Hold the tree, which has no markers.

        Raises:
            ArgumentError: if what is on or off in it is no bool.
        """
        for field, default in type(tree).field_defaults.items():
            if isinstance(default, bool):
                checked_flag(getattr(tree, field), field, _BETWEEN_WORDS.sub(" ", type(tree).__name__).upper())
        self.__dict__.update(_tree=tree)

    @property
    def tree(self) -> Statement:
        """The statement as a tree."""
        return self._tree
