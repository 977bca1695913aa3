"""Binding and reading by generated functions: the same bytes and the same values as by the library, for every type."""

from __future__ import annotations

import struct
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.coodie_drivers.adapters.wire import cells, drivers, undescribed

from coodie_drivers import UNSET, BatchRequest, InvalidQueryError, Request
from coodie_drivers.messages import Statement, statement_of
from coodie_drivers.testing.conformance.samples import KEY_TYPES, exactly
from coodie_drivers.values import FrozenMap
from cql_builder.analysis import StatementKind
from cql_values import STRATEGIES

if TYPE_CHECKING:
    from coodie_drivers.adapters.scylla import CassandraDriver

cqltypes: Any = pytest.importorskip("cassandra.cqltypes", reason="needs scylla-driver or cassandra-driver")
protocol: Any = pytest.importorskip("cassandra.protocol", reason="needs scylla-driver or cassandra-driver")

pytestmark = pytest.mark.adapter

INSERT = Statement("INSERT INTO t (…) VALUES (…)", StatementKind.INSERT, idempotent=True)
SELECT = statement_of("SELECT … FROM t WHERE k = ?")
TYPES = (
    "Ascii Boolean Byte Bytes Date Decimal Double Duration Float InetAddress Int32 Integer Long Short SimpleDate Time "
    "TimeUUID UTF8 UUID Varchar"
)
SCALARS = {cql_type.typename: cql_type for cql_type in [getattr(cqltypes, f"{name}Type") for name in TYPES.split()]}


class Kind(NamedTuple):
    """A type, with values of it, and values that stand in sets and keys; None where it cannot stand there."""

    cql_type: Any
    values: st.SearchStrategy[Any]
    hashable: st.SearchStrategy[Any] | None


def scalar(name: str) -> Kind:
    values = STRATEGIES[name]
    return Kind(SCALARS[name], values, values if name in KEY_TYPES else None)


def list_of(element: Kind) -> Kind:
    cql_type = cqltypes.ListType.apply_parameters((element.cql_type,))
    hashable = None if element.hashable is None else st.lists(element.hashable, max_size=3).map(tuple)
    return Kind(cql_type, st.lists(element.values, max_size=3), hashable)


def set_of(element: Kind) -> Kind:
    assert element.hashable is not None
    cql_type = cqltypes.SetType.apply_parameters((element.cql_type,))
    sets = st.frozensets(element.hashable, max_size=3)
    return Kind(cql_type, sets.map(set), sets)


def map_of(key: Kind, value: Kind) -> Kind:
    assert key.hashable is not None
    cql_type = cqltypes.MapType.apply_parameters((key.cql_type, value.cql_type))
    hashable = value.hashable
    if hashable is not None:
        hashable = st.dictionaries(key.hashable, hashable, max_size=3).map(FrozenMap)
    return Kind(cql_type, st.dictionaries(key.hashable, value.values, max_size=3), hashable)


def tuple_of(parts: list[Kind]) -> Kind:
    cql_type = cqltypes.TupleType.apply_parameters(tuple(part.cql_type for part in parts))
    hashable = [part.hashable for part in parts if part.hashable is not None]
    return Kind(
        cql_type,
        st.tuples(*[st.none() | part.values for part in parts]),
        st.tuples(*[st.none() | part for part in hashable]) if len(hashable) == len(parts) else None,
    )


def udt_of(parts: list[Kind]) -> Kind:
    names = tuple(f"f{index}" for index in range(len(parts)))
    types = tuple(part.cql_type for part in parts)
    cql_type = cqltypes.UserType.make_udt_class("ks", "timestamp", names, types)  # a name that may mislead
    pairs = list(zip(names, parts, strict=True))
    hashable = {name: st.none() | part.hashable for name, part in pairs if part.hashable is not None}
    return Kind(
        cql_type,
        st.fixed_dictionaries({name: st.none() | part.values for name, part in pairs}),
        st.fixed_dictionaries(hashable).map(FrozenMap) if len(hashable) == len(parts) else None,
    )


@st.composite
def vectors(draw: st.DrawFn) -> Kind:
    name = draw(st.sampled_from(["float", "double", "int", "bigint", "uuid", "timestamp", "boolean", "date"]))
    element, size = scalar(name), draw(st.integers(1, 4))
    cql_type = cqltypes.VectorType.apply_parameters((element.cql_type, size), None)
    assert element.hashable is not None
    values = st.lists(element.values, min_size=size, max_size=size)
    return Kind(cql_type, values, values.map(tuple))


def holds_set(cql_type: Any) -> bool:
    return issubclass(cql_type, cqltypes.SetType) or any(map(holds_set, cql_type.subtypes))


