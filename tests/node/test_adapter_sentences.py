"""What the server says about a request is told, and logged, without the values that were bound."""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest
from tests.node.variables import variables_with

from coodie_drivers import BatchRequest, CoodieError, init_coodie, statement_of, unregister_driver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coodie_drivers.observing import Passed
    from coodie_drivers.testing.sources import CqlCluster

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter]

CANARY = "CANARY7"
TELLS_NO_WARNINGS = {"acsylla", "rust"}
DELETED = 1_300
"""Rows: the server warns from a thousand tombstones on."""


@pytest.fixture(scope="module")
def passed() -> list[Passed]:
    """What the observer was told."""
    return []


@pytest.fixture(scope="module")
def observed(
    cql_cluster: CqlCluster, cql_module_keyspace: str, driver_type: str, passed: list[Passed]
) -> Iterator[Any]:
    """A driver that was opened here, with an observer, and a table."""
    driver: Any = init_coodie(
        hosts=cql_cluster.hosts,
        port=cql_cluster.port,
        driver_type=driver_type,
        name="sentences",
        observers=[passed.append],
    )
    driver.execute(f"CREATE TYPE IF NOT EXISTS {cql_module_keyspace}.address (street text, town text)", [])
    driver.execute(
        f"CREATE TABLE IF NOT EXISTS {cql_module_keyspace}.told (id text, k int, t text, dur duration, ts timestamp, "
        "home frozen<address>, PRIMARY KEY (id, k))",
        [],
    )
    driver.execute(f"INSERT INTO {cql_module_keyspace}.told (id, k, t) VALUES ('x', 1, 'y')", [])
    yield driver
    unregister_driver("sentences").close()


@pytest.mark.parametrize(
    ("cql", "values", "told"),
    [
        (
            "INSERT INTO {} JSON ?",
            [json.dumps({"id": "x", "k": 1, "dur": f"o'{CANARY}"})],
            "Unable to convert … to a duration",
        ),
        (
            "UPDATE {} SET dur = fromJson(?) WHERE id = ? AND k = ?",
            [f'"o\'{CANARY}"', "x", 1],
            "Unable to convert … to a duration",
        ),
        (
            "INSERT INTO {} JSON ?",
            [json.dumps({"id": "x", "k": 1, "ts": f"{CANARY}' x"})],
            "Error decoding JSON value for ts",
        ),
        ("SELECT mask_hash(t, ?) FROM {}", [CANARY], "Hash algorithm not found: …"),
        (
            "UPDATE {} USING TTL ? SET t = ? WHERE id = ? AND k = ?",
            [620000001, "a", "x", 1],
            "told with ttl of … seconds exceeds maximum supported expiration date",
        ),
        (
            "INSERT INTO {} (id, k, home) VALUES (?, ?, ?)",
            ["x", 1, {"street": "a", CANARY: "b"}],
            "type 'address' has no field of a name that is given; it has street, town",
        ),
        ("SELECT t FROM {} WHERE id = ? AND k = ? AND nothing = ?", ["x", 1, CANARY], "ndefined column name nothing"),
    ],
    ids=["a quoted text", "a quoted JSON", "JSON", "a function", "a lifetime", "a field", "a column"],
)
@pytest.mark.parametrize("way", ["blocking", "awaiting"])
def test_no_sentence_holds_a_bound_value(
    observed: Any, cql_module_keyspace: str, way: str, cql: str, values: list[Any], told: str
) -> None:
    text = cql.format(f"{cql_module_keyspace}.told")
    with pytest.raises(CoodieError) as raised:
        observed.execute(text, values) if way == "blocking" else asyncio.run(observed.execute_async(text, values))
    assert told in str(raised.value)
    assert variables_with(CANARY, raised.value) == []
    shown = "".join(traceback.format_exception(raised.value)) + repr(vars(raised.value))
    assert not any(each in shown for each in (CANARY, "620000001"))


def test_no_sentence_about_a_batch_holds_a_bound_value(observed: Any, cql_module_keyspace: str) -> None:
    insert = statement_of(f"INSERT INTO {cql_module_keyspace}.told JSON ?")
    parts = [(insert, [json.dumps({"id": "x", "k": 1, "dur": f"{dur}"})]) for dur in ("1d", f"o'{CANARY}")]
    with pytest.raises(CoodieError, match="Unable to convert … to a duration"):
        observed.send(BatchRequest(parts))


