"""The bound values of one request, taken out of what the server says about it."""

from __future__ import annotations

import decimal
import uuid
from datetime import date, datetime, timezone
from typing import Any

import pytest

from coodie_drivers import BatchRequest, Request, statement_of
from coodie_drivers.adapters._bound_values import forget_bound, told_warnings
from coodie_drivers.errors import (
    ClusterUnavailableError,
    CoodieError,
    FunctionFailureError,
    InvalidQueryError,
    InvalidRequestError,
)

INSERT = statement_of("INSERT INTO t (id, v) VALUES (?, ?)")
ID = uuid.UUID("12345678-1234-5678-1234-567812345678")


class Odd:
    """Something that cannot be shown."""

    def __repr__(self) -> str:
        raise ValueError("canary")


@pytest.mark.parametrize(
    ("value", "sentence", "told"),
    [
        ("canary", "not found: canary.", "not found: …."),
        ("canary", "not found: 'canary'", "not found: '…'"),
        ("canary", "not found: _CANARY_", "not found: _…_"),
        ("o'canary", "convert …canary' to", "convert ……' to"),
        ("cat", "a catalogue of cat", "a catalogue of …"),
        ("id", "Undefined column name id in table t", "Undefined column name id in table t"),
        ("a", "use a lower one", "use a lower one"),
        (4242, "of 4242 seconds, 42420", "of … seconds, 42420"),
        (-5, "but was -5.", "but was …."),
        (1.5, "got 1.5", "got …"),
        (True, "True is no number", "True is no number"),
        (None, "None is given", "None is given"),
        (b"canary", "bytes 63616e617279 or canary", "bytes … or …"),
        (ID, f"no {ID}", "no …"),
        (decimal.Decimal("12.50"), "no 12.50", "no …"),
        (date(2026, 1, 2), "no 2026-01-02", "no …"),
        (datetime(2026, 1, 2, tzinfo=timezone.utc), "no 2026-01-02T00:00:00+00:00", "no …"),
        ({"canary": ["inner"]}, "no canary or inner", "no … or …"),
        ('{"id": "canary", "of": [{"inner": 77}]}', "no canary, inner or 77 in of", "no …, … or … in of"),
        ('{"id": "canary', "no canary", "no …"),
        (Odd(), "no such thing", "no such thing"),
        ("", "no such thing", "no such thing"),
    ],
)
def test_a_sentence_is_told_without_what_was_bound(value: Any, sentence: str, told: str) -> None:
    error = InvalidRequestError(sentence)
    error.__cause__ = ValueError(sentence)
    forget_bound(error, Request(INSERT, ["x", value]))
    assert str(error) == told
    assert (error.__cause__ is None) == (told != sentence)
    forget_bound(error, BatchRequest([(INSERT, ["x", value])]))
    assert str(error) == told


def test_the_columns_of_inserted_json_are_told() -> None:
    error = InvalidRequestError("column other of canary")
    forget_bound(error, Request(statement_of("INSERT INTO t JSON ?"), ['{"other": "canary"}']))
    assert str(error) == "column other of …"


def test_a_cause_is_cut_that_holds_a_value_which_its_error_does_not() -> None:
    error = InvalidRequestError("refused")
    error.__cause__ = ValueError("because of canary")
    forget_bound(error, Request(INSERT, ["x", "canary"]))
    cause: BaseException | None = error.__cause__
    assert cause is None
    assert error.__suppress_context__


def test_the_reasons_of_nodes_are_told_without_what_was_bound() -> None:
    error = ClusterUnavailableError({"10.0.0.1:9042": "no canary"})
    forget_bound(error, Request(INSERT, ["canary", 9042]))
    assert str(error) == "no node of the cluster could be reached (10.0.0.1:9042: no …)"
    assert error.reasons == {"10.0.0.1:9042": "no …"}


@pytest.mark.parametrize(
    ("error", "request_"),
    [
        (InvalidQueryError("2 values were given"), Request(INSERT, [2])),
        (InvalidRequestError("2 is wrong"), Request(INSERT, ())),
        (InvalidRequestError("2 is wrong"), Request(INSERT, iter([2]))),  # type: ignore[arg-type]
    ],
    ids=["a sentence of ours", "no values", "values that are none"],
)
def test_other_sentences_stay_as_they_are(error: CoodieError, request_: Request) -> None:
    before = str(error)
    forget_bound(error, request_)
    assert str(error) == before


def test_warnings_keep_their_counts() -> None:
    request = BatchRequest([(INSERT, ["canary", 20]), (INSERT, ["x", 630_000_001])])
    warnings = ["Unlogged batch covering 20 partitions of canary", "ttl of 630000001 seconds, or 630000001"]
    assert told_warnings(warnings, request) == (
        "Unlogged batch covering 20 partitions of …",
        "ttl of … seconds, or …",
    )
    assert told_warnings(warnings, Request(INSERT)) == tuple(warnings)


def test_what_a_function_said_of_a_value_is_not_behind_its_error_either() -> None:
    failed = FunctionFailureError("canary.tax")
    failed.__context__ = ValueError("no tax for canary")
    forget_bound(failed, Request(INSERT, ["x", "canary"]))
    assert failed.__context__ is None
    assert str(failed) == "function 'canary.tax' failed on the server"
