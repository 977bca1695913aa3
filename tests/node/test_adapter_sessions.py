"""A session of one's own: used as it is, changed in nothing, closed by nobody but its owner."""

from __future__ import annotations

import asyncio
from collections import UserDict
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid1

import pytest

from coodie_drivers import (
    BatchRequest,
    ConfigurationError,
    get_driver,
    init_coodie,
    init_coodie_async,
    statement_of,
    unregister_driver,
)
from coodie_drivers.adapters.scylla import CassandraDriver
from coodie_drivers.errors import DriverClosedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from coodie_drivers.testing.sources import CqlCluster

cluster: Any = pytest.importorskip("cassandra.cluster", reason="needs scylla-driver or cassandra-driver")
policies: Any = pytest.importorskip("cassandra.policies", reason="needs scylla-driver or cassandra-driver")
query: Any = pytest.importorskip("cassandra.query", reason="needs scylla-driver or cassandra-driver")

pytestmark = [
    pytest.mark.node,
    pytest.mark.adapter,
    pytest.mark.excepted(
        driver_type="rust", reason="about sessions of another library; its own: test_rust_sessions.py"
    ),
]

ROW_FACTORIES = [query.tuple_factory, query.named_tuple_factory, query.dict_factory]

SETTINGS = [
    "client_protocol_handler",
    "default_consistency_level",
    "default_fetch_size",
    "default_serial_consistency_level",
    "default_timeout",
    "encoder",
    "is_shutdown",
    "keyspace",
    "row_factory",
    "timestamp_generator",
    "use_client_timestamp",
]
PROFILE_SETTINGS = ["consistency_level", "load_balancing_policy", "request_timeout", "retry_policy", "row_factory"]


def settings_of(session: Any) -> dict[str, Any]:
    profile = session.get_execution_profile(cluster.EXEC_PROFILE_DEFAULT)
    found = {name: getattr(session, name, None) for name in SETTINGS}
    return found | {f"profile.{name}": getattr(profile, name) for name in PROFILE_SETTINGS}


@pytest.fixture
def own_session(cql_cluster: CqlCluster) -> Iterator[Callable[..., Any]]:
    """Connect by the library alone."""
    clusters: list[Any] = []

    def connect(row_factory: Any = None, *, legacy: bool = False) -> Any:
        options: dict[str, Any] = {}
        if row_factory is not None and not legacy:
            profile = cluster.ExecutionProfile(policies.RoundRobinPolicy(), row_factory=row_factory)
            options["execution_profiles"] = {cluster.EXEC_PROFILE_DEFAULT: profile}
        connected = cluster.Cluster(cql_cluster.hosts, port=cql_cluster.port, **options)
        clusters.append(connected)
        session = connected.connect()
        if legacy:
            session.row_factory = row_factory
        return session

    yield connect
    for connected in clusters:
        connected.shutdown()


@pytest.fixture(scope="module")
def table(driver: Any, cql_module_keyspace: str) -> str:
    """A table whose rows need converting."""
    name = f"{cql_module_keyspace}.addresses"
    driver.execute(f"CREATE TABLE {name} (id int PRIMARY KEY, address inet, tags set<text>)", [])
    driver.execute(f"INSERT INTO {name} (id, address, tags) VALUES (?, ?, ?)", [1, "10.0.0.1", {"a"}])
    return name


@pytest.mark.parametrize(
    ("row_factory", "legacy"),
    [
        (None, False),
        *[(factory, False) for factory in ROW_FACTORIES],
        *[(factory, True) for factory in ROW_FACTORIES],
    ],
)
def test_rows_are_the_contracts_whatever_the_session_makes(
    own_session: Callable[..., Any], table: str, row_factory: Any, legacy: bool
) -> None:
    session = own_session(row_factory, legacy=legacy)
    before = settings_of(session)
    driver = CassandraDriver(session, "shop")
    stmt = f"SELECT id, address, tags FROM {table} WHERE id = ?"
    expected = [{"id": 1, "address": IPv4Address("10.0.0.1"), "tags": {"a"}}]
    assert driver.execute(stmt, [1]) == expected
    assert asyncio.run(driver.execute_async(stmt, [1])) == expected
    driver.send(BatchRequest([(statement_of(f"INSERT INTO {table} (id) VALUES (?)"), (2,))], timestamp=5))
    assert driver.default_keyspace == "shop"
    assert settings_of(session) == before


def test_what_functions_make_of_a_timeuuid_is_a_uuid(own_session: Callable[..., Any], cql_module_keyspace: str) -> None:
    name = f"{cql_module_keyspace}.moments"
    driver = CassandraDriver(own_session(), "shop")
    driver.execute(f"CREATE TABLE IF NOT EXISTS {name} (id int PRIMARY KEY, made timeuuid)", [])
    made = uuid1()
    driver.execute(f"INSERT INTO {name} (id, made) VALUES (?, ?)", [1, made])
    stmt = f"SELECT max(made) AS latest FROM {name} WHERE id = ?"
    assert driver.execute(stmt, [1]) == asyncio.run(driver.execute_async(stmt, [1])) == [{"latest": made}]
    assert driver.execute(stmt, [2]) == [{"latest": None}]


