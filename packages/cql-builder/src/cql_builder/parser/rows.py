"""Statements that read and write rows, from text; each function reads what follows the first word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from cql_builder.ast.clauses import IndexHints
from cql_builder.ast.names import ColumnName
from cql_builder.ast.statements import (
    Batch,
    Delete,
    Insert,
    InsertJson,
    PruneMaterializedView,
    Select,
    Truncate,
    Update,
    Use,
)
from cql_builder.ast.terms import Element, Field, StringLiteral
from cql_builder.dialects import features
from cql_builder.dialects.bare_names import keywords_that_are_no_functions
from cql_builder.errors import CqlSyntaxError
from cql_builder.parser.clauses import assignments, ordering, using_clause, using_option, value, whole_number
from cql_builder.parser.lexer import END, STRING
from cql_builder.parser.names import index_name, keyspace_name, table_name
from cql_builder.parser.relations import if_clause, where_clause
from cql_builder.parser.selectors import is_alias, selectable, selectors
from cql_builder.parser.terms import is_constant, term

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cql_builder.ast.clauses import NearestOrdering, Ordering, UsingOption
    from cql_builder.ast.names import TableName
    from cql_builder.ast.statements import BatchKind
    from cql_builder.ast.terms import Alias, Selectable, Term
    from cql_builder.parser.cursor import Cursor

_WRITE_OPTIONS = ("timestamp", "ttl", "timeout")
_HINTS = {"included_indexes": True, "excluded_indexes": False}
_AFTER_SELECTION = frozenset({END, ";", "where", "limit"})
"""What shows, where FROM is missing, that no table is meant."""
_AFTER_COLUMN = frozenset("([.+-*/%")
"""What shows that more than a column is meant."""
_NO_SELECTION = frozenset({"from", ",", ".", "+", "/", "%", ")", END, ";"})
"""What follows DISTINCT or JSON where it is a column."""


def select(cursor: Cursor) -> Select:
    """Read SELECT."""
    json, distinct, selection = _selection(cursor)
    table, mutation_fragments = _source(cursor, selection)
    kinds = cursor.kinds
    where = where_clause(cursor) if cursor.accept("where") else ()
    group_by = _group_by(cursor) if kinds[cursor.position] == "group" else ()
    order_by = _order_by(cursor) if kinds[cursor.position] == "order" else ()
    per_partition_limit = whole_number(cursor) if cursor.accept("per", "partition", "limit") else None
    limit = whole_number(cursor) if cursor.accept("limit") else None
    allow_filtering = cursor.accept("allow", "filtering")
    bypass_cache = cursor.at("bypass", "cache")
    if bypass_cache:
        cursor.require(features.BYPASS_CACHE)
        cursor.position += 2
    return Select(
        selection,
        table,
        where,
        group_by,
        order_by,
        per_partition_limit,
        limit,
        distinct,
        json,
        allow_filtering,
        mutation_fragments,
        bypass_cache,
        using_clause(cursor, "timeout", "service"),
        _index_hints(cursor) if kinds[cursor.position] == "with" else (),
    )


def _selection(cursor: Cursor) -> tuple[bool, bool, tuple[Selectable | Alias, ...]]:
    """Read whether it is JSON, whether it is DISTINCT, and what is selected; both words are columns too."""
    json = _is_modifier(cursor, "json")
    if json:
        cursor.position += 1
    start = cursor.mark()
    distinct = _is_modifier(cursor, "distinct")
    if distinct:
        cursor.position += 1
    if not (json or distinct) or not (cursor.at("[") or _may_be_call(cursor)):
        return json, distinct, selectors(cursor)
    try:
        return json, distinct, selectors(cursor)
    except CqlSyntaxError:
        # `distinct[1..2]` is a slice of a column, `distinct [1, 2]` is DISTINCT and a list; so are in ScyllaDB
        # `distinct(a)` a call and `distinct (1)` DISTINCT and a tuple.
        cursor.rewind(start if distinct else start - 1)
        return json and distinct, False, selectors(cursor)


def _is_modifier(cursor: Cursor, kind: str) -> bool:
    return cursor.at(kind) and cursor.peek(1) not in _NO_SELECTION and not is_alias(cursor, 1)


def _may_be_call(cursor: Cursor) -> bool:
    before = cursor.kinds[cursor.position - 1]
    return cursor.at("(") and before not in keywords_that_are_no_functions(cursor.dialect)


def _source(cursor: Cursor, selection: tuple[Selectable | Alias, ...]) -> tuple[TableName | None, bool]:
    if not cursor.accept("from"):
        if features.SELECT_WITHOUT_TABLE in cursor.dialect.features:
            return None, False
        # Columns are of a table: whoever selects some has forgotten to say of which.
        if cursor.peek() in _AFTER_SELECTION and not any(isinstance(part, ColumnName) for part in selection):
            cursor.require(features.SELECT_WITHOUT_TABLE)
        raise cursor.error("FROM")
    if not cursor.at("mutation_fragments", "("):
        return table_name(cursor), False
    cursor.require(features.MUTATION_FRAGMENTS)
    cursor.position += 2
    table = table_name(cursor)
    cursor.expect(")")
    return table, True


def _order_by(cursor: Cursor) -> tuple[Ordering | NearestOrdering, ...]:
    cursor.expect("order", "by")
    return cursor.comma_separated(lambda: ordering(cursor))


def _group_by(cursor: Cursor) -> tuple[Selectable, ...]:
    cursor.expect("group", "by")
    if features.GROUP_BY_EXPRESSION not in cursor.dialect.features:
        return cursor.comma_separated(lambda: _grouping_column(cursor))
    return cursor.comma_separated(lambda: selectable(cursor))


def _grouping_column(cursor: Cursor) -> ColumnName:
    if is_constant(cursor.peek()):
        cursor.require(features.GROUP_BY_EXPRESSION)
    column = cursor.column()
    if cursor.peek() in _AFTER_COLUMN:
        cursor.require(features.GROUP_BY_EXPRESSION)
    return column


def _index_hints(cursor: Cursor) -> tuple[IndexHints, ...]:
    cursor.require(features.INDEX_HINTS)
    cursor.expect("with")
    hints = [_index_hint(cursor, ())]
    while cursor.accept("and"):
        hints.append(_index_hint(cursor, hints))
    return tuple(hints)


def _index_hint(cursor: Cursor, before: Sequence[IndexHints]) -> IndexHints:
    start = cursor.position
    word = cursor.raws[start]
    included = _HINTS.get(word)
    if included is None:
        raise cursor.error("included_indexes or excluded_indexes, in lower case")
    cursor.position += 1
    cursor.expect("=", "{")
    indexes = () if cursor.at("}") else cursor.comma_separated(lambda: index_name(cursor))
    cursor.expect("}")
    if any(hints.included == included for hints in before):
        raise cursor.refusal(f"{word} is given twice; name all indexes in one", start)
    return IndexHints(included, indexes)


def insert(cursor: Cursor) -> Insert | InsertJson:
    """Read INSERT."""
    cursor.expect("into")
    table = table_name(cursor)
    if cursor.accept("json"):
        return _insert_json(cursor, table)
    if not cursor.accept("("):
        raise cursor.error("JSON or columns in parentheses")
    columns = cursor.comma_separated(cursor.column)
    cursor.expect(")", "values", "(")
    values = [value(cursor)]
    kinds = cursor.kinds
    while kinds[cursor.position] == ",":
        cursor.position += 1
        values.append(value(cursor))
    cursor.expect(")")
    if_not_exists = _if_not_exists(cursor)
    return Insert(table, columns, tuple(values), if_not_exists, using_clause(cursor, *_WRITE_OPTIONS))


def _insert_json(cursor: Cursor, table: TableName) -> InsertJson:
    json: Term | None = StringLiteral(cursor.take()) if cursor.at(STRING) else cursor.marker()
    if json is None:
        raise cursor.error("a string or a bind marker")
    default: Literal["null", "unset"] | None = None
    if cursor.accept("default"):
        default = "null" if cursor.accept("null") else "unset"
        if default == "unset":
            cursor.expect("unset")
    if_not_exists = _if_not_exists(cursor)
    return InsertJson(table, json, default, if_not_exists, using_clause(cursor, *_WRITE_OPTIONS))


def _if_not_exists(cursor: Cursor) -> bool:
    if not cursor.accept("if"):
        return False
    cursor.expect("not", "exists")
    return True


def update(cursor: Cursor) -> Update:
    """Read UPDATE."""
    table = table_name(cursor)
    using = using_clause(cursor, *_WRITE_OPTIONS)
    cursor.expect("set")
    assigned = assignments(cursor)
    cursor.expect("where")
    where = where_clause(cursor)
    conditions, if_exists = if_clause(cursor)
    return Update(table, assigned, where, using, conditions, if_exists)


def delete(cursor: Cursor) -> Delete:
    """Read DELETE."""
    targets = () if cursor.at("from") else cursor.comma_separated(lambda: _target(cursor))
    cursor.expect("from")
    table = table_name(cursor)
    using = _delete_using(cursor)
    cursor.expect("where")
    where = where_clause(cursor)
    conditions, if_exists = if_clause(cursor)
    bypass_guardrails = cursor.at("bypass", "large_data_guardrails")
    if bypass_guardrails:
        cursor.require(features.BYPASS_GUARDRAILS)
        cursor.position += 2
    return Delete(table, where, targets, using, conditions, if_exists, bypass_guardrails)


def _delete_using(cursor: Cursor) -> tuple[UsingOption, ...]:
    if features.USING_TIMEOUT in cursor.dialect.features:
        return using_clause(cursor, "timestamp", "timeout")
    if not cursor.accept("using"):
        return ()
    option = using_option(cursor, "timestamp", "timeout")
    if cursor.at("and", "timeout"):
        cursor.require(features.USING_TIMEOUT, cursor.position + 1)
    return (option,)


def _target(cursor: Cursor) -> ColumnName | Element | Field:
    column = cursor.column()
    if cursor.accept("."):
        return Field(column, cursor.identifier("a field"))
    if not cursor.accept("["):
        return column
    with cursor.nested("terms"):
        key = term(cursor)
    cursor.expect("]")
    return Element(column, key)


def batch(cursor: Cursor) -> Batch:
    """Read what follows BEGIN in BEGIN BATCH … APPLY BATCH."""
    kind: BatchKind = "logged"
    if cursor.accept("unlogged"):
        kind = "unlogged"
    elif cursor.accept("counter"):
        kind = "counter"
    cursor.expect("batch")
    using = using_clause(cursor, *_WRITE_OPTIONS)
    statements: list[Insert | InsertJson | Update | Delete] = []
    while not cursor.at("apply"):
        read = WRITES.get(cursor.kinds[cursor.position])
        if read is None:
            raise cursor.error("INSERT, UPDATE, DELETE or APPLY BATCH")
        cursor.position += 1
        statements.append(read(cursor))
        cursor.accept(";")
    cursor.expect("apply", "batch")
    return Batch(tuple(statements), kind, using)


WRITES: dict[str, Callable[[Cursor], Insert | InsertJson | Update | Delete]] = {
    "delete": delete,
    "insert": insert,
    "update": update,
}
"""The statements that a batch or transaction holds, by their first word."""


def truncate(cursor: Cursor) -> Truncate:
    """Read TRUNCATE."""
    if not cursor.accept("table"):
        cursor.accept("columnfamily")
    table = table_name(cursor)
    return Truncate(table, (using_option(cursor, "timeout"),) if cursor.accept("using") else ())


def use(cursor: Cursor) -> Use:
    """Read USE."""
    return Use(keyspace_name(cursor))


def prune(cursor: Cursor) -> PruneMaterializedView:
    """Read PRUNE MATERIALIZED VIEW."""
    cursor.require(features.PRUNE_VIEW, cursor.mark() - 1)
    cursor.expect("materialized", "view")
    view = table_name(cursor)
    where = where_clause(cursor) if cursor.accept("where") else ()
    return PruneMaterializedView(view, where, using_clause(cursor, "timeout", "concurrency"))
