"""Renderers of clauses: ORDER BY, GROUP BY, USING, SET, IF and the options after WITH."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast import clauses, definitions, names, relations, terms
from cql_builder.compiler.literals import CONSTANT, CONSTANT_OR_NULL, WHOLE_NUMBER
from cql_builder.compiler.names import called_function, column_name, qualified_name
from cql_builder.compiler.relations import CONDITION, RELATION
from cql_builder.compiler.rendering import Rule
from cql_builder.compiler.selectors import SELECTOR
from cql_builder.compiler.terms import TERM
from cql_builder.dialects.features import (
    COLLECTION_OPTION,
    GROUP_BY_EXPRESSION,
    INDEX_HINTS,
    NEAREST,
    NULL_OPTION,
    ORDER_BY_FUNCTION,
    USING_SERVICE_LEVEL,
    USING_TIMEOUT,
)
from cql_builder.errors import ClauseConflictError

if TYPE_CHECKING:
    from cql_builder.ast.node import Node
    from cql_builder.compiler.rendering import Renderer, Rendering


def where(wanted: tuple[relations.Relation, ...], rendering: Rendering) -> str:
    """Return WHERE for a statement that may have one."""
    return f" WHERE {RELATION.join(wanted, rendering, ' AND ')}" if wanted else ""


def required_where(wanted: tuple[relations.Relation, ...], rendering: Rendering) -> str:
    """Return WHERE for a statement that has one."""
    rendering.require_some(wanted, "WHERE", "say which rows")
    return where(wanted, rendering)


def group_by(groups: tuple[terms.Selectable, ...], rendering: Rendering) -> str:
    """Return GROUP BY."""
    if not groups:
        return ""
    if rendering.has(GROUP_BY_EXPRESSION):
        return f" GROUP BY {SELECTOR.join(groups, rendering)}"
    for group in groups:
        if not isinstance(group, names.ColumnName):
            rendering.require(GROUP_BY_EXPRESSION)
    return f" GROUP BY {_GROUP_COLUMN.join(groups, rendering)}"


def index_hints(hints: tuple[clauses.IndexHints, ...], rendering: Rendering) -> str:
    """Return WITH for the indexes of SELECT."""
    if not hints:
        return ""
    rendering.require(INDEX_HINTS)
    rendering.require_once(
        (hint.included for hint in hints), lambda included: f"{'in' if included else 'ex'}cluded_indexes"
    )
    return f" WITH {_INDEX_HINTS.join(hints, rendering, ' AND ')}"


def condition(if_exists: bool, conditions: tuple[relations.Relation, ...], rendering: Rendering) -> str:  # noqa: FBT001 - a field of the node
    """Return IF."""
    if if_exists and conditions:
        raise ClauseConflictError(rendering.statement, "IF EXISTS", "IF with conditions")
    if if_exists:
        return " IF EXISTS"
    return f" IF {CONDITION.join(conditions, rendering, ' AND ')}" if conditions else ""


def with_options(options: tuple[definitions.Option, ...], rendering: Rendering, *before: str) -> str:
    """Return WITH for options, and for what else the statement has there before them."""
    parts = [*before, *option_texts(options, rendering)]
    return f" WITH {' AND '.join(parts)}" if parts else ""


def option_texts(options: tuple[definitions.Option, ...], rendering: Rendering) -> list[str]:
    """Return the text of each option."""
    rendering.require_once((option.name for option in options), lambda name: f"the option {name!r}")
    return [
        f"{rendering.identifier(option.name)} = {_OPTION_VALUE.text(option.value, rendering)}" for option in options
    ]


def required_options(options: tuple[definitions.Option, ...], rendering: Rendering) -> str:
    """Return WITH for a statement that has at least one option."""
    rendering.require_some(options, "WITH", "give at least one option")
    return with_options(options, rendering)


def option_map(node: terms.MapLiteral, rendering: Rendering, values: Rule = CONSTANT) -> str:
    """Return the map of an option, whose keys are constants, and its values too where nothing else is said."""
    keys = [CONSTANT.text(key, rendering) for key, _ in node.entries]
    rendering.require_once(keys, lambda _: "a key in the map of an option")
    entries = [f"{key}: {values.text(value, rendering)}" for key, (_, value) in zip(keys, node.entries, strict=True)]
    return f"{{{', '.join(entries)}}}"


def _word(node: definitions.Word, rendering: Rendering) -> str:
    if node.word not in rendering.dialect.unreserved:
        rendering.refuse(f"the bare word {node.word!r} is no keyword that an option takes; give it as a string")
    return node.word


def _null_option(_: terms.NullLiteral, rendering: Rendering) -> str:
    rendering.require(NULL_OPTION)
    return "null"


def _list_in_option(node: terms.ListLiteral, rendering: Rendering) -> str:
    rendering.require(COLLECTION_OPTION)
    return f"[{CONSTANT.join(node.elements, rendering)}]"


def _map(node: terms.MapLiteral, rendering: Rendering) -> str:
    return option_map(node, rendering, _MAP_VALUE)


def _ordering(node: clauses.Ordering, rendering: Rendering) -> str:
    if isinstance(node.column, names.ColumnName):
        return f"{column_name(node.column, rendering)} {'DESC' if node.descending else 'ASC'}"
    rendering.require(ORDER_BY_FUNCTION)
    if node.descending:
        rendering.refuse("ORDER BY a function has no direction: the best rows come first; leave DESC out")
    function, arguments = node.column.function, node.column.arguments
    return f"{called_function(function, rendering)}({SELECTOR.join(arguments, rendering)})"


def _nearest_ordering(node: clauses.NearestOrdering, rendering: Rendering) -> str:
    rendering.require(NEAREST)
    text = f"{column_name(node.column, rendering)} ANN OF {TERM.text(node.vector, rendering)}"
    return f"{text} DESC" if node.descending else text


def _hint(node: clauses.IndexHints, rendering: Rendering) -> str:
    indexes = ", ".join([qualified_name(index, rendering) for index in node.indexes])
    return f"{'included' if node.included else 'excluded'}_indexes = {{{indexes}}}"


def _using_ttl(node: clauses.UsingTtl, rendering: Rendering) -> str:
    return f"TTL {WHOLE_NUMBER.text(node.value, rendering)}"


def _using_timestamp(node: clauses.UsingTimestamp, rendering: Rendering) -> str:
    return f"TIMESTAMP {WHOLE_NUMBER.text(node.value, rendering)}"


def _using_timeout(node: clauses.UsingTimeout, rendering: Rendering) -> str:
    rendering.require(USING_TIMEOUT)
    return f"TIMEOUT {TERM.text(node.value, rendering)}"


def _using_service_level(node: clauses.UsingServiceLevel, rendering: Rendering) -> str:
    rendering.require(USING_SERVICE_LEVEL)
    return f"SERVICE LEVEL {rendering.identifier(node.name)}"


def _using_concurrency(node: clauses.UsingConcurrency, rendering: Rendering) -> str:
    return f"CONCURRENCY {TERM.text(node.value, rendering)}"


def using(options: tuple[clauses.UsingOption, ...], rendering: Rendering, place: Rule) -> str:
    """Return USING with the options that `place` has."""
    return f" USING {place.join(options, rendering, ' AND ')}" if options else ""


def using_of_delete(options: tuple[clauses.UsingOption, ...], rendering: Rendering) -> str:
    """Return USING of DELETE, where Cassandra's grammar has one TIMESTAMP and nothing else."""
    if len(options) > 1 and not rendering.has(USING_TIMEOUT):
        rendering.require_once(map(type, options), lambda _: "TIMESTAMP")
    return using(options, rendering, _USING_OF_DELETE)


