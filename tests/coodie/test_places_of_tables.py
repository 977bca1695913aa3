"""`sync_table` in several keyspaces and over several connections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

import pytest

from coodie import aio
from coodie.exceptions import ConfigurationError, InvalidQueryError
from coodie.fields import PrimaryKey
from coodie.sync import Document
from coodie_drivers import register_driver, unregister_driver
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Iterator


class Product(Document):
    id: Annotated[int, PrimaryKey()]


class Later(aio.Document):
    id: Annotated[int, PrimaryKey()]


@pytest.fixture
def drivers() -> Iterator[list[ScriptedDriver]]:
    """Two connections, of which the first is the default one."""
    made = [ScriptedDriver(), ScriptedDriver(default_keyspace="other")]
    register_driver("first", made[0], default=True)
    register_driver("second", made[1])
    yield made
    unregister_driver("first")
    unregister_driver("second")


def keyspaces_of(driver: ScriptedDriver) -> list[str]:
    return [keyspace for _, keyspace, *_ in driver.tables]


async def test_each_connection_gets_each_keyspace(drivers: list[ScriptedDriver]) -> None:
    Product.sync_table()
    assert (keyspaces_of(drivers[0]), keyspaces_of(drivers[1])) == (["ks"], [])
    Product.sync_table(keyspaces=["a", "b"])
    assert (keyspaces_of(drivers[0])[1:], keyspaces_of(drivers[1])) == (["a", "b"], [])
    Product.sync_table(True, connections=["first", "second"])
    assert (keyspaces_of(drivers[0])[3:], keyspaces_of(drivers[1])) == (["ks"], ["other"])
    await Later.sync_table(keyspaces=["a", "b"], connections=["second", "first"])
    assert (keyspaces_of(drivers[0])[4:], keyspaces_of(drivers[1])[1:]) == (["a", "b"], ["a", "b"])


def test_names_are_taken_from_whatever_gives_them_one_by_one(drivers: list[ScriptedDriver]) -> None:
    Product.sync_table(keyspaces=cast("Any", (name for name in ("a", "b"))))
    assert keyspaces_of(drivers[0]) == ["a", "b"]


def test_a_wrong_name_is_refused_before_the_first_table(drivers: list[ScriptedDriver]) -> None:
    with pytest.raises(InvalidQueryError, match="a keyspace's name is a text of"):
        Product.sync_table(keyspaces=["a", "b;"])
    with pytest.raises(InvalidQueryError, match=r"takes several names: keyspaces=\["):
        Product.sync_table(keyspaces="ab")
    for wrong in (5, None, object()):
        with pytest.raises(InvalidQueryError, match=r"takes several names: keyspaces=\["):
            Product.sync_table(keyspaces=cast("Any", wrong))
        with pytest.raises(InvalidQueryError, match=r"takes several names: connections=\["):
            Product.sync_table(connections=cast("Any", wrong))
    with pytest.raises(ConfigurationError, match="third"):
        Product.sync_table(connections=["third"])
    assert [driver.tables for driver in drivers] == [[], []]
