"""Connecting as it is documented, and the errors of the mapper, with every adapter on a real node."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import pytest
from pydantic import AfterValidator, Field

from coodie.aio import Document, init_coodie
from coodie.drivers import get_driver
from coodie.exceptions import (
    ConfigurationError,
    CoodieError,
    DocumentNotFound,
    InvalidQueryError,
    MultipleDocumentsFound,
)
from coodie.fields import PrimaryKey
from coodie_drivers import register_driver, unregister_driver
from coodie_drivers.observing import ObservedDriver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coodie_drivers import AbstractDriver
    from coodie_drivers.testing import CqlCluster

pytestmark = [pytest.mark.node, pytest.mark.every_adapter]
shows = pytest.mark.shows


class User(Document):
    id: Annotated[UUID, PrimaryKey()] = Field(default_factory=uuid4)
    name: str
    email: str

    class Settings:
        name = "connecting_users"


class Abroad(User):
    class Settings(User.Settings):
        connection = "analytics"


@pytest.fixture
def names() -> Iterator[None]:
    """The names of connections that a test takes are free again afterwards, and what it connected is closed."""
    yield
    for name in ("default", "analytics"):
        with contextlib.suppress(ConfigurationError):
            unregister_driver(name).close()


@pytest.fixture
def node(cql_cluster: CqlCluster, keyspace_of_worker: str, names: None) -> dict[str, Any]:
    """How the node is reached, and the keyspace on it."""
    return {"hosts": cql_cluster.hosts, "port": cql_cluster.port, "keyspace": keyspace_of_worker}


async def used(model: type[User]) -> None:
    """Make the table, save and query."""
    await model.sync_table()
    user = model(name=uuid4().hex, email="alice@example.com")
    await user.save()
    assert await model.find(name=user.name).allow_filtering().all() == [user]


@shows("connect with a driver type")
async def test_a_driver_type_chooses_the_library(node: dict[str, Any], driver_type: str) -> None:
    driver = await init_coodie(**node, driver_type=driver_type)
    assert get_driver() is driver
    kind = "cassandra" if driver_type == "scylla" else driver_type
    assert kind in type(driver).__name__.lower()
    await used(User)


@shows("connect by hosts and keyspace")
async def test_hosts_and_a_keyspace_are_enough(node: dict[str, Any], driver_type: str) -> None:
    host, port = node["hosts"][0], node["port"]
    more: dict[str, Any] = {} if driver_type == "scylla" else {"driver_type": driver_type}
    driver = await init_coodie(hosts=[f"{host}:{port}"], keyspace=node["keyspace"], **more)
    assert driver.default_keyspace == node["keyspace"]
    await used(User)


@shows("connect under a name", "get_driver")
async def test_a_named_connection_is_that_of_the_models_that_say_so(node: dict[str, Any], driver_type: str) -> None:
    first = await init_coodie(**node, driver_type=driver_type)
    named = await init_coodie(**node, driver_type=driver_type, name="analytics")
    assert (get_driver(), get_driver("default"), get_driver("analytics")) == (first, first, named)
    await first.close_async()
    await used(Abroad)
    with pytest.raises(CoodieError):
        await User.find_one(id=uuid4())


@shows("error: not configured")
async def test_without_a_connection_a_verb_says_what_to_call(names: None, driver_type: str) -> None:
    with pytest.raises(ConfigurationError, match="init_coodie"):
        await User(name="a", email="b").save()


@shows("error: the root of all", "error: no such query")
async def test_every_error_has_one_root(connection: AbstractDriver) -> None:
    await User.sync_table()
    for error in (DocumentNotFound, MultipleDocumentsFound, ConfigurationError, InvalidQueryError):
        assert issubclass(error, CoodieError)
    with pytest.raises(InvalidQueryError, match="did you mean 'name'"):
        await User.find(nmae="x").all()
    with pytest.raises(CoodieError):
        await connection.execute_async("SELECT nothing FROM nowhere.at_all", [])


class Visitor(Document):
    id: Annotated[UUID, PrimaryKey()]
    name: Annotated[str, AfterValidator(str.title)]

    class Settings:
        name = "connecting_visitors"


@shows("driver: needs_row_validation")
@pytest.mark.parametrize(("needed", "name"), [(True, "Ann"), (False, "ann")])
async def test_rows_of_a_driver_that_does_not_vouch_for_them_are_validated(
    connection: AbstractDriver, needed: bool, name: str
) -> None:
    await Visitor.sync_table()
    key = uuid4()
    table = f"{connection.default_keyspace}.connecting_visitors"
    await connection.execute_async(f"INSERT INTO {table} (id, name) VALUES (?, ?)", [key, "ann"])
    driver = ObservedDriver(connection, [])
    assert driver.needs_row_validation is False  # every adapter vouches
    driver.needs_row_validation = needed
    register_driver("shells", driver, default=True)
    assert (await Visitor.get(id=key)).name == name
    assert [each.name async for each in Visitor.find(id=key)] == [name]