@pytest.mark.parametrize("values", [["x"], []], ids=["bound", "text"])
@pytest.mark.parametrize("protocol", [None, 3])
def test_nothing_holds_what_a_function_says_of_a_value(
    observed: Any,
    cql_cluster: CqlCluster,
    cql_module_keyspace: str,
    driver_type: str,
    passed: list[Passed],
    protocol: int | None,
    values: list[str],
) -> None:
    """Over protocol 3 the server tells it as a refusal, with the words of the exception."""
    if driver_type == "rust" and protocol is not None:
        pytest.skip("its library has one version of the protocol")
    observed.execute(
        f"CREATE FUNCTION IF NOT EXISTS {cql_module_keyspace}.checked (v text) CALLED ON NULL INPUT RETURNS text "
        'LANGUAGE java AS $$ throw new IllegalArgumentException("bad " + v.replace("-", "")); $$',
        [],
    )
    observed.execute(f"INSERT INTO {cql_module_keyspace}.told (id, k, t) VALUES ('x', 2, 'CAN-ARY-7')", [])
    options: dict[str, Any] = {} if protocol is None else {"protocol_version": protocol}
    driver: Any = init_coodie(
        hosts=cql_cluster.hosts,
        port=cql_cluster.port,
        driver_type=driver_type,
        name="functions",
        observers=[passed.append],
        **options,
    )
    try:
        select = f"SELECT {cql_module_keyspace}.checked(t) FROM {cql_module_keyspace}.told WHERE id = {{}} AND k = 2"
        with pytest.raises(CoodieError, match=r"(?i)function") as raised:
            driver.execute(select.format("?" if values else "'x'"), values)
    finally:
        unregister_driver("functions").close()
    assert CANARY not in str(passed[-1].error)
    told: BaseException | None = raised.value
    while told is not None:
        assert CANARY not in str(told)
        told = told.__cause__ or told.__context__


@pytest.mark.parametrize("way", ["blocking", "awaiting"])
def test_the_chain_holds_no_bound_value_in_another_form(observed: Any, cql_module_keyspace: str, way: str) -> None:
    text = f"SELECT blob_as_int(text_as_blob(?)) FROM {cql_module_keyspace}.told"
    with pytest.raises(CoodieError, match="…") as raised:
        observed.execute(text, [CANARY]) if way == "blocking" else asyncio.run(observed.execute_async(text, [CANARY]))
    told: BaseException | None = raised.value
    while told is not None:
        assert CANARY.encode().hex() not in str(told)
        told = told.__cause__ or told.__context__


def test_no_warning_holds_a_bound_value(
    observed: Any,
    cql_module_keyspace: str,
    driver_type: str,
    passed: list[Passed],
    caplog: pytest.LogCaptureFixture,
) -> None:
    table = f"{cql_module_keyspace}.told"
    delete = statement_of(f"DELETE FROM {table} WHERE id = ? AND k = ?")
    for first in range(0, DELETED, 100):
        parts = [(delete, ["many", first + k]) for k in range(100)]
        observed.send(BatchRequest(parts, "unlogged"))
    passed.clear()
    at = datetime(2026, 1, 2, tzinfo=timezone.utc)
    with caplog.at_level(logging.DEBUG):
        rows = observed.execute(
            f"SELECT k FROM {table} WHERE id = ? AND t = ? AND ts = ? ALLOW FILTERING", ["many", CANARY, at]
        )
    logged = [record.getMessage() for record in caplog.records if "tombstone" in record.getMessage()]
    told = [*rows.warnings, *passed[-1].warnings, *logged]
    assert len(told) == {"acsylla": 0, "rust": 1}.get(driver_type, 2)
    for each in told:
        assert f"Read 0 live rows and {DELETED} tombstone cells" in each
        assert f"FROM {table} WHERE … (see tombstone_warn_threshold)" in each
        assert not any(value in each for value in (CANARY, "many", "2026"))


def test_a_warning_about_a_large_batch_keeps_its_figures(
    observed: Any, cql_module_keyspace: str, driver_type: str
) -> None:
    insert = statement_of(f"INSERT INTO {cql_module_keyspace}.told (id, k, t) VALUES (?, ?, ?)")
    reply = observed.send(BatchRequest([(insert, [f"batch {k}", k, CANARY * 20]) for k in range(50)], "unlogged"))
    if driver_type in TELLS_NO_WARNINGS:
        assert reply.warnings == ()
        return
    warning = next(each for each in reply.warnings if "threshold" in each)
    assert f"{cql_module_keyspace}.told" in warning
    assert "exceeding specified threshold of 5" in warning
