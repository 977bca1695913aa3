"""Types that the server names by its own classes, in answers to the package `cassandra`."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import pytest
from tests.coodie_drivers.adapters.wire import ONE_TABLE, ROWS, WireSession, cells, string

from coodie_drivers import Request
from coodie_drivers.adapters.scylla import adopt
from coodie_drivers.errors import DriverError
from coodie_drivers.messages import statement_of

if TYPE_CHECKING:
    from coodie_drivers.adapters.scylla import CassandraDriver

pytest.importorskip("cassandra", reason="needs scylla-driver or cassandra-driver")

pytestmark = pytest.mark.adapter

SELECT = statement_of("SELECT c FROM t")
MARSHAL = "org.apache.cassandra.db.marshal."
INT, TEXT = f"{MARSHAL}Int32Type", f"{MARSHAL}UTF8Type"
CUSTOM = 0
SEVEN = struct.pack(">i", 7)


def cell(*parts: bytes | None) -> bytes:
    """Values inside of another, each with its length."""
    return b"".join([b"\xff" * 4 if each is None else struct.pack(">i", len(each)) + each for each in parts])


def element(octets: bytes) -> bytes:
    """An element of a vector whose elements differ in length."""
    assert len(octets) < 128
    return bytes([len(octets)]) + octets


def asked(octets: bytes, class_name: str) -> Any:
    """What a driver makes of one column of a type that the server names so."""
    metadata = struct.pack(">iii", ROWS, ONE_TABLE, 1) + string("ks") + string("t") + string("c")
    session = WireSession()
    session.bodies.append(metadata + struct.pack(">H", CUSTOM) + string(class_name) + cells([[octets]]))
    driver: CassandraDriver = adopt(session, None, codec=True)
    return driver.send(Request(SELECT)).rows[0][0]


@pytest.mark.parametrize("name", ["61", "0e", "7a", "c39f"])
def test_user_defined_types_whose_names_look_like_numbers(name: str) -> None:
    udt = f"{MARSHAL}UserType(ks,{name},31:{TEXT},7931:{INT})"
    value = element(cell(b"x", SEVEN)) + element(cell(None))
    assert asked(value, f"{MARSHAL}VectorType({MARSHAL}FrozenType({udt}) , 2)") == [
        {"1": "x", "y1": 7},
        {"1": None, "y1": None},
    ]


def test_collections_and_tuples_of_them() -> None:
    udt = f"{MARSHAL}UserType(ks,62,61:{INT})"
    tuples = f"{MARSHAL}TupleType({INT},{MARSHAL}MapType({TEXT},{udt}))"
    octets = cell(SEVEN, struct.pack(">i", 1) + cell(b"k", cell(SEVEN)))
    assert asked(octets, f"{MARSHAL}ReversedType({tuples})") == (7, {"k": {"a": 7}})


def test_vectors_of_vectors() -> None:
    vector = f"{MARSHAL}VectorType({INT} , 1)"
    assert asked(SEVEN * 2, f"{MARSHAL}VectorType({vector} , 2)") == [[7], [7]]


@pytest.mark.parametrize("class_name", ["com.example.Unheard", f"{MARSHAL}EmptyType"])
def test_values_of_types_that_have_only_a_name_are_bytes(class_name: str) -> None:
    assert asked(b"abc", class_name) == b"abc"


@pytest.mark.parametrize(
    "parameters",
    [
        f"VectorType({INT} , x)",
        f"VectorType({INT})",
        f"MapType({INT})",
        f"ListType({INT},{INT})",
        f"UserType(ks,6,61:{INT})",
        f"UserType(ks,61,6161{INT})",
        f"ListType({INT}))",
        f"ListType({INT}",
    ],
)
def test_what_cannot_be_parsed_is_named(parameters: str) -> None:
    with pytest.raises(DriverError) as caught:
        asked(SEVEN, MARSHAL + parameters)
    assert f"does not know the type {MARSHAL}{parameters}" in str(caught.value)
