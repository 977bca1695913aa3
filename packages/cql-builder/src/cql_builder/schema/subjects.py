"""Which keyspace a statement about the schema is about: by the class of the statement, each field by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast import definitions, indexes, programs, tables
from cql_builder.ast.descriptions import (
    CommentOn,
    FieldName,
    KeyspaceName,
    SecurityLabelOn,
    TableColumnName,
)

if TYPE_CHECKING:
    from cql_builder.ast.definitions import SchemaStatement
    from cql_builder.ast.descriptions import Remarkable

ON_KEYSPACES = (definitions.CreateKeyspace, definitions.AlterKeyspace, definitions.DropKeyspace)
"""The statements whose `name` is a keyspace."""

ALTERING_TABLES = (
    tables.AddColumns,
    tables.AlterColumnType,
    tables.AlterTableOptions,
    tables.ConstrainColumn,
    tables.DropColumns,
    tables.DropCompactStorage,
    tables.DropTable,
    tables.MaskColumn,
    tables.RenameColumns,
    indexes.DropTrigger,
)
"""The statements on a `table` that may not be there: those with `if_exists`."""

ON_TABLES = (
    *ALTERING_TABLES,
    tables.CopyTable,
    tables.CreateTable,
    tables.ExpireRows,
    indexes.CreateIndex,
    indexes.CreateTrigger,
)
"""The statements whose `table` says where they belong."""

ON_VIEWS = (indexes.CreateMaterializedView, indexes.AlterMaterializedView, indexes.DropMaterializedView)
"""The statements on a `view`."""

ON_TYPES = (
    programs.CreateType,
    programs.AddField,
    programs.AlterFieldType,
    programs.RenameFields,
    programs.DropType,
)
"""The statements on a `type`."""

ON_FUNCTIONS = (programs.CreateFunction, programs.DropFunction)
"""The statements on a `function`."""

ON_AGGREGATES = (programs.CreateAggregate, programs.DropAggregate)
"""The statements on an `aggregate`."""

REMARKS = (CommentOn, SecurityLabelOn)
"""The statements that write remarks on a `target`."""


def keyspace_of(tree: SchemaStatement) -> str | None:
    """Return the keyspace that a statement names; None where it is that of the session.

    >>> from cql_builder import parse_cql
    >>> keyspace_of(parse_cql("DROP INDEX shop.by_name")), keyspace_of(parse_cql("DROP TABLE t"))
    ('shop', None)
    """
    if isinstance(tree, ON_KEYSPACES):
        return tree.name
    if isinstance(tree, ON_TABLES):
        return tree.table.keyspace
    if isinstance(tree, ON_VIEWS):
        return tree.view.keyspace
    if isinstance(tree, ON_TYPES):
        return tree.type.keyspace
    if isinstance(tree, ON_FUNCTIONS):
        return tree.function.keyspace
    if isinstance(tree, ON_AGGREGATES):
        return tree.aggregate.keyspace
    if isinstance(tree, REMARKS):
        return _remarked_keyspace(tree.target)
    return tree.name.keyspace if isinstance(tree, indexes.DropIndex) else None


def _remarked_keyspace(target: Remarkable) -> str | None:
    if isinstance(target, KeyspaceName):
        return target.name
    if isinstance(target, TableColumnName):
        return target.table.keyspace
    return target.type.keyspace if isinstance(target, FieldName) else target.keyspace
