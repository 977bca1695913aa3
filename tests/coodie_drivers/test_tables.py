"""`sync_table` as an operation: what it asks for, and how it bears with others who do the same."""

from __future__ import annotations

from typing import Any

import pytest

from coodie_drivers import Reply, TableRequest, drive
from coodie_drivers.errors import (
    AlreadyExistsError,
    ClusterUnavailableError,
    CoodieError,
    InvalidQueryError,
    InvalidRequestError,
    InvalidSyntaxError,
    UnauthorizedError,
)
from coodie_drivers.tables import sync_table
from coodie_drivers.testing.scripted import ScriptedDriver
from cql_builder.analysis import StatementKind
from cql_builder.schema import ColumnDefinition

ID = ColumnDefinition("id", "int", primary_key=True)
NAME = ColumnDefinition("name", "text")

COLUMNS = ("keyspace_name", "table_name", "column_name", "clustering_order", "kind", "position", "type")
NOTHING = Reply()
TABLE = Reply([("ks", "t")], ("keyspace_name", "table_name"))
KEYSPACE = Reply([("ks",)], ("keyspace_name",))


def columns(*definitions: ColumnDefinition) -> Reply:
    rows = [
        ("ks", "t", each.name, "none", "partition_key" if each.primary_key else "regular", 0, each.cql_type)
        for each in definitions
    ]
    return Reply(rows, COLUMNS)


LOCAL = Reply([("local", "5.0.9")], ("key", "release_version"))
SCYLLA = Reply([("local", "3.0.8", "")], ("key", "release_version", "supported_features"))

ABSENT = [NOTHING, NOTHING, NOTHING, KEYSPACE, NOTHING]
WITH_ID = [NOTHING, TABLE, columns(ID)]
WITH_BOTH = [NOTHING, TABLE, columns(ID, NAME)]


def sync(script: list[Any], *wanted: ColumnDefinition, **options: Any) -> tuple[list[str], list[str]]:
    """Run it against a script; give what it returned, and which changes it asked for."""
    driver = ScriptedDriver([LOCAL, *script])
    executed = drive(sync_table(TableRequest("t", "ks", wanted, **options)), driver)
    asked = [request.statement for request in driver.requests]
    return executed, [statement.cql for statement in asked if statement.kind is StatementKind.SCHEMA]


def test_the_schema_is_read_from_one_node_whatever_the_consistency() -> None:
    driver = ScriptedDriver([LOCAL, *ABSENT, NOTHING, *WITH_ID])
    drive(sync_table(TableRequest("t", "ks", [ID])), driver)
    reads = [request for request in driver.requests if request.statement.kind is StatementKind.SELECT]
    assert {request.consistency for request in reads} == {"ONE"}
    assert all("FROM system" in request.statement.cql for request in reads)


def test_what_no_server_can_have_is_refused_before_the_schema_is_read() -> None:
    driver = ScriptedDriver([LOCAL])
    wanted = TableRequest("t", "ks", [ID], {"coment": "x"})
    with pytest.raises(InvalidQueryError, match=r"^CREATE TABLE: there is no option 'coment' \(did you mean 'comment'"):
        drive(sync_table(wanted), driver)
    assert len(driver.requests) == 1  # for which version the server is


def test_a_created_table_is_looked_at_again() -> None:
    create = "CREATE TABLE IF NOT EXISTS ks.t (id int, PRIMARY KEY (id))"
    assert sync([*ABSENT, NOTHING, *WITH_ID], ID) == ([create], [create])


def test_a_table_that_somebody_else_created_otherwise_is_completed() -> None:
    # IF NOT EXISTS does nothing when another process was first, with fewer columns.
    executed, changes = sync([*ABSENT, NOTHING, *WITH_ID, NOTHING, *WITH_BOTH], ID, NAME)
    assert executed == changes
    assert [change.split(" ks.t")[0] for change in changes] == ["CREATE TABLE IF NOT EXISTS", "ALTER TABLE"]


