"""Whether the nodes agree on a schema that was just changed: the C++ driver waits for it, and does not tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters._acsylla_library import library

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_VERSIONS: Final = (
    "SELECT schema_version FROM system.local",
    # No node lists itself here; the next statement goes to the next node, which lists the one before.
    "SELECT schema_version FROM system.peers",
    "SELECT schema_version FROM system.peers",
)
_ASKING: Final = 1.0
"""Seconds in which a node that is well tells what version of the schema it has."""


async def nodes_agree(session: Any, waited: float, schema_wait: float) -> bool:
    """Return whether the nodes agree on the schema after a change that took so long, of so long at most.

    The C++ driver goes on as soon as all nodes that are up have one version. Only a change that took as long as it
    waits at most leaves open which it was; then the nodes are asked, and one that does not answer does not agree.
    """
    if not 0 < schema_wait <= waited:
        return True
    try:
        return len({version async for version in _versions(session)} - {None}) == 1
    except library.errors.CassException:
        return False


async def _versions(session: Any) -> AsyncIterator[object]:
    for cql in _VERSIONS:
        statement = library.create_statement(cql)
        statement.set_timeout(_ASKING)
        statement.set_consistency(library.Consistency.ONE)
        for row in await session.execute(statement):
            yield row.column_value("schema_version")
