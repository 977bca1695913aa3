"""What all statements share while they are built: a tree, values, a compiled text, and no way to change them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NoReturn

from cql_builder.ast.names import TableName
from cql_builder.compiler import Compiled, render
from cql_builder.dialects import DEFAULT_DIALECT, find_dialect
from cql_builder.errors import ArgumentError, CqlError, MissingClauseError, StatementError, UnknownClauseError

if TYPE_CHECKING:
    from typing_extensions import Self

    from cql_builder.ast.statements import Statement
    from cql_builder.dialects import Dialect

SHARED = frozenset({"compile", "kind", "params", "tree"})
"""What every statement has beside its clauses."""


class StatementBuilder:
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
        changed.__dict__.update(self.__dict__, **changes)
        return changed


class FinishedStatement(StatementBuilder):
    """A statement without anything left to add."""

    kind: ClassVar[str] = "a finished statement"
    _tree: Statement

    def __init__(self, tree: Statement) -> None:
        """Hold the tree, which has no markers."""
        self.__dict__.update(_tree=tree)

    @property
    def tree(self) -> Statement:
        """The statement as a tree."""
        return self._tree


def table_name(table: object, statement: str) -> TableName:
    """Return the name of a table given as `"table"`, `"keyspace.table"` or `TableName`.

    Raises:
        ArgumentError: if it is none of these.
        StatementError: if the text has more than one dot, or nothing on one side of it.
    """
    if isinstance(table, TableName):
        return table
    if not isinstance(table, str):
        raise ArgumentError(statement, "a table", "a str or a TableName", table)
    keyspace, dot, name = table.rpartition(".")
    if not dot:
        if not name:
            raise MissingClauseError(statement, "the table's name", "name the table")
        return TableName(name)
    if not keyspace or not name or "." in keyspace:
        raise StatementError(
            statement,
            f"{table!r} is not 'table' or 'keyspace.table'; for names with dots give TableName(name, keyspace)",
        )
    return TableName(name, keyspace)
