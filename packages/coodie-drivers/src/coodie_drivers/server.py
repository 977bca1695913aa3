"""Which dialect of CQL the server speaks, as it says itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from coodie_drivers.messages import Request, statement_of
from cql_builder.dialects import DEFAULT_DIALECT, DIALECTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from coodie_drivers.operations import Op
    from cql_builder.dialects import Dialect, DialectName

__all__ = ["dialect_of_server", "dialect_told_by"]

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
    reply = yield Request(_LOCAL, consistency="ONE")
    local = dict(zip(reply.columns, reply.rows[0], strict=True)) if reply.rows else {}
    return dialect_told_by(reply.columns, local.get("release_version"))


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
