"""Which of the steps that a comparison found can be taken: by the server that they are for, and after one another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cql_builder.ast.definitions import SchemaStatement
from cql_builder.errors import CqlError, SchemaError
from cql_builder.schema.interpretation import change
from cql_builder.schema.steps import impossible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cql_builder.builder.statement import StatementBuilder
    from cql_builder.dialects import Dialect
    from cql_builder.schema.catalog import Catalog
    from cql_builder.schema.steps import Step


def taken_by(dialect: Dialect, step: Step) -> Step:
    """Return a step for servers of a dialect: impossible where they lack what it needs, without a way back likewise."""
    lack = "" if step.statement is None else _lack([step.statement], dialect)
    if lack:
        return replace(impossible(f"{step.reason}, but {lack}"), dialect=dialect)
    return replace(step, inverse=() if _lack(step.inverse, dialect) else step.inverse, dialect=dialect)


def without_impossible_needs(catalog: Catalog, steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return steps, those marked impossible that need what one before them cannot do.

    The catalog is the keyspace before the first step; the statements are interpreted in it, one after the other.
    """
    if all(step.safety != "impossible" for step in steps):
        return tuple(steps)
    return tuple(_interpreted(catalog, steps))


def _interpreted(catalog: Catalog, steps: Iterable[Step]) -> Iterable[Step]:
    for step in steps:
        tree = None if step.statement is None else step.statement.tree
        try:
            if isinstance(tree, SchemaStatement):
                change(catalog, tree)
        except SchemaError as error:
            needs = f"{step.reason}, but another step that it needs is impossible: {error}"
            yield replace(impossible(needs), dialect=step.dialect)
        else:
            yield step


def _lack(statements: Iterable[StatementBuilder], dialect: Dialect) -> str:
    """Return why a server does not take statements; empty where it does."""
    try:
        for statement in statements:
            statement.compile(dialect)
    except CqlError as error:
        return str(error)
    return ""
