"""No error about arguments tells a password or a key: not in its words, nor by the variables of its traceback."""

from __future__ import annotations

import asyncio
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import ConfigurationError, CoodieError, init_coodie, init_coodie_async
from coodie_drivers.hiding import Hidden, hidden, shown, unframed
from coodie_drivers.lazy import LazyDriver

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("paper", "registry")

CANARY = "canary"
KEY = f"-----BEGIN PRIVATE KEY-----\n{CANARY}\n-----END PRIVATE KEY-----"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----"


def told_by(error: BaseException) -> str:
    """Everything that an error shows, the variables of all frames but this module's included."""
    shown = [str(error), repr(error), repr(vars(error))]
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        each = left.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        for frame, line in traceback.walk_tb(each.__traceback__):
            if frame.f_code.co_filename != __file__:
                shown.append(f"{frame.f_code.co_filename}:{line} {frame.f_locals!r}")
        shown.append(str(each))
        left += [each.__cause__, each.__context__]
    return "\n".join(shown)


def blocking(**arguments: Any) -> object:
    return init_coodie(driver_type="paper", **arguments)


def awaiting(**arguments: Any) -> object:
    return asyncio.run(init_coodie_async(driver_type="paper", **arguments))


def lazily(**arguments: Any) -> object:
    further: dict[str, Any] = {"driver_type": "paper", **arguments}
    hosts, keyspace, context = (further.pop(name, None) for name in ("hosts", "keyspace", "ssl_context"))
    return LazyDriver(hosts, keyspace, context, further)


WRONG: list[dict[str, Any]] = [
    {"username": "u", "password": CANARY, "fetch_size": 0},
    {"username": "u", "password": CANARY, "hosts": ["db1:x"]},
    {"username": "u", "password": CANARY, "conect_timeout": 1},
    {"username": "u", "password": CANARY, "credentials": dict},
    {"username": "u", "password": CANARY.encode()},
    {"password": CANARY},
    {"dsn": f"postgresql://u:{CANARY}@db1"},
    {"dsn": f"cassandra://u:{CANARY}@db1/shop?fetch_sise=1"},
    {"dsn": f"cassandra://u:{CANARY}@db1/shop?fetch_size=0"},
    {"dsn": f"cassandra://u:{CANARY}@db1/shop", "keyspace": "shop"},
    {"dsn": f"cassandra://u:{CANARY}@db1/shop", "observers": [1]},
    {"dsn": f"cassandra://{CANARY}@db1"},
    {"dsn": f"cassandra://u:{CANARY}/x@db1/shop"},
    {"dsn": f"cassandra://u:x/{CANARY}@db1/shop"},
    {"dsn": f"cassandra://u:x@y/{CANARY}@db1/shop"},
    {"dsn": f"cassandra://u:x?{CANARY}@db1/shop"},
    {"dsn": f"cassandra://u:x@y?{CANARY}=z@db1/shop"},
    {"dsn": f"cassandra://u:{CANARY}"},
    {"dsn": f"cassandra://u:{CANARY}/shop"},
    {"ssl_cert": CERTIFICATE, "ssl_private_key": KEY},
    {"ssl_private_key": KEY},
    {"username": "u", "pasword": CANARY},
    {"username": "u", "passwd": CANARY},
    {"ssl_cert": CERTIFICATE, "ssl_private_key": CANARY},
]


@pytest.mark.parametrize("way", [blocking, awaiting, lazily])
@pytest.mark.parametrize("arguments", WRONG, ids=range(len(WRONG)))
def test_no_wrong_argument_tells_a_secret(way: Callable[..., object], arguments: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError) as raised:
        way(**arguments)
    assert CANARY not in told_by(raised.value)


@pytest.mark.parametrize(
    "variables",
    [
        {"COODIE_PASSWORD": CANARY, "COODIE_FETCH_SIZE": "x"},
        {"COODIE_PASSWORD": CANARY, "COODIE_USERNAME": "u", "COODIE_FETCH_SIZE": "0"},
        {"COODIE_PASSWORD": CANARY},
        {"COODIE_DSN": f"cassandra://u:{CANARY}@db1", "COODIE_HOSTS": "db1"},
        {"COODIE_DSN": f"cassandra://u:{CANARY}@db1?fetch_size=x"},
        {"COODIE_DSN": f"u:{CANARY}@db1"},
    ],
    ids=range(6),
)
def test_no_wrong_variable_tells_a_secret(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    with pytest.raises(ConfigurationError) as raised:
        init_coodie(driver_type="paper")
    assert CANARY not in told_by(raised.value)


@pytest.mark.parametrize(
    "hosts", [[f"u:{CANARY}@db1"], [f"u:{CANARY}@db1:9042"], f"cassandra://u:{CANARY}@db1", [("u", CANARY)]]
)
def test_no_host_is_told_that_holds_a_login(hosts: Any) -> None:
    with pytest.raises(ConfigurationError) as raised:
        init_coodie(hosts, driver_type="paper")
    assert CANARY not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize("way", [blocking, awaiting])
def test_no_failure_to_connect_tells_a_secret(paper: Any, way: Callable[..., object]) -> None:
    paper.failures.append(CoodieError("no"))
    with pytest.raises(CoodieError) as raised:
        way(dsn=f"cassandra://u:{CANARY}@localhost")
    assert CANARY not in told_by(raised.value)


@pytest.mark.parametrize("dsn", [f"cassandra://u:x/{CANARY}@db1/shop", f"cassandra://u:{CANARY}"])
def test_a_password_that_is_not_escaped_is_told_how_to_be(dsn: str) -> None:
    with pytest.raises(ConfigurationError, match=r"percent signs: %2F for /"):
        init_coodie(dsn=dsn)


def test_what_credentials_returned_is_not_told(paper: Any) -> None:
    init_coodie(driver_type="paper", hosts=["localhost"], credentials=lambda: [CANARY, CANARY])
    (connected,) = paper.connected
    with pytest.raises(ConfigurationError, match=r"credentials\(\) must return \(username, password\)") as raised:
        connected.config.login()
    assert CANARY not in told_by(raised.value)


def test_what_is_hidden_is_given_as_it_was() -> None:
    found = hidden({"password": CANARY, "dsn": None, "ssl_private_key": KEY, "hosts": [CANARY]})
    assert CANARY not in repr({**found, "hosts": None})
    assert (shown(found["password"]), found["dsn"], found["hosts"], shown(KEY)) == (CANARY, None, [CANARY], KEY)
    assert isinstance(found["password"], Hidden)
    assert hidden(found)["password"] is found["password"]


def test_errors_of_others_keep_their_frames() -> None:
    with pytest.raises(ValueError, match="no") as raised, unframed():
        int_of_nothing()
    assert "int_of_nothing" in "".join(traceback.format_exception(raised.value))


def int_of_nothing() -> None:
    raise ValueError("no")
