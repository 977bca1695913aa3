"""Batches with a timestamp of their own, of which some parts have another one: the package `scylla` has neither.

As text the server refuses such a batch. Other client libraries send the batch's timestamp beside the text, and it holds
for the parts that have none; so here these parts are given it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from coodie_drivers.messages import BatchRequest, Statement, statement_of
from cql_builder import compile_statement, parse_cql
from cql_builder.ast import Delete, Insert, InsertJson, IntegerLiteral, Update, UsingTimestamp
from cql_builder.errors import CqlError

if TYPE_CHECKING:
    from collections.abc import Sequence

_TIMESTAMP: Final = re.compile(r"\bTIMESTAMP\b", re.IGNORECASE)
_PLACE: Final = "8070605040302010"
"""A number in the place of the marker, until it is known how many markers stand before it."""

_TOKENS: Final = re.compile(
    rf"""'(?:[^']|'')*' | "(?:[^"]|"")*" | \$\$.*?\$\$ | (?P<marker>\?) | (?P<place>\b{_PLACE}\b)""",
    re.DOTALL | re.VERBOSE,
)


class _Part(NamedTuple):
    """A part of a batch with the batch's timestamp.

    Attributes:
        statement: what it is.
        marker: which of the markers is the timestamp's; None where the part has one of its own.
    """

    statement: Statement
    marker: int | None


def with_timestamps(batch: BatchRequest) -> BatchRequest | None:
    """Return the batch with its timestamp in each part that has none; None if no part has another one."""
    if not any(_TIMESTAMP.search(statement.cql) for statement, _ in batch.parts):
        return None
    found = [_with_timestamp(statement.cql) for statement, _ in batch.parts]
    parts = [part for part in found if part is not None]
    if len(parts) < len(found) or all(part.marker is not None for part in parts):
        return None
    changed: list[tuple[Statement, Sequence[object]]] = []
    for part, (_, params) in zip(parts, batch.parts, strict=True):
        values = list(params)
        if part.marker is not None:
            values.insert(part.marker, batch.timestamp)
        changed.append((part.statement, values))
    return BatchRequest(changed, batch.kind, batch.consistency, batch.timeout)


@lru_cache(maxsize=100)  # texts may be long
def _with_timestamp(cql: str) -> _Part | None:
    """Return a write with a marker for its timestamp, or as it is if it has one; None where it cannot be read."""
    try:
        tree = parse_cql(cql)
        if not isinstance(tree, (Insert, InsertJson, Update, Delete)):
            return None
        if any(isinstance(option, UsingTimestamp) for option in tree.using):
            return _Part(statement_of(cql), None)
        fields: dict[str, Any] = {field: getattr(tree, field) for field in type(tree).field_names}
        fields["using"] = (*tree.using, UsingTimestamp(IntegerLiteral(_PLACE)))
        text = compile_statement(type(tree)(**fields)).cql
    except CqlError:
        return None
    tokens = list(_TOKENS.finditer(text))
    places = [token for token in tokens if token["place"]]
    if len(places) != 1:
        return None
    (place,) = places
    marker = sum(1 for token in tokens if token["marker"] and token.start() < place.start())
    return _Part(statement_of(f"{text[: place.start()]}?{text[place.end() :]}"), marker)
