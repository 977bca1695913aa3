"""What JSON cannot carry is refused by `save_json()`, which names the field, before anything is sent."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import Field

from coodie import CqlDuration
from coodie.exceptions import InvalidValueError
from coodie.fields import Frozen, PrimaryKey
from coodie.sync import Document
from coodie.usertype import UserType

if TYPE_CHECKING:
    from coodie_drivers.testing.scripted import ScriptedDriver

IPv6 = ipaddress.IPv6Address
MAPPED = IPv6("::ffff:1.2.3.4")
SCOPED = IPv6("fe80::1%eth0")
LEAST = CqlDuration(-(2**31), 0, 0)
HALF = "\ud800"


class Peer(UserType):
    host: IPv6 | None = Field(default=None, alias="Host")
    took: CqlDuration | None = None
    text: str = ""


class Visit(Document):
    id: Annotated[str, PrimaryKey()]
    host: IPv6 | None = None
    either: ipaddress.IPv4Address | IPv6 | None = None
    hosts: Annotated[set[IPv6], Frozen()] = set()
    listed: list[IPv6] = []
    by_host: dict[IPv6, int] = {}
    pair: tuple[int, IPv6 | None] | None = None
    peer: Peer | None = None
    peers: list[Peer] = []
    took: CqlDuration | None = None
    text: str = ""
    texts: dict[str, str] = {}


def visit(**fields: Any) -> Visit:
    made = Visit(id="a")
    for name, value in fields.items():
        setattr(made, name, value)
    return made


PLACES: list[tuple[str, Any, str]] = [
    ("host", MAPPED, "host"),
    ("either", MAPPED, "either"),
    ("hosts", {MAPPED}, "hosts"),
    ("listed", [IPv6("::1"), MAPPED], "listed[1]"),
    ("by_host", {MAPPED: 1}, "by_host.keys()[0]"),
    ("pair", (1, MAPPED), "pair[1]"),
    ("peer", Peer(Host=MAPPED), "peer.host"),
    ("peers", [Peer(), Peer(Host=MAPPED)], "peers[1].host"),
]


@pytest.mark.parametrize(("field", "value", "path"), PLACES)
def test_an_ipv6_address_that_json_makes_ipv4_is_refused(
    field: str, value: Any, path: str, driver: ScriptedDriver
) -> None:
    with pytest.raises(InvalidValueError) as caught:
        visit(**{field: value}).save_json()
    assert (caught.value.model, caught.value.field, caught.value.path) == ("Visit", field, path)
    assert str(caught.value).endswith("the IPv4 address that is in this IPv6 address; use save()")
    assert "1.2.3.4" not in str(caught.value)
    assert driver.requests == []
    visit(**{field: value}).save()
    assert len(driver.requests) == 1


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [("took", LEAST, "took"), ("peer", Peer(took=CqlDuration(0, 0, -(2**63))), "peer.took")],
)
def test_a_duration_that_the_server_cannot_read_is_refused(
    field: str, value: Any, path: str, driver: ScriptedDriver
) -> None:
    with pytest.raises(InvalidValueError, match=r"least number that it can be; use save\(\)") as caught:
        visit(**{field: value}).save_json()
    assert (caught.value.path, driver.requests) == (path, [])


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("id", HALF, "id"),
        ("text", HALF, "text"),
        ("texts", {"a": "b", HALF: "c"}, "texts.keys()[1]"),
        ("peer", Peer(text=HALF), "peer.text"),
        ("text", 5, "text"),
    ],
)
def test_what_no_driver_takes_names_its_field(field: str, value: Any, path: str, driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidValueError) as caught:
        visit(**{field: value}).save_json()
    assert (caught.value.path, driver.requests) == (path, [])


WAYS: dict[str, Any] = {
    "save": lambda: visit(host=SCOPED).save(),
    "save_json": lambda: visit(host=SCOPED).save_json(),
    "of both versions": lambda: visit(either=SCOPED).save(),
    "in a set": lambda: visit(hosts={SCOPED}).insert(),
    "a key of a dict": lambda: visit(by_host={SCOPED: 1}).save(),
    "of a user type": lambda: visit(peer=Peer(Host=SCOPED)).save(),
    "update": lambda: visit().update(host=SCOPED),
    "append": lambda: visit().update(append__listed=SCOPED),
    "find": lambda: Visit.find(host=SCOPED).allow_filtering(),
    "find both": lambda: Visit.find(either__in=[SCOPED]).allow_filtering(),
    "a condition": lambda: visit().update(text="b", if_conditions={"host": SCOPED}),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_scope_of_an_address_is_refused_on_every_way(way: str, driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidValueError, match=r"^Visit\.\w+.*no room for the scope .* without it$"):
        WAYS[way]()
    assert driver.requests == []


def test_addresses_of_both_versions_are_taken(driver: ScriptedDriver) -> None:
    for either in (ipaddress.ip_address("1.2.3.4"), IPv6("::1")):
        visit(either=either, host=IPv6("::1"), listed=[IPv6("::1")]).save()
        visit(either=either, host=IPv6("::1"), pair=(1, None)).save_json()
    assert len(driver.requests) == 4