@pytest.mark.parametrize(
    ("row_factory", "legacy"), [(None, False), (query.dict_factory, False), (query.dict_factory, True)]
)
def test_a_session_given_with_codec_serves_its_owner_as_before(
    own_session: Callable[..., Any], table: str, row_factory: Any, legacy: bool
) -> None:
    session = own_session(row_factory, legacy=legacy)
    stmt = f"SELECT id, address, tags FROM {table} WHERE id = ?"
    prepared = session.prepare(stmt)
    before = [list(session.execute(prepared, [1])), session.execute(f"SELECT id FROM {table}").one()]
    driver = init_coodie(session=session, name="fast", codec=True)
    expected = [{"id": 1, "address": IPv4Address("10.0.0.1"), "tags": {"a"}}]
    assert driver.execute(stmt, [1]) == expected
    assert asyncio.run(driver.execute_async(stmt, [1])) == expected
    assert [list(session.execute(prepared, [1])), session.execute(f"SELECT id FROM {table}").one()] == before
    unregister_driver("fast").close()
    assert session.execute(prepared, [1]).one() is not None


def test_a_session_becomes_legacy_under_our_hands(own_session: Callable[..., Any], table: str) -> None:
    session = own_session()
    driver = CassandraDriver(session)
    stmt = f"SELECT address FROM {table} WHERE id = ?"
    assert driver.execute(stmt, [1]) == [{"address": IPv4Address("10.0.0.1")}]
    session.row_factory = query.dict_factory
    assert driver.execute(stmt, [1]) == [{"address": IPv4Address("10.0.0.1")}]


@pytest.mark.parametrize("asynchronous", [False, True])
def test_init_coodie_takes_a_session_and_never_closes_it(
    own_session: Callable[..., Any], table: str, asynchronous: bool
) -> None:
    session = own_session(query.dict_factory)
    arguments: dict[str, Any] = {"session": session, "keyspace": "shop", "name": "own"}
    driver = asyncio.run(init_coodie_async(**arguments)) if asynchronous else init_coodie(**arguments)
    assert isinstance(driver, CassandraDriver)
    assert get_driver("own") is driver
    assert driver.execute(f"SELECT id FROM {table} WHERE id = ?", [1]) == [{"id": 1}]
    unregister_driver("own")
    if asynchronous:
        asyncio.run(driver.close_async())
    else:
        driver.close()
    with pytest.raises(DriverClosedError):
        driver.execute("SELECT key FROM system.local", [])
    assert session.execute("SELECT key FROM system.local").one() == {"key": "local"}


class Place:
    """A value of a user-defined type, as an application may have it."""

    def __init__(self, street: str, number: int) -> None:
        self.street, self.number = street, number


class Hidden:
    """One that keeps its fields under other names."""

    def __init__(self, street: str, number: int) -> None:
        self.told = f"{street} {number}"


@pytest.fixture(scope="module")
def places(driver: Any, cql_module_keyspace: str) -> str:
    """A table with values of a user-defined type."""
    keyspace = cql_module_keyspace
    driver.execute(f"CREATE TYPE {keyspace}.place (street text, number int)", [])
    driver.execute(f"CREATE TABLE {keyspace}.places (id int PRIMARY KEY, at place)", [])
    driver.execute(f"INSERT INTO {keyspace}.places (id, at) VALUES (?, ?)", [1, {"street": "Elm St", "number": 5}])
    return f"{keyspace}.places"


class Named(NamedTuple):
    """Has the fields of the type in another order; the library fills it by their names."""

    number: int
    street: str


class Longer(NamedTuple):
    """Has a field that the type has not, as long as no server has been told of it."""

    street: str
    number: int
    floor: int = 0


@pytest.mark.parametrize("registered", [Place, dict, UserDict, Named, Longer])
@pytest.mark.parametrize("codec", [False, True])
def test_what_is_registered_for_a_user_defined_type_still_comes_as_a_dict(
    own_session: Callable[..., Any], places: str, registered: type, *, codec: bool
) -> None:
    session = own_session()
    session.cluster.register_user_type(places.partition(".")[0], "place", registered)
    driver = init_coodie(session=session, name="registered", codec=codec)
    rows = driver.execute(f"SELECT at, [at] AS listed FROM {places} WHERE id = ?", [1])
    unregister_driver("registered")
    place = {"street": "Elm St", "number": 5}
    assert rows == [{"at": place, "listed": [place]}]
    assert type(rows[0]["at"]) is dict


def test_a_registered_class_that_tells_no_fields_is_refused_by_name(
    own_session: Callable[..., Any], places: str
) -> None:
    session = own_session()
    session.cluster.register_user_type(places.partition(".")[0], "place", Hidden)
    with pytest.raises(ConfigurationError, match=r"class Hidden, .* type 'place', .* codec=True"):
        CassandraDriver(session).execute(f"SELECT at FROM {places} WHERE id = ?", [1])
