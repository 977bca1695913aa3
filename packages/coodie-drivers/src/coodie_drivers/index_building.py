"""Waiting for new indexes: a server builds them behind `CREATE INDEX`, and refuses to read by one until then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from coodie_drivers.errors import CoodieError
from coodie_drivers.messages import Pause, statement_of
from coodie_drivers.server import system_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from coodie_drivers.operations import Op

__all__ = ["wait_for_indexes"]

_BUILT: Final = statement_of('SELECT index_name FROM system."IndexInfo" WHERE table_name = ?')
"""The indexes of a keyspace, which is called a table there, that the node has built (Cassandra 4.0 to 6.0)."""

_PAUSES: Final = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)
"""Seconds between two looks. Of an empty table an index takes some milliseconds; of a full one nobody waits for it."""


def wait_for_indexes(keyspace: str, names: Iterable[str]) -> Op[None]:
    """Wait until the node that answers has built these indexes, whoever made them, 1.3 s at most.

    Where it tells nothing of it, to a role that may not look, nothing is waited for.
    """
    made = {*names}
    for pause in _PAUSES if made else ():
        try:
            rows = yield from system_rows(_BUILT, (keyspace,))
        except CoodieError:
            return
        if made <= {row["index_name"] for row in rows}:
            return
        yield Pause(pause)
