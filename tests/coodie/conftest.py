"""Fixtures of the mapper's unit tests: a driver that remembers what it was asked, and no server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from coodie_drivers import register_driver, unregister_driver
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def driver() -> Iterator[ScriptedDriver]:
    """The default connection: answers nothing, remembers everything."""
    scripted = ScriptedDriver()
    register_driver("scripted", scripted, default=True)
    yield scripted
    unregister_driver("scripted")
