"""The frames of ours that an error came through show no value, and what is still under way is left as it is."""

from __future__ import annotations

import asyncio
import traceback
from typing import TYPE_CHECKING, Any, Final

import pytest

from coodie_drivers import CoodieError
from coodie_drivers.hiding import forget_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CANARY = "canary"

# What has no package is ours: so are functions that are generated.
OURS: Final[dict[str, Any]] = {"CoodieError": CoodieError, "forget_values": forget_values}
exec(  # noqa: S102 - see above
    """
def failing(value):
    raise CoodieError("no")

def steps(value):
    yield
    failing(value)

def again(value, errors):
    try:
        yield
    except CoodieError as error:
        errors.append(error)
    yield "suspended"
    yield value

async def awaited(value):
    failing(value)

def ask(value):
    asked = steps(value)
    value = None
    try:
        for _ in asked:
            pass
    except CoodieError as error:
        forget_values(error)
        raise

async def ask_async(value):
    asked = awaited(value)
    value = None
    try:
        await asked
    except CoodieError as error:
        forget_values(error)
        raise
""",
    OURS,
)


def shown_by(error: BaseException) -> list[str]:
    """The frames but this module's that show the value."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename != __file__]
    return [frame.f_code.co_name for frame in frames if CANARY in repr(frame.f_locals)]


def names_in(error: BaseException) -> list[str]:
    return [place.name for place in traceback.extract_tb(error.__traceback__)]


def blocking(value: str) -> None:
    OURS["ask"](value)


def awaiting(value: str) -> None:
    asyncio.run(OURS["ask_async"](value))


@pytest.mark.parametrize("way", [blocking, awaiting])
def test_neither_functions_nor_what_can_be_resumed_show_a_value(way: Callable[[str], None]) -> None:
    with pytest.raises(CoodieError) as raised:
        way(CANARY)
    assert shown_by(raised.value) == []
    shown = names_in(raised.value)
    assert "failing" in shown
    assert {"ask", "ask_async"} & set(shown)


@pytest.fixture
def suspended() -> tuple[Iterator[str | None], CoodieError]:
    """Something that goes on after an error, and the error."""
    errors: list[CoodieError] = []
    going_on = OURS["again"](CANARY, errors)
    next(going_on)
    going_on.throw(CoodieError("no"))
    return going_on, errors[0]


@pytest.mark.parametrize("chained", [False, True])
def test_what_goes_on_after_an_error_is_not_ended(
    suspended: tuple[Iterator[str | None], CoodieError], chained: bool
) -> None:
    going_on, error = suspended
    if chained:
        error, cause = CoodieError("another"), error
        error.__cause__ = cause
    forget_values(error)
    assert list(going_on) == [CANARY]
