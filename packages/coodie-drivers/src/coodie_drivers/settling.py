"""Changing a schema until nothing of what is wanted is lacking, whoever else is changing it at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coodie_drivers.errors import (
    CoodieError,
    InvalidQueryError,
    InvalidRequestError,
    InvalidSyntaxError,
    UnauthorizedError,
)
from coodie_drivers.messages import Request, Statement
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from coodie_drivers.operations import Op

__all__ = ["check_flag", "settle"]


def check_flag(name: str, flag: object) -> None:
    """Refuse an argument that is neither True nor False: by truth `"no"` would be a yes.

    Raises:
        InvalidQueryError: names the argument.
    """
    if not isinstance(flag, bool):
        raise InvalidQueryError(f"{name} must be True or False, not {type(flag).__name__}")


def settle(plan: Callable[[], Op[Sequence[str]]], *, dry_run: bool = False) -> Op[list[str]]:
    """Execute what a plan says until it says nothing more; return the CQL that was, or would be, executed.

    Any number of processes may do this at once: a statement that came too late is forgiven, and it is looked again.

    Args:
        plan: looks at what is there, and returns the statements that make of it what is wanted.
        dry_run: return the plan, and execute nothing.

    Raises:
        InvalidQueryError: if `dry_run` is neither True nor False.
        InvalidRequestError: if a statement is refused twice by the same plan.
        CoodieError: whatever ends it half way; its outcome is `unknown` if a statement was executed before, even if it
            was itself refused: what was asked for is neither done nor left undone.
    """
    check_flag("dry_run", dry_run)
    executed: list[str] = []
    try:
        return (yield from _settled(plan, executed, dry_run=dry_run))
    except CoodieError as error:
        if executed:
            error.outcome = "unknown"
        raise


def _settled(plan: Callable[[], Op[Sequence[str]]], executed: list[str], *, dry_run: bool) -> Op[list[str]]:
    too_late: dict[tuple[str, ...], InvalidRequestError] = {}
    while True:
        planned = yield from plan()
        if dry_run:
            return list(planned)
        # What was executed and is still planned differs only in how the server spells it.
        lacking = [cql for cql in planned if cql not in executed]
        if not lacking:
            return executed
        for cql in lacking:
            step = (cql, *planned)  # where the plan is another one by now, what was refused may be right
            if step in too_late:
                raise too_late[step]
            try:
                yield Request(Statement(cql, StatementKind.SCHEMA, idempotent=False))
            except (InvalidSyntaxError, UnauthorizedError):
                raise
            except InvalidRequestError as refused:
                # Somebody else may have done the same, or a part of it, in this moment: look again.
                too_late[step] = refused
                break
            executed.append(cql)
