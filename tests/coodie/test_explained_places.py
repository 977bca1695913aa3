"""`explain()` names the table where the query would look for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import pytest

from coodie import aio
from coodie.exceptions import InvalidModelError
from coodie.fields import PrimaryKey
from coodie.sync import Document, using
from coodie_drivers import register_driver, unregister_driver
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Iterator


class Product(Document):
    id: Annotated[int, PrimaryKey()]


class Placed(Document):
    id: Annotated[int, PrimaryKey()]

    class Settings:
        name = "product"
        keyspace = "own"


class Later(aio.Document):
    id: Annotated[int, PrimaryKey()]

    class Settings:
        name = "product"


@pytest.fixture
def two() -> Iterator[None]:
    """Two connections, of which the first is the default one."""
    register_driver("first", ScriptedDriver(default_keyspace="one"), default=True)
    register_driver("second", ScriptedDriver(default_keyspace="two"))
    yield
    unregister_driver("first")
    unregister_driver("second")


def table_of(cql: str) -> str:
    return cql.partition(" FROM ")[2].partition(" WHERE")[0]


@pytest.mark.usefixtures("two")
def test_the_keyspace_is_that_of_the_query_its_context_the_model_or_the_driver() -> None:
    query = Product.find(id=1)
    assert table_of(query.explain().cql) == "one.product"
    assert table_of(query.using(connection="second").explain().cql) == "two.product"
    assert table_of(Later.find(id=1).explain().cql) == "one.product"
    with using(connection="second"):
        assert table_of(query.explain().cql) == "two.product"
        assert table_of(Placed.find(id=1).explain().cql) == "own.product"
    with using(keyspace="tenant"):
        assert table_of(query.explain().cql) == "tenant.product"
        assert table_of(Placed.find(id=1).explain().cql) == "tenant.product"
        assert table_of(query.using(keyspace="said").explain().cql) == "said.product"


def test_without_a_driver_it_explains_all_the_same() -> None:
    assert table_of(Product.find(id=1).using(connection="none of these").explain().cql) == "product"
    assert table_of(Placed.find(id=1).using(connection="none of these").explain().cql) == "own.product"


class Keyless(Document):
    note: str = ""


class Base(Document):
    id: Annotated[int, PrimaryKey()]

    class Settings:
        abstract = True


@pytest.mark.parametrize(
    ("model", "sentence"),
    [(Keyless, "^Keyless: a table needs a partition key"), (Base, r"^Base: is abstract \(Settings.abstract\)")],
)
def test_a_model_without_a_table_is_refused_as_all_refuses_it(
    model: type[Document], sentence: str, driver: ScriptedDriver
) -> None:
    for terminal in (model.find().explain, model.find().all):
        with pytest.raises(InvalidModelError, match=sentence):
            terminal()
    assert driver.requests == []
