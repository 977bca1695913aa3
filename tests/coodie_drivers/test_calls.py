"""What a call of a driver may hold."""

from __future__ import annotations

from typing import Any

import pytest

from coodie_drivers import BatchRequest, InvalidQueryError, Request, statement_of
from coodie_drivers.calls import check_call

SELECT, INSERT = statement_of("SELECT id FROM shop.t"), statement_of("INSERT INTO shop.t (id) VALUES (1)")


@pytest.mark.parametrize(
    ("timeout", "reason"),
    [
        (0, "above 0, not 0"),
        (-1.5, r"above 0, not -1\.5"),
        (float("nan"), "above 0, not nan"),
        (float("-inf"), "above 0, not less"),
        (-(10**5_000), "above 0, not less"),
        (True, "above 0, not bool"),
        ("2", "above 0, not str"),
        (float("inf"), "of 1,000,000 at most"),
        (1_000_001, "of 1,000,000 at most"),
        (1e300, "of 1,000,000 at most"),
        (10**5_000, "of 1,000,000 at most"),
    ],
    ids=range(11),
)
def test_a_time_that_no_library_can_count_is_refused(timeout: Any, reason: str) -> None:
    for request in (Request(SELECT, timeout=timeout), BatchRequest([(INSERT, [])], timeout=timeout)):
        with pytest.raises(InvalidQueryError, match=f"timeout takes seconds, a number {reason}"):
            check_call(request)


@pytest.mark.parametrize("timeout", [None, 1e-12, 0.5, 3, 1_000_000])
def test_other_times_are_taken(timeout: float | None) -> None:
    check_call(Request(SELECT, timeout=timeout))


class Number(int):
    """An int that is not exactly one, as a member of an IntEnum is."""


def test_numbers_of_a_subclass_are_looked_at_without_counting_up_to_them() -> None:
    check_call(Request(SELECT, fetch_size=Number(2**31 - 1)))
    check_call(BatchRequest([(INSERT, [])], timestamp=Number(5)))
    with pytest.raises(InvalidQueryError, match="fetch_size takes rows of a page"):
        check_call(Request(SELECT, fetch_size=Number(2**31)))


def test_a_page_begins_nowhere_where_its_state_is_empty() -> None:
    with pytest.raises(InvalidQueryError, match="paging_state takes the bytes that the page before gave, not none"):
        check_call(Request(SELECT, paging_state=b""))


NO_BATCHES: list[tuple[Any, str]] = [
    (5, "a batch takes a list of pairs of .*, not int"),
    ([], "a batch needs at least one statement"),
    ([("INSERT INTO shop.t (id) VALUES (1)", [])], "a request takes what statement_of.* returns, not str"),
    ([INSERT], "one of its parts is none"),
    ([(INSERT,)], "one of its parts is none"),
    ([(INSERT, 5)], "params takes a list with a value for each marker, not int"),
]


@pytest.mark.parametrize(
    ("parts", "reason"), NO_BATCHES, ids=["no list", "empty", "text", "no pair", "half a pair", "no values"]
)
def test_a_batch_of_anything_else_than_statements_and_values_is_refused(parts: Any, reason: str) -> None:
    with pytest.raises(InvalidQueryError, match=reason):
        check_call(BatchRequest(parts))


def test_a_request_takes_a_statement_and_no_text() -> None:
    with pytest.raises(InvalidQueryError, match=r"a request takes what statement_of\(\.\.\.\) returns, not str"):
        check_call(Request("SELECT id FROM shop.t"))  # type: ignore[arg-type]  # shown: refused at run time too
