"""What type checkers say about code that opens connections by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

RIGHT = """
from typing_extensions import assert_type
from coodie_drivers import AbstractDriver, get_driver, init_coodie, init_coodie_async
from coodie_drivers.request_driver import OpenedDriver, takes_timeout


class Documented(AbstractDriver):
    def close(self) -> None: ...
    async def close_async(self) -> None: ...


async def open_and_close() -> None:
    opened = init_coodie(hosts=["db1"])
    assert_type(opened.prepared_statements, int)
    opened.close(timeout=1)
    async with await init_coodie_async(hosts=["db1"]) as driver:
        assert_type(driver, OpenedDriver)
        await driver.close_async(timeout=0)
    found = get_driver()
    if takes_timeout(found):
        found.close(timeout=1)
"""


@pytest.mark.once
def test_right_use_passes(checked: Callable[[str], dict[str, set[int]]]) -> None:
    assert checked(RIGHT) == {"mypy": set(), "pyright": set()}
