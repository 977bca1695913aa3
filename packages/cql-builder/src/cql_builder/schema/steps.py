"""One step from a schema as it is to the one that is wanted: what to execute, how safe it is, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cql_builder.builder.statement import FinishedStatement
from cql_builder.dialects import DEFAULT_DIALECT

if TYPE_CHECKING:
    from cql_builder.ast.statements import Statement
    from cql_builder.builder.statement import StatementBuilder
    from cql_builder.dialects import Dialect

Safety = Literal["additive", "rewrite", "destructive", "impossible"]
"""How safe a step is.

`additive`: nothing that is there is lost, nor what protects it. `rewrite`: all is kept, and it takes work to get there:
data is written, read or moved, or something is made anew. `destructive`: data, or something that protects data, is
lost or may be. `impossible`: no single step does it.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One step from a schema as it is to the one that is wanted.

    Two are equal when they do and say the same.

    Attributes:
        statement: what to execute; None where there is nothing that could, or should, be executed.
        safety: how safe it is.
        reason: why there is this step, and for a step without statement what to do instead.
        inverse: what brings the schema back, in this order; none where nothing does. Data that went stays lost.
        dialect: the dialect of the server that the step is for, in which its texts are.

    >>> from cql_builder.schema import diff_schema, schema_from_cql
    >>> before, after = (schema_from_cql(f"CREATE TYPE shop.{name} (n int)") for name in ("old", "new"))
    >>> for step in diff_schema(before, after):
    ...     print(step.safety, "|", step.cql, "|", *step.inverse_cql)
    destructive | DROP TYPE shop.old | CREATE TYPE shop.old (n int)
    additive | CREATE TYPE shop.new (n int) | DROP TYPE shop.new
    """

    statement: StatementBuilder | None
    safety: Safety
    reason: str
    inverse: tuple[StatementBuilder, ...] = ()
    dialect: Dialect = DEFAULT_DIALECT

    def __eq__(self, other: object) -> bool:
        """Compare what two steps execute, by trees and values, and what they say."""
        if not isinstance(other, Step):
            return NotImplemented
        return (
            (self.safety, self.reason, self.dialect.name) == (other.safety, other.reason, other.dialect.name)
            and _contents(self) == _contents(other)
            and _params(self) == _params(other)
        )

    def __hash__(self) -> int:
        """Hash the trees and the sentence."""
        return hash((self.safety, self.reason, _contents(self)))

    @property
    def cql(self) -> str | None:
        """The text of the statement; None where there is none."""
        return None if self.statement is None else self.statement.compile(self.dialect).cql

    @property
    def inverse_cql(self) -> tuple[str, ...]:
        """The texts of the statements that bring the schema back."""
        return tuple([statement.compile(self.dialect).cql for statement in self.inverse])


def _contents(step: Step) -> tuple[Statement | None, tuple[Statement, ...]]:
    tree = None if step.statement is None else step.statement.tree
    return tree, tuple([back.tree for back in step.inverse])


def _params(step: Step) -> list[tuple[object, ...]]:
    statements = step.inverse if step.statement is None else (step.statement, *step.inverse)
    return [statement.params for statement in statements]


def executable(tree: Statement, safety: Safety, reason: str, *inverse: Statement) -> Step:
    """Return a step that executes a tree."""
    return Step(FinishedStatement(tree), safety, reason, tuple([FinishedStatement(back) for back in inverse]))


def impossible(reason: str) -> Step:
    """Return a step that no statement does."""
    return Step(None, "impossible", reason)
