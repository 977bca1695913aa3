"""Statements that somebody wrote by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from coodie._ops.batches import WRITES
from coodie._ops.markers import refuse_wrong_number
from coodie._ops.refusals import EXPLAINED, with_way_out
from coodie._query.levels import level_of_write, refuse_level_of_read
from coodie_drivers.errors import InvalidQueryError
from coodie_drivers.messages import Request, Rows, statement_of
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie_drivers.operations import Op


def execute_raw(
    stmt: str, params: Sequence[object] | None, consistency: str | None = None, timeout: float | None = None
) -> Op[Rows]:
    """Execute a statement as it is, and return the rows of every page.

    Raises:
        InvalidQueryError: the values are no list, or not as many as the markers, or the level is not for it.
    """
    values = cast("object", params)
    if values is not None and not isinstance(values, (list, tuple)):
        raise InvalidQueryError(f"execute_raw() takes a list of values for the ? markers, not {type(params).__name__}")
    statement, given = statement_of(stmt), () if params is None else params
    refuse_wrong_number(stmt, given)
    if consistency is not None and statement.kind is StatementKind.SELECT:
        refuse_level_of_read(consistency)
    elif consistency is not None and statement.kind in WRITES:
        level_of_write(consistency)
    request = Request(statement, given, consistency, timeout)
    try:
        pages = [(yield request)]
    except EXPLAINED as error:
        explained = with_way_out(error, ())
        if explained is None:
            raise
        raise explained from error
    while pages[-1].paging_state is not None:
        request.paging_state = pages[-1].paging_state
        pages.append((yield request))
    return Rows.of(pages)
