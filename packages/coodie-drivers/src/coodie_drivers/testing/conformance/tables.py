"""`sync_table`: a table is made, is added to, is left alone, and is never harmed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from coodie_drivers.errors import TableConflictError
from coodie_drivers.testing.conformance.suite import Suite, fresh_number
from cql_builder.schema import ColumnDefinition

if TYPE_CHECKING:
    from coodie_drivers.testing.conformance.ways import Way

__all__ = ["TableCases"]

ID = ColumnDefinition("id", "int", primary_key=True)
NAME = ColumnDefinition("name", "text")
TAGS = ColumnDefinition("tags", "set<text>", index=True)
DRY_RUN = DROP_INDEXES = True
PLAIN_TAGS = ColumnDefinition("tags", "set<text>")


class TableCases(Suite):
    """The cases about `sync_table`."""

    @pytest.fixture
    def table(self) -> str:
        """A name that no other table has."""
        return f"synced_{fresh_number()}"

    def test_a_table_is_made_once_and_then_left_alone(self, way: Way, keyspace: str, table: str) -> None:
        options = {"comment": "it's ours"}
        planned = way.sync_table(table, keyspace, [ID, TAGS], options, DRY_RUN)
        assert [text.split(" (")[0] for text in planned] == [
            f"CREATE TABLE IF NOT EXISTS {keyspace}.{table}",
            f"CREATE INDEX IF NOT EXISTS {table}_tags_idx ON {keyspace}.{table}",
        ]
        assert way.sync_table(table, keyspace, [ID, TAGS], options) == planned
        assert way.sync_table(table, keyspace, [ID, TAGS], options) == []
        way.execute(f"INSERT INTO {keyspace}.{table} (id, tags) VALUES (?, ?)", [1, {"a"}])
        assert way.execute(f"SELECT * FROM {keyspace}.{table}") == [{"id": 1, "tags": {"a"}}]

    def test_what_a_table_lacks_is_added_and_indexes_go_only_when_asked(
        self, way: Way, keyspace: str, table: str
    ) -> None:
        way.sync_table(table, keyspace, [ID, TAGS])
        assert way.sync_table(table, keyspace, [ID, PLAIN_TAGS, NAME]) == [
            f"ALTER TABLE {keyspace}.{table} ADD name text"
        ]
        assert way.sync_table(table, keyspace, [ID, PLAIN_TAGS], None, not DRY_RUN, DROP_INDEXES) == [
            f"DROP INDEX IF EXISTS {keyspace}.{table}_tags_idx"
        ]
        assert way.sync_table(table, keyspace, [ID, PLAIN_TAGS, NAME], None, not DRY_RUN, DROP_INDEXES) == []

    def test_what_would_lose_data_is_refused(self, way: Way, keyspace: str, table: str) -> None:
        way.sync_table(table, keyspace, [ID, NAME])
        with pytest.raises(TableConflictError, match=f"table '{keyspace}.{table}' cannot be changed"):
            way.sync_table(table, keyspace, [ID, ColumnDefinition("name", "int")])
