"""Registering drivers, connecting by `init_coodie`, and finding them again."""

from __future__ import annotations

import asyncio
import inspect
import ssl
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import pytest

from coodie_drivers import (
    AbstractDriver,
    ConfigurationError,
    get_driver,
    init_coodie,
    init_coodie_async,
    register_driver,
    set_default,
    unregister_driver,
)
from coodie_drivers.errors import PlainPasswordWarning
from coodie_drivers.lazy import LazyDriver
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("registry")

CONTEXT = ssl.create_default_context()


class DuckDriver:
    """Only the documented methods, and no base class."""

    def execute(self, stmt: str, params: list[Any], *_: object) -> list[dict[str, Any]]:
        return [{"stmt": stmt, "params": params}]

    async def execute_async(self, stmt: str, params: list[Any], *_: object) -> list[dict[str, Any]]:
        return self.execute(stmt, params)

    def sync_table(self, *_: object) -> list[str]:
        return []

    async def sync_table_async(self, *_: object) -> list[str]:
        return []

    def close(self) -> None: ...

    async def close_async(self) -> None: ...


def duck() -> AbstractDriver:
    return cast("AbstractDriver", DuckDriver())


def test_without_any_driver_the_error_shows_how_to_get_one() -> None:
    with pytest.raises(ConfigurationError, match=r"no driver is registered: call init_coodie\(hosts="):
        get_driver()
    with pytest.raises(ConfigurationError, match="no driver is registered"):
        get_driver("analytics")


def test_a_driver_of_ones_own_comes_back_as_that_very_object() -> None:
    driver = duck()
    register_driver("other", driver)
    assert get_driver("other") is driver
    assert get_driver() is driver


def test_an_unknown_name_is_refused_with_those_there_are() -> None:
    register_driver("analytics", duck())
    with pytest.raises(ConfigurationError, match=r"'analytic'; did you mean 'analytics'\?; registered: 'analytics'"):
        get_driver("analytic")
    with pytest.raises(ConfigurationError, match="'main'; registered: 'analytics'"):
        set_default("main")
    with pytest.raises(ConfigurationError, match="'main'"):
        unregister_driver("main")


def test_the_first_driver_is_the_default_until_one_is_named_so() -> None:
    first, second, default = duck(), duck(), duck()
    register_driver("first", first)
    register_driver("second", second)
    assert get_driver() is first
    register_driver("default", default)
    assert get_driver() is default
    register_driver("other", duck())
    assert get_driver() is default


def test_a_chosen_default_stays_whatever_is_registered_later() -> None:
    first, second = duck(), duck()
    register_driver("first", first)
    register_driver("second", second, default=True)
    register_driver("default", duck())
    assert get_driver() is second
    set_default("first")
    assert get_driver() is first


def test_a_chosen_default_that_is_unregistered_is_chosen_no_more() -> None:
    first, chosen = duck(), duck()
    register_driver("first", first)
    register_driver("chosen", chosen, default=True)
    unregister_driver("chosen")
    assert get_driver() is first
    register_driver("chosen", chosen)
    assert get_driver() is first


def test_an_unregistered_driver_is_gone_and_another_becomes_the_default() -> None:
    first, second = duck(), duck()
    register_driver("first", first)
    register_driver("second", second, default=True)
    assert unregister_driver("second") is second
    assert get_driver() is first


def test_a_class_is_no_driver_yet() -> None:
    with pytest.raises(ConfigurationError, match=r"ScriptedDriver is a class: register an object of it"):
        register_driver("classy", ScriptedDriver)  # type: ignore[arg-type]  # shown: it is refused at run time too


@pytest.mark.parametrize("wrong", [None, object(), "driver"])
def test_what_has_no_method_of_a_driver_is_refused(wrong: Any) -> None:
    with pytest.raises(ConfigurationError, match="is no driver: it has neither execute nor execute_async"):
        register_driver("other", wrong)
    with pytest.raises(ConfigurationError, match="name that is not empty"):
        register_driver("", duck())


