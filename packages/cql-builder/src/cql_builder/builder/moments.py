"""Moments and lengths of time in Python, as the whole numbers that USING takes."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING

from cql_builder.errors import StatementError

if TYPE_CHECKING:
    from typing import TypeGuard

    from cql_builder.ast.terms import DurationLiteral
    from cql_builder.builder.parts import Part

_NANOSECONDS = {"us": 1000, "µs": 1000, "ns": 1}
_FINE_UNITS = re.compile(r"(\d+)(us|µs|ns)")
_LONG_UNITS = re.compile(r"\d(?:y|mo|w|d)")
_DAYS_IN_ISO = re.compile(r"p[^t]*[1-9]")

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
"""What the server counts microseconds from."""


def is_of_time(value: object) -> TypeGuard[date | time | timedelta]:
    """Return whether an object of an unknown type is one of Python's dates, times and lengths of time."""
    return isinstance(value, date | time | timedelta)


def whole_seconds(given: object, statement: str) -> object:
    """Return a `timedelta` as seconds, and any other object as it is.

    Raises:
        StatementError: if it is no whole number of seconds.
    """
    if not isinstance(given, timedelta):
        return given
    if given.microseconds:
        raise StatementError(statement, "TTL has whole seconds; give a timedelta without a fraction of one")
    return given // timedelta(seconds=1)


def milliseconds(given: timedelta, statement: str) -> str:
    """Return a `timedelta` as a duration: ScyllaDB takes none finer than a millisecond as a timeout.

    Raises:
        StatementError: if it is negative or no whole number of milliseconds.
    """
    if given < timedelta(0) or given.microseconds % 1000:
        raise StatementError(statement, "TIMEOUT has whole milliseconds from 0; give such a timedelta")
    return f"{given // timedelta(milliseconds=1)}ms"


def checked_timeout(given: Part[DurationLiteral], statement: str) -> Part[DurationLiteral]:
    """Return a duration that ScyllaDB takes as a timeout: no days or months, whole milliseconds (`attributes.cc`).

    Raises:
        StatementError: if it takes it not.
    """
    text = given.node.text.lower()
    finest = sum(int(number) * _NANOSECONDS[unit] for number, unit in _FINE_UNITS.findall(text))
    has_days = _DAYS_IN_ISO.match(text) if text[0] == "p" else _LONG_UNITS.search(text)
    if text[0] == "-" or finest % 1_000_000 or has_days:
        raise StatementError(
            statement, "TIMEOUT has whole milliseconds from 0, in units from ms to h; give such a text"
        )
    return given


def microseconds(given: object, statement: str) -> object:
    """Return a `datetime` as microseconds since 1970, and any other object as it is.

    Raises:
        StatementError: if it has no time zone.
    """
    if not isinstance(given, datetime):
        return given
    if given.utcoffset() is None:
        raise StatementError(
            statement,
            "TIMESTAMP: a datetime without a time zone is no moment; give it one, as datetime.now(timezone.utc)",
        )
    return (given - EPOCH) // timedelta(microseconds=1)
