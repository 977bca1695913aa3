"""Fixtures of the mapper's unit tests: a driver that remembers what it was asked, and no server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from coodie.exceptions import InvalidQueryError
from coodie_drivers import register_driver, unregister_driver
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from coodie_drivers.messages import Reply


@pytest.fixture
def driver() -> Iterator[ScriptedDriver]:
    """The default connection: answers nothing, remembers everything."""
    scripted = ScriptedDriver()
    register_driver("scripted", scripted, default=True)
    yield scripted
    unregister_driver("scripted")


@pytest.fixture
def script() -> Iterator[Callable[..., ScriptedDriver]]:
    """Makes the default connection answer from a script."""

    def start(*answers: Reply | Exception) -> ScriptedDriver:
        driver = ScriptedDriver(answers)
        register_driver("scripted", driver, default=True)
        return driver

    yield start
    unregister_driver("scripted")


@pytest.fixture
def register() -> Iterator[Callable[[ScriptedDriver], None]]:
    """Makes a driver of the test's own the default connection."""

    def start(driver: ScriptedDriver) -> None:
        register_driver("scripted", driver, default=True)

    yield start
    unregister_driver("scripted")


@pytest.fixture
def refused() -> Callable[[Callable[[], object], str], None]:
    """Holds a call to be refused as a query, with a sentence."""

    def hold(call: Callable[[], object], sentence: str) -> None:
        with pytest.raises(InvalidQueryError, match=sentence):
            call()

    return hold