def test_a_column_that_somebody_else_added_meanwhile_is_no_failure() -> None:
    late = InvalidRequestError("Column with name 'name' already exists")
    executed, changes = sync([*WITH_ID, late, *WITH_BOTH], ID, NAME)
    assert (executed, changes) == ([], ["ALTER TABLE ks.t ADD name text"])


def test_a_table_that_somebody_else_created_meanwhile_is_no_failure() -> None:
    executed, changes = sync([*ABSENT, AlreadyExistsError("exists"), *WITH_BOTH], ID, NAME)
    assert (executed, len(changes)) == ([], 1)


def test_an_index_on_a_column_that_somebody_else_left_out_is_made_after_the_column() -> None:
    # CREATE TABLE IF NOT EXISTS did nothing, for another process was first; then there is no such column to index.
    indexed = ColumnDefinition("name", "text", index=True)
    no_column = InvalidRequestError("Undefined column name name")
    _, changes = sync([*ABSENT, NOTHING, no_column, *WITH_ID, NOTHING, NOTHING, *WITH_BOTH], ID, indexed)
    assert [change.split()[0] for change in changes] == ["CREATE", "CREATE", "ALTER", "CREATE"]
    assert changes[1] == changes[3]


def test_what_is_refused_twice_is_refused() -> None:
    refused = InvalidRequestError("unknown type")
    with pytest.raises(InvalidRequestError, match="unknown type"):
        sync([*WITH_ID, refused, *WITH_ID, refused], ID, NAME)


@pytest.mark.parametrize("error", [UnauthorizedError("may not"), InvalidSyntaxError("no CQL")])
def test_what_looking_again_cannot_help_is_raised_at_once(error: Exception) -> None:
    with pytest.raises(type(error)):
        sync([*WITH_ID, error], ID, NAME)


@pytest.mark.parametrize(
    "error", [UnauthorizedError("may not"), ClusterUnavailableError({"db1": "gone"}, outcome="not_applied")]
)
def test_what_was_refused_half_way_is_not_told_as_not_applied(error: CoodieError) -> None:
    indexed = ColumnDefinition("name", "text", index=True)
    assert error.outcome == "not_applied"
    with pytest.raises(type(error)) as raised:
        sync([*ABSENT, NOTHING, error], ID, indexed)
    assert raised.value.outcome == "unknown"


def test_what_was_refused_before_anything_was_done_was_not_applied() -> None:
    with pytest.raises(UnauthorizedError) as raised:
        sync([*ABSENT, UnauthorizedError("may not")], ID, NAME)
    assert raised.value.outcome == "not_applied"


def test_an_option_that_the_server_spells_otherwise_is_not_set_for_ever() -> None:
    executed, changes = sync([*WITH_ID, NOTHING, *WITH_ID], ID, options={"comment": "ours"})
    assert executed == changes == ["ALTER TABLE ks.t WITH comment = 'ours'"]


def test_a_table_half_visible_is_taken_for_absent() -> None:
    create = "CREATE TABLE IF NOT EXISTS ks.t (id int, PRIMARY KEY (id))"
    script = [NOTHING, TABLE, NOTHING, KEYSPACE, NOTHING, NOTHING, *WITH_ID]
    assert sync(script, ID) == ([create], [create])


def test_long_descriptions_are_read_page_by_page() -> None:
    first = Reply(columns(ID).rows, COLUMNS, b"next")
    second = columns(NAME)
    assert sync([NOTHING, TABLE, first, second], ID, NAME) == ([], [])


def test_a_dry_run_changes_nothing() -> None:
    executed, changes = sync(list(WITH_ID), ID, NAME, dry_run=True)
    assert (executed, changes) == (["ALTER TABLE ks.t ADD name text"], [])