def nested(inner: st.SearchStrategy[Kind]) -> st.SearchStrategy[Kind]:
    elements = inner.filter(lambda kind: kind.hashable is not None)
    # The library finds the value of a key by writing the key again, and writes sets in an order of its own.
    keys = elements.filter(lambda kind: not holds_set(kind.cql_type))
    several = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        inner.map(list_of),
        elements.map(set_of),
        st.builds(map_of, keys, inner),
        several.map(tuple_of),
        several.map(udt_of),
    )


KINDS = st.recursive(st.sampled_from(sorted(STRATEGIES)).map(scalar) | vectors(), nested, max_leaves=4)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[Any], list[list[Any]]]:
    """Types of columns, and rows of them with nulls."""
    kinds = draw(st.lists(KINDS, min_size=1, max_size=4))
    row = st.tuples(*[st.none() | kind.values for kind in kinds]).map(list)
    return [kind.cql_type for kind in kinds], draw(st.lists(row, min_size=1, max_size=4))


def bound_by(driver: CassandraDriver, values: list[Any]) -> list[Any]:
    """The bytes of the values, as they would be sent."""
    driver.send(Request(INSERT, values))
    sent: Any = driver.session.sent[-1][0]
    return list(sent.values)


def read_by(driver: CassandraDriver, body: bytes) -> Any:
    driver.session.bodies.append(body)
    return driver.send(Request(SELECT, [None] * len(driver.session.markers))).rows


def test_every_scalar_type_is_here() -> None:
    assert set(SCALARS) == set(STRATEGIES)


@settings(max_examples=150, deadline=None)
@given(tables())
def test_bytes_and_values_are_the_librarys_for_any_types(table: tuple[list[Any], list[list[Any]]]) -> None:
    types, rows = table
    by_library, by_itself = drivers(types, types)
    written = [bound_by(by_library, row) for row in rows]
    assert [bound_by(by_itself, row) for row in rows] == written
    body = undescribed(len(types)) + cells(written)
    read = read_by(by_itself, body)
    assert exactly(read, read_by(by_library, body))
    assert exactly([list(row) for row in read], rows)


def batch_by(driver: CassandraDriver, rows: list[list[Any]]) -> list[list[Any]]:
    """The bytes of the values of each part of a batch, as they would be sent."""
    driver.send(BatchRequest([(INSERT, row) for row in rows]))
    sent: Any = driver.session.sent[-1][0]
    return [list(values) for _, _, values in sent._statements_and_parameters]  # noqa: SLF001 - no other way to see it


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "ä", "b" * 300]),
            st.none() | st.integers(-5, 5),
            st.none() | st.lists(st.text(max_size=3)),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_the_rows_of_a_batch_are_the_librarys_whatever_they_share(rows: list[tuple[Any, ...]]) -> None:
    types = [SCALARS["text"], SCALARS["int"], cqltypes.ListType.apply_parameters((SCALARS["text"],))]
    by_library, by_itself = drivers([], types)
    for driver in (by_library, by_itself):
        driver.session.key_indexes = [0]
    given_rows = [list(row) for row in rows]
    assert batch_by(by_itself, given_rows) == batch_by(by_library, given_rows)


@pytest.mark.parametrize("text", ["a" * 127, "a" * 128, "a" * 255, "a" * 256, "ä" * 64, "\x00", ""])
@pytest.mark.parametrize("collection", [cqltypes.ListType, cqltypes.SetType])
def test_elements_are_the_librarys_however_long(collection: Any, text: str) -> None:
    for cql_type in (SCALARS["text"], SCALARS["ascii"] if text.isascii() else SCALARS["varchar"]):
        by_library, by_itself = drivers([], [collection.apply_parameters((cql_type,))])
        values = {text} if collection is cqltypes.SetType else [text, "b", text]
        assert bound_by(by_itself, [values]) == bound_by(by_library, [values])


@pytest.mark.parametrize("name", sorted(SCALARS))
def test_an_empty_cell_is_what_the_library_makes_of_it(name: str) -> None:
    types = [SCALARS[name], cqltypes.SetType.apply_parameters((SCALARS[name],))]
    by_library, by_itself = drivers(types, types)
    body = undescribed(2) + cells([[b"", b"\x00\x00\x00\x01\x00\x00\x00\x00"], [None, b""], [b"", None]])
    assert exactly(read_by(by_itself, body), read_by(by_library, body))


def test_a_repeated_uuid_is_one_object_and_others_are_not_mistaken_for_it() -> None:
    by_library, by_itself = drivers([SCALARS["uuid"]], [SCALARS["int"]])
    octets = [bytes([number]) * 16 for number in (1, 1, 2, 1)]
    body = undescribed(1) + cells([*[[each] for each in octets], [None], [octets[0]]])
    read = read_by(by_itself, body)
    assert exactly(read, read_by(by_library, body))
    assert read[0][0] is read[1][0]