_GROUP_COLUMN = Rule("what GROUP BY takes", {names.ColumnName: column_name})
_INDEX_HINTS = Rule("a hint", {clauses.IndexHints: _hint})
_MAP_VALUE = Rule(
    "a value in the map of an option",
    {**CONSTANT, terms.ListLiteral: _list_in_option},
)
_OPTION_VALUE = Rule(
    "the value of an option",
    {
        **CONSTANT_OR_NULL,
        terms.NullLiteral: _null_option,
        terms.MapLiteral: _map,
        definitions.Word: _word,
    },
)
ORDERING = Rule("what ORDER BY takes", {clauses.Ordering: _ordering, clauses.NearestOrdering: _nearest_ordering})
_TIMEOUT: dict[type[Node], Renderer] = {clauses.UsingTimeout: _using_timeout}
_TIMESTAMP: dict[type[Node], Renderer] = {clauses.UsingTimestamp: _using_timestamp}
USING_OF_SELECT = Rule("USING of SELECT", {**_TIMEOUT, clauses.UsingServiceLevel: _using_service_level})
USING_OF_WRITE = Rule("USING of what is written", {**_TIMESTAMP, clauses.UsingTtl: _using_ttl, **_TIMEOUT})
_USING_OF_DELETE = Rule("USING of DELETE", {**_TIMESTAMP, **_TIMEOUT})
USING_OF_TRUNCATE = Rule("USING of TRUNCATE", _TIMEOUT)
USING_OF_PRUNE = Rule("USING of PRUNE", {**_TIMEOUT, clauses.UsingConcurrency: _using_concurrency})
