"""Nodes that do not agree on the schema, or do not say so, to a library that reads no metadata of the schema."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from tests.node.faults.conftest import reaching_both, shown

from coodie_drivers import errors
from coodie_drivers.testing import proxy as faults
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.proxy import FaultProxy
    from coodie_drivers.testing.proxy.rows import RowsPage

pytestmark = [
    pytest.mark.node,
    pytest.mark.adapter,
    pytest.mark.usefixtures("calm"),
    *[pytest.mark.excepted(driver_type=name, reason="the library has no such option") for name in ("acsylla", "rust")],
]

OWN_VERSION = re.compile(r"SELECT schema_version FROM system\.local$")
"""What a node is asked; the library itself asks for more, and is answered well."""
SLACK = 5.0
"""Seconds that a busy machine takes for anything."""

numbers = count(1)


def another_version(page: RowsPage) -> RowsPage:
    return replace(page, rows=((uuid.uuid4().bytes,),))


def change(driver: Any, keyspace: str, way: str) -> None:
    cql = f"CREATE TABLE {keyspace}.changed{next(numbers)} (id int PRIMARY KEY)"
    if way == "sync":
        driver.execute(cql, [])
    else:
        asyncio.run(driver.execute_async(cql, []))


@pytest.fixture(scope="module")
def without_metadata(proxy: FaultProxy, connect: Callable[..., Any]) -> Any:
    """A driver of two nodes, without metadata of the schema."""
    return reaching_both(proxy, lambda: connect(schema_metadata_enabled=False))


@pytest.mark.parametrize("way", ["sync", "async"])
@pytest.mark.parametrize("told", ["another version", "nothing", "an error"])
def test_a_node_that_does_not_agree_is_told(
    without_metadata: Any, proxy: FaultProxy, cql_module_keyspace: str, told: str, way: str
) -> None:
    actions = {
        "another version": shown(another_version),
        "nothing": faults.drop_reply(),
        "an error": faults.answer(faults.server_error()),
    }
    change(without_metadata, cql_module_keyspace, way)
    began = time.monotonic()
    with (
        proxy.rules.add(actions[told], text=OWN_VERSION, host=proxy.hosts[1]) as asked,
        pytest.raises(errors.SchemaDisagreementError) as raised,
    ):
        change(without_metadata, cql_module_keyspace, way)
    assert asked.hits
    assert time.monotonic() - began < 1.0 + SLACK
    facts = (raised.value.outcome, raised.value.retryable, raised.value.statement_kind)
    assert facts == ("unknown", False, StatementKind.SCHEMA)
    change(without_metadata, cql_module_keyspace, way)