@pytest.mark.parametrize("wrong", [[], 7, b"x", object()])
def test_a_name_is_a_text(wrong: Any) -> None:
    register_driver("default", duck())
    register: Callable[[Any], object] = partial(register_driver, driver=duck())
    calls: list[Callable[[Any], object]] = [get_driver, set_default, unregister_driver, register]
    for call in calls:
        with pytest.raises(ConfigurationError, match=f"the name of a driver is a str, not {type(wrong).__name__}"):
            call(wrong)


@pytest.mark.parametrize("wrong", ["", None, [], 7])
async def test_a_wrong_name_is_refused_before_connecting(paper: Any, wrong: Any) -> None:
    with pytest.raises(ConfigurationError, match="name"):
        init_coodie(hosts=["db1"], driver_type="paper", name=wrong)
    with pytest.raises(ConfigurationError, match="name"):
        await init_coodie_async(hosts=["db1"], driver_type="paper", name=wrong)
    assert paper.connected == []


@pytest.mark.parametrize("lazy", [False, True])
def test_a_driver_type_that_is_no_text_is_refused(lazy: bool) -> None:
    wrong: Any = []
    with pytest.raises(ConfigurationError, match=r"no driver type \[\]"):
        init_coodie(hosts=["db1"], driver_type=wrong, lazy=lazy)


def test_init_coodie_connects_and_registers(paper: Any) -> None:
    driver: Any = init_coodie(
        hosts=["db1", "db2:9043"],
        keyspace="shop",
        driver_type="paper",
        port=9044,
        protocol_version=4,
        consistency="one",
    )
    assert get_driver() is get_driver("default") is driver
    assert paper.connected == [driver]
    assert [str(host) for host in paper.connected[0].config.hosts] == ["db1:9044", "db2:9043"]
    assert paper.connected[0].config.options == {"protocol_version": 4}
    assert (driver.default_keyspace, paper.connected[0].config.consistency) == ("shop", "ONE")


async def test_init_coodie_async_connects_and_registers(paper: Any) -> None:
    driver = await init_coodie_async(hosts=["db1"], keyspace="shop", driver_type="paper", name="analytics")
    assert get_driver("analytics") is driver
    assert get_driver() is driver
    assert paper.connected == [driver]


def test_naming_a_second_connection_never_takes_the_default_over(paper: Any) -> None:
    default = init_coodie(hosts=["db1"], driver_type="paper")
    init_coodie(hosts=["db2"], driver_type="paper", name="analytics")
    assert get_driver() is default
    assert len(paper.connected) == 2


def test_a_driver_type_beside_a_session_must_be_its_own(paper: Any) -> None:
    given = paper.PaperSession()
    assert init_coodie(session=given, driver_type="paper") is get_driver()
    pytest.importorskip("acsylla", reason="needs acsylla")
    with pytest.raises(ConfigurationError, match="the session is not one of driver_type='acsylla'"):
        init_coodie(session=given, driver_type="acsylla")


def test_connecting_again_replaces_and_closes_what_was_connected_here(paper: Any) -> None:
    init_coodie(hosts=["db1"], driver_type="paper")
    assert init_coodie(hosts=["db1"], driver_type="paper") is get_driver() is paper.connected[1]
    assert [driver.closed for driver in paper.connected] == [1, 0]


async def test_connecting_again_asynchronously_does_the_same(paper: Any) -> None:
    await init_coodie_async(hosts=["db1"], driver_type="paper")
    assert await init_coodie_async(hosts=["db1"], driver_type="paper") is get_driver() is paper.connected[1]
    assert [driver.closed for driver in paper.connected] == [1, 0]


def test_a_driver_that_has_another_name_goes_on_when_one_is_taken(paper: Any) -> None:
    first = init_coodie(hosts=["db1"], driver_type="paper", name="a")
    register_driver("b", first)
    init_coodie(hosts=["db1"], driver_type="paper", name="a")
    assert get_driver("b") is first
    assert [each.closed for each in paper.connected] == [0, 0]


