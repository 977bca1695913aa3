"""Which collections are frozen: an answer of the package `scylla` does not tell, so the server is asked for it.

The library knows the schema, too, but as it was up to a minute ago.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coodie_drivers.adapters._rust_library import statements
from coodie_drivers.adapters._rust_requests import CONSISTENCY_LEVELS
from coodie_drivers.adapters._rust_types import CqlList, CqlMap, CqlSet
from coodie_drivers.interrupts import pass_interrupt
from coodie_drivers.server import CONSISTENCY

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from coodie_drivers.adapters._rust_calls import OpenSession

    Table = tuple[str, str]

_TYPES = "SELECT column_name, type FROM system_schema.columns WHERE keyspace_name = '{}' AND table_name = '{}'"


class FrozenColumns:
    """What is known of tables, and of views, until it is forgotten with what was prepared."""

    __slots__ = ("_tables",)

    def __init__(self) -> None:
        """Know none."""
        self._tables: dict[Table, dict[str, bool]] = {}

    def forget(self) -> None:
        """Know none any more; what was asked before and is answered from now on is not kept."""
        self._tables = {}

    def is_frozen(self, column: Any) -> bool | None:
        """Return whether a collection is frozen, None where that is not known."""
        table = self._tables.get((column.keyspace_name, column.table_name))
        return None if table is None else table.get(column.name)

    def learn(self, over: OpenSession, columns: Iterable[Any], seconds: float) -> Generator[Any, Any, None]:
        """Give the questions, futures of the library, by which it is known of these columns of an answer.

        Args:
            over: who knows the session to ask; nothing is asked if the driver was closed meanwhile.
            columns: its descriptions of the columns.
            seconds: how long to wait for each; a table stays unknown for which that was too short.
        """
        known = self._tables
        tables = {(each.keyspace_name, each.table_name) for each in columns if _is_collection(each)}
        for table in tables - known.keys():
            names = [name.replace("'", "''") for name in table]
            question = statements.Statement(_TYPES.format(*names))  # no values: not prepared
            question = question.set_is_idempotent(True).with_consistency(CONSISTENCY_LEVELS[CONSISTENCY])
            try:
                result = yield over.session.execute(question.with_request_timeout(seconds))
                rows: list[dict[str, str]] = [*result.iter_current_page()]
            except Exception as error:  # noqa: BLE001 - what is unknown is slower to read, and no less exact
                pass_interrupt(error)
            else:
                # A table of which the server says nothing, as one in memory, has no columns that are known.
                known[table] = {row["column_name"]: row["type"].startswith("frozen<") for row in rows}


def has_collection(columns: Iterable[Any]) -> bool:
    """Return whether any of these columns of an answer may be frozen, or not."""
    return any(map(_is_collection, columns))


def _is_collection(column: Any) -> bool:
    return isinstance(column.cql_type, (CqlList, CqlSet, CqlMap))
