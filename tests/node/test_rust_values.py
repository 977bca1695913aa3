"""Values that scylladb-rs-driver cannot write: refused by column and type before anything is sent, or sent as JSON."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from decimal import Decimal
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import (
    BatchRequest,
    CqlDuration,
    Request,
    errors,
    init_coodie,
    statement_of,
    unregister_driver,
)
from coodie_drivers.testing.proxy import FaultProxy, delay_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.sources import CqlCluster

pytest.importorskip("scylla", reason="needs scylladb-rs-driver")

pytestmark = [
    pytest.mark.node,
    pytest.mark.adapter,
    pytest.mark.excepted(driver_type="scylla", reason="about what scylladb-rs-driver cannot write"),
]

COLUMNS = {
    "numbers": "list<int>",
    "texts": "list<text>",
    "price": "decimal",
    "prices": "list<decimal>",
    "times": "list<duration>",
    "pair": "tuple<duration, int>",
    "moment": "tuple<timestamp, int>",
    "host": "tuple<inet, int>",
}

LISTED = r"column 'took' \(list<tuple<int, int>>\): .* as one list, IN \?; give each its marker, IN \(\?, \?\), or"


@pytest.fixture(scope="module")
def rust(connect_for_module: Callable[..., Any], cql_module_keyspace: str) -> Any:
    """A driver over the library, and a table."""
    driver = connect_for_module(driver_type="rust", keyspace=cql_module_keyspace)
    columns = ", ".join(f"{name} {cql_type}" for name, cql_type in COLUMNS.items())
    driver.execute(f"CREATE TABLE {cql_module_keyspace}.refused (id int PRIMARY KEY, {columns})", [])
    return driver


@pytest.mark.parametrize("batch", [False, True], ids=["alone", "in a batch"])
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("numbers", [2**31]),
        ("texts", ["\ud800"]),
        ("price", Decimal("1E-2147483648")),
        ("prices", [Decimal("1E-2147483648")]),
        ("times", [CqlDuration(0, 0, -(2**63))]),
        ("pair", (CqlDuration(-(2**31), 0, 0), None)),
        ("host", (ip_address("::ffff:1.2.3.4"), None)),
    ],
)
def test_column_and_type_are_named(rust: Any, column: str, value: object, *, batch: bool) -> None:
    insert = f"INSERT INTO {rust.default_keyspace}.refused (id, {column}) VALUES (?, ?)"
    request = Request(statement_of(insert), (1, value))
    with pytest.raises(errors.InvalidQueryError) as caught:
        rust.send(BatchRequest([(request.statement, request.params)]) if batch else request)
    assert str(caught.value).startswith(f"column '{column}' ({COLUMNS[column]}): ")
    assert (caught.value.outcome, caught.value.retryable) == ("not_applied", False)
    assert not any(
        figure in str(caught.value) for figure in (r"\ud800", "E-2147483648", "9223372036854775808", "1.2.3.4")
    )


@pytest.mark.parametrize("batch", [False, True], ids=["alone", "in a batch"])
@pytest.mark.parametrize(
    ("change", "values", "sentence"),
    [
        ("took = ? WHERE id = ? IF took IN ?", [(None, 2), 1, [(None, 3)]], LISTED),
        ("numbers = ? WHERE id = ? IF took IN ?", [[], 1, [(None, 3)]], LISTED),
        (
            "took = :took WHERE id = :id",
            [(None, 2), 1],
            r"column 'took' \(tuple<int, int>\): .* such a value for a marker that has a name; write \? for each",
        ),
    ],
)
def test_what_cannot_be_written_is_named_with_the_way_out(
    rust: Any, change: str, values: list[object], sentence: str, *, batch: bool
) -> None:
    table = f"{rust.default_keyspace}.took"
    rust.execute(
        f"CREATE TABLE IF NOT EXISTS {table} (id int PRIMARY KEY, took tuple<int, int>, numbers list<int>)", []
    )
    request = Request(statement_of(f"UPDATE {table} SET {change}"), values)
    with pytest.raises(errors.InvalidQueryError, match=sentence):
        rust.send(BatchRequest([(request.statement, request.params)]) if batch else request)
    each = f"UPDATE {table} SET numbers = ? WHERE id = ? IF took IN (?)"
    assert rust.execute(each, [[], 1, (None, 3)])[0]["[applied]"] is False


@pytest.mark.parametrize("values", [[], [1]], ids=["as text", "prepared"])
def test_a_column_may_go_while_it_is_asked_for_in_another_form(
    rust: Any, cql_cluster: CqlCluster, values: list[int]
) -> None:
    table = f"{rust.default_keyspace}.going_{len(values)}"
    rust.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, took duration)", [])
    rust.execute(f"INSERT INTO {table} (id, took) VALUES (1, 2d)", [])
    every = f"SELECT * FROM {table} WHERE id = {'?' if values else 1}"
    with FaultProxy(cql_cluster) as proxy, ThreadPoolExecutor(1) as threads:
        reader = init_coodie(hosts=proxy.hosts, port=proxy.port, driver_type="rust", name="while columns go")
        assert reader.execute(every, values) == [{"id": 1, "took": CqlDuration(0, 2, 0)}]
        rule = proxy.rules.add(delay_request(0.5), opcode=("PREPARE", "EXECUTE", "QUERY"), text="(blob)took")
        reading = threads.submit(reader.execute, every, values)
        rule.wait()
        rust.execute(f"ALTER TABLE {table} DROP took", [])
        assert reading.result(20) == [{"id": 1}]
        unregister_driver("while columns go").close()


def test_a_wrong_paging_state_costs_one_request(rust: Any, cql_cluster: CqlCluster) -> None:
    table = f"{rust.default_keyspace}.paged"
    rust.execute(f"CREATE TABLE {table} (id int, at duration, row int, PRIMARY KEY (id, row))", [])
    every = f"SELECT * FROM {table} WHERE id = ?"
    with FaultProxy(cql_cluster) as proxy:
        reader: Any = init_coodie(hosts=proxy.hosts, port=proxy.port, driver_type="rust", name="wrong states")
        reader.execute(every, [1], fetch_size=10)
        held, before = reader.prepared_statements, len(proxy.traffic.requests("EXECUTE"))
        with pytest.raises(errors.InvalidRequestError, match="paging state"):
            reader.execute(every, [1], fetch_size=10, paging_state=b"\x01junk")
        assert (reader.prepared_statements, len(proxy.traffic.requests("EXECUTE")) - before) == (held, 1)
        unregister_driver("wrong states").close()


@pytest.mark.parametrize(
    ("year", "month", "day"), [(1, 1, 1), (1969, 12, 31), (1970, 1, 1), (1970, 1, 2), (9999, 1, 1)]
)
def test_a_moment_beside_a_null_is_written_whatever_its_size(rust: Any, year: int, month: int, day: int) -> None:
    moment = (datetime(year, month, day, 0, 0, 1, tzinfo=timezone.utc), None)
    rust.execute(f"INSERT INTO {rust.default_keyspace}.refused (id, moment) VALUES (?, ?)", [2, moment])
    assert rust.execute(f"SELECT moment FROM {rust.default_keyspace}.refused WHERE id = ?", [2]) == [{"moment": moment}]


@pytest.mark.parametrize("host", [("::ffff:1.2.3.4", 1), ("1.2.3.4", None), ("::1", None)])
def test_an_address_beside_a_null_is_the_one_that_was_given(rust: Any, host: tuple[str, int | None]) -> None:
    given = (ip_address(host[0]), host[1])
    rust.execute(f"INSERT INTO {rust.default_keyspace}.refused (id, host) VALUES (?, ?)", [3, given])
    assert rust.execute(f"SELECT host FROM {rust.default_keyspace}.refused WHERE id = ?", [3]) == [{"host": given}]


@pytest.mark.parametrize("given", ["SELECT key FROM system.local", None], ids=["text", "none"])
async def test_what_is_no_request_is_refused_in_words(rust: Any, given: Any) -> None:
    for _ in range(2):
        with pytest.raises(errors.InvalidQueryError, match="a driver sends a Request or a BatchRequest, not"):
            rust.send(given)
        with pytest.raises(errors.InvalidQueryError, match="a driver sends a Request or a BatchRequest, not"):
            await rust.send_async(given)
