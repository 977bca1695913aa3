"""What all statements share while they are built: a tree, values, a compiled text, and no way to change them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, NoReturn

from cql_builder.builder.names import checked_flag
from cql_builder.builder.parts import Written
from cql_builder.compiler import Compiled, render
from cql_builder.dialects import DEFAULT_DIALECT, find_dialect
from cql_builder.errors import CqlError, RepeatedClauseError, StatementError, UnknownClauseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

    from cql_builder.ast.node import Node
    from cql_builder.ast.statements import Statement
    from cql_builder.dialects import Dialect, DialectName

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

    def compile(self, dialect: DialectName | Dialect = DEFAULT_DIALECT) -> Compiled:
        """Return the text and the values of its markers, in the order of the text.

        Raises:
            CqlError: if a clause is missing, a name cannot be written, the dialect lacks something, or every server
                refuses what was built.
        """
        text, names, places = render(self.tree, find_dialect(dialect), _check)
        params = self.params if places is None else _shared(self.params, places, names, self.kind)
        return Compiled(text, params, names)

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

    def _switched_on(self, attribute: str, clause: str) -> Self:
        """Return a copy with a clause that is there or not.

        Raises:
            RepeatedClauseError: if it is there already.
        """
        if getattr(self, attribute):
            raise RepeatedClauseError(self.kind, clause)
        return self._with(**{attribute: True})


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


def _shared(
    params: tuple[object, ...], places: tuple[int, ...], names: tuple[str | None, ...], statement: str
) -> tuple[object, ...]:
    """Return values in their places, one for all markers of one name.

    Raises:
        StatementError: if a name stands for values that differ.
    """
    # Imported here: few statements have a name twice, and Decimal is another import.
    from cql_builder.builder.sameness import is_same_value  # noqa: PLC0415

    shared: dict[int, object] = {}
    for place, value in zip(places, params, strict=True):
        first = shared.setdefault(place, value)
        if not is_same_value(first, value):
            raise StatementError(
                statement,
                f"the markers :{names[place]} have one value in this dialect, and were given two; name them apart",
            )
    return tuple([shared[place] for place in range(len(names))])


def _check(tree: Node, dialect: Dialect) -> None:
    # Imported here: a shape that is compiled for the first time needs it, an import of the package does not.
    from cql_builder.builder.rules import check  # noqa: PLC0415

    check(tree, dialect)
