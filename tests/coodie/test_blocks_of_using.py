"""What the block of `using()` says ends with it, or an error says why it cannot."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from fastapi import Depends, FastAPI

from coodie import aio, using
from coodie.exceptions import ConfigurationError
from coodie.fields import PrimaryKey
from coodie.sync import Document
from coodie.usertype import UserType
from coodie_drivers import register_driver, unregister_driver
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator, Iterator


class Line(Document):
    id: Annotated[int, PrimaryKey()]


class AsyncLine(aio.Document):
    id: Annotated[int, PrimaryKey()]


@pytest.fixture
def driver() -> Iterator[ScriptedDriver]:
    found = ScriptedDriver(default_keyspace="home")
    register_driver("of_blocks", found, default=True)
    yield found
    unregister_driver("of_blocks")


def keyspace() -> str:
    """Where a query goes now."""
    return str(Line.find().explain().cql).partition(" FROM ")[2].partition(".")[0]


def served(tenant: Callable[[], Any]) -> None:
    """Serve one request, whose endpoint writes and depends on this."""
    app = FastAPI(openapi_url=None)

    async def endpoint() -> None:
        await AsyncLine(id=1).save()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        pass

    app.add_api_route("/", endpoint, dependencies=[Depends(tenant)])
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    asyncio.run(app(scope, receive, send))


def written(driver: ScriptedDriver) -> list[str]:
    return [request.statement.cql.split()[2] for request in driver.requests]


def test_an_asynchronous_dependency_holds_for_its_endpoint(driver: ScriptedDriver) -> None:
    async def tenant() -> AsyncGenerator[None]:
        with using(keyspace="tenant"):
            yield

    served(tenant)
    assert written(driver) == ["tenant.async_line"]


def test_a_plain_dependency_is_told_to_be_asynchronous(driver: ScriptedDriver) -> None:
    def tenant() -> Generator[None]:
        with using(keyspace="tenant"):
            yield

    with pytest.raises(ConfigurationError, match=r"^using\(\): the block .* FastAPI .* `async def`"):
        served(tenant)
    assert written(driver) == ["home.async_line"]


def test_a_block_that_ends_in_another_context_says_so(driver: ScriptedDriver) -> None:
    block = using(keyspace="tenant")
    copy_context().run(block.__enter__)
    with pytest.raises(ConfigurationError, match=r"no `yield` .*QuerySet\.using") as caught:
        block.__exit__(None, None, None)
    assert caught.value.outcome == "unknown"
    assert (caught.value.__cause__, caught.value.__suppress_context__) == (None, False)
    assert keyspace() == "home"


def test_what_ended_the_block_is_told_beside_it(driver: ScriptedDriver) -> None:
    block, lost = using(keyspace="tenant"), KeyError("lost")
    copy_context().run(block.__enter__)
    with pytest.raises(ConfigurationError) as caught:
        block.__exit__(KeyError, lost, None)
    assert caught.value.__context__ is lost


@pytest.mark.parametrize("ended_by", [asyncio.CancelledError(), KeyboardInterrupt()])
def test_what_cancels_the_block_goes_on(driver: ScriptedDriver, ended_by: BaseException) -> None:
    block = using(keyspace="tenant")
    copy_context().run(block.__enter__)
    block.__exit__(type(ended_by), ended_by, None)


def test_blocks_that_end_in_another_order_than_they_began_say_so(driver: ScriptedDriver) -> None:
    def crossed() -> None:
        outer, inner = using(keyspace="tenant"), using(keyspace="other")
        outer.__enter__()
        inner.__enter__()
        with pytest.raises(ConfigurationError, match=r"^using\(\): the block .* before a block that began inside it"):
            outer.__exit__(None, None, None)
        assert keyspace() == "other"
        inner.__exit__(None, None, None)
        assert keyspace() == "home"

    copy_context().run(crossed)


def lines_of(tenant: str) -> Generator[str]:
    with using(keyspace=tenant):
        yield keyspace()


def test_generators_that_end_crossed_leave_no_tenant_behind(driver: ScriptedDriver) -> None:
    def crossed() -> None:
        with using(keyspace="outer"):
            generators = [lines_of(tenant) for tenant in ("ten_a", "ten_b", "ten_c")]
            assert [next(each) for each in generators] == ["ten_a", "ten_b", "ten_c"]
            for early in generators[:2]:
                with pytest.raises(ConfigurationError):
                    early.close()
            generators[2].close()
            assert keyspace() == "outer"
            with using(connection="of_blocks"):
                assert keyspace() == "outer"
        Line(id=1).save()

    copy_context().run(crossed)
    assert written(driver) == ["home.line"]


def test_a_block_around_one_that_ended_elsewhere_ends_well(driver: ScriptedDriver) -> None:
    def crossed() -> None:
        inner = using(keyspace="other")
        with using(keyspace="tenant"):
            inner.__enter__()
            with pytest.raises(ConfigurationError):
                copy_context().run(inner.__exit__, None, None, None)
            Line(id=1).save()
        assert keyspace() == "home"

    copy_context().run(crossed)
    assert written(driver) == ["tenant.line"]


def test_an_abandoned_asynchronous_generator_leaves_no_tenant_behind(driver: ScriptedDriver) -> None:
    async def rows() -> AsyncGenerator[int]:
        with using(keyspace="tenant"):
            yield 1
            yield 2

    def told(loop: asyncio.AbstractEventLoop, error: dict[str, Any]) -> None:
        assert isinstance(error["exception"], ConfigurationError)

    async def first() -> None:
        asyncio.get_running_loop().set_exception_handler(told)
        async for _ in rows():
            break
        gc.collect()
        await asyncio.sleep(0.01)  # the loop ends the generator in a task of its own
        await AsyncLine(id=1).save()

    asyncio.run(first())
    assert written(driver) == ["home.async_line"]


def test_a_task_stays_in_the_block_it_was_started_in(driver: ScriptedDriver) -> None:
    async def later(ended: asyncio.Event) -> None:
        await ended.wait()
        with using(connection="of_blocks"):
            await AsyncLine(id=1).save()
        await AsyncLine(id=2).save()

    async def crossed() -> None:
        ended = asyncio.Event()
        outer, inner = using(keyspace="tenant"), using(keyspace="other")
        outer.__enter__()
        task = asyncio.create_task(later(ended))
        inner.__enter__()
        with pytest.raises(ConfigurationError):
            outer.__exit__(None, None, None)
        inner.__exit__(None, None, None)
        ended.set()
        await task
        await AsyncLine(id=3).save()

    asyncio.run(crossed())
    assert written(driver) == ["tenant.async_line", "tenant.async_line", "home.async_line"]


def test_a_plain_function_runs_inside_the_block_that_decorates_it(driver: ScriptedDriver) -> None:
    @using(keyspace="ten_a")
    def where(wanted: int) -> list[str]:
        return [keyspace() if wanted == 0 else where(wanted - 1)[0]]

    assert (where(2), keyspace()) == (["ten_a"], "home")
    assert where.__name__ == "where"


async def coroutine() -> None: ...


def generator() -> Generator[None]:
    yield


async def async_generator() -> AsyncGenerator[None]:
    yield


class Awaited:
    async def __call__(self) -> None: ...


@pytest.mark.parametrize("function", [coroutine, generator, async_generator, Awaited()])
def test_what_goes_on_behind_its_call_is_not_decorated(function: Callable[[], object]) -> None:
    name = getattr(function, "__name__", "Awaited")
    with pytest.raises(ConfigurationError, match=rf"of {name}\(\) only the call .* write `with using"):
        using(keyspace="ten_a")(function)


def test_a_block_is_used_many_times_and_in_itself(driver: ScriptedDriver) -> None:
    block = using(keyspace="ten_a")
    for _ in range(2):
        with block, block:
            assert keyspace() == "ten_a"
        assert keyspace() == "home"


class Phone(UserType):
    number: str


def test_one_block_is_shared_by_tasks(driver: ScriptedDriver) -> None:
    shared = using(keyspace="tenant")
    first_left = asyncio.Event()

    async def first() -> str:
        with shared:
            await asyncio.sleep(0)
            there = keyspace()
        first_left.set()
        return there

    async def second() -> list[str]:
        with shared:
            await first_left.wait()
            there = keyspace()
        return [there, keyspace()]

    async def both() -> Any:
        return await asyncio.gather(first(), second())

    assert asyncio.run(both()) == ["tenant", ["tenant", "home"]]


def test_one_block_is_shared_by_threads(driver: ScriptedDriver) -> None:
    shared, inside, left = using(keyspace="tenant"), threading.Barrier(2, timeout=10), threading.Event()

    def first() -> list[str]:
        with shared:
            inside.wait()
            there = keyspace()
        left.set()
        return [there, keyspace()]

    def second() -> list[str]:
        with shared:
            inside.wait()
            assert left.wait(10)
            there = keyspace()
        return [there, keyspace()]

    with ThreadPoolExecutor(2) as threads:
        seen = [threads.submit(each) for each in (first, second)]
        assert [each.result() for each in seen] == [["tenant", "home"], ["tenant", "home"]]


def test_the_error_of_crossed_blocks_keeps_no_generator_inside(driver: ScriptedDriver) -> None:
    def rows() -> Generator[int]:
        with using(keyspace="inner"):
            yield 1
            yield 2

    def request() -> None:
        with using(keyspace="outer"):
            left_unfinished = rows()
            next(left_unfinished)

    gc.disable()  # what goes by counting references goes at once
    try:
        with pytest.raises(ConfigurationError):
            request()
        assert keyspace() == "home"
    finally:
        gc.enable()


def test_a_block_that_has_not_begun_says_so(driver: ScriptedDriver) -> None:
    with pytest.raises(ConfigurationError, match=r"the block ends that has not begun; write `with using\(\.\.\.\):`"):
        using(keyspace="tenant").__exit__(None, None, None)


def test_a_type_is_made_where_the_block_says(driver: ScriptedDriver) -> None:
    second = ScriptedDriver(default_keyspace="far")
    register_driver("second", second)
    try:
        with using(keyspace="tenant"):
            assert Phone.sync_type() == ["CREATE TYPE IF NOT EXISTS tenant.phone (number text)"]
            with using(connection="second"):
                assert Phone.sync_type() == ["CREATE TYPE IF NOT EXISTS tenant.phone (number text)"]
        with using(connection="second"):
            assert Phone.sync_type() == ["CREATE TYPE IF NOT EXISTS far.phone (number text)"]
            assert Phone.sync_type("given") == ["CREATE TYPE IF NOT EXISTS given.phone (number text)"]
    finally:
        unregister_driver("second")


def test_models_keep_nothing_of_the_context_that_a_block_was_in(driver: ScriptedDriver) -> None:
    class Kept:
        pass

    request: ContextVar[Kept] = ContextVar("request")

    def crossed() -> weakref.ref[Kept]:
        kept = Kept()
        request.set(kept)
        outer, inner = using(keyspace="tenant"), using(keyspace="other")
        outer.__enter__()
        Line(id=1).save()
        inner.__enter__()
        with pytest.raises(ConfigurationError):
            outer.__exit__(None, None, None)
        inner.__exit__(None, None, None)
        Line(id=1).save()
        return weakref.ref(kept)

    kept = copy_context().run(crossed)
    gc.collect()
    assert kept() is None
