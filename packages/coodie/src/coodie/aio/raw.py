"""`execute_raw`: a statement written by hand, asynchronous."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coodie._ops import raw
from coodie._query.options import checked_timeout
from coodie._shell.running import arun_on
from coodie_drivers.consistency import checked_consistency

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import LiteralString

    from coodie_drivers.messages import Rows

__all__ = ["execute_raw"]


async def execute_raw(
    stmt: LiteralString,
    params: Sequence[object] | None = None,
    *,
    connection: str | None = None,
    consistency: str | None = None,
    timeout: float | None = None,
) -> Rows:
    """Execute a statement as it is, and return its rows as a list of dicts.

    Type checkers demand that the text is written in the program: whatever varies is a `?` marker with a value in
    `params`, and never a part of the text, where it could be more CQL than was meant. For a text that is put together,
    build it with `cql_builder`.

    Args:
        stmt: the CQL, with its keyspace: `SELECT … FROM shop.products WHERE id = ?`.
        params: a value for each marker.
        connection: the name of the connection; None for the default one.
        consistency: the consistency level; None for the driver's default.
        timeout: seconds to wait for each page; None for the driver's default.

    Raises:
        InvalidQueryError: a value does not fit, or the server refuses the statement.
        DriverError: the request failed.
    """
    level = None if consistency is None else checked_consistency(consistency)
    limit = None if timeout is None else checked_timeout(timeout)
    return await arun_on(connection, raw.execute_raw(stmt, params, level, limit))