async def test_a_driver_over_a_session_of_ones_own_is_replaced_but_not_closed(paper: Any) -> None:
    first: Any = init_coodie(session=paper.PaperSession())
    second: Any = await init_coodie_async(session=paper.PaperSession())
    init_coodie(session=paper.PaperSession())
    assert (first.closed, second.closed) == (0, 0)


def test_a_driver_of_ones_own_is_replaced_but_never_closed(paper: Any) -> None:
    init_coodie(hosts=["db1"], driver_type="paper")
    own = unregister_driver()
    register_driver("default", own)
    assert get_driver() is own
    assert init_coodie(hosts=["db1"], driver_type="paper") is not own
    assert [driver.closed for driver in paper.connected] == [0, 0]


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_when_connecting_fails_the_registry_is_as_it_was(paper: Any, asynchronous: bool) -> None:
    init_coodie(hosts=["db1"], driver_type="paper")
    paper.failures.append(ConfigurationError("the node said no"))

    async def connect() -> None:
        if asynchronous:
            await init_coodie_async(hosts=["db1"], driver_type="paper")
        else:
            init_coodie(hosts=["db1"], driver_type="paper")

    with pytest.raises(ConfigurationError, match="the node said no"):
        await connect()
    assert get_driver() is paper.connected[0]
    assert [driver.closed for driver in paper.connected] == [0]


def test_a_session_decides_by_itself_which_driver_it_needs(paper: Any) -> None:
    driver: Any = init_coodie(session=paper.PaperSession(), keyspace="shop")
    assert isinstance(driver, paper.PaperDriver)
    assert driver.default_keyspace == "shop"
    assert paper.connected == []


@pytest.mark.parametrize(
    "beside", [{"hosts": ["db1"]}, {"port": 9042}, {"lazy": True}, {"compression": True}, {"username": "u"}]
)
async def test_beside_a_session_nothing_else_is_taken(paper: Any, beside: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=f"give either session or {next(iter(beside))}"):
        init_coodie(session=paper.PaperSession(), **beside)
    with pytest.raises(ConfigurationError, match=f"give either session or {next(iter(beside))}"):
        await init_coodie_async(session=paper.PaperSession(), **beside)
    with pytest.raises(ConfigurationError, match="no driver is registered"):
        get_driver()


def test_an_object_that_no_driver_knows_is_no_session() -> None:
    with pytest.raises(ConfigurationError, match=r"a builtins\.object is no session"):
        init_coodie(session=object())


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_lazy_registers_without_connecting(paper: Any, asynchronous: bool) -> None:
    arguments: dict[str, Any] = {"hosts": ["db1"], "keyspace": "shop", "driver_type": "paper", "lazy": True, "port": 9}
    driver = await init_coodie_async(**arguments) if asynchronous else init_coodie(**arguments)
    assert isinstance(driver, LazyDriver)
    assert get_driver() is driver
    assert paper.connected == []
    driver.execute("SELECT n FROM t", [])
    assert [str(host) for host in paper.connected[0].config.hosts] == ["db1:9"]


def test_the_signatures_are_the_documented_ones() -> None:
    assert list(inspect.signature(init_coodie).parameters) == [
        "hosts", "session", "keyspace", "driver_type", "name", "ssl_context", "lazy", "compression",
        "speculative_execution_policy", "kwargs",
    ]  # fmt: skip
    assert list(inspect.signature(init_coodie_async).parameters) == [
        "hosts", "session", "keyspace", "driver_type", "name", "ssl_context", "ssl_enabled", "ssl_trusted_cert",
        "ssl_cert", "ssl_private_key", "ssl_verify_flags", "kwargs",
    ]  # fmt: skip
    assert inspect.iscoroutinefunction(init_coodie_async)
    assert list(inspect.signature(register_driver).parameters) == ["name", "driver", "default"]
    assert str(inspect.signature(get_driver)).startswith("(name: 'str | None' = None)")


def test_a_driver_closes_at_the_end_of_its_block(paper: Any) -> None:
    with init_coodie(hosts=["db1"], driver_type="paper") as driver:
        assert [driver] == paper.connected
        assert paper.connected[0].closed == 0
    assert paper.connected[0].closed == 1


