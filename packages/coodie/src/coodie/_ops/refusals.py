"""What a server refuses, or nobody can read, with the way out in the model's words.

A table, column, keyspace or index that is not there; a value that has no Python form.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from coodie._query.target import creating_keyspace, missing_keyspace
from coodie.errors import BatchTooLargeError
from coodie_drivers.errors import InvalidRequestError, UnreadableValueError
from coodie_drivers.server import NO_COLUMN, retold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie._query.target import Target
    from coodie._schema.columns import ModelSchema
    from coodie_drivers.errors import CoodieError

EXPLAINED = (InvalidRequestError, UnreadableValueError)
"""The errors that something is said about."""

# Cassandra 4.0 and later, and what Cassandra 3 and ScyllaDB say instead.
_NO_TABLE = re.compile(r"table \S+ does not exist|unconfigured table")
_NO_KEYSPACE = re.compile(r"No keyspace has been specified")
_NAMING = (
    "No keyspace has been specified: name it in the statement (SELECT … FROM shop.products), for a connection's own is "
    "that of models alone"
)
"""What is said of a statement of somebody's own; a server says to switch the keyspace, which is refused."""

_OTHER_KEYSPACE = re.compile(r"[Kk]eyspace '?\"?(\w+)\"?'? (?:does not|doesn't) exist|Can't find a keyspace (\w+)")
_NO_LIKE = re.compile(r"LIKE restriction is only supported on properly indexed columns\. \"?(\w+)")
_TOO_LARGE = re.compile(r"Batch too large")
_HAS_VIEWS = re.compile(r"Cannot drop .*table when materialized views still depend on it")
_BY_SYNCING = (
    (_NO_TABLE, "{sync} creates the table"),
    (NO_COLUMN, "{sync} adds the columns that the table lacks"),
    (
        re.compile(r"ANN ordering by vector requires all restricted column"),
        "order_by_ann() needs an index for whatever is compared: mark it Indexed(using='sai'), and call {sync}",
    ),
)
_OF_VIEWS = "{model}.sync_view() creates the view, and drop_view() before it makes one anew that lacks columns"
_SASI = "such an index is made where the server's sasi_indexes_enabled is true"
_NAMED_TABLE = re.compile(r"table (?:\"?\w+\"?\.)?\"?(\w+)")


def with_way_out(
    error: InvalidRequestError | UnreadableValueError, targets: Sequence[Target[Any]]
) -> CoodieError | None:
    """The error again with what to do about it, or None where there is nothing to add.

    Args:
        error: the server's refusal, or the driver's about the answer.
        targets: the models that the refused request was about.
    """
    if isinstance(error, UnreadableValueError):
        return _unreadable(error, targets)
    sentence = str(error)
    if _NO_KEYSPACE.search(sentence):
        target = next((each for each in targets if each.keyspace is None), None)
        return retold(error, _NAMING, InvalidRequestError) if target is None else missing_keyspace(target.schema.model)
    way_out = _way_out(sentence, targets)
    if way_out is None or way_out in sentence:  # of a row of many it is said already
        return None
    kind = BatchTooLargeError if _TOO_LARGE.search(sentence) else InvalidRequestError
    return retold(error, f"{sentence}; {way_out}", kind)


def _unreadable(error: UnreadableValueError, targets: Sequence[Target[Any]]) -> UnreadableValueError | None:
    """The error with the field, which the whole answer is lost for: no driver gives out the other rows."""
    name = error.column or ""
    found = [(each.schema.model, each.schema.by_name[name]) for each in targets if name in each.schema.by_name]
    if not found:
        return None
    model, column = found[0]
    others = "values_list() of other fields reads" if column.in_key else f"defer({column.field!r}) reads"
    shown = "json() shows it" if column.in_key else f"only({column.field!r}).json() shows it beside the key of its row"
    way_out = f"it is {model}.{column.field}: {others} the rows without it, {shown} as a text; write it anew"
    return UnreadableValueError(
        error.column,
        error.cql_type,
        way_out,
        outcome=error.outcome,
        retryable=error.retryable,
        statement_kind=error.statement_kind,
        coordinator=error.coordinator,
        attempts=error.attempts,
    )


def missing_keyspace_in(sentence: str) -> str | None:
    """The keyspace of which a server says that it does not exist; None where it says something else."""
    found = _OTHER_KEYSPACE.search(sentence)
    return None if found is None else found[1] or found[2]


def _way_out(sentence: str, targets: Sequence[Target[Any]]) -> str | None:
    if _TOO_LARGE.search(sentence):
        limit = "the server's batch_size_fail_threshold (50 KiB unless it is set) is the limit of their bytes"
        return f"write many rows by save_many(), or split it into batches of one partition each; {limit}"
    if _HAS_VIEWS.search(sentence):
        return "drop its views first, each by drop_view() of its model"
    name = missing_keyspace_in(sentence)
    if name is not None:
        # A model of which no keyspace is known is in that of somebody's session.
        target = next((each for known in (name, None) for each in targets if each.keyspace == known), None)
        if target is None:
            return None
        return f"{creating_keyspace(target.schema, name)} creates it, then {target.schema.model}.sync_table() the table"
    target = _meant(sentence, targets)
    if target is None:
        return None
    for refused, way_out in _BY_SYNCING:
        if refused.search(sentence):
            if target.schema.view is not None:
                return _OF_VIEWS.format(model=target.schema.model)
            return way_out.format(sync=f"{target.schema.model}.sync_table()")
    like = _NO_LIKE.search(sentence)
    return None if like is None else _way_out_of_like(target.schema, like[1])


def _way_out_of_like(schema: ModelSchema, column: str) -> str:
    marked = f"mark the field of {column!r} Indexed(using='sasi', mode='CONTAINS')"
    if schema.view is not None:
        return f"no view has an index; {marked} in the model of its table {schema.view.base_table!r}, and query that"
    return f"{marked} and call {schema.model}.sync_table(); {_SASI}"


def _meant(sentence: str, targets: Sequence[Target[Any]]) -> Target[Any] | None:
    """The model whose table the sentence names; the only one, where it names none."""
    named: list[str] = _NAMED_TABLE.findall(sentence)
    if not named:
        return targets[0] if len(targets) == 1 else None
    return next((each for each in targets if each.schema.table in named), None)
