"""Which tables a statement touches, and what it reads and writes in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cql_builder.analysis.arguments import require_node, require_statement
from cql_builder.analysis.columns import columns_in
from cql_builder.analysis.walking import find
from cql_builder.ast.clauses import Assign
from cql_builder.ast.names import ColumnName, TableName
from cql_builder.ast.statements import (
    Batch,
    Delete,
    Insert,
    InsertJson,
    Let,
    PruneMaterializedView,
    Select,
    Transaction,
    Truncate,
    Update,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cql_builder.ast.node import Node
    from cql_builder.ast.statements import Statement
    from cql_builder.ast.terms import Element, Field

    Modification = Insert | InsertJson | Update | Delete

NO_COLUMNS: frozenset[str] = frozenset()


class TableUse(NamedTuple):
    """What a statement does with one table.

    Attributes:
        table: the table's name.
        reads: whether rows decide what happens or are returned; an UPDATE reads only where it has an IF.
        writes: whether rows change.
        columns_read: the columns that are returned, ordered by, or compared in WHERE and IF.
        columns_written: the columns that get values or lose them.
        all_columns_read: whether every column is or may be returned, as by `SELECT *` or IF EXISTS.
        all_columns_written: whether every column may change, as when rows are deleted or come as JSON.

    >>> from cql_builder import parse_cql
    >>> from cql_builder.analysis import table_uses
    >>> (use,) = table_uses(parse_cql("DELETE a FROM shop.t WHERE id = 1"))
    >>> use.table.name, use.reads, use.writes, use.columns_read, use.columns_written
    ('t', False, True, frozenset({'id'}), frozenset({'a'}))
    """

    table: TableName
    reads: bool = False
    writes: bool = False
    columns_read: frozenset[str] = NO_COLUMNS
    columns_written: frozenset[str] = NO_COLUMNS
    all_columns_read: bool = False
    all_columns_written: bool = False


def tables(tree: Statement) -> tuple[TableName, ...]:
    """Return the names of all tables and views in the statement.

    Each comes once, in the order of the tree.

    Raises:
        ArgumentError: if it is no tree.

    >>> from cql_builder import select
    >>> tables(select().from_("shop.products").tree)
    (TableName(name='products', keyspace='shop'),)
    """
    require_node(tree, "tables")
    return tuple(dict.fromkeys(find(tree, TableName)))


def table_uses(tree: Statement) -> tuple[TableUse, ...]:
    """Return what the statement reads and writes, table by table.

    Nothing for statements that touch no rows.

    A lightweight transaction that does not take place answers with the row that is there: with all its columns after
    IF [NOT] EXISTS, and with those that were compared after other conditions.

    Raises:
        ArgumentError: if it is no statement's tree.

    >>> from cql_builder import col, update
    >>> use = table_uses(update("t").set(name="x").where(col("id") == 1).if_(col("n") == 2).tree)[0]
    >>> use.reads, use.writes, sorted(use.columns_read), sorted(use.columns_written)
    (True, True, ['id', 'n'], ['name'])
    """
    require_statement(tree, "table_uses")
    together: dict[TableName, TableUse] = {}
    for use in _uses(tree):
        before = together.get(use.table)
        together[use.table] = use if before is None else _both(before, use)
    return tuple(together.values())


def _uses(tree: Statement) -> Iterator[TableUse]:
    if isinstance(tree, Select | Let):
        if tree.table is not None:
            yield _read(tree, tree.table)
    elif isinstance(tree, Insert | InsertJson | Update | Delete):
        yield _modified(tree)
    elif isinstance(tree, Batch):
        for statement in tree.statements:
            yield _modified(statement)
    elif isinstance(tree, Truncate):
        yield TableUse(tree.table, writes=True, all_columns_written=True)
    elif isinstance(tree, PruneMaterializedView):
        read = _columns(tree.where)
        yield TableUse(tree.view, reads=True, writes=True, columns_read=read, all_columns_written=True)
    elif isinstance(tree, Transaction):
        answer = (tree.answer,) if isinstance(tree.answer, Select) else ()
        for statement in (*tree.reads, *answer, *tree.updates):
            yield from _uses(statement)


def _read(tree: Select | Let, table: TableName) -> TableUse:
    parts: tuple[Node, ...] = (*tree.selection, *tree.where)
    if isinstance(tree, Select):
        parts = (*parts, *tree.group_by, *tree.order_by)
    return TableUse(table, reads=True, columns_read=_columns(parts), all_columns_read=not tree.selection)


def _modified(tree: Modification) -> TableUse:
    if isinstance(tree, Insert | InsertJson):
        return TableUse(
            tree.table,
            reads=tree.if_not_exists,
            writes=True,
            columns_written=_columns(tree.columns) if isinstance(tree, Insert) else NO_COLUMNS,
            all_columns_read=tree.if_not_exists,
            all_columns_written=isinstance(tree, InsertJson),
        )
    targets = tree.targets if isinstance(tree, Delete) else _targets(tree)
    return TableUse(
        tree.table,
        reads=tree.if_exists or bool(tree.conditions),
        writes=True,
        columns_read=_columns((*tree.where, *tree.conditions)),
        columns_written=_columns(targets),
        all_columns_read=tree.if_exists,
        all_columns_written=not targets,
    )


def _targets(tree: Update) -> tuple[ColumnName | Element | Field, ...]:
    return tuple([part.target if isinstance(part, Assign) else part.column for part in tree.assignments])


def _columns(parts: Iterable[Node]) -> frozenset[str]:
    return frozenset([column.name for part in parts for column in columns_in(part)])


def _both(one: TableUse, other: TableUse) -> TableUse:
    return TableUse(
        one.table,
        one.reads or other.reads,
        one.writes or other.writes,
        one.columns_read | other.columns_read,
        one.columns_written | other.columns_written,
        one.all_columns_read or other.all_columns_read,
        one.all_columns_written or other.all_columns_written,
    )
