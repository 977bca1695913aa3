"""What a call of a driver may hold, checked before anything is sent.

The client libraries look at these arguments only when they write the request, on a connection that then breaks for all
who use it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from coodie_drivers.arguments import seconds_fault
from coodie_drivers.consistency import checked_consistency
from coodie_drivers.errors import InvalidQueryError
from coodie_drivers.messages import BatchRequest, Request, Statement
from coodie_drivers.values import INT32, is_within
from cql_builder.analysis import StatementKind

__all__ = [
    "check_call",
    "check_timeout",
]

_MOST_PARTS: Final = 2**16 - 1
"""How many statements the native protocol has room for in a batch: libraries write a larger number cut to 16 bits."""

_TIMESTAMPS: Final = range(-(2**63) + 1, 2**63)
"""Microseconds that a timestamp may have: with the least number of 64 bits the server refuses the whole connection."""

_PAIRS: Final = "pairs of what statement_of(...) returns and its values"

LISTED: Final[frozenset[type]] = frozenset({list, tuple})
"""What nearly all values come as."""

_USE: Final = re.compile(
    r"(?: \s | --[^\n]*(?:\n|$) | //[^\n]*(?:\n|$) | /\*(?:[^*]|\*(?!/))*\*/ )* use \b", re.IGNORECASE | re.VERBOSE
)


def check_call(request: Request | BatchRequest) -> bool:
    """Refuse a request that holds what cannot be sent: a wrong type, a page of no rows, an empty batch, a `USE`.

    Returns:
        Whether it is as nearly all are: a `Request` that says nothing but its statement and its values.

    Raises:
        ConfigurationError: if there is no such consistency level.
        InvalidQueryError: names the argument and what it takes, never a value.
    """
    if (  # so nearly all are, and the closer look takes as long as all else that a driver does for one
        type(request) is Request
        and request.consistency is None
        and request.timeout is None
        and request.fetch_size is None
        and request.paging_state is None
        and type(request.params) in LISTED
        and type(statement := request.statement) is Statement
        and statement.kind is not StatementKind.OTHER
        and type(statement.cql) is str
        and statement.cql.isascii()
    ):
        return True
    if not _is(request, Request, BatchRequest):
        raise InvalidQueryError(f"a driver sends a Request or a BatchRequest, not {_named(request)}: see execute(...)")
    if request.consistency is not None:
        checked_consistency(request.consistency)
    check_timeout(request.timeout)
    if isinstance(request, BatchRequest):
        _check_parts(request.parts)
        if request.timestamp is not None:
            _check_timestamp(request)
        return False
    _check_statement(request.statement, request.params)
    if request.fetch_size is not None and not _is_int(request.fetch_size, range(1, INT32.stop)):
        raise InvalidQueryError(
            f"fetch_size takes rows of a page, an int from 1 to {INT32.stop - 1}, not {_kind_of(request.fetch_size)}"
        )
    if request.paging_state is not None and not _is(request.paging_state, bytes):
        raise InvalidQueryError(
            f"paging_state takes the bytes that the page before gave, not {_kind_of(request.paging_state)}"
        )
    if request.paging_state == b"":  # some libraries would begin anew, and a loop over pages would never end
        raise InvalidQueryError("paging_state takes the bytes that the page before gave, not none: None begins anew")
    return False


def check_timeout(timeout: float | None) -> None:
    """Refuse a time that a request cannot have; None is none of its own.

    Raises:
        InvalidQueryError: says what it takes.
    """
    fault = None if timeout is None else seconds_fault(timeout)
    if fault is not None:
        raise InvalidQueryError(f"timeout takes seconds, a number {fault}")


def _check_timestamp(batch: BatchRequest) -> None:
    if not _is_int(batch.timestamp, _TIMESTAMPS):
        raise InvalidQueryError(
            f"timestamp takes microseconds, an int above -2**63 and below 2**63, not {_kind_of(batch.timestamp)}"
        )
    # Some libraries would send it and the servers drop it, one is refused by the server.
    if batch.kind == "counter":
        raise InvalidQueryError("a counter batch takes no timestamp: leave timestamp out")
    if any(statement.conditional for statement, _ in batch.parts):
        raise InvalidQueryError("a batch with a condition takes no timestamp: leave timestamp out")


def _check_parts(parts: Sequence[tuple[Statement, Sequence[object]]]) -> None:
    if not _is(parts, list, tuple):
        raise InvalidQueryError(f"a batch takes a list of {_PAIRS}, not {type(parts).__name__}")
    if not parts:
        raise InvalidQueryError("a batch needs at least one statement")
    if len(parts) > _MOST_PARTS:
        raise InvalidQueryError(
            f"a batch holds {_MOST_PARTS:,} statements at most, and this one has {len(parts):,}: send several"
        )
    checked: Statement | None = None
    for part in parts:
        try:
            statement, values = part
        except (TypeError, ValueError):
            raise InvalidQueryError(f"a batch takes {_PAIRS}; one of its parts is none") from None
        # Of writes that are alike, and mostly follow each other, only the values differ.
        if statement is not checked or type(values) is not tuple:
            _check_statement(statement, values)
            checked = statement


def _check_statement(statement: Statement, values: object) -> None:
    if not _is(statement, Statement):
        raise InvalidQueryError(f"a request takes what statement_of(...) returns, not {type(statement).__name__}")
    if not _is(statement.cql, str):
        raise InvalidQueryError(f"a statement is a str of CQL, not {type(statement.cql).__name__}")
    if not statement.cql.isascii() and not _has_utf8(statement.cql):
        raise InvalidQueryError(
            "the statement's text holds half of a surrogate pair (U+D800 to U+DFFF), which UTF-8 cannot carry: it may "
            "have been cut in the middle of a character, or decoded with errors='surrogateescape'"
        )
    if not _is(values, list, tuple) and (not _is(values, Sequence) or _is(values, str, bytes, bytearray, memoryview)):
        raise InvalidQueryError(f"params takes a list with a value for each marker, not {type(values).__name__}")
    if statement.kind is StatementKind.OTHER and _USE.match(statement.cql):
        raise InvalidQueryError(
            "a connection's keyspace is never switched, for others use it too: name the keyspace in the statement "
            "(SELECT … FROM shop.products)"
        )


def _is(value: object, *kinds: type) -> bool:
    """Return whether `value` is of one of these kinds, whatever its annotation promises."""
    return isinstance(value, kinds)


def _named(value: object) -> str:
    return "None" if value is None else type(value).__name__


def _has_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_int(value: object, allowed: range) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and is_within(value, allowed)


def _kind_of(value: object) -> str:
    """Return what was given instead, for an error: numbers as they are, of all else the type alone."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return repr(value) if is_number else type(value).__name__
