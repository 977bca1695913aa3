"""What servers refuse though their grammar takes it, as far as the statement alone shows it.

`compile()` of what was built asks here, once for each shape. A tree that was parsed is not asked: it is what the
server's own parser takes. The rules are those of `ModificationStatement`, `BatchStatement`, `SelectStatement` and
`TransactionStatement` in Cassandra 4.0 to 6.0, and of the files of the same names in ScyllaDB.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from cql_builder.analysis.walking import walk
from cql_builder.ast.clauses import Assign, NearestOrdering, Ordering, Prepend, UsingTimestamp, UsingTtl
from cql_builder.ast.definitions import AlterKeyspace, CreateKeyspace
from cql_builder.ast.indexes import AlterMaterializedView, CreateIndex, CreateMaterializedView
from cql_builder.ast.names import ColumnName
from cql_builder.ast.programs import AlterFieldType
from cql_builder.ast.relations import Between, ColumnTuple, Comparison, Contains, ContainsKey, In, Like
from cql_builder.ast.statements import Batch, Delete, Insert, InsertJson, Select, Transaction, Update
from cql_builder.ast.tables import AlterColumnType, AlterTableOptions, CreateTable
from cql_builder.ast.terms import CountRows, Element, Field, FunctionCall, Token
from cql_builder.builder import where
from cql_builder.dialects import features, require_feature
from cql_builder.dialects.options import KEYSPACE_OPTIONS, TABLE_OPTIONS
from cql_builder.errors import ClauseConflictError, StatementError, UnsupportedFeatureError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, TypeAlias

    from cql_builder.ast.clauses import Assignment
    from cql_builder.ast.definitions import Option
    from cql_builder.ast.names import TableName
    from cql_builder.ast.node import Node
    from cql_builder.ast.relations import Relation
    from cql_builder.dialects import Dialect

    Write: TypeAlias = Insert | InsertJson | Update | Delete

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


def _update(tree: Update, dialect: Dialect) -> None:
    _refuse_conditional_timestamp(tree)
    where.refuse_in_write(tree.where, "UPDATE", dialect)
    _refuse_conditional_rows(tree)
    for relation in tree.where:
        sign = where.range_sign(relation) or (relation.operator if isinstance(relation, Comparison) else "=")
        if sign != "=" and not _is_of_token(relation):
            raise StatementError("UPDATE", f"WHERE names each row with = and IN, not with {sign}")
    _refuse_written_key(tree, map(_assigned, tree.assignments))


def _delete(tree: Delete, dialect: Dialect) -> None:
    _refuse_conditional_timestamp(tree)
    where.refuse_in_write(tree.where, "DELETE", dialect)
    _refuse_conditional_rows(tree)
    if any(where.range_sign(relation) for relation in tree.where if not _is_of_token(relation)):
        if tree.targets:
            raise StatementError(
                "DELETE", "a range is deleted as whole rows; leave columns() out, or name each row with = and IN"
            )
        if is_conditional_write(tree):
            raise StatementError("DELETE", "IF needs one row, named with =; leave IF or the range out")
    _refuse_written_key(tree, map(_column, tree.targets))


def _select(tree: Select, dialect: Dialect) -> None:
    where.refuse_in_select(tree.where, dialect)
    # Which columns are the key is not known here: any condition may name it.
    if not tree.where and any(_is_by_column(part) for part in tree.order_by):
        raise StatementError(
            "SELECT", "ORDER BY is of the rows of a partition; name its key in where(...) with == or in_()"
        )
    for column in tree.group_by:
        if tree.group_by.count(column) > 1 and isinstance(column, ColumnName):
            raise StatementError("SELECT", f"GROUP BY has {column.name!r} twice")
    if any(isinstance(ordering, NearestOrdering) for ordering in tree.order_by):
        _refuse_beside_nearest(tree)
    if tree.per_partition_limit is None:
        return
    if tree.distinct:
        raise ClauseConflictError("SELECT", "DISTINCT", "PER PARTITION LIMIT")
    if not tree.group_by and _has_aggregates(tree):
        raise StatementError(
            "SELECT",
            "an aggregate is of the rows of all partitions; leave PER PARTITION LIMIT out, or add group_by(...)",
        )


def _is_aggregate(call: FunctionCall) -> bool:
    return getattr(call.function, "keyspace", None) is None and call.function.name in _AGGREGATES


def _has_aggregates(tree: Select) -> bool:
    return any(
        isinstance(found, CountRows) or (isinstance(found, FunctionCall) and _is_aggregate(found))
        for selected in tree.selection
        for found in walk(selected)
    )


def _refuse_beside_nearest(tree: Select) -> None:
    if tree.per_partition_limit is not None:
        raise ClauseConflictError("SELECT", "ANN OF", "PER PARTITION LIMIT")
    if tree.group_by:
        raise ClauseConflictError("SELECT", "ANN OF", "GROUP BY")
    if _has_aggregates(tree):
        raise ClauseConflictError("SELECT", "ANN OF", "an aggregate")


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
        for write in tree.statements:
            if isinstance(write, Update | Delete) and where.names_several_rows(write.where):
                require_feature(dialect, features.IN_BESIDE_CONDITION)


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


def _refuse_conditional_rows(tree: Update | Delete) -> None:
    if is_conditional_write(tree) and where.names_several_rows(tree.where):
        raise StatementError(
            KINDS[type(tree)], "IF needs one row, named with =; leave IF or IN out, or give each row its own statement"
        )


def _refuse_written_key(tree: Update | Delete, written: Iterable[ColumnName | None]) -> None:
    """Refuse to write or to compare in IF what WHERE names: of a write, that is columns of the key alone."""
    statement = KINDS[type(tree)]
    instead = "leave it out of columns()" if isinstance(tree, Delete) else "insert a new row"
    key = {column for relation in tree.where for column in _compared(relation)}
    for column in written:
        if column is not None and column in key:
            raise StatementError(
                statement,
                f"{column.name!r} names the row in WHERE, and a key is never written; {instead}",
            )
    for condition in tree.conditions:
        for column in _compared(condition):
            if column in key:
                raise StatementError(
                    statement, f"{column.name!r} names the row in WHERE, and IF takes no key; leave it out of IF"
                )


def _is_by_column(part: object) -> bool:
    return isinstance(part, Ordering) and isinstance(part.column, ColumnName)


def _is_of_token(relation: Relation) -> bool:
    return isinstance(relation, Comparison | Between) and isinstance(relation.left, Token)


def _compared(relation: Relation) -> tuple[ColumnName, ...]:
    if isinstance(relation, Contains | ContainsKey):
        return (relation.column,)
    if not isinstance(relation, Comparison | In | Between | Like):
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
    _refuse_options(tree.options, dialect, kind, TABLE_OPTIONS)


def _alter(tree: AlterTableOptions | AlterMaterializedView, dialect: Dialect) -> None:
    kind = "ALTER TABLE" if isinstance(tree, AlterTableOptions) else "ALTER MATERIALIZED VIEW"
    _refuse_options(tree.options, dialect, kind, TABLE_OPTIONS)


def _keyspace(tree: CreateKeyspace | AlterKeyspace, dialect: Dialect) -> None:
    kind = "CREATE KEYSPACE" if isinstance(tree, CreateKeyspace) else "ALTER KEYSPACE"
    _refuse_options(tree.options, dialect, kind, KEYSPACE_OPTIONS)


def _index(tree: CreateIndex, dialect: Dialect) -> None:
    if tree.using is not None and not tree.custom:
        require_feature(dialect, features.INDEX_CLASS)


def _alter_type(_: AlterColumnType | AlterFieldType, dialect: Dialect) -> None:
    require_feature(dialect, features.OTHER_TYPE)


def _refuse_options(
    options: tuple[Option, ...], dialect: Dialect, statement: str, options_of: Mapping[str, frozenset[str]]
) -> None:
    """Refuse options of other servers, and what is probably the name of one misspelt; others may be a vendor's own."""
    there = options_of.get(dialect.name)
    if there is None:
        return
    for option in options:
        if option.name in there:
            continue
        having = [name for name, known in options_of.items() if option.name in known]
        if having:
            what = "table" if options_of is TABLE_OPTIONS else "keyspace"
            raise UnsupportedFeatureError(f"{what} option {option.name!r}", dialect.name, having, "leave it out")
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
    CreateKeyspace: _keyspace,
    AlterKeyspace: _keyspace,
    CreateIndex: _index,
    CreateTable: _create,
    CreateMaterializedView: _create,
    AlterTableOptions: _alter,
    AlterColumnType: _alter_type,
    AlterFieldType: _alter_type,
    AlterMaterializedView: _alter,
}
"""What is asked of each kind of statement."""
