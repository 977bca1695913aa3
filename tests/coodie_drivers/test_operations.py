"""Operations, driven by blocking and by awaiting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import DriverError, Reply, Request, adrive, drive, statement_of
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from coodie_drivers import Op

SELECT = statement_of("SELECT n FROM t")
FIRST, SECOND = Reply([(1,)], ("n",)), Reply([(2,)], ("n",))


@pytest.fixture(params=["drive", "adrive"])
def run(request: pytest.FixtureRequest) -> Any:
    async def driven(operation: Op[Any], driver: Any) -> Any:
        return drive(operation, driver) if request.param == "drive" else await adrive(operation, driver)

    return driven


def two() -> Op[list[Any]]:
    first = yield Request(SELECT, (1,))
    second = yield Request(SELECT, (first.rows[0][0],))
    return [first.rows[0], second.rows[0]]


def forgiving() -> Op[str]:
    try:
        yield Request(SELECT)
    except DriverError as error:
        reply = yield Request(SELECT, (2,))
        return f"{error}, then {reply.rows[0][0]}"
    return "no error"


async def test_each_reply_is_sent_back_in(run: Any) -> None:
    driver = ScriptedDriver([FIRST, SECOND])
    assert await run(two(), driver) == [(1,), (2,)]
    assert [request.params for request in driver.requests] == [(1,), (1,)]


async def test_a_failure_is_thrown_in_where_it_was_asked(run: Any) -> None:
    assert await run(forgiving(), ScriptedDriver([DriverError("broken"), SECOND])) == "broken, then 2"


async def test_what_the_operation_lets_through_is_raised_with_its_line(run: Any) -> None:
    with pytest.raises(DriverError, match="broken") as caught:
        await run(two(), ScriptedDriver([DriverError("broken")]))
    assert "two" in [entry.name for entry in caught.traceback]


async def test_an_operation_that_asks_nothing_answers_at_once(run: Any) -> None:
    def nothing() -> Op[str]:
        return "answer"
        yield

    assert await run(nothing(), ScriptedDriver()) == "answer"
