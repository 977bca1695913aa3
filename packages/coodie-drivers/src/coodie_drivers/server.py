"""What the server says: which dialect of CQL it speaks, rows of its own tables, and its refusals in other words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.messages import Request, statement_of
from cql_builder.dialects import DEFAULT_DIALECT, DIALECTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from coodie_drivers.errors import InvalidRequestError
    from coodie_drivers.messages import Statement
    from coodie_drivers.operations import Op
    from cql_builder.dialects import Dialect, DialectName

__all__ = ["CONSISTENCY", "NO_COLUMN", "dialect_of_server", "dialect_told_by", "retold", "system_rows"]

CONSISTENCY: Final = "ONE"
"""Each node keeps the whole schema by itself, so one is all there is to ask, whatever the session's own level."""

NO_COLUMN: Final = re.compile(r"Undefined column name|Unrecognized name|Unknown identifier|Undefined name")
"""What a node says of a column that it has not: Cassandra 4.0 and later, ScyllaDB, and Cassandra before."""

_LOCAL: Final = statement_of("SELECT * FROM system.local")
_VERSION: Final = re.compile(r"(\d+)\.(\d+)")
_SINCE: Final[Mapping[tuple[int, int], DialectName]] = {
    (5, 1): "cassandra-6.0",
    (5, 0): "cassandra-5.0",
    (4, 1): "cassandra-4.1",
}
_OLDEST: Final[DialectName] = "cassandra-4.0"
_ONLY_SCYLLA: Final = re.compile(r"scylla_|supported_features$")
"""Columns of `system.local` that ScyllaDB has and Cassandra has not; its `release_version` is that of a Cassandra 3."""


def dialect_of_server() -> Op[Dialect]:
    """Return the dialect that the server speaks."""
    reply = yield Request(_LOCAL, consistency=CONSISTENCY)
    local = dict(zip(reply.columns, reply.rows[0], strict=True)) if reply.rows else {}
    return dialect_told_by(reply.columns, local.get("release_version"))


def retold(
    refused: InvalidRequestError, sentence: str, kind: type[InvalidRequestError] | None = None
) -> InvalidRequestError:
    """Return a refusal of the server in other words: of its own kind, unless another one is given."""
    told = (kind or type(refused))(
        sentence, statement_kind=refused.statement_kind, coordinator=refused.coordinator, cql=refused.cql
    )
    told.outcome = refused.outcome
    return told


def system_rows(statement: Statement, names: Sequence[str]) -> Op[list[dict[str, Any]]]:
    """Fetch rows of the server's own tables, of every page, each as a dict by column.

    Args:
        statement: the question.
        names: what its markers stand for.
    """
    request = Request(statement, names, CONSISTENCY)
    rows: list[dict[str, Any]] = []
    while True:
        reply = yield request
        rows.extend(dict(zip(reply.columns, row, strict=True)) for row in reply.rows)
        if reply.paging_state is None:
            return rows
        request = Request(statement, names, CONSISTENCY, paging_state=reply.paging_state)


def dialect_told_by(columns: Iterable[str], release_version: object) -> Dialect:
    """Return the dialect of a server whose `system.local` has these columns and this version.

    A version that has no dialect of its own is taken for the one before it, and what tells no version for the default.

    >>> dialect_told_by(["key", "release_version"], "4.1.10").name
    'cassandra-4.1'
    """
    if any(_ONLY_SCYLLA.match(column) for column in columns):
        return DIALECTS["scylla"]
    found = _VERSION.match(str(release_version))
    if found is None:
        return DEFAULT_DIALECT
    version = int(found[1]), int(found[2])
    for since, name in _SINCE.items():
        if version >= since:
            return DIALECTS[name]
    return DIALECTS[_OLDEST]