async def test_a_driver_closes_at_the_end_of_its_asynchronous_block(paper: Any) -> None:
    async with await init_coodie_async(hosts=["db1"], driver_type="paper"):
        assert paper.connected[0].closed == 0
    assert paper.connected[0].closed == 1


def test_the_environment_is_read_where_no_host_is_given(paper: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COODIE_HOSTS", "db7:9043")
    monkeypatch.setenv("COODIE_KEYSPACE", "shop")
    init_coodie(driver_type="paper", keyspace="other")
    init_coodie(driver_type="paper", hosts=["db1"])
    assert [(str(each.config.hosts[0]), each.config.keyspace) for each in paper.connected] == [
        ("db7:9043", "other"),
        ("db1:9042", None),
    ]


@pytest.mark.parametrize(
    ("variables", "arguments", "becomes"),
    [
        ({"DSN": "cassandra://db1/shop"}, {"keyspace": "other"}, {"keyspace": "other"}),
        ({"DSN": "cassandra://ann:pw@db1"}, {"username": "bob", "password": "b"}, {"username": "bob", "password": "b"}),
        ({"USERNAME": "ann", "PASSWORD": "pw"}, {"credentials": dict}, {"username": None, "credentials": dict}),
        ({"SSL_ENABLED": "true"}, {"ssl_context": CONTEXT}, {"ssl_context": CONTEXT, "tls_texts": None}),
        ({"SSL_CERT": "nowhere", "SSL_PRIVATE_KEY": "nowhere"}, {"ssl_enabled": False}, {"ssl_context": None}),
        ({"DSN": "cassandra+rust://db1?fetch_size=7"}, {"fetch_size": 9}, {"fetch_size": 9}),
    ],
    ids=["keyspace", "login", "credentials", "context", "no TLS", "page"],
)
def test_an_argument_goes_before_a_variable_and_what_that_contradicts(
    paper: Any,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    arguments: dict[str, Any],
    becomes: dict[str, object],
) -> None:
    monkeypatch.setenv("COODIE_HOSTS", "localhost")
    for name, text in variables.items():
        monkeypatch.setenv(f"COODIE_{name}", text.replace("db1", "localhost"))
    if "DSN" in variables:
        monkeypatch.delenv("COODIE_HOSTS")
    init_coodie(driver_type="paper", **arguments)
    found = paper.connected[0].config
    assert {name: getattr(found, name) for name in becomes} == becomes


@pytest.mark.usefixtures("paper")
def test_a_user_is_not_paired_with_the_password_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COODIE_USERNAME", "ann")
    monkeypatch.setenv("COODIE_PASSWORD", "of-ann")
    with pytest.raises(ConfigurationError, match="username and password belong together"):
        init_coodie(driver_type="paper", username="bob")


@pytest.mark.usefixtures("paper")
def test_lazy_is_true_or_false() -> None:
    with pytest.raises(ConfigurationError, match="lazy must be True or False, not str"):
        init_coodie(driver_type="paper", lazy=cast("bool", "no"))
    with pytest.raises(ConfigurationError, match="lazy must be True or False, not str"):
        asyncio.run(init_coodie_async(driver_type="paper", lazy="no"))


def test_a_dsn_says_it_all(paper: Any) -> None:
    init_coodie(dsn="cassandra+paper://ann:pw@localhost/shop?dc=dc1")
    config = paper.connected[0].config
    assert (config.keyspace, config.login(), config.datacenter) == ("shop", ("ann", "pw"), "dc1")
    with pytest.raises(ConfigurationError, match="the dsn names driver type 'paper', and driver_type is 'rust'"):
        init_coodie(dsn="cassandra+paper://localhost", driver_type="rust")


def test_a_password_in_plain_text_to_another_machine_warns(paper: Any) -> None:
    with pytest.warns(PlainPasswordWarning, match="the password goes to db1:9042 in plain text"):
        init_coodie(hosts=["db1", "127.0.0.1"], driver_type="paper", username="ann", password="pw")
    assert len(paper.connected) == 1
