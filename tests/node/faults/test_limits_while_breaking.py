"""A request's time limit holds while connections break.

Apart from the other tests of limits, whose drivers would lose their connections to the same proxies.
"""

from __future__ import annotations

import contextlib
import threading
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import Request, Statement, errors
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.proxy import FaultProxy

    Ask = Callable[[str], list[dict[str, object]]]
    Connect = Callable[..., Any]

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter, pytest.mark.usefixtures("calm")]

SHORT, SLACK = 0.4, 0.25


@pytest.fixture(scope="module")
def table(ask: Ask, cql_module_keyspace: str) -> str:
    """A table of rows."""
    name = f"{cql_module_keyspace}.rows"
    ask(f"CREATE TABLE {name} (id int PRIMARY KEY, note text)")
    return name


def test_a_limit_holds_while_a_node_goes_away(proxy: FaultProxy, connect: Connect, table: str) -> None:
    driver = connect()
    statement = Statement(f"SELECT note FROM {table} WHERE id = ?", StatementKind.SELECT, idempotent=True)
    driver.send(Request(statement, [0]))
    slowest = [0.0]

    def ask_again(until: float) -> None:
        while (began := time.monotonic()) < until:
            with contextlib.suppress(errors.CoodieError):
                driver.send(Request(statement, [0], timeout=SHORT))
            slowest.append(time.monotonic() - began)
            time.sleep(0.002)

    asking = [threading.Thread(target=ask_again, args=(time.monotonic() + 1.2,)) for _ in range(3)]
    for thread in asking:
        thread.start()
    time.sleep(0.1)
    proxy.refuse_connections()
    proxy.cut_connections()
    for thread in asking:
        thread.join()
    proxy.accept_connections()
    driver.close(timeout=0)
    assert max(slowest) < SHORT + SLACK


def test_a_limit_holds_while_connections_are_being_closed(
    proxy: FaultProxy, connect: Connect, table: str, driver_type: str
) -> None:
    """The library waits 2 s for a node whose connections are closed, if it has not been told of that."""
    if driver_type not in {"scylla", "cassandra"}:
        pytest.skip("the class is of the libraries that are imported as `cassandra`")
    cluster, policies = import_module("cassandra.cluster"), import_module("cassandra.policies")
    base = cluster.Cluster.connection_class

    def close(connection: Any) -> None:
        base.close(connection)
        if not connection.is_control_connection:
            time.sleep(0.1)  # time goes by before anybody hears of it, as on a busy machine

    lingering = type("Lingering", (base,), {"close": close})
    told_by, asked = proxy.hosts
    alone = policies.WhiteListRoundRobinPolicy([asked])
    driver = connect(hosts=[told_by], connection_class=lingering, load_balancing_policy=alone)
    statement = Statement(f"SELECT note FROM {table} WHERE id = ?", StatementKind.SELECT, idempotent=True)
    driver.send(Request(statement, [0]))
    proxy.refuse_connections(asked)
    threading.Timer(0.1, proxy.cut_connections, [asked]).start()
    slowest, until = 0.0, time.monotonic() + 0.6
    while (began := time.monotonic()) < until:
        with contextlib.suppress(errors.CoodieError):
            driver.send(Request(statement, [0], timeout=SHORT))
        slowest = max(slowest, time.monotonic() - began)
        time.sleep(0.02)
    proxy.accept_connections()
    driver.close(timeout=0)
    assert slowest < SHORT + SLACK
