"""`sync_table` on a real node: creating, adding, indexing, refusing, and many processes at once."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import ConfigurationError, InvalidQueryError, TableRequest, drive
from coodie_drivers.errors import InvalidRequestError, TableConflictError
from cql_builder.schema import ColumnDefinition, IndexDefinition

if TYPE_CHECKING:
    from tests.node.conftest import Caller

    from coodie_drivers import AbstractDriver, Op, Reply
    from coodie_drivers.testing.sources import CqlCluster

pytestmark = [pytest.mark.node, pytest.mark.adapter]

numbers = count()

ID = ColumnDefinition("id", "uuid", primary_key=True)
AT = ColumnDefinition("at", "timestamp", clustering_key=True, clustering_order="DESC")
NAME = ColumnDefinition("name", "text")
ODD = ColumnDefinition("Odd Name", "list<frozen<tuple<int, text>>>")
TAGS = ColumnDefinition("tags", "set<text>", index=True)
PRICE = ColumnDefinition("price", "double", index=True)
STATIC = ColumnDefinition("shared", "int", static=True)


@pytest.fixture
def table() -> str:
    """A name that no other table has."""
    return f"t{next(numbers)}"


def columns_of(caller: Caller | AbstractDriver, keyspace: str, table: str) -> dict[str, str]:
    rows = caller.execute(
        "SELECT column_name, type FROM system_schema.columns WHERE keyspace_name = ? AND table_name = ?",
        [keyspace, table],
    )
    return {row["column_name"]: row["type"] for row in rows}


def indexes_of(caller: Caller | AbstractDriver, keyspace: str, table: str) -> set[str]:
    rows = caller.execute(
        "SELECT index_name FROM system_schema.indexes WHERE keyspace_name = ? AND table_name = ?", [keyspace, table]
    )
    return {row["index_name"] for row in rows}


def test_a_table_is_created_with_keys_order_options_and_indexes(caller: Caller, keyspace: str, table: str) -> None:
    wanted = [ID, AT, NAME, ODD, TAGS, STATIC]
    executed = caller.sync_table(table, keyspace, wanted, {"comment": "it's ours", "gc_grace_seconds": 100})
    assert [text.split(" (")[0] for text in executed] == [
        f"CREATE TABLE IF NOT EXISTS {keyspace}.{table}",
        f"CREATE INDEX IF NOT EXISTS {table}_tags_idx ON {keyspace}.{table}",
    ]
    assert columns_of(caller, keyspace, table) == {
        "id": "uuid",
        "at": "timestamp",
        "name": "text",
        "Odd Name": "list<frozen<tuple<int, text>>>",
        "tags": "set<text>",
        "shared": "int",
    }
    (options,) = caller.execute(
        "SELECT comment, gc_grace_seconds FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?",
        [keyspace, table],
    )
    assert options == {"comment": "it's ours", "gc_grace_seconds": 100}
    assert caller.sync_table(table, keyspace, wanted, {"comment": "it's ours", "gc_grace_seconds": 100}) == []


def test_what_is_lacking_is_added_and_nothing_is_taken_away(caller: Caller, keyspace: str, table: str) -> None:
    caller.sync_table(table, keyspace, [ID, NAME, TAGS])
    executed = caller.sync_table(table, keyspace, [ID, PRICE, ODD], {"default_time_to_live": 60})
    assert executed == [
        f'ALTER TABLE {keyspace}.{table} ADD (price double, "Odd Name" list<frozen<tuple<int, text>>>)',
        f"ALTER TABLE {keyspace}.{table} WITH default_time_to_live = 60",
        f"CREATE INDEX IF NOT EXISTS {table}_price_idx ON {keyspace}.{table} (price)",
    ]
    assert set(columns_of(caller, keyspace, table)) == {"id", "name", "tags", "price", "Odd Name"}
    assert indexes_of(caller, keyspace, table) == {f"{table}_tags_idx", f"{table}_price_idx"}
    assert caller.sync_table(table, keyspace, [ID, PRICE, ODD], {"default_time_to_live": 60}) == []


def test_an_option_of_which_the_server_keeps_nothing_is_not_said_again(
    caller: Caller, keyspace: str, table: str
) -> None:
    caller.sync_table(table, keyspace, [ID], {"extensions": {"a": "0x01"}})
    assert caller.sync_table(table, keyspace, [ID], {"extensions": {"a": "0x01"}}) == []


def test_a_dry_run_says_what_would_be_done_and_does_nothing(caller: Caller, keyspace: str, table: str) -> None:
    planned = caller.sync_table(table, keyspace, [ID, TAGS], None, True)
    assert len(planned) == 2
    assert columns_of(caller, keyspace, table) == {}
    assert caller.sync_table(table, keyspace, [ID, TAGS]) == planned
    assert caller.sync_table(table, keyspace, [ID, TAGS, NAME], None, True) == [
        f"ALTER TABLE {keyspace}.{table} ADD name text"
    ]
    assert "name" not in columns_of(caller, keyspace, table)


@pytest.mark.parametrize("dry_run", [False, True])
def test_what_would_need_a_new_table_is_refused_with_what_to_do(
    caller: Caller, keyspace: str, table: str, dry_run: bool
) -> None:
    caller.sync_table(table, keyspace, [ID, AT, NAME])
    wanted = [ID, ColumnDefinition("name", "int"), PRICE]
    with pytest.raises(TableConflictError) as caught:
        caller.sync_table(table, keyspace, wanted, None, dry_run)
    told = str(caught.value)
    assert f"table '{keyspace}.{table}' cannot be changed as wanted" in told
    assert f"column 'name' of table '{table}' is text and wanted as int" in told
    assert "has the clustering key (at DESC) and is wanted with ()" in told
    assert len(caught.value.conflicts) == 2
    assert set(columns_of(caller, keyspace, table)) == {"id", "at", "name"}


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ([NAME], "no partition key"),
        ([ID, ColumnDefinition("x", "nonsense<")], "column 'x'"),
        ([ID, ID], "id"),
        (["id"], "a column must be a .*ColumnDefinition, not str"),
    ],
)
def test_what_no_server_can_have_is_refused(
    caller: Caller, keyspace: str, table: str, wanted: Any, reason: str
) -> None:
    with pytest.raises(InvalidQueryError, match=reason):
        caller.sync_table(table, keyspace, wanted)
    assert columns_of(caller, keyspace, table) == {}


def test_without_its_keyspace_the_error_says_how_to_create_it(caller: Caller, table: str) -> None:
    with pytest.raises(
        ConfigurationError, match=r"keyspace 'nowhere' does not exist: create it first.*CREATE KEYSPACE"
    ):
        caller.sync_table(table, "nowhere", [ID])


def test_a_type_that_does_not_exist_is_refused_by_the_server(caller: Caller, keyspace: str, table: str) -> None:
    with pytest.raises(InvalidRequestError, match="no_such_type"):
        caller.sync_table(table, keyspace, [ID, ColumnDefinition("x", "frozen<no_such_type>")])


def test_a_column_that_was_dropped_does_not_come_back_with_another_type(
    caller: Caller, keyspace: str, table: str
) -> None:
    caller.sync_table(table, keyspace, [ID, ColumnDefinition("size", "int")])
    caller.execute(f"ALTER TABLE {keyspace}.{table} DROP size", [])
    with pytest.raises(TableConflictError, match=r"'?size'? .*another name, or its old type") as refused:
        caller.sync_table(table, keyspace, [ID, ColumnDefinition("size", "text")])
    assert (refused.value.keyspace, refused.value.table) == (keyspace, table)
    caller.sync_table(table, keyspace, [ID, ColumnDefinition("size", "int")])
    assert columns_of(caller, keyspace, table)["size"] == "int"


def test_a_view_of_the_same_name_is_in_the_way(caller: Caller, keyspace: str, table: str) -> None:
    caller.sync_table(f"{table}_base", keyspace, [ID, NAME])
    caller.execute(
        f"CREATE MATERIALIZED VIEW {keyspace}.{table} AS SELECT id, name FROM {keyspace}.{table}_base "
        "WHERE id IS NOT NULL AND name IS NOT NULL PRIMARY KEY (name, id)",
        [],
    )
    with pytest.raises(TableConflictError, match="a materialized view has this name; give the table another"):
        caller.sync_table(table, keyspace, [ID, NAME, PRICE])


@pytest.mark.parametrize("there", [False, True])
def test_an_index_name_that_another_table_has_is_refused(
    caller: Caller, keyspace: str, table: str, there: bool
) -> None:
    named = ColumnDefinition("name", "text", index=True, index_name=f"{table}_named")
    assert len(caller.sync_table(f"{table}_first", keyspace, [ID, named])) == 2
    if there:
        caller.sync_table(table, keyspace, [ID])
    with pytest.raises(TableConflictError, match=rf"an index of table '{table}_first'.*give it another index_name"):
        caller.sync_table(table, keyspace, [ID, named])
    assert caller.sync_table(f"{table}_first", keyspace, [ID, named]) == []
    assert indexes_of(caller, keyspace, table) == set()


def test_another_kind_of_index_under_a_name_that_another_table_has_is_refused(
    caller: Caller, keyspace: str, table: str
) -> None:
    sai = ColumnDefinition("name", "text", indexes=(IndexDefinition(f"{table}_named", index_class="sai"),))
    caller.sync_table(f"{table}_first", keyspace, [ID, sai])
    caller.sync_table(table, keyspace, [ID, ColumnDefinition("name", "text", index=True)])
    with pytest.raises(TableConflictError, match=rf"an index of table '{table}_first'.*give it another index_name"):
        caller.sync_table(table, keyspace, [ID, sai])
    assert indexes_of(caller, keyspace, table) == {f"{table}_name_idx"}


def test_an_operation_may_ask_for_a_table(driver: Any, keyspace: str, table: str) -> None:
    def ask() -> Op[Reply]:
        return (yield TableRequest(table, keyspace, [ID]))

    assert drive(ask(), driver).rows == [
        (f"CREATE TABLE IF NOT EXISTS {keyspace}.{table} (id uuid, PRIMARY KEY (id))",)
    ]


RACER = """
import logging
import sys
from coodie_drivers import init_coodie
from cql_builder.schema import ColumnDefinition

