"""The two ways of using a driver, blocking and awaiting, under one set of verbs: a case is written once for both."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.registry import init_coodie, init_coodie_async

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from coodie_drivers.messages import BatchRequest, Reply, Request, Rows

__all__ = ["WAYS", "Awaiting", "Blocking", "Way"]


class Way(ABC):
    """The verbs of a driver, each called by its blocking or by its asynchronous method.

    Attributes:
        name: `sync` or `async`.
        driver: the driver itself.
    """

    name: str

    def __init__(self, driver: Any) -> None:
        """Use this driver."""
        self.driver = driver

    @abstractmethod
    def call(self, verb: str, *arguments: object, **options: object) -> Any:
        """Call the method of this name, or its twin whose name ends in `_async`, and return what it returns."""

    @abstractmethod
    def together(self, verb: str, calls: Sequence[tuple[object, ...]]) -> list[Any]:
        """Call a method many times at once, from threads or tasks; an error stands in the place of its answer."""

    @abstractmethod
    def in_turn(self, verb: str, calls: Sequence[tuple[object, ...]]) -> list[Any]:
        """Call a method many times, one call right after the other, in one thread or one event loop."""

    @classmethod
    @abstractmethod
    def connect(cls, **arguments: Any) -> Any:
        """Connect by `init_coodie` or `init_coodie_async` and return the driver."""

    @abstractmethod
    def use_in_block(self, work: Callable[[Way], None]) -> None:
        """Do some work in the driver's `with`, or `async with`, block."""

    def execute(self, stmt: str, params: Sequence[object] | None = None, *options: object) -> Rows:
        """Call `execute` with what comes after the values in their documented order."""
        rows: Rows = self.call("execute", stmt, list(params or ()), *options)
        return rows

    def send(self, request: Request | BatchRequest) -> Reply:
        """Call `send`."""
        reply: Reply = self.call("send", request)
        return reply

    def sync_table(self, *arguments: object) -> list[str]:
        """Call `sync_table` with its arguments in their documented order."""
        executed: list[str] = self.call("sync_table", *arguments)
        return executed


class Blocking(Way):
    """The synchronous half of a driver."""

    name = "sync"

    def call(self, verb: str, *arguments: object, **options: object) -> Any:
        """Call the method of this name."""
        return getattr(self.driver, verb)(*arguments, **options)

    def together(self, verb: str, calls: Sequence[tuple[object, ...]]) -> list[Any]:
        """Call a method many times at once, from 16 threads."""

        def answer(arguments: tuple[object, ...]) -> object:
            try:
                return self.call(verb, *arguments)
            except Exception as error:  # noqa: BLE001 - the caller looks at it
                return error

        with ThreadPoolExecutor(16) as threads:
            return list(threads.map(answer, calls))

    def in_turn(self, verb: str, calls: Sequence[tuple[object, ...]]) -> list[Any]:
        """Call a method many times, one call right after the other."""
        return [self.call(verb, *arguments) for arguments in calls]

    @classmethod
    def connect(cls, **arguments: Any) -> Any:
        """Connect by `init_coodie`."""
        return init_coodie(**arguments)

    def use_in_block(self, work: Callable[[Way], None]) -> None:
        """Do some work in the driver's `with` block."""
        with self.driver as entered:
            work(Blocking(entered))


class Awaiting(Way):
    """The asynchronous half of a driver, each call on an event loop of its own."""

    name = "async"

    def call(self, verb: str, *arguments: object, **options: object) -> Any:
        """Await the method whose name ends in `_async`, on a new event loop."""
        return asyncio.run(self._awaited(verb, *arguments, **options))

    def together(self, verb: str, calls: Sequence[tuple[object, ...]]) -> list[Any]:
        """Call a method many times at once, from as many tasks of one event loop."""

        async def all_of_them() -> list[Any]:
            """Return the answers and the errors, in the order of the calls."""
            awaited = [self._awaited(verb, *arguments) for arguments in calls]
            return await asyncio.gather(*awaited, return_exceptions=True)

        return asyncio.run(all_of_them())

    def in_turn(self, verb: str, calls: Sequence[tuple[object, ...]]) -> list[Any]:
        """Await a method many times, one call right after the other, in one event loop."""

        async def one_by_one() -> list[Any]:
            """Return the answers in the order of the calls."""
            return [await self._awaited(verb, *arguments) for arguments in calls]

        return asyncio.run(one_by_one())

    @classmethod
    def connect(cls, **arguments: Any) -> Any:
        """Connect by `init_coodie_async`."""
        return asyncio.run(init_coodie_async(**arguments))

    def use_in_block(self, work: Callable[[Way], None]) -> None:
        """Do some work in the driver's `async with` block; the work runs its own event loops in a thread."""

        async def block() -> None:
            """Enter the block, and leave it when the work is done."""
            async with self.driver as entered:
                await asyncio.to_thread(work, Awaiting(entered))

        asyncio.run(block())

    async def _awaited(self, verb: str, *arguments: object, **options: object) -> Any:
        call: Callable[..., Coroutine[Any, Any, Any]] = getattr(self.driver, f"{verb}_async")
        return await call(*arguments, **options)


WAYS: Final[dict[str, type[Way]]] = {way.name: way for way in (Blocking, Awaiting)}
"""Both ways by their names."""
