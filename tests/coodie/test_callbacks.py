"""What is called behind a batch, and what is refused because a call would run nothing of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from coodie.aio import AsyncBatchQuery
from coodie.exceptions import InvalidQueryError
from coodie.sync import BatchQuery

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from coodie_drivers.testing.scripted import ScriptedDriver


async def waits(_: object = None) -> None: ...


def yields() -> Iterator[int]:
    yield 1


async def waits_and_yields() -> AsyncIterator[int]:
    yield 1


class Notifier:
    async def __call__(self) -> None: ...

    async def notify(self) -> None: ...

    def note(self) -> None: ...


REFUSED: dict[str, tuple[Any, str]] = {
    "a coroutine function": (waits, "waits"),
    "a generator function": (yields, "yields"),
    "an asynchronous generator function": (waits_and_yields, "waits_and_yields"),
    "a method": (Notifier().notify, "notify"),
    "a partial": (partial(waits, 1), "waits"),
    "an object that is called": (Notifier(), "Notifier"),
    "a partial of one": (partial(Notifier()), "Notifier"),
}


@pytest.mark.parametrize("kind", [AsyncBatchQuery, BatchQuery])
@pytest.mark.parametrize("case", REFUSED)
def test_what_a_call_would_not_run_is_refused_as_a_callback(
    kind: type[AsyncBatchQuery | BatchQuery], case: str
) -> None:
    call, name = REFUSED[case]
    sentence = rf"plain function, which neither awaits nor yields, and {name}\(\) would not run; start a task"
    with pytest.raises(InvalidQueryError, match=sentence):
        kind().add_callback(call)


@pytest.mark.parametrize("call", [5, None, "print"])
def test_what_is_no_function_is_refused_as_a_callback(call: Any) -> None:
    with pytest.raises(InvalidQueryError, match=rf"takes a function, not {type(call).__name__}; give the function"):
        BatchQuery().add_callback(call)


def test_what_runs_is_called_behind_a_batch(driver: ScriptedDriver) -> None:
    told: list[object] = []
    with BatchQuery() as batch:
        batch.add("DELETE FROM ks.a WHERE b = ?", [1])
        batch.add_callback(told.append, 1)
        batch.add_callback(partial(told.append, 2))
        batch.add_callback(lambda: told.append(3))
        batch.add_callback(Notifier().note)
        batch.add_callback(Notifier)
        assert told == []
    assert (told, len(driver.requests)) == ([1, 2, 3], 1)