@pytest.mark.parametrize(
    ("local", "changes"),
    [
        (LOCAL, ["CREATE TABLE IF NOT EXISTS ks.t (ann int, PRIMARY KEY (ann))"]),
        (SCYLLA, ['CREATE TABLE IF NOT EXISTS ks.t ("ann" int, PRIMARY KEY ("ann"))']),
    ],
)
def test_the_statements_are_in_the_dialect_of_the_server(local: Reply, changes: list[str]) -> None:
    wanted = TableRequest("t", "ks", [ColumnDefinition("ann", "int", primary_key=True)], dry_run=True)
    assert drive(sync_table(wanted), ScriptedDriver([local, *ABSENT])) == changes


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"index": True, "index_name": 5}, "the index_name of column 'name' is a str, not int"),
        ({"index": True, "index_name": 0}, "the index_name of column 'name' is a str, not int"),
        ({"cql_type": None}, "the type of column 'name' is a str, not NoneType"),
        ({"name": 5}, "the name of column 5 is a str, not int"),
    ],
)
def test_a_column_whose_names_are_no_text_is_refused_before_the_network(wrong: dict[str, Any], reason: str) -> None:
    column: dict[str, Any] = {"name": "name", "cql_type": "text", **wrong}
    driver = ScriptedDriver()
    with pytest.raises(InvalidQueryError, match=reason):
        drive(sync_table(TableRequest("t", "ks", [ID, ColumnDefinition(**column)])), driver)
    assert driver.requests == []


@pytest.mark.parametrize("flag", ["dry_run", "drop_removed_indexes"])
@pytest.mark.parametrize("wrong", ["no", "", 0, 1, None])
def test_a_flag_that_is_neither_true_nor_false_is_refused_before_the_network(flag: str, wrong: Any) -> None:
    flags: dict[str, Any] = {flag: wrong}
    driver = ScriptedDriver()
    with pytest.raises(InvalidQueryError, match=f"^{flag} must be True or False, not {type(wrong).__name__}$"):
        drive(sync_table(TableRequest("t", "ks", [ID], **flags)), driver)
    assert driver.requests == []


@pytest.mark.parametrize("wrong", [None, "id int", 7])
def test_columns_that_are_no_list_are_refused_before_the_network(wrong: Any) -> None:
    with pytest.raises(InvalidQueryError, match=f"cols takes a list of columns, not {type(wrong).__name__}"):
        next(sync_table(TableRequest("t", "shop", wrong)))


INDEXED = ColumnDefinition("name", "text", index=True)
MADE = Reply(
    [("ks", "t", "t_name_idx", "COMPOSITES", {"target": "name"})],
    ("keyspace_name", "table_name", "index_name", "kind", "options"),
)
BUILT = Reply([("other",), ("t_name_idx",)], ("index_name",))


@pytest.mark.parametrize(("looks", "count"), [([BUILT], 1), ([NOTHING, BUILT], 2), ([UnauthorizedError("no")], 1)])
def test_an_index_that_was_made_is_waited_for(looks: list[Any], count: int) -> None:
    driver = ScriptedDriver([LOCAL, *WITH_BOTH, NOTHING, MADE, TABLE, columns(ID, NAME), *looks])
    executed = drive(sync_table(TableRequest("t", "ks", [ID, INDEXED])), driver)
    assert executed == ["CREATE INDEX IF NOT EXISTS t_name_idx ON ks.t (name)"]
    assert [request.statement.cql for request in driver.requests[-count:]] == [
        'SELECT index_name FROM system."IndexInfo" WHERE table_name = ?'
    ] * count


def test_an_index_that_somebody_else_has_just_made_is_waited_for() -> None:
    driver = ScriptedDriver([LOCAL, MADE, TABLE, columns(ID, NAME), NOTHING, BUILT])
    assert drive(sync_table(TableRequest("t", "ks", [ID, INDEXED])), driver) == []
    assert [request.params for request in driver.requests[-2:]] == [("ks",)] * 2
