"""What is told of a driver that connects on first use: to its observers, and of a password in plain text."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import Request, init_coodie, init_coodie_async, statement_of, unregister_driver
from coodie_drivers.errors import ClusterUnavailableError, PlainPasswordWarning
from coodie_drivers.lazy import LazyDriver

if TYPE_CHECKING:
    from collections.abc import Callable

SELECT = statement_of("SELECT n FROM t")


def lazy(**kwargs: Any) -> LazyDriver:
    return LazyDriver(["db1"], "shop", None, {"driver_type": "paper", **kwargs})


def test_its_observers_see_what_it_sends(paper: Any) -> None:
    seen: list[Any] = []
    driver = lazy(observers=[seen.append])
    driver.send(Request(SELECT))
    assert [passed.cql for passed in seen] == [SELECT.cql]
    driver.close()
    assert [connected.closed for connected in paper.connected] == [1]


async def test_its_observers_see_what_finds_no_connection(paper: Any) -> None:
    seen: list[Any] = []
    driver = lazy(observers=[seen.append])
    asked: list[Callable[[], Any]] = [
        lambda: driver.send(Request(SELECT)),
        lambda: driver.send_async(Request(SELECT)),
        lambda: driver.execute(SELECT.cql, ["a value"]),
        lambda: driver.execute_async(SELECT.cql, ["a value"]),
    ]
    failures = [ClusterUnavailableError({"db1": "down"}, attempts=0) for _ in asked]
    for ask, failure in zip(asked, failures, strict=True):
        paper.failures.append(failure)
        with pytest.raises(ClusterUnavailableError):  # noqa: PT012 - what is awaited is asked before
            answer = ask()
            if inspect.isawaitable(answer):
                await answer
    assert [(passed.cql, passed.error, passed.attempts) for passed in seen] == [
        (SELECT.cql, failure, 0) for failure in failures
    ]
    driver.send(Request(SELECT))
    assert [passed.rows for passed in seen[4:]] == [1]


def test_init_coodie_gives_it_the_observers(paper: Any) -> None:
    seen: list[Any] = []
    driver = init_coodie(hosts=["db1"], driver_type="paper", lazy=True, observers=[seen.append])
    assert isinstance(driver, LazyDriver)
    driver.send(Request(SELECT))
    assert [passed.cql for passed in seen] == [SELECT.cql]
    assert len(paper.connected) == 1


def test_a_plain_password_is_worth_a_warning_at_the_users_line(paper: Any) -> None:
    login: Any = {"driver_type": "paper", "username": "ann", "password": "secret"}
    with pytest.warns(PlainPasswordWarning, match="goes to db1:9042 in plain text") as direct:
        LazyDriver(["db1"], None, None, login)
    with pytest.warns(PlainPasswordWarning, match="goes to db1:9042 in plain text") as registered:
        init_coodie(hosts=["db1"], lazy=True, **login)
    assert [each[0].filename for each in (direct, registered)] == [__file__] * 2
    unregister_driver()
    assert paper.connected == []


def test_a_name_that_begins_as_a_loopback_address_is_no_such_address(paper: Any) -> None:
    login: Any = {"driver_type": "paper", "username": "ann", "password": "secret"}
    with pytest.warns(PlainPasswordWarning, match=r"goes to 127\.example\.com:9042 in plain text"):
        LazyDriver(["localhost", "127.0.0.9", "::1", "127.example.com"], None, None, login)
    assert paper.connected == []


@pytest.mark.usefixtures("paper")
@pytest.mark.parametrize("lazy", [False, True])
async def test_a_plain_password_is_worth_a_warning_at_the_users_awaiting_line(*, lazy: bool) -> None:
    login: Any = {"driver_type": "paper", "username": "ann", "password": "secret"}
    with pytest.warns(PlainPasswordWarning, match="goes to db1:9042 in plain text") as warned:
        await init_coodie_async(hosts=["db1"], lazy=lazy, **login)
    assert [each.filename for each in warned] == [__file__]
    unregister_driver()
