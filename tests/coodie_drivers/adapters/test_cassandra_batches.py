"""Batches laid out by generated functions: the same frames as the library's, for every type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.coodie_drivers.adapters.test_cassandra_codec import INSERT, SCALARS, cqltypes, protocol, tables
from tests.coodie_drivers.adapters.wire import FEATURES, drivers

from coodie_drivers import UNSET, BatchRequest, InvalidQueryError, Request
from coodie_drivers.adapters import _cassandra_frames as frames
from coodie_drivers.messages import Statement
from cql_builder.analysis import StatementKind
from cql_values import STRATEGIES

if TYPE_CHECKING:
    from coodie_drivers.adapters.scylla import CassandraDriver

pytestmark = pytest.mark.adapter

BY_LIBRARY: Any = protocol.ProtocolHandler.encode_message


def frames_of_batches(driver: CassandraDriver, batches: list[Any], encode: Any) -> list[bytes]:
    """The frames of batches, written by this."""
    frames: list[bytes] = []
    for parts in batches:
        driver.send(BatchRequest(parts))
        sent: Any = driver.session.sent[-1][0]
        assert len(sent) == len(parts)
        queries = sent._statements_and_parameters  # noqa: SLF001 - no other way to see it
        message = protocol.BatchMessage(sent.batch_type, queries, 1, None, 5)
        frames.append(encode(message, 1, 4, None, False, *FEATURES))
    return frames


@settings(max_examples=100, deadline=None)
@given(table=tables(), keys=st.sets(st.integers(0, 3)))
def test_the_frame_of_a_batch_is_the_librarys_for_any_types(
    table: tuple[list[Any], list[list[Any]]], keys: set[int]
) -> None:
    types, rows = table
    by_library, by_itself = drivers([], types)
    places = [place for place in sorted(keys) if place < len(types)]
    for driver in (by_library, by_itself):
        driver.session.key_indexes = places or None
    # A key that is given again, as the same object, and never null.
    rows = [[rows[0][place] if place in places else value for place, value in enumerate(row)] for row in rows]
    if any(rows[0][place] is None for place in places):
        return
    text = (Statement("DELETE FROM t", StatementKind.DELETE, idempotent=True), ())
    parts = [(INSERT, row) for row in [*rows, *rows]]
    batches = [parts, [*parts[:1], text, *parts], parts]
    by_library_frames = frames_of_batches(by_library, batches, BY_LIBRARY)
    assert frames_of_batches(by_itself, batches, frames.writing(BY_LIBRARY)) == by_library_frames
    assert frames_of_batches(by_itself, batches, BY_LIBRARY) == by_library_frames


NUMBERS = ("bigint", "boolean", "date", "double", "float", "int", "smallint", "time", "timestamp", "tinyint", "uuid")


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_columns_that_are_packed_at_once_are_the_librarys(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from([*NUMBERS, "text"]), min_size=1, max_size=6))
    row = st.tuples(*[st.just(None) | st.just(UNSET) | STRATEGIES[name] for name in names])
    rows = [(0, *each) for each in data.draw(st.lists(row, min_size=1, max_size=4))]
    by_library, by_itself = drivers([], [SCALARS["int"], *[SCALARS[name] for name in names]])
    for driver in (by_library, by_itself):
        driver.session.key_indexes = [0]
    batches = [[(INSERT, each) for each in rows]] * 2
    by_library_frames = frames_of_batches(by_library, batches, BY_LIBRARY)
    assert frames_of_batches(by_itself, batches, frames.writing(BY_LIBRARY)) == by_library_frames


def test_very_many_columns_are_packed_at_once() -> None:
    by_library, by_itself = drivers([], [SCALARS["int"]] * 1_500)
    for driver in (by_library, by_itself):
        driver.session.key_indexes = [0]
    batches = [[(INSERT, list(range(1_500))), (INSERT, [1, *[None] * 1_499]), (INSERT, [2] * 1_500)]]
    written = [frames_of_batches(each, batches, BY_LIBRARY) for each in (by_library, by_itself)]
    assert written[0] == written[1]


@pytest.mark.parametrize("values", [(1, "x"), (1, 2.5), (1, 2**31), (1, True), (None, 1)])
def test_a_wrong_value_in_a_row_of_a_batch_is_refused_in_the_usual_words(values: tuple[Any, ...]) -> None:
    _, driver = drivers([], [SCALARS["int"], SCALARS["int"]])
    driver.session.key_indexes = [0]
    with pytest.raises(InvalidQueryError, match=r"column 'm[01]' \(int\)"):
        driver.send(BatchRequest([(INSERT, (1, 2)), (INSERT, (1, 3)), (INSERT, values)]))


@pytest.mark.parametrize("number", range(7))
@pytest.mark.parametrize("wrong", [b"x", 1, None, ["a"], "\ud800"])
def test_an_element_that_is_no_text_is_refused_wherever_it_stands(number: int, wrong: Any) -> None:
    _, driver = drivers([], [cqltypes.ListType.apply_parameters((SCALARS["text"],))])
    values = ["a"] * number + [wrong]
    for given_values in (values, values[::-1]):
        with pytest.raises(InvalidQueryError, match=r"column 'm0' \(list<text>\)"):
            driver.send(Request(INSERT, [given_values]))
