"""The values that CQL has and Python has not."""

from __future__ import annotations

import copy
import pickle
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coodie_drivers.values import INT32, INT64, PYTHON_TYPES, UNSET, CqlDate, CqlDuration, FrozenMap, UnsetType

int32 = st.integers(INT32.start, INT32.stop - 1)
int64 = st.integers(INT64.start, INT64.stop - 1)


def test_unset_is_one_object_however_it_is_made() -> None:
    assert repr(UNSET) == "UNSET"
    assert UnsetType() is UNSET
    assert copy.deepcopy([UNSET])[0] is UNSET
    assert pickle.loads(pickle.dumps(UNSET)) is UNSET  # noqa: S301 - our own bytes


def test_unset_is_neither_true_nor_false() -> None:
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(UNSET)


@given(st.integers(0, INT32.stop - 1), st.integers(0, INT32.stop - 1), st.integers(0, INT64.stop - 1), st.booleans())
def test_a_duration_of_one_sign_is_a_value(months: int, days: int, nanoseconds: int, negative: bool) -> None:
    sign = -1 if negative else 1
    duration = CqlDuration(sign * months, sign * days, sign * nanoseconds)
    again = CqlDuration(sign * months, sign * days, sign * nanoseconds)
    assert duration == again
    assert hash(duration) == hash(again)
    assert str(duration).startswith("-") == (negative and bool(months or days or nanoseconds))


@given(int32, int32, int64)
def test_a_duration_of_two_signs_is_refused(months: int, days: int, nanoseconds: int) -> None:
    parts = (months, days, nanoseconds)
    if any(part < 0 for part in parts) and any(part > 0 for part in parts):
        with pytest.raises(ValueError, match="all be positive or all be negative"):
            CqlDuration(*parts)
    else:
        assert CqlDuration(*parts).months == months


@pytest.mark.parametrize(
    ("parts", "text"),
    [((1, 2, 3), "1mo2d3ns"), ((-1, 0, -3), "-1mo3ns"), ((0, 0, 0), "0ns"), ((0, 7, 0), "7d")],
)
def test_a_duration_is_written_as_cql_does(parts: tuple[int, int, int], text: str) -> None:
    assert str(CqlDuration(*parts)) == text


@pytest.mark.parametrize("name", ["months", "days", "nanoseconds"])
def test_each_part_of_a_duration_has_its_range(name: str) -> None:
    allowed = INT64 if name == "nanoseconds" else INT32
    for beyond in (allowed.start - 1, allowed.stop):
        with pytest.raises(ValueError, match=name):
            CqlDuration(**{name: beyond})
    for within in (allowed.start, allowed.stop - 1):
        assert getattr(CqlDuration(**{name: within}), name) == within


class Number(int):
    """An int that is not exactly one, as a member of an IntEnum is."""


def test_a_number_of_a_subclass_is_within_its_range_or_not_at_once() -> None:
    assert CqlDuration(Number(5), Number(5), Number(5)) == CqlDuration(5, 5, 5)
    assert CqlDate(Number(-5)) == CqlDate(-5)
    with pytest.raises(ValueError, match="months"):
        CqlDuration(Number(2**31))


@pytest.mark.parametrize("wrong", [1.0, "1", True, None])
def test_parts_of_durations_and_dates_are_ints(wrong: object) -> None:
    with pytest.raises(TypeError, match="must be an int"):
        CqlDuration(days=wrong)  # type: ignore[arg-type]  # shown: it is refused at run time too
    with pytest.raises(TypeError, match="must be an int"):
        CqlDate(wrong)  # type: ignore[arg-type]  # shown: it is refused at run time too


def test_durations_do_not_change() -> None:
    duration = CqlDuration(1)
    with pytest.raises(AttributeError):
        duration.months = 2  # type: ignore[misc]  # shown: it is refused at run time too


@given(st.dates())
def test_days_within_the_years_of_python_are_dates(day: date) -> None:
    days = (day - date(1970, 1, 1)) // timedelta(days=1)
    assert CqlDate.from_days(days) == day


@given(int32)
def test_every_day_of_cql_has_a_value(days: int) -> None:
    found = CqlDate.from_days(days)
    if isinstance(found, date):
        assert (found - date(1970, 1, 1)).days == days
    else:
        assert found.days == days


def test_days_beyond_are_ordered_and_bounded() -> None:
    assert CqlDate(-800_000) < CqlDate(4_000_000)
    for beyond in (INT32.start - 1, INT32.stop):
        with pytest.raises(ValueError, match="days of a date"):
            CqlDate(beyond)


def test_a_frozen_map_is_hashable_and_equals_a_dict() -> None:
    frozen = FrozenMap({"a": 1, "b": 2})
    assert frozen == {"b": 2, "a": 1}
    assert {frozen, FrozenMap({"b": 2, "a": 1})} == {frozen}
    assert (frozen["a"], len(frozen), list(frozen)) == (1, 2, ["a", "b"])
    assert repr(frozen) == "FrozenMap({'a': 1, 'b': 2})"


def test_the_type_table_names_every_native_type_of_cassandra() -> None:
    natives = (
        "ascii bigint blob boolean counter date decimal double duration float inet int smallint text time timestamp "
        "timeuuid tinyint uuid varchar varint"
    )
    assert set(natives.split()) | {"list", "set", "map", "tuple", "vector"} == set(PYTHON_TYPES)
