"""A driver that is observed does what it does alone, and says of itself what it says then."""

from __future__ import annotations

from typing import Any

import pytest

from coodie_drivers.errors import ConfigurationError
from coodie_drivers.observing import ObservedDriver
from coodie_drivers.testing.scripted import ScriptedDriver


class Careful(ScriptedDriver):
    """Makes no tables: somebody's migrations do."""

    def sync_table(self, *_: Any, **__: Any) -> list[str]:
        raise ConfigurationError("the migrations make tables")

    async def sync_table_async(self, *_: Any, **__: Any) -> list[str]:
        raise ConfigurationError("the migrations make tables")


async def test_a_driver_that_makes_tables_in_a_way_of_its_own_does_so_when_observed() -> None:
    inner = Careful()
    driver = ObservedDriver(inner, [lambda _: None])
    with pytest.raises(ConfigurationError, match="the migrations make tables"):
        driver.sync_table("t", "ks", [])
    with pytest.raises(ConfigurationError, match="the migrations make tables"):
        await driver.sync_table_async("t", "ks", [])
    assert inner.requests == []


class Around:
    """Hands everything on to another driver."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


async def test_a_driver_that_hands_everything_on_does_so_when_observed() -> None:
    around: Any = Around(Careful())
    driver = ObservedDriver(around, [lambda _: None])
    with pytest.raises(ConfigurationError, match="the migrations make tables"):
        driver.sync_table("t", "ks", [])
    with pytest.raises(ConfigurationError, match="the migrations make tables"):
        await driver.sync_table_async("t", "ks", [])


class Bare:
    """Has the documented methods alone, and says nothing of itself."""

    def execute(self, *_: Any, **__: Any) -> list[dict[str, Any]]:
        return []


def test_what_a_driver_does_not_say_of_itself_it_does_not_say_when_observed() -> None:
    silent: Any = Bare()
    observed = ObservedDriver(silent, [])
    assert (observed.needs_row_validation, observed.supports_unset, observed.prepared_statements) == (True, False, 0)
    assert "default_keyspace" not in vars(observed)  # a model without a keyspace asks for it there
    silent.needs_row_validation, silent.default_keyspace, silent.prepared_statements = False, None, 7
    observed = ObservedDriver(silent, [])
    assert (observed.needs_row_validation, observed.prepared_statements) == (False, 7)
    assert vars(observed)["default_keyspace"] is None