def test_sets_as_keys_are_read_in_whatever_order_they_come() -> None:
    ints = set_of(scalar("int"))
    driver = drivers([map_of(ints, scalar("int")).cql_type], [SCALARS["int"]])[1]
    one, two, seven = (struct.pack(">ii", 4, number) for number in (1, 2, 7))
    for key in (one + two, two + one):
        body = undescribed(1) + cells([[struct.pack(">iii", 1, 20, 2) + key + seven]])
        assert exactly(read_by(driver, body), [({frozenset({1, 2}): 7},)])


def test_keys_that_the_library_reads_a_little_off_are_found() -> None:
    key = cqltypes.VectorType.apply_parameters((SCALARS["timestamp"], 1), None)
    held = cqltypes.MapType.apply_parameters((key, SCALARS["ascii"]))
    row = [{(datetime(881, 1, 1, 0, 0, 0, 7000, tzinfo=timezone.utc),): "a"}]
    for driver in drivers([held], [held]):
        body = undescribed(1) + cells([bound_by(driver, row)])
        assert exactly([list(each) for each in read_by(driver, body)], [row])


LIST = cqltypes.ListType.apply_parameters((SCALARS["int"],))
VECTOR = cqltypes.VectorType.apply_parameters((SCALARS["float"], 2), None)
REFUSED: list[tuple[Any, Any]] = [
    (SCALARS["int"], "1"),
    (SCALARS["int"], True),
    (SCALARS["int"], 2**31),
    (SCALARS["float"], 1e300),
    (SCALARS["ascii"], "é"),
    (SCALARS["text"], "\ud800"),
    (SCALARS["text"], b"x"),
    (SCALARS["uuid"], "11111111-2222-4333-8444-555555555555"),
    (SCALARS["blob"], "x"),
    (SCALARS["date"], 7),
    (LIST, "12"),
    (LIST, [1, None]),
    (LIST, [1, 2**31]),
    (LIST, [True]),
    (VECTOR, [0.5]),
    (VECTOR, [0.5, None]),
    (VECTOR, [0.5, 1e300]),
]


@pytest.mark.parametrize(("cql_type", "value"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_refused_is_refused_in_the_same_words(cql_type: Any, value: Any) -> None:
    told: list[str] = []
    for driver in drivers([], [SCALARS["int"], cql_type]):
        with pytest.raises(InvalidQueryError, match="column 'm1'") as caught:
            bound_by(driver, [1, value])
        told.append(str(caught.value))
        assert driver.session.sent == []
    assert told[0] == told[1]


@pytest.mark.parametrize(("values", "were_given"), [([1], "1 value was given"), ([1, 2, 3], "3 values were given")])
def test_a_wrong_number_of_values_is_refused_in_the_same_words(values: list[int], were_given: str) -> None:
    for driver in drivers([], [SCALARS["int"]] * 2):
        with pytest.raises(InvalidQueryError, match=f"the statement has 2 markers, but {were_given}"):
            bound_by(driver, values)


def test_unset_and_null_are_bound_except_in_the_partition_key() -> None:
    for driver in drivers([], [SCALARS["int"]] * 2):
        driver.session.key_indexes = [0]
        assert bound_by(driver, [1, None])[1] is None
        by_library = bound_by(driver, [1, UNSET])
        assert by_library[0] == b"\x00\x00\x00\x01"
        assert not isinstance(by_library[1], bytes)
        for missing in (None, UNSET):
            with pytest.raises(InvalidQueryError, match="a partition key column cannot be"):
                bound_by(driver, [missing, 1])


ATTRIBUTES = [
    "consistency_level",
    "custom_payload",
    "fetch_size",
    "is_idempotent",
    "keyspace",
    "routing_key",
    "serial_consistency_level",
    "table",
]


@pytest.mark.parametrize("keys", [None, [0], [1, 0]])
def test_a_bound_statement_is_to_the_library_what_its_own_is(keys: list[int] | None) -> None:
    found: list[dict[str, Any]] = []
    for driver in drivers([], [SCALARS["int"], SCALARS["text"]]):
        driver.session.key_indexes = keys
        driver.send(Request(INSERT, (1, "canary"), "quorum", fetch_size=7))
        statement = driver.session.sent[-1][0]
        found.append({name: getattr(statement, name, None) for name in ATTRIBUTES})
        if driver.session.client_protocol_handler is not protocol.ProtocolHandler:
            assert "canary" not in str(statement) + repr(statement)
    assert found[0] == found[1]


def test_a_statement_that_is_half_made_has_a_repr() -> None:
    # Tools that show the variables of a traceback ask for it at any moment.
    driver = drivers([], [SCALARS["int"]])[-1]
    driver.send(Request(INSERT, (1,)))
    statement: Any = driver.session.sent[-1][0]
    assert repr(statement.__class__()).endswith(", 0 values>")
