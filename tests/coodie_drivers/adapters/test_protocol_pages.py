"""A page's rows come out of its bytes at once as they do value by value, whatever the columns and the nulls."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coodie_drivers.adapters._protocol_pages import page_reader
from coodie_drivers.adapters._protocol_reading import reader_of
from coodie_drivers.adapters._protocol_types import CqlType
from coodie_drivers.adapters._protocol_writing import writer_of
from coodie_drivers.testing.conformance.samples import exactly
from cql_values import STRATEGIES

if TYPE_CHECKING:
    from collections.abc import Sequence

NATIVE = {name: CqlType("text" if name == "varchar" else name) for name in STRATEGIES}
TYPES = {
    **{name: (cql_type, STRATEGIES[name]) for name, cql_type in NATIVE.items()},
    "texts": (CqlType("list", (NATIVE["text"],)), st.lists(STRATEGIES["text"], max_size=3)),
    "a set": (CqlType("set", (NATIVE["ascii"],)), st.sets(STRATEGIES["ascii"], max_size=3)),
    "times": (CqlType("list", (NATIVE["timestamp"],)), st.lists(STRATEGIES["timestamp"], max_size=3)),
    "a map": (
        CqlType("map", (NATIVE["int"], NATIVE["text"])),
        st.dictionaries(STRATEGIES["int"], STRATEGIES["text"], max_size=2),
    ),
    "a tuple": (CqlType("tuple", (NATIVE["uuid"], NATIVE["int"])), st.tuples(STRATEGIES["uuid"], st.none())),
}
INT, TEXT, UUIDS, TEXTS = NATIVE["int"], NATIVE["text"], NATIVE["uuid"], TYPES["texts"][0]


def cell(data: bytes | None) -> bytes:
    """A value as it stands in a row, behind its length."""
    return struct.pack(">i", -1) if data is None else struct.pack(">i", len(data)) + data


@st.composite
def pages(draw: st.DrawFn) -> tuple[list[CqlType], list[list[bytes | None]]]:
    """Columns of any types, and rows of them, of which the same value may be in several."""
    names = draw(st.lists(st.sampled_from(sorted(TYPES)), min_size=1, max_size=8))
    types = [TYPES[name][0] for name in names]
    some = [draw(st.lists(st.none() | TYPES[name][1], min_size=1, max_size=3)) for name in names]
    rows = draw(st.lists(st.tuples(*[st.sampled_from(values) for values in some]), max_size=6))
    writers = [writer_of(each) for each in types]
    written = [
        [None if value is None else write(value) for write, value in zip(writers, row, strict=True)] for row in rows
    ]
    return types, written


@given(pages())
def test_rows_are_as_their_values_are_one_by_one(page: tuple[list[CqlType], list[list[bytes | None]]]) -> None:
    types, rows = page
    readers = [reader_of(each) for each in types]
    expected = [
        tuple([None if data is None else read(data) for read, data in zip(readers, row, strict=True)]) for row in rows
    ]
    data = b"".join(cell(each) for row in rows for each in row)
    assert exactly(page_reader(types)(data, len(rows)), expected)


@given(pages().filter(lambda page: bool(page[1])), st.data())
def test_bytes_that_end_elsewhere_are_refused(page: Any, data: st.DataObject) -> None:
    types, rows = page
    whole = b"".join(cell(each) for row in rows for each in row)
    cut = data.draw(st.integers(1, len(whole)))
    with pytest.raises(Exception):  # noqa: B017, PT011 - of whatever kind
        page_reader(types)(whole[:-cut], len(rows))
    with pytest.raises(Exception):  # noqa: B017, PT011
        page_reader(types)(whole + b"\0", len(rows))


@pytest.mark.parametrize(
    ("types", "row", "expected"),
    [
        pytest.param([INT, TEXT, INT], [b"", b"", b""], (None, "", None), id="what Cassandra calls empty"),
        pytest.param([TEXT, INT, UUIDS], [None, b"\0\0\0\7", None], (None, 7, None), id="null beside a number"),
        pytest.param([UUIDS, TEXTS], [None, None], (None, None), id="nothing"),
    ],
)
def test_what_is_missing_is_none(types: Sequence[CqlType], row: list[bytes | None], expected: tuple[Any, ...]) -> None:
    assert page_reader(types)(b"".join(map(cell, row)) * 2, 2) == [expected] * 2


@pytest.mark.parametrize(
    "elements",
    [
        pytest.param(b"\0\0\0\1" + cell(None), id="null among texts"),
        pytest.param(b"\0\0\0\2" + cell(b"a"), id="fewer than there should be"),
        pytest.param(b"\0\0\0\0" + cell(b"a"), id="more"),
        pytest.param(b"", id="no number of them"),
    ],
)
def test_a_list_that_is_no_list_is_refused(elements: bytes) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011 - of whatever kind
        page_reader([TEXTS, INT])(cell(elements) + cell(b"\0\0\0\1"), 1)


def test_a_uuid_of_the_row_before_is_the_same_object() -> None:
    first, second = page_reader([UUIDS])(cell(b"\1" * 16) * 2, 2)
    assert first[0] is second[0]
