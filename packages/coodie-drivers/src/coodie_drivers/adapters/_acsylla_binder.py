"""Binders: for each prepared statement a function, generated once, that takes a call's values to acsylla's statement.

It checks each value in an expression for the one Python type that the column mostly gets, and binds all of them at
once. What it has no expression for it refuses, in no particular words, for the caller to bind the slow way and say what
is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from coodie_drivers.adapters._generated import generated
from coodie_drivers.adapters._value_checks import EPOCH, milliseconds_of

if TYPE_CHECKING:
    from coodie_drivers.adapters._protocol_types import CqlType

Bind = Callable[[Sequence[object]], Any]

_LARGEST_SINGLE: Final = 3.4028234663852886e38
_MILLISECOND: Final = timedelta(milliseconds=1)
_UTC: Final = timezone.utc

_TEXT: Final = "type({0}) is str and {0}.isascii() and '\\0' not in {0}"
_TEXTS: Final = frozenset({"ascii", "text"})
_LISTED_TEXTS: Final = (
    "{2} if type({0}) is {1} and (joined := join({0})).isascii() and '\\0' not in joined else null({0})"
)
"""Each element is a text, or else joining them fails."""

_TIMESTAMP: Final = (  # as `_seconds` does, without a call, for what mostly comes
    "((since + 0.5) / 1_000 if (since := ({0} - epoch) // millisecond) >= 0 else timestamp({0}))"
    " if type({0}) is datetime and {0}.tzinfo is utc"
    " else timestamp({0}) if type({0}) is datetime else null({0})"
)
_TESTS: Final = {
    "ascii": _TEXT,
    "bigint": "type({0}) is int",
    "blob": "type({0}) is bytes",
    "boolean": "type({0}) is bool",
    "counter": "type({0}) is int",
    "double": "type({0}) is float",
    "float": "type({0}) is float and -largest_single <= {0} <= largest_single",
    "int": "type({0}) is int",
    "smallint": "type({0}) is int",
    "text": _TEXT,
    "tinyint": "type({0}) is int",
    "uuid": "type({0}) is UUID",
}
"""For a type what must hold of a value that acsylla binds soundly as it is; a number too large it refuses itself."""


class RefusedError(Exception):
    """The values cannot be bound this way."""


def binder_of(prepared: Any, types: Sequence[CqlType], keys: Collection[int] = ()) -> Bind | None:
    """Return the binder of a prepared statement with markers of these types; None where it would bind nothing.

    The binder raises an exception, of whatever kind, for values that it refuses, as null for the markers `keys`.
    """
    known: dict[str, Any] = {**_KNOWN, "bind_all": prepared.bind}
    expressions: list[str] = []
    for at, cql_type in enumerate(types):
        expression = _expression(cql_type, f"v{at}", known)
        if expression is None:
            return None
        if at in keys:
            expression = f"refuse() if v{at} is None else {expression}"
        expressions.append(expression)
    names = ", ".join(f"v{at}" for at in range(len(types)))
    lines = [f" {names}, = values", f" return bind_all([{', '.join(expressions)}])"]
    bind: Bind = generated("bind(values)", lines, known)
    return bind


def _expression(cql_type: CqlType, value: str, known: dict[str, Any]) -> str | None:
    """Return the expression for what acsylla is given for a value; None where it cannot bind such a type."""
    if cql_type.name == "timestamp":
        return _TIMESTAMP.format(value)
    if cql_type.name in {"list", "set"}:
        if cql_type.subtypes[0].name in _TEXTS:
            return _LISTED_TEXTS.format(value, cql_type.name, value if cql_type.name == "list" else f"[*{value}]")
        test = _TESTS.get(cql_type.subtypes[0].name)
        if test is None:
            return None
        known[f"elements_{value}"] = _elements_check(test)
        return f"elements_{value}({value}) if type({value}) is {cql_type.name} else null({value})"
    test = _TESTS.get(cql_type.name)
    return None if test is None else f"{value} if {test.format(value)} else null({value})"


def _elements_check(test: str) -> Callable[[Any], list[Any]]:
    """Return a function that gives the elements of a collection if each of them passes the test."""
    lines = [" for each in values:", f"  if not ({test.format('each')}): refuse()", " return [*values]"]
    check: Callable[[Any], list[Any]] = generated("check(values)", lines, _KNOWN)
    return check


def _null(value: object) -> None:
    if value is not None:
        raise RefusedError


def _refuse() -> None:
    raise RefusedError


def _seconds(value: datetime) -> float:
    """Return the seconds of which acsylla, which cuts off after multiplying by 1,000, makes the right milliseconds."""
    milliseconds = milliseconds_of(value)
    return (milliseconds + (0.5 if milliseconds >= 0 else -0.5)) / 1_000


_KNOWN: Final[dict[str, Any]] = {
    "UUID": UUID,
    "datetime": datetime,
    "epoch": EPOCH,
    "join": "".join,
    "largest_single": _LARGEST_SINGLE,
    "millisecond": _MILLISECOND,
    "null": _null,
    "refuse": _refuse,
    "timestamp": _seconds,
    "utc": _UTC,
}
"""What the generated functions know."""
