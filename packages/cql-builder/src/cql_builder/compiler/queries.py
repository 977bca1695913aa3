"""Renderers of the statements that read and write rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast import statements
from cql_builder.compiler.assignments import ASSIGNMENT, DELETED, WRITTEN
from cql_builder.compiler.clauses import (
    ORDERING,
    USING_OF_PRUNE,
    USING_OF_SELECT,
    USING_OF_TRUNCATE,
    USING_OF_WRITE,
    condition,
    group_by,
    index_hints,
    required_where,
    using,
    using_of_delete,
    where,
)
from cql_builder.compiler.exclusions import first_exclusion
from cql_builder.compiler.literals import JSON_TEXT, WHOLE_NUMBER
from cql_builder.compiler.names import joined_columns, qualified_name
from cql_builder.compiler.rendering import Rule
from cql_builder.compiler.selectors import selected_first
from cql_builder.dialects.features import (
    BYPASS_CACHE,
    BYPASS_GUARDRAILS,
    MUTATION_FRAGMENTS,
    PRUNE_VIEW,
    SELECT_WITHOUT_TABLE,
    SHORTHAND_ASSIGNMENT,
)

if TYPE_CHECKING:
    from cql_builder.compiler.rendering import Rendering

_BATCH_KINDS = {"logged": "", "unlogged": "UNLOGGED ", "counter": "COUNTER "}
_JSON_DEFAULTS = {None: "", "null": " DEFAULT NULL", "unset": " DEFAULT UNSET"}


def select(node: statements.Select, rendering: Rendering) -> str:
    """Return a SELECT."""
    json = "JSON " if node.json else ""
    distinct = "DISTINCT " if node.distinct else ""
    text = f"SELECT {json}{distinct}{selected_first(node.selection, rendering)}{_from(node, rendering)}"
    if node.where:
        text += where(node.where, rendering)
    if node.group_by:
        text += group_by(node.group_by, rendering)
    if node.order_by:
        text += f" ORDER BY {ORDERING.join(node.order_by, rendering)}"
    if node.per_partition_limit is not None:
        text += f" PER PARTITION LIMIT {WHOLE_NUMBER.text(node.per_partition_limit, rendering)}"
    if node.limit is not None:
        text += f" LIMIT {WHOLE_NUMBER.text(node.limit, rendering)}"
    if node.allow_filtering:
        text += " ALLOW FILTERING"
    if node.bypass_cache:
        rendering.require(BYPASS_CACHE)
        text += " BYPASS CACHE"
    if node.using:
        text += using(node.using, rendering, USING_OF_SELECT)
    return text + index_hints(node.index_hints, rendering) if node.index_hints else text


def _from(node: statements.Select, rendering: Rendering) -> str:
    if node.table is None:
        rendering.require(SELECT_WITHOUT_TABLE)
        if node.mutation_fragments:
            rendering.refuse("without FROM there are no MUTATION_FRAGMENTS; name a table")
        return ""
    table = qualified_name(node.table, rendering)
    if not node.mutation_fragments:
        return f" FROM {table}"
    rendering.require(MUTATION_FRAGMENTS)
    return f" FROM MUTATION_FRAGMENTS({table})"


def _insert(node: statements.Insert, rendering: Rendering) -> str:
    rendering.require_some(node.columns, "the column of INSERT", "name at least one")
    rendering.require_some(node.values, "VALUES", "give a value for each column")
    table, columns = qualified_name(node.table, rendering), joined_columns(node.columns, rendering)
    text = f"INSERT INTO {table} ({columns}) VALUES ({WRITTEN.join(node.values, rendering)})"
    return text + _if_not_exists(node) + using(node.using, rendering, USING_OF_WRITE)


def _insert_json(node: statements.InsertJson, rendering: Rendering) -> str:
    if node.default not in _JSON_DEFAULTS:
        rendering.refuse(f"there is no DEFAULT {node.default!r}; there is null and unset")
    default = _JSON_DEFAULTS[node.default]
    text = f"INSERT INTO {qualified_name(node.table, rendering)} JSON {JSON_TEXT.text(node.json, rendering)}{default}"
    return text + _if_not_exists(node) + using(node.using, rendering, USING_OF_WRITE)


def _update(node: statements.Update, rendering: Rendering) -> str:
    rendering.require_some(node.assignments, "SET", "assign at least one column")
    # ScyllaDB, which has no shorthand, refuses these after it has parsed them.
    excluded = first_exclusion(node.assignments) if rendering.has(SHORTHAND_ASSIGNMENT) else None
    if excluded is not None:
        rendering.refuse(excluded.reason)
    text = f"UPDATE {qualified_name(node.table, rendering)}{using(node.using, rendering, USING_OF_WRITE)}"
    text += f" SET {ASSIGNMENT.join(node.assignments, rendering)}{required_where(node.where, rendering)}"
    return text + condition(node.if_exists, node.conditions, rendering)


def _delete(node: statements.Delete, rendering: Rendering) -> str:
    targets = f"{DELETED.join(node.targets, rendering)} " if node.targets else ""
    text = f"DELETE {targets}FROM {qualified_name(node.table, rendering)}{using_of_delete(node.using, rendering)}"
    text += required_where(node.where, rendering) + condition(node.if_exists, node.conditions, rendering)
    if not node.bypass_guardrails:
        return text
    rendering.require(BYPASS_GUARDRAILS)
    return f"{text} BYPASS LARGE_DATA_GUARDRAILS"


def _batch(node: statements.Batch, rendering: Rendering) -> str:
    if node.kind not in _BATCH_KINDS:
        rendering.refuse(f"there is no batch of the kind {node.kind!r}; there is {', '.join(_BATCH_KINDS)}")
    text = f"BEGIN {_BATCH_KINDS[node.kind]}BATCH{using(node.using, rendering, USING_OF_WRITE)} "
    return f"{text}{''.join([f'{MODIFICATION.text(part, rendering)}; ' for part in node.statements])}APPLY BATCH"


def _truncate(node: statements.Truncate, rendering: Rendering) -> str:
    if len(node.using) > 1:
        rendering.require_once(map(type, node.using), lambda _: "TIMEOUT")
    return f"TRUNCATE {qualified_name(node.table, rendering)}{using(node.using, rendering, USING_OF_TRUNCATE)}"


def _use(node: statements.Use, rendering: Rendering) -> str:
    return f"USE {rendering.identifier(node.keyspace)}"


def _prune(node: statements.PruneMaterializedView, rendering: Rendering) -> str:
    rendering.require(PRUNE_VIEW)
    text = f"PRUNE MATERIALIZED VIEW {qualified_name(node.view, rendering)}{where(node.where, rendering)}"
    return text + using(node.using, rendering, USING_OF_PRUNE)


def _if_not_exists(node: statements.Insert | statements.InsertJson) -> str:
    return " IF NOT EXISTS" if node.if_not_exists else ""


MODIFICATION = Rule(
    "a statement of a batch",
    {
        statements.Insert: _insert,
        statements.InsertJson: _insert_json,
        statements.Update: _update,
        statements.Delete: _delete,
    },
)
QUERY = Rule(
    "a statement",
    {
        statements.Select: select,
        **MODIFICATION,
        statements.Batch: _batch,
        statements.Truncate: _truncate,
        statements.Use: _use,
        statements.PruneMaterializedView: _prune,
    },
)
