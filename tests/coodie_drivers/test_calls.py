"""What a call of a driver may hold."""

from __future__ import annotations

from typing import Any, cast

import pytest

from coodie_drivers import BatchRequest, ConfigurationError, InvalidQueryError, Request, statement_of
from coodie_drivers.calls import check_call

SELECT, INSERT = statement_of("SELECT id FROM shop.t"), statement_of("INSERT INTO shop.t (id) VALUES (1)")
INCREMENT = statement_of("UPDATE shop.c SET n = n + ? WHERE id = ?")
CLAIM = statement_of("INSERT INTO shop.t (id) VALUES (?) IF NOT EXISTS")


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


@pytest.mark.parametrize("request_", ["SELECT id FROM shop.t", None, INSERT])
def test_what_is_no_request_is_refused(request_: Any) -> None:
    with pytest.raises(InvalidQueryError, match="a driver sends a Request or a BatchRequest, not"):
        check_call(request_)


def test_a_misspelt_consistency_is_refused_whatever_it_stands_in() -> None:
    for each in (Request(INSERT, [1], "QUORM"), BatchRequest([(INSERT, [1])], consistency="QUORM")):
        with pytest.raises(ConfigurationError, match="did you mean 'QUORUM'"):
            check_call(each)


@pytest.mark.parametrize(
    ("batch", "reason"),
    [
        (BatchRequest([(INSERT, [1])], timestamp=-(2**63)), r"an int above -2\*\*63"),
        (BatchRequest([(INSERT, [1])], timestamp=cast("Any", "5")), "an int .*, not str"),
        (BatchRequest([(INCREMENT, [1, 1])], kind="counter", timestamp=5), "a counter batch takes no timestamp"),
        (BatchRequest([(INSERT, [1]), (CLAIM, [1])], timestamp=5), "a batch with a condition takes no timestamp"),
    ],
    ids=["the least", "a text", "counters", "a condition"],
)
def test_a_timestamp_that_cannot_hold_for_all_parts_is_refused(batch: BatchRequest, reason: str) -> None:
    with pytest.raises(InvalidQueryError, match=reason):
        check_call(batch)


def test_the_least_timestamp_that_a_server_takes_is_taken() -> None:
    check_call(BatchRequest([(INSERT, [1])], timestamp=-(2**63) + 1))
