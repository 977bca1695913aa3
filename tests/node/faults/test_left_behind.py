"""Nothing stays of a driver that was closed, nor of a connection that failed, when nobody uses it any more."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import ssl
import sys
import time
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import (
    BatchRequest,
    CoodieError,
    Request,
    Statement,
    init_coodie,
    init_coodie_async,
    statement_of,
    unregister_driver,
)
from coodie_drivers.testing import proxy as faults
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from coodie_drivers.testing.proxy import FaultProxy

    Ask = Callable[[str], list[dict[str, object]]]

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter, pytest.mark.usefixtures("calm")]


@pytest.fixture(scope="module")
def table(ask: Ask, cql_module_keyspace: str) -> str:
    """A table of rows."""
    name = f"{cql_module_keyspace}.rows"
    ask(f"CREATE TABLE {name} (id int PRIMARY KEY, note text)")
    return name


@pytest.fixture(autouse=True)
def unlogged() -> Iterator[None]:
    """Have nothing logged: pytest keeps the records, and they keep the tracebacks of errors."""
    logger = logging.getLogger("cassandra")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    yield
    logger.setLevel(before)


@pytest.fixture(params=["blocking", "awaiting"])
def way(request: pytest.FixtureRequest) -> str:
    """How a driver is used."""
    return str(request.param)


def used(driver: Any, way: str, proxy: FaultProxy, table: str) -> None:
    """Have requests succeed, fail, and be sent again."""
    loop = asyncio.new_event_loop()
    write = Statement(f"UPDATE {table} SET note = ? WHERE id = ?", StatementKind.UPDATE, idempotent=True)
    refused = statement_of(f"UPDATE {table} SET nothing = ? WHERE id = ?")

    def send(request: Request | BatchRequest) -> None:
        with suppress(CoodieError):
            driver.send(request) if way == "blocking" else loop.run_until_complete(driver.send_async(request))

    for fault, times in ((faults.answer(faults.overloaded()), 1), (faults.drop_reply(), 1)):
        for request in (Request(write, ["a", 1], timeout=0.2), BatchRequest([(write, ["a", 1])], timeout=0.2)):
            send(request)
            with proxy.rules.add(fault, text=table, when=faults.first(times)):
                send(request)
    send(Request(refused, ["a", 1]))
    loop.close()


def test_a_closed_driver_is_gone(proxy: FaultProxy, driver_type: str, way: str, table: str) -> None:
    driver = init_coodie(hosts=proxy.hosts, port=proxy.port, driver_type=driver_type, name="left behind")
    used(driver, way, proxy, table)
    closing: Any = unregister_driver("left behind")
    closing.close(timeout=0)
    del closing
    gone = weakref.ref(driver)
    del driver
    assert after_collecting(gone)


def test_a_connection_that_failed_is_gone(driver_type: str, way: str) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        given: dict[str, Any] = {
            "hosts": ["127.0.0.1"],
            "port": unused.getsockname()[1],
            "driver_type": driver_type,
            "ssl_context": ssl.create_default_context(),
        }
        gone = weakref.ref(given["ssl_context"])
        with suppress(CoodieError):
            init_coodie(**given) if way == "blocking" else asyncio.run(init_coodie_async(**given))
    del given
    assert after_collecting(gone)


def after_collecting(gone: weakref.ref[Any]) -> bool:
    """Return whether it is, as soon as no thread is busy with it any more."""
    given_up = time.monotonic() + 3
    while gone() is not None and time.monotonic() < given_up:
        # What threads of scylladb-rs-driver let go of without Python's lock is freed when the library is called next.
        if "scylla.statement" in sys.modules:
            sys.modules["scylla.statement"].Statement("SELECT")
        gc.collect()
        time.sleep(0.02)
    return gone() is None
