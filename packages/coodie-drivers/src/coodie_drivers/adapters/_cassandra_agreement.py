"""Whether the nodes agree on a schema that was just changed, where the package `cassandra` waits and does not tell.

With its own `schema_metadata_enabled=False` it waits as ever, and then says that they do not, whether they do or not.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters._cassandra_library import errors, query
from coodie_drivers.adapters._schema_watch import LEAST_TIMEOUT, VERSION
from coodie_drivers.errors import CoodieError
from coodie_drivers.interrupts import pass_interrupt
from coodie_drivers.retries import Sent
from coodie_drivers.server import CONSISTENCY
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from coodie_drivers.adapters._cassandra_calls import Call
    from coodie_drivers.adapters._cassandra_starting import Starter

_READ: Final = Sent(StatementKind.SELECT)

_ASKING: Final = 1.0
"""Seconds in which a node that is well tells what version of the schema it has."""


def version_asked(starter: Starter, timeout: float, options: dict[str, Any]) -> Any:
    """Have a node asked for its version of the schema; return the library's future."""
    level = errors.ConsistencyLevel.name_to_value[CONSISTENCY]
    statement = query.SimpleStatement(VERSION, consistency_level=level, is_idempotent=True)
    return starter.executed(statement, _READ, timeout, options)


class Agreement:
    """Whether the nodes agree on a change of the schema that was just answered.

    Attributes:
        asked: the library's futures of what nodes are asked about it, which are to be awaited; mostly none.
    """

    __slots__ = ("_cluster", "_may_be", "asked")

    def __init__(self, session: Any, starter: Starter, future: Any, began: float, limit: float | None) -> None:
        """Ask each connected node that is up, if the library cannot know.

        Args:
            session: the library's session.
            starter: starts requests on it.
            future: the library's future of the change.
            began: when the change began, in monotonic seconds.
            limit: the seconds for it; None for no limit.
        """
        self._may_be: bool = future.is_schema_agreed
        self.asked: list[Any] = []
        self._cluster = cluster = session.cluster
        if self._may_be or cluster.is_shutdown or cluster.schema_metadata_enabled:
            return
        if cluster.max_schema_agreement_wait <= 0:  # nobody is to wait for it: then the library says that they do
            self._may_be = True
            return
        waited, pools = time.monotonic() - began, session.get_pool_state()
        up = [host for host in cluster.metadata.all_hosts() if host.is_up is not False]
        connected = [host for host in up if host in pools and not pools[host]["shutdown"]]
        # The library has waited for the others, too, and was done before its time if they agreed.
        self._may_be = bool(connected) and (len(connected) == len(up) or waited < cluster.max_schema_agreement_wait)
        left = _ASKING if limit is None else max(LEAST_TIMEOUT, min(_ASKING, limit - waited))
        try:
            self.asked += [version_asked(starter, left, {"host": host}) for host in connected]
        except CoodieError:
            self._may_be = False

    def check(self, call: Call) -> None:
        """Refuse the change if the nodes do not agree on it, once all that were asked have answered.

        Raises:
            SchemaDisagreementError: they had all the time.
            ConnectionLostError: the driver was closed before they did.
        """
        if not self._reached():
            call.raise_disagreement(closed=self._cluster.is_shutdown)

    def _reached(self) -> bool:
        try:
            versions = [[*each.result()] for each in self.asked]
        except Exception as error:  # noqa: BLE001 - a node that does not tell its version agrees on none
            pass_interrupt(error)
            return False
        return self._may_be and all(version == versions[0] for version in versions)
