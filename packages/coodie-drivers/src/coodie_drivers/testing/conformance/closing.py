"""Closing a driver with requests under way: it waits for them, as long as it may, and no longer."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Any, Final

import pytest

from coodie_drivers.errors import ClusterUnavailableError, ConnectionLostError, DriverClosedError, OverloadedError
from coodie_drivers.testing.conformance.statements import fresh_statement
from coodie_drivers.testing.conformance.suite import Suite
from coodie_drivers.testing.proxy import answer, delay_reply, drop_reply, first, overloaded

if TYPE_CHECKING:
    from coodie_drivers.testing.conformance.suite import Connect
    from coodie_drivers.testing.conformance.ways import Way
    from coodie_drivers.testing.proxy import Action, FaultProxy
    from coodie_drivers.testing.proxy.rules import When

__all__ = ["ClosingCases"]

LOCAL = [{"key": "local"}]
STATEMENT = "SELECT key FROM system.local WHERE key = ?"

PROMISED: Final = 0.1
"""Seconds by which closing may take longer than it was given."""

TRIES: Final = 6
"""How often a busy machine may be late with it, and once more."""

LONG: Final = 10.0
"""Seconds that nobody waits who is told at once."""

_ENDED = (ClusterUnavailableError, ConnectionLostError, DriverClosedError, OverloadedError)
"""What a call may end with when the driver closes before the answer came."""


class Closing:
    """A driver that is closed while 16 threads, or 500 tasks, have asked something.

    Attributes:
        answers: what they were told, each of them.
        seconds: how long it took, until the last of them was told.
    """

    def __init__(self, own: Way, proxy: FaultProxy, stmt: str = STATEMENT, tasks: int = 500) -> None:
        """Ask `stmt` through the proxy."""
        self.answers: list[Any] = []
        self.seconds = 0.0
        self._own = own
        self._proxy = proxy
        self._stmt = stmt
        self._calls: list[tuple[object, ...]] = [(stmt, ["local"])] * (16 if own.name == "sync" else tasks)

    def close(
        self,
        timeout: float,
        action: Action,
        *,
        when: When | None = None,
        opcode: str | None = None,
        hits: int | None = None,
        settle: float = 0.0,
    ) -> None:
        """Ask, and close once the proxy has done something so often, for each that asks once if nothing is said.

        `settle` are seconds in which the others come to ask, too, where one of them is enough for that.
        """
        rules: dict[str, Any] = {"text": self._stmt, "when": when, "opcode": opcode}
        with self._proxy.rules.add(action, **{name: each for name, each in rules.items() if each}) as rule:
            asking = threading.Thread(target=self._ask, daemon=True)
            asking.start()
            rule.wait(len(self._calls) if hits is None else hits, timeout=60)
            time.sleep(settle)
            began = time.monotonic()
            self._own.call("close", timeout=timeout)
            asking.join()
        self.seconds = time.monotonic() - began

    @property
    def asked(self) -> int:
        """How many ask."""
        return len(self._calls)

    def _ask(self) -> None:
        self.answers += self._own.together("execute", self._calls)


class ClosingCases(Suite):
    """The cases about closing with requests under way."""

    def test_closing_waits_for_what_is_under_way(self, connect: Connect, cql_proxy: FaultProxy) -> None:
        closing = _ready(connect, cql_proxy)
        closing.close(5, delay_reply(0.5))
        assert [each for each in closing.answers if each != LOCAL] == []
        assert closing.seconds < 5

    def test_closing_waits_for_requests_whose_statement_is_being_prepared(
        self, connect: Connect, cql_proxy: FaultProxy
    ) -> None:
        own: Way = connect(hosts=cql_proxy.hosts, port=cql_proxy.port)
        closing = Closing(own, cql_proxy, fresh_statement(), tasks=16)
        closing.close(5, delay_reply(0.6), opcode="PREPARE", hits=1, settle=0.3)
        answered = [each for each in closing.answers if not isinstance(each, DriverClosedError)]  # who came too late
        assert answered
        assert [each for each in answered if isinstance(each, Exception)] == []

    def test_closing_waits_for_requests_that_a_busy_node_turned_away(
        self, connect: Connect, cql_proxy: FaultProxy
    ) -> None:
        closing = _ready(connect, cql_proxy)
        closing.close(5, answer(overloaded()), when=first(closing.asked))
        answered = [each for each in closing.answers if not isinstance(each, DriverClosedError)]  # who came too late
        assert answered
        assert [each for each in answered if each != LOCAL] == []

    @pytest.mark.parametrize("timeout", [0, 0.5])
    def test_closing_waits_no_longer_than_it_may(self, connect: Connect, cql_proxy: FaultProxy, timeout: float) -> None:
        for late in range(TRIES):
            time.sleep(late / 2)  # what else the machine does may go on for seconds
            closing = _ready(connect, cql_proxy, tasks=100)  # telling 500 takes a busy machine longer than that
            closing.close(timeout, delay_reply(60))
            assert _told_otherwise(closing) == []
            if closing.seconds <= timeout + PROMISED:
                return
            assert late < TRIES - 1, f"closing took {closing.seconds - timeout:.2f} s longer than it may"

    def test_closing_at_once_ends_the_pauses_for_a_busy_node(self, connect: Connect, cql_proxy: FaultProxy) -> None:
        for late in range(TRIES):
            time.sleep(late / 2)  # what else the machine does may go on for seconds
            closing = _ready(connect, cql_proxy, tasks=100)
            # After the third time that a node turns a request away, it waits for up to 0.3 s.
            closing.close(0, answer(overloaded()), hits=3 * closing.asked)
            assert _told_otherwise(closing) == []
            assert any(isinstance(each, OverloadedError) for each in closing.answers), "who paused is told why"
            if closing.seconds <= PROMISED:
                return
            assert late < TRIES - 1, f"closing took {closing.seconds:.2f} s longer than it may"

    def test_closing_that_is_cancelled_ends_the_connections(self, connect: Connect, cql_proxy: FaultProxy) -> None:
        own: Way = connect(hosts=cql_proxy.hosts, port=cql_proxy.port)
        stmt, driver = STATEMENT, own.driver
        own.execute(stmt, ["local"])

        async def cancelled() -> Any:
            asking: asyncio.Future[Any] = asyncio.ensure_future(driver.execute_async(stmt, ["local"]))
            await asyncio.to_thread(rule.wait, 1)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(driver.close_async(), 0.1)
            return (await asyncio.gather(asking, return_exceptions=True))[0]

        with cql_proxy.rules.add(delay_reply(1), text=stmt) as rule:
            answer = asyncio.run(cancelled())
            own.call("close")
        assert answer == LOCAL or isinstance(answer, _ENDED)
        deadline = time.monotonic() + 5
        while cql_proxy.connections and time.monotonic() < deadline:
            time.sleep(0.01)
        assert cql_proxy.connections == 0

    def test_closing_again_may_cut_what_the_first_waits_for(self, connect: Connect, cql_proxy: FaultProxy) -> None:
        own: Way = connect(hosts=cql_proxy.hosts, port=cql_proxy.port)
        own.execute(STATEMENT, ["local"])
        answers: list[Any] = []
        calls: list[tuple[object, ...]] = [(STATEMENT, ["local"], None, 2 * LONG)]
        asking = threading.Thread(target=lambda: answers.extend(own.together("execute", calls)), daemon=True)
        closing = threading.Thread(target=lambda: own.call("close", timeout=2 * LONG), daemon=True)
        with cql_proxy.rules.add(drop_reply(), text=STATEMENT) as rule:
            asking.start()
            rule.wait(1, timeout=LONG)
            closing.start()
            _wait_until_closed(own)
            own.call("close", timeout=0)
            asking.join(LONG)
            closing.join(LONG)
        assert not closing.is_alive(), "the first one waits on"
        assert [each for each in answers if isinstance(each, _ENDED) and each.outcome == "not_applied"] == answers != []

    def test_closing_again_may_cut_what_was_cancelled(self, connect: Connect, cql_proxy: FaultProxy) -> None:
        own: Way = connect(hosts=cql_proxy.hosts, port=cql_proxy.port)
        own.execute(STATEMENT, ["local"])
        driver = own.driver

        async def cancelled() -> Any:
            asking: asyncio.Future[Any] = asyncio.ensure_future(
                driver.execute_async(STATEMENT, ["local"], timeout=2 * LONG)
            )
            await asyncio.to_thread(rule.wait, 1)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(driver.close_async(timeout=2 * LONG), 0.1)
            await driver.close_async(timeout=0)
            done, _ = await asyncio.wait((asking,), timeout=LONG)
            asking.cancel()
            return (await asyncio.gather(*done, return_exceptions=True))[0] if done else None

        with cql_proxy.rules.add(drop_reply(), text=STATEMENT) as rule:
            answer = asyncio.run(cancelled())
        assert isinstance(answer, _ENDED)


def _wait_until_closed(own: Way) -> None:
    """Wait until a driver takes no more requests."""
    for _ in range(1000):
        try:
            own.execute("SELECT key FROM system.local")
        except DriverClosedError:
            return
        time.sleep(0.01)


def _ready(connect: Connect, proxy: FaultProxy, tasks: int = 500) -> Closing:
    """Connect, and prepare the statement."""
    own: Way = connect(hosts=proxy.hosts, port=proxy.port)
    own.execute(STATEMENT, ["local"])
    return Closing(own, proxy, tasks=tasks)


def _told_otherwise(closing: Closing) -> list[Any]:
    """Return what was told but that the statement, which only reads, was cut off."""
    return [each for each in closing.answers if not isinstance(each, _ENDED) or each.outcome != "not_applied"]
