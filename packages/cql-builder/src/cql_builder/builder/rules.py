"""What servers refuse though their grammar takes it, as far as the statement alone shows it.

`compile()` of what was built asks here, once for each shape. A tree that was parsed is not asked: it is what the
server's own parser takes. The rules are those of `ModificationStatement`, `BatchStatement`, `SelectStatement` and
`TransactionStatement` in Cassandra 4.0 to 6.0, and of the files of the same names in ScyllaDB.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from cql_builder.analysis.walking import find
from cql_builder.ast.clauses import Assign, NearestOrdering, Prepend, UsingTimestamp, UsingTtl
from cql_builder.ast.indexes import AlterMaterializedView, CreateMaterializedView
from cql_builder.ast.names import ColumnName
from cql_builder.ast.relations import (
    Between,
    ClusteringBound,
    ColumnTuple,
    Comparison,
    Contains,
    ContainsKey,
    In,
    IndexExpression,
    IsNotNull,
    Like,
)
from cql_builder.ast.statements import Batch, Delete, Insert, InsertJson, Select, Transaction, Update
from cql_builder.ast.tables import AlterTableOptions, CreateTable
from cql_builder.ast.terms import CountRows, Element, Field, FunctionCall, Token, TupleLiteral
from cql_builder.dialects import features, require_feature
from cql_builder.dialects.options import TABLE_OPTIONS
from cql_builder.errors import ClauseConflictError, StatementError, UnsupportedFeatureError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeAlias

    from cql_builder.ast.clauses import Assignment
    from cql_builder.ast.definitions import Option
    from cql_builder.ast.names import TableName
    from cql_builder.ast.node import Node
    from cql_builder.ast.relations import Relation
    from cql_builder.dialects import Dialect

    Write: TypeAlias = Insert | InsertJson | Update | Delete

BEYOND = frozenset({"<", "<=", ">", ">="})
"""The comparisons that a range of rows holds for."""

_MISSPELT = 0.8
"""How close a name is to that of an option to be taken for it; options of two servers are no closer."""

_AGGREGATES = frozenset({"avg", "count", "max", "min", "sum"})

KINDS: dict[type[Node], str] = {Insert: "INSERT", InsertJson: "INSERT", Update: "UPDATE", Delete: "DELETE"}
"""What writes are called in CQL."""


def check(tree: Node, dialect: Dialect) -> None:
    """Refuse what no server takes, and what servers of this dialect do not.

    Raises:
        ClauseConflictError: if two clauses exclude each other.
        StatementError: if a clause has what it cannot have.
        UnsupportedFeatureError: if servers of another dialect take it.
    """
    rule = RULES.get(type(tree))
    if rule is not None:
        rule(tree, dialect)


def is_conditional_write(write: Write) -> bool:
    """Return whether a write has IF."""
    if isinstance(write, Insert | InsertJson):
        return write.if_not_exists
    return write.if_exists or bool(write.conditions)


def _insert(tree: Insert | InsertJson, _: Dialect) -> None:
    _refuse_conditional_timestamp(tree)


def _update(tree: Update, _: Dialect) -> None:
    _refuse_conditional_timestamp(tree)
    _refuse_no_key_relations(tree.where, "UPDATE")
    for relation in tree.where:
        sign = _range_sign(relation) or (relation.operator if isinstance(relation, Comparison) else "=")
        if sign != "=":
            raise StatementError("UPDATE", f"WHERE names each row with = and IN, not with {sign}")
    _refuse_written_key(tree, map(_assigned, tree.assignments))


def _delete(tree: Delete, _: Dialect) -> None:
    _refuse_conditional_timestamp(tree)
    _refuse_no_key_relations(tree.where, "DELETE")
    if any(_range_sign(relation) for relation in tree.where):
        if tree.targets:
            raise StatementError(
                "DELETE", "a range is deleted as whole rows; leave columns() out, or name each row with = and IN"
            )
        if is_conditional_write(tree):
            raise StatementError("DELETE", "IF needs one row, named with =; leave IF or the range out")
    _refuse_written_key(tree, map(_column, tree.targets))


def _select(tree: Select, dialect: Dialect) -> None:
    _refuse_not_null(tree.where, "SELECT")
    _refuse_equal_twice(tree.where, "SELECT")
    for relation in tree.where:
        _refuse_other_length(relation, "SELECT")
        if isinstance(relation, Comparison) and relation.operator == "!=":
            if isinstance(relation.left, Token):
                raise StatementError("SELECT", "no server compares a token with !=; compare with < and >")
            require_feature(dialect, features.NOT_EQUAL)
    counts = any(True for selected in tree.selection for _ in find(selected, CountRows))
    _refuse_beside_nearest(tree, counts=counts)
    if tree.per_partition_limit is None:
        return
    if tree.distinct:
        raise ClauseConflictError("SELECT", "DISTINCT", "PER PARTITION LIMIT")
    aggregates = counts or any(_is_aggregate(call) for part in tree.selection for call in find(part, FunctionCall))
    if aggregates and not tree.group_by:
        raise StatementError(
            "SELECT",
            "an aggregate is of the rows of all partitions; leave PER PARTITION LIMIT out, or add group_by(...)",
        )


def _is_aggregate(call: FunctionCall) -> bool:
    return getattr(call.function, "keyspace", None) is None and call.function.name in _AGGREGATES


def _refuse_beside_nearest(tree: Select, *, counts: bool) -> None:
    if not any(isinstance(ordering, NearestOrdering) for ordering in tree.order_by):
        return
    if tree.per_partition_limit is not None:
        raise ClauseConflictError("SELECT", "ANN OF", "PER PARTITION LIMIT")
    if tree.group_by:
        raise ClauseConflictError("SELECT", "ANN OF", "GROUP BY")
    if counts:
        raise ClauseConflictError("SELECT", "ANN OF", "COUNT(*)")


def _batch(tree: Batch, dialect: Dialect) -> None:
    for write in tree.statements:
        check(write, dialect)
    conditional = any(map(is_conditional_write, tree.statements))
    if tree.kind == "counter":
        _refuse_in_counter_batch(tree)
    if any(isinstance(option, UsingTimestamp) for option in tree.using):
        if any(isinstance(option, UsingTimestamp) for write in tree.statements for option in write.using):
            raise ClauseConflictError("BATCH", "TIMESTAMP of the batch", "TIMESTAMP of a statement in it")
        if conditional:
            raise ClauseConflictError("BATCH", "TIMESTAMP", "IF")
    if conditional:
        _refuse_second_table([write.table for write in tree.statements])


def _refuse_in_counter_batch(tree: Batch) -> None:
    options = [*tree.using, *[option for write in tree.statements for option in write.using]]
    if any(isinstance(option, UsingTimestamp) for option in options):
        raise ClauseConflictError("BATCH", "COUNTER", "TIMESTAMP")
    if any(isinstance(option, UsingTtl) for option in options):
        raise ClauseConflictError("BATCH", "COUNTER", "TTL")
    for write in tree.statements:
        if isinstance(write, Insert | InsertJson):
            raise StatementError("BATCH", "counters are written by UPDATE alone; leave INSERT out")
        if isinstance(write, Update) and any(isinstance(done, Assign | Prepend) for done in write.assignments):
            raise StatementError("BATCH", "a counter is not set; write col(…).increment() or decrement()")
        if is_conditional_write(write):
            raise ClauseConflictError("BATCH", "COUNTER", "IF")


def _refuse_second_table(tables: list[TableName]) -> None:
    """Refuse two tables that are plainly two: one without its keyspace may be the same as one with it."""
    first = tables[0]
    for table in tables:
        same_keyspace = table.keyspace is None or first.keyspace is None or table.keyspace == first.keyspace
        if table.name != first.name or not same_keyspace:
            raise StatementError(
                "BATCH",
                f"IF holds for one partition, and so the batch for one table; give {table.name!r} a batch of its own",
            )


def _transaction(tree: Transaction, dialect: Dialect) -> None:
    for write in tree.updates:
        for option, name in (UsingTimestamp, "TIMESTAMP"), (UsingTtl, "TTL"):
            if any(isinstance(used, option) for used in write.using):
                raise StatementError(
                    "TRANSACTION", f"what is written has no {name} of its own; leave it out of using()"
                )
        check(write, dialect)
    if isinstance(tree.answer, Select):
        for given, clause in (tree.answer.order_by, "ORDER BY"), (tree.answer.group_by, "GROUP BY"):
            if given:
                raise StatementError("TRANSACTION", f"its SELECT has no {clause}; leave it out")
        check(tree.answer, dialect)


def _refuse_conditional_timestamp(tree: Write) -> None:
    if is_conditional_write(tree) and any(isinstance(option, UsingTimestamp) for option in tree.using):
        raise ClauseConflictError(KINDS[type(tree)], "TIMESTAMP", "IF")


def _refuse_no_key_relations(where: tuple[Relation, ...], statement: str) -> None:
    """Refuse relations that name no row by its key."""
    _refuse_not_null(where, statement)
    _refuse_equal_twice(where, statement)
    for relation in where:
        _refuse_other_length(relation, statement)
        if isinstance(relation, IndexExpression):
            raise StatementError(statement, "WHERE of a write has no expr(); name the key of the row")
        if isinstance(relation, Contains | ContainsKey | Like):
            raise StatementError(statement, "WHERE of a write names the key, and has no CONTAINS or LIKE")
        if isinstance(relation, Comparison | In) and isinstance(relation.left, Element):
            raise StatementError(statement, "WHERE of a write names the key, and an element is none; use it in if_()")
        if isinstance(relation, Comparison | Between) and isinstance(relation.left, Token):
            raise StatementError(statement, "WHERE of a write has no token(); name the partition key")


def _refuse_equal_twice(where: tuple[Relation, ...], statement: str) -> None:
    """Refuse a column that is given two values: servers take one = of each, whatever the values are."""
    seen: set[object] = set()
    for relation in where:
        if isinstance(relation, Comparison) and relation.operator == "=" and isinstance(relation.left, ColumnName):
            if relation.left in seen:
                raise StatementError(statement, f"{relation.left.name!r} is compared with = twice; do it once")
            seen.add(relation.left)


def _refuse_other_length(relation: Relation, statement: str) -> None:
    """Refuse a tuple that is longer or shorter than the columns that it is compared with."""
    if not isinstance(relation, Comparison) or not isinstance(relation.left, ColumnTuple):
        return
    given = relation.right.values if isinstance(relation.right, ClusteringBound) else relation.right
    wanted = len(relation.left.columns)
    if isinstance(given, TupleLiteral) and len(given.elements) != wanted:
        raise StatementError(statement, f"{wanted} columns take {wanted} values, not {len(given.elements)}")


def _refuse_not_null(where: tuple[Relation, ...], statement: str) -> None:
    if any(isinstance(relation, IsNotNull) for relation in where):
        raise StatementError(statement, "IS NOT NULL stands in a view alone; leave the rows out after reading them")


def _refuse_written_key(tree: Update | Delete, written: Iterable[ColumnName | None]) -> None:
    """Refuse to write or to compare in IF what WHERE names: of a write, that is columns of the key alone."""
    statement = KINDS[type(tree)]
    key = {column for relation in tree.where for column in _compared(relation)}
    for column in written:
        if column is not None and column in key:
            raise StatementError(
                statement, f"{column.name!r} names the row in WHERE, and a key is never written; insert a new row"
            )
    for condition in tree.conditions:
        for column in _compared(condition):
            if column in key:
                raise StatementError(
                    statement, f"{column.name!r} names the row in WHERE, and IF takes no key; leave it out of IF"
                )


def _range_sign(relation: Relation) -> str:
    """Return how a relation names a range of rows; an empty text where it names rows one by one."""
    if isinstance(relation, Between):
        return "BETWEEN"
    return relation.operator if isinstance(relation, Comparison) and relation.operator in BEYOND else ""


def _compared(relation: Relation) -> tuple[ColumnName, ...]:
    if isinstance(relation, Contains | ContainsKey | Like):
        return (relation.column,)
    if not isinstance(relation, Comparison | In | Between):
        return ()
    if isinstance(relation.left, ColumnTuple):
        return relation.left.columns
    column = _column(relation.left)
    return () if column is None else (column,)


def _assigned(assignment: Assignment) -> ColumnName | None:
    return _column(assignment.target) if isinstance(assignment, Assign) else assignment.column


def _column(part: object) -> ColumnName | None:
    """Return the column that a part is of."""
    while isinstance(part, Element | Field):
        part = part.receiver
    return part if isinstance(part, ColumnName) else None


def _create(tree: CreateTable | CreateMaterializedView, dialect: Dialect) -> None:
    kind = "CREATE TABLE" if isinstance(tree, CreateTable) else "CREATE MATERIALIZED VIEW"
    _refuse_options(tree.options, dialect, kind)


def _alter(tree: AlterTableOptions | AlterMaterializedView, dialect: Dialect) -> None:
    kind = "ALTER TABLE" if isinstance(tree, AlterTableOptions) else "ALTER MATERIALIZED VIEW"
    _refuse_options(tree.options, dialect, kind)


def _refuse_options(options: tuple[Option, ...], dialect: Dialect, statement: str) -> None:
    """Refuse options of other servers, and what is probably the name of one misspelt; others may be a vendor's own."""
    there = TABLE_OPTIONS.get(dialect.name)
    for option in options if there is not None else ():
        if there is None or option.name in there:
            continue
        having = [name for name, known in TABLE_OPTIONS.items() if option.name in known]
        if having:
            raise UnsupportedFeatureError(f"table option {option.name!r}", dialect.name, having, "leave it out")
        close = get_close_matches(option.name, there, 1, _MISSPELT)
        if close:
            raise StatementError(statement, f"there is no option {option.name!r} (did you mean {close[0]!r}?)")


RULES: dict[type[Node], Callable[[Any, Dialect], None]] = {
    Select: _select,
    Insert: _insert,
    InsertJson: _insert,
    Update: _update,
    Delete: _delete,
    Batch: _batch,
    Transaction: _transaction,
    CreateTable: _create,
    CreateMaterializedView: _create,
    AlterTableOptions: _alter,
    AlterMaterializedView: _alter,
}
"""What is asked of each kind of statement."""