logging.disable()  # of columns of the neighbours, which it does not want
kind, host, port, keyspace, me, racers, rounds = *sys.argv[1:3], int(sys.argv[3]), sys.argv[4], *map(int, sys.argv[5:])
driver = init_coodie(hosts=[host], port=port, driver_type=kind)
print("ready", flush=True)
sys.stdin.readline()
for number in range(rounds):
    columns = [ColumnDefinition("id", "int", primary_key=True), ColumnDefinition("same", "text", index=True)]
    # Each wants a column of its own, and one that a neighbour wants too.
    for racer in (me, (me + 1) % racers):
        columns.append(ColumnDefinition(f"c{racer}", "int", index=True))
    driver.sync_table(f"race{number}of{racers}", keyspace, columns)
    assert driver.sync_table(f"race{number}of{racers}", keyspace, columns) == []
driver.close()
"""


@pytest.mark.parametrize(
    ("racers", "rounds"), [(6, 3), pytest.param(20, 20, marks=[pytest.mark.long, pytest.mark.timeout(900)])]
)
def test_processes_that_want_the_same_table_all_succeed(
    driver: AbstractDriver, driver_type: str, cql_cluster: CqlCluster, keyspace: str, racers: int, rounds: int
) -> None:
    address = [driver_type, cql_cluster.hosts[0], str(cql_cluster.port), keyspace]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, *address, str(me), str(racers), str(rounds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for me in range(racers)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    with ThreadPoolExecutor(racers) as pool:  # communicate() of one lets that one begin, and no other
        asked = [pool.submit(process.communicate, "go\n", 600) for process in running]
        told = [each.result()[1] for each in asked]
    assert [(process.returncode, error) for process, error in zip(running, told, strict=True)] == [(0, "")] * racers
    for number in range(rounds):
        table = f"race{number}of{racers}"
        assert set(columns_of(driver, keyspace, table)) == {"id", "same", *[f"c{n}" for n in range(racers)]}
        assert len(indexes_of(driver, keyspace, table)) == racers + 1
    versions = [
        *driver.execute("SELECT schema_version FROM system.local", []),
        *driver.execute("SELECT schema_version FROM system.peers", []),
    ]
    assert len({str(row["schema_version"]) for row in versions}) == 1
