"""The server's own sentences, and what they may repeat of bound values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from coodie_drivers.errors import ReadFailureError, TooManyTombstonesError

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from coodie_drivers.errors import DriverErrorFacts, ReplicaAnswers

_ECHOES: Final = re.compile(
    r"""(?<!\w)'.*?'(?!\w) | '[^']*' | 0[xX][0-9a-fA-F]+
    | (?:(?<=\bwas\ ) | (?<=\bindex\ ) | (?<=\brequested\ \() | (?<=\bttl\ of\ )) [-+]?\d[\w.+-]*""",
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)

_FUNCTION: Final = re.compile(r"(\bexecution of '.*?' failed|\bFUNCTION_FAILURE):.*", re.DOTALL)
"""What the function of a user raised, which protocol 3 tells as a query that is refused (Cassandra 4.0 to 6.0)."""

_CONDITIONS: Final = re.compile(r"\bWHERE\b(?:.*(?=\(see [a-z_]+\)\W*\Z)|.*)|; token -?\d+", re.DOTALL)
"""The conditions of a query that a warning repeats with literals, and the place of a partition, which tells its key."""

_REASON: Final = re.compile(r"\b([A-Z]+(?:_[A-Z]+)*) from \S")


def without_values(sentence: str) -> str:
    """Return the server's sentence without what it may repeat of bound values.

    Cassandra repeats values when it reads JSON ("Error decoding JSON value for age: … got a String: …"), in functions
    over blobs ("value 0x0102 is not a valid …"), where it parses texts ("unable to coerce '…' to a date"), and numbers
    that are out of bounds ("A TTL must be greater or equal to 0, but was …", "requested (…) maximum (630720000)", "List
    index … out of bound"); and whatever the function of a user says of its arguments.
    """
    if "JSON" in sentence:
        sentence = re.split(r":| \(", sentence, maxsplit=1)[0]
    return _ECHOES.sub("…", without_words_of_function(sentence))


def without_words_of_function(sentence: str) -> str:
    """Return the server's sentence without what the function of a user raised, which may be of values that rows have.

    >>> without_words_of_function("ERROR FUNCTION_FAILURE: java.lang.RuntimeException: bad card 4111")
    'ERROR FUNCTION_FAILURE'
    """
    return _FUNCTION.sub(r"\1", sentence)


def without_conditions(warning: str) -> str:
    """Return the server's warning without the conditions of the query that it repeats, with all values as literals.

    >>> without_conditions("9 tombstone cells for query SELECT v FROM t WHERE k = 'x' (see tombstone_warn_threshold)")
    '9 tombstone cells for query SELECT v FROM t WHERE … (see tombstone_warn_threshold)'
    """
    return _CONDITIONS.sub(lambda found: "WHERE … " if found[0].startswith("WHERE") else "", warning)


def reasons_in(sentence: str) -> tuple[str, ...]:
    """Return the server's own words for why replicas failed, each once, as Cassandra has them since 4.0.

    >>> reasons_in("Operation failed - received 0 responses and 1 failures: READ_SIZE from /10.0.0.1:7000")
    ('READ_SIZE',)
    """
    found: list[str] = _REASON.findall(sentence)
    return tuple(dict.fromkeys(found))


def read_failure(
    answers: ReplicaAnswers, write_type: str | None = None, **facts: Unpack[DriverErrorFacts]
) -> ReadFailureError:
    """Return the error for a read that replicas failed in, by why they did."""
    kind = TooManyTombstonesError if "READ_TOO_MANY_TOMBSTONES" in answers.reasons else ReadFailureError
    return kind(answers, write_type, **facts)
