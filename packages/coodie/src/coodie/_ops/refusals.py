"""What a server refuses, with the way out in the model's words: a table, a column or a keyspace that is not there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from coodie._query.target import missing_keyspace
from coodie_drivers.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie._query.target import Target
    from coodie_drivers.errors import CoodieError

# Cassandra 4.0 and later, and what Cassandra 3 and ScyllaDB say instead.
_NO_TABLE = re.compile(r"table \S+ does not exist|unconfigured table")
_NO_COLUMN = re.compile(r"Undefined column name|Unknown identifier|Unrecognized name|Undefined name")
_NO_KEYSPACE = re.compile(r"No keyspace has been specified")
_NAMED_TABLE = re.compile(r"table (?:\"?\w+\"?\.)?\"?(\w+)")


def with_way_out(error: InvalidRequestError, targets: Sequence[Target[Any]]) -> CoodieError | None:
    """The error again with what to do about it, or None where there is nothing to add.

    Args:
        error: the server's refusal.
        targets: the models that the refused request was about.
    """
    sentence = str(error)
    if _NO_KEYSPACE.search(sentence):
        target = next((each for each in targets if each.keyspace is None), None)
        return None if target is None else missing_keyspace(target.schema.model)
    if _NO_TABLE.search(sentence):
        purpose = "creates the table"
    elif _NO_COLUMN.search(sentence):
        purpose = "adds the columns that the table lacks"
    else:
        return None
    target = _meant(sentence, targets)
    if target is None:
        return None
    return InvalidRequestError(
        f"{sentence}; {target.schema.model}.sync_table() {purpose}",
        statement_kind=error.statement_kind,
        coordinator=error.coordinator,
        cql=error.cql,
    )


def _meant(sentence: str, targets: Sequence[Target[Any]]) -> Target[Any] | None:
    """The model whose table the sentence names; the only one, where it names none."""
    named: list[str] = _NAMED_TABLE.findall(sentence)
    if not named:
        return targets[0] if len(targets) == 1 else None
    return next((each for each in targets if each.schema.table in named), None)
