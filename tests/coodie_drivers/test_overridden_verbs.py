"""A class of somebody's own below one of ours, whose `execute` audits or refuses: the mapper goes through it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from coodie_drivers import BatchRequest, Reply, Request, adrive, drive, statement_of
from coodie_drivers.lazy import LazyDriver
from coodie_drivers.messages import Rows
from coodie_drivers.observing import ObservedDriver
from coodie_drivers.request_driver import RequestDriver
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver, Op

SELECT = statement_of("SELECT id FROM shop.t WHERE id = ?")
INSERT = statement_of("INSERT INTO shop.t (id) VALUES (?)")
Sent: TypeAlias = "Request | BatchRequest"


class Adapter(RequestDriver):
    """A driver that sends requests, as those of this package do; two pages, unless one was asked for."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.seen: list[str] = []

    def send(self, request: Sent) -> Reply:
        return self.answer(request)

    async def send_async(self, request: Sent) -> Reply:
        return self.answer(request)

    def answer(self, request: Sent) -> Reply:
        self.sent.append(request)
        first = isinstance(request, Request) and request.paging_state is None
        return Reply([(1,) if first else (2,)], ("id",), b"next" if first else None, warnings=["slow"])

    def close(self, *, timeout: float = 5.0) -> None: ...

    async def close_async(self, *, timeout: float = 5.0) -> None: ...


class Auditing:
    """What is seen of each statement before it goes on."""

    seen: list[str]

    def execute(self, stmt: str, *further: Any, **named: Any) -> Any:
        self.seen.append(stmt)
        return super().execute(stmt, *further, **named)  # type: ignore[misc]  # of the driver beside it

    async def execute_async(self, stmt: str, *further: Any, **named: Any) -> Any:
        self.seen.append(stmt)
        return await super().execute_async(stmt, *further, **named)  # type: ignore[misc]  # as above


class Audit(Auditing, Adapter):
    """Seen, and sent."""


class Counting(Audit):
    """A class below, with an entry of its own."""

    def send(self, request: Sent) -> Reply:
        self.seen.append("counted")
        return super().send(request)


class Twice(Counting):
    """A class below that, with one more verb."""

    def execute(self, stmt: str, *further: Any, **named: Any) -> Any:
        self.seen.append("twice")
        return super().execute(stmt, *further, **named)


def ask(asked: Sent) -> Op[Reply]:
    return (yield asked)


@pytest.fixture(params=["drive", "adrive"])
def run(request: pytest.FixtureRequest) -> Any:
    async def driven(asked: Sent, driver: Any) -> Reply:
        return drive(ask(asked), driver) if request.param == "drive" else await adrive(ask(asked), driver)

    return driven


async def test_what_the_mapper_asks_goes_through_an_overridden_execute(run: Any) -> None:
    driver = Audit()
    reply = await run(Request(SELECT, (7,), "ONE", 2.0, 10), driver)
    assert (driver.seen, len(driver.sent)) == ([SELECT.cql], 1)
    assert (reply.rows, reply.columns, reply.paging_state, reply.warnings) == ([(1,)], ("id",), b"next", ["slow"])
    (sent,) = driver.sent
    assert isinstance(sent, Request)
    assert (sent.params, sent.consistency, sent.timeout, sent.fetch_size) == ([7], "ONE", 2.0, 10)


async def test_a_batch_goes_through_an_overridden_execute_as_one_text(run: Any) -> None:
    driver = Audit()
    await run(BatchRequest([(INSERT, (1,)), (INSERT, (2,))]), driver)
    assert driver.seen == [f"BEGIN BATCH {INSERT.cql}; {INSERT.cql}; APPLY BATCH"]


async def test_an_overridden_execute_is_seen_behind_observers_and_connecting_lazily(run: Any, paper: Any) -> None:
    driver = Audit()
    await run(Request(SELECT, (7,), fetch_size=1), ObservedDriver(driver, [lambda _: None]))
    assert driver.seen == [SELECT.cql]

    class Lazy(Auditing, LazyDriver):
        seen: list[str] = []

    await run(Request(SELECT, (7,)), Lazy(["db1"], "shop", None, {"driver_type": "paper"}))
    assert Lazy.seen == [SELECT.cql]
    assert len(paper.connected) == 1


async def test_an_overridden_execute_over_a_script_is_seen(run: Any) -> None:
    class Scripted(Auditing, ScriptedDriver):
        seen: list[str] = []

    driver = Scripted([Reply([(1,)], ("id",))])
    assert (await run(Request(SELECT, (7,)), driver)).rows == [(1,)]
    assert set(Scripted.seen) == {SELECT.cql}


def test_the_verbs_of_such_a_class_ask_for_all_pages_and_once_for_each() -> None:
    driver = Audit()
    assert driver.execute(SELECT.cql, [7]) == [{"id": 1}, {"id": 2}]
    assert (driver.seen, len(driver.sent)) == ([SELECT.cql], 2)
    assert driver.execute_one(SELECT.cql, [7]) == 1
    assert driver.seen == [SELECT.cql] * 2


def test_classes_below_keep_what_each_of_them_adds() -> None:
    driver = Counting()
    drive(ask(Request(SELECT, (7,), fetch_size=1)), driver)
    assert (driver.seen, len(driver.sent)) == (["counted", SELECT.cql], 1)
    driver = Twice()
    drive(ask(Request(SELECT, (7,), fetch_size=1)), driver)
    assert (driver.seen, len(driver.sent)) == (["counted", "twice", SELECT.cql], 1)


def test_a_class_that_overrides_what_the_mapper_calls_is_left_alone() -> None:
    class Both(Adapter):
        def send(self, request: Sent) -> Reply:
            self.seen.append("send")
            return super().send(request)

        def execute(self, *arguments: Any, **named: Any) -> Any:
            self.seen.append("execute")
            return super().execute(*arguments, **named)

    driver = Both()
    drive(ask(Request(SELECT, (7,))), driver)
    driver.execute(SELECT.cql, [7], fetch_size=1)
    assert driver.seen == ["send", "execute", "send"]


def test_verbs_of_somebodys_own_that_stand_on_send_do_not_call_each_other_for_ever() -> None:
    class Foreign(Adapter):
        def send(self, request: Sent) -> Reply:
            return super().send(request)

        def execute(self, *arguments: Any, **named: Any) -> Any:
            assert not named
            return Rows(self.send(Request(statement_of(arguments[0]), arguments[1])))

    class Below(Foreign):
        def execute(self, *arguments: Any, **named: Any) -> Any:
            return super().execute(*arguments, **named)

    driver: AbstractDriver = Below()
    assert drive(ask(Request(SELECT, (7,))), driver).rows == [(1,)]
    assert driver.execute(SELECT.cql, [7]) == [{"id": 1}]
