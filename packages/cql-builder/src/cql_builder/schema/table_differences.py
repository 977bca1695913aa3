"""What lies between two tables, in groups of steps: each group has its place in the order of all steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.indexes import DropIndex, DropTrigger
from cql_builder.ast.names import ColumnName
from cql_builder.ast.tables import (
    AddColumns,
    AlterTableOptions,
    ConstrainColumn,
    DropColumns,
    DropTable,
    MaskColumn,
)
from cql_builder.compiler import type_text
from cql_builder.errors import ArgumentError
from cql_builder.schema.catalog import user_types
from cql_builder.schema.creation import (
    column_tree,
    index_creation,
    index_name,
    table_creation,
    trigger_creation,
    whole_table_creation,
)
from cql_builder.schema.losses import mask_loss
from cql_builder.schema.masks import mask_at_first, mask_at_last
from cql_builder.schema.meanings import mask_meaning
from cql_builder.schema.option_differences import changed_options, unknown_options
from cql_builder.schema.options import option_trees
from cql_builder.schema.steps import executable, impossible
from cql_builder.schema.table_changes import addition_fault, drop_fault, nested_fault
from cql_builder.schema.types import COUNTER, type_rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cql_builder.ast.tables import Mask
    from cql_builder.dialects import Dialect
    from cql_builder.schema.option_differences import OptionRules
    from cql_builder.schema.programs import TypeSchema
    from cql_builder.schema.steps import Step
    from cql_builder.schema.structure import ColumnSchema
    from cql_builder.schema.tables import TableSchema

ANOTHER_TABLE = "make another table and copy the rows"
ANOTHER_COLUMN = "add a column under another name and copy the values"


def table_drop(table: TableSchema) -> Step:
    """Return the step that drops a table, with its indexes and triggers."""
    try:
        back = tuple(whole_table_creation(table))
    except ArgumentError:
        back = ()  # it has something that no statement says, such as bytes of an extension
    return executable(DropTable(table.table_name), "destructive", f"table {table.name!r} is not wanted", *back)


def table_addition(table: TableSchema, types: Mapping[str, TypeSchema]) -> Step:
    """Return the step that creates a table, without its indexes and triggers; impossible where its types forbid it."""
    reason = f"there is no table {table.name!r}"
    for column in table.columns:
        fault = nested_fault(column, types)
        if fault:
            return impossible(f"{reason}, and no server makes one like this: {fault}")
    return executable(table_creation(table), "additive", reason, DropTable(table.table_name))


def beside_drops(actual: TableSchema, desired: TableSchema) -> Iterator[Step]:
    """Yield the steps that drop indexes and triggers which are not wanted as they are."""
    wanted = {index.name: index for index in desired.indexes}
    for index in actual.indexes:
        if wanted.get(index.name) == index:
            continue
        tree, back = DropIndex(index_name(index, actual.keyspace)), index_creation(index, actual.table_name)
        if index.name in wanted:
            yield executable(tree, "rewrite", f"index {index.name!r} is wanted otherwise and is made anew", back)
        else:
            yield executable(tree, "destructive", f"index {index.name!r} on {index.column!r} is not wanted", back)
    for trigger in actual.triggers:
        if trigger not in desired.triggers:
            back_trigger = trigger_creation(trigger, actual.table_name)
            reason = f"trigger {trigger.name!r} of table {actual.name!r} is not wanted as it is"
            yield executable(DropTrigger(trigger.name, actual.table_name), "destructive", reason, back_trigger)


def beside_additions(actual: TableSchema | None, desired: TableSchema) -> Iterator[Step]:
    """Yield the steps that create the indexes and triggers which are wanted and not there as they are wanted."""
    there = {} if actual is None else {index.name: index for index in actual.indexes}
    for index in desired.indexes:
        if there.get(index.name) != index:
            tree = index_creation(index, desired.table_name)
            back = DropIndex(index_name(index, desired.keyspace))
            if index.name in there:
                yield executable(tree, "rewrite", f"index {index.name!r} is wanted otherwise and is made anew", back)
            else:
                yield executable(tree, "additive", f"there is no index {index.name!r} on {index.column!r}", back)
    for trigger in desired.triggers:
        if actual is None or trigger not in actual.triggers:
            back_trigger = DropTrigger(trigger.name, desired.table_name)
            reason = f"table {desired.name!r} has no such trigger {trigger.name!r}"
            yield executable(trigger_creation(trigger, desired.table_name), "additive", reason, back_trigger)


def droppable_columns(actual: TableSchema, desired: TableSchema) -> list[ColumnSchema]:
    """Return the columns that are not wanted and that a server would drop."""
    wanted = desired.columns_by_name
    return [column for column in actual.columns if column.name not in wanted and not drop_fault(actual, column)]


def column_drops(actual: TableSchema, desired: TableSchema) -> Iterator[Step]:
    """Yield the steps that drop the columns which are not wanted, or say why that cannot be."""
    wanted, dropped = desired.columns_by_name, droppable_columns(actual, desired)
    if dropped:
        names = tuple([ColumnName(column.name) for column in dropped])
        # A dropped counter never comes back, nor does what has a user-defined type in it.
        lasting = any(_cannot_return(column) for column in dropped)
        back = [
            AddColumns(actual.table_name, tuple([column_tree(column) for column in group]))
            for group in _added_together([] if lasting else dropped)
        ]
        reason = f"table {actual.name!r} has {_listed(dropped)}, not wanted: all that is in them goes"
        yield executable(DropColumns(actual.table_name, names), "destructive", reason, *back)
    for column in actual.columns:
        if column.name not in wanted and column not in dropped and column.name not in _keys(actual):
            yield impossible(f"table {actual.name!r}: {drop_fault(actual, column)}; {ANOTHER_TABLE}")


def table_changes(
    actual: TableSchema, desired: TableSchema, rules: OptionRules, types: Mapping[str, TypeSchema], *, has_views: bool
) -> Iterator[Step]:
    """Yield the steps that change what a table is, adding columns too; what must go first is in other groups."""
    yield from _key_changes(actual, desired)
    yield from _column_changes(actual, desired, rules.dialect)
    yield from _column_additions(actual, desired, types, has_views=has_views)
    for changed in changed_options(actual.options, desired.options, rules):
        reason = f"other options of table {actual.name!r} are wanted: {changed.reason}"
        tree = AlterTableOptions(actual.table_name, option_trees(changed.wanted))
        back = [AlterTableOptions(actual.table_name, option_trees(changed.before))] if changed.before else []
        yield executable(tree, changed.safety, reason, *back)
    for name in unknown_options(actual.options, desired.options, rules):
        yield impossible(f"table {actual.name!r} has the option {name!r}, whose default is not known: say its value")


def _key_changes(actual: TableSchema, desired: TableSchema) -> Iterator[Step]:
    label = f"table {actual.name!r}"
    if actual.partition_key != desired.partition_key:
        before, after = ", ".join(actual.partition_key), ", ".join(desired.partition_key)
        yield impossible(f"{label} has the partition key ({before}) and is wanted with ({after}); {ANOTHER_TABLE}")
    if actual.clustering_key != desired.clustering_key:
        before, after = _orders(actual), _orders(desired)
        yield impossible(f"{label} has the clustering key ({before}) and is wanted with ({after}); {ANOTHER_TABLE}")
    if actual.compact_storage != desired.compact_storage:
        there, other = ("", "without") if actual.compact_storage else ("no ", "with")
        yield impossible(f"{label} has {there}COMPACT STORAGE and is wanted {other} it; {ANOTHER_TABLE}")


def _column_changes(actual: TableSchema, desired: TableSchema, dialect: Dialect) -> Iterator[Step]:
    there, table = actual.columns_by_name, actual.table_name
    rule, keys = type_rule(dialect.name, "ALTER TABLE"), {*_keys(actual), *_keys(desired)}
    for wanted in desired.columns:
        column = there.get(wanted.name)
        if column is None:
            continue
        label = f"column {column.name!r} of table {actual.name!r}"
        if column.type != wanted.type:
            before, after = type_text(column.type), type_text(wanted.type)
            fix = ANOTHER_TABLE if column.name in keys else ANOTHER_COLUMN
            yield impossible(f"{label} is {before} and wanted as {after}; {rule}: {fix}")
        if column.static != wanted.static:
            before, after = ("static", "not static") if column.static else ("not static", "static")
            yield impossible(f"{label} is {before} and wanted {after}; {ANOTHER_COLUMN}")
        name = ColumnName(column.name)
        first = mask_at_first(column, wanted, actual.keyspace)
        yield from _mask_change(actual, column, first, mask_at_last(column, wanted, actual.keyspace))
        if frozenset(column.constraints) != frozenset(wanted.constraints):
            checked = ConstrainColumn(table, name, wanted.constraints)
            before_checks = ConstrainColumn(table, name, column.constraints)
            lost = frozenset(column.constraints) - frozenset(wanted.constraints)
            why = "values are taken that were not" if lost else ""
            reason = _because(f"{label} is wanted with other constraints", why)
            yield executable(checked, "destructive" if lost else "additive", reason, before_checks)


def mask_removals(actual: TableSchema, desired: TableSchema) -> Iterator[Step]:
    """Yield the steps that take masks away, or mask with a function of the server instead.

    They go before functions are dropped or made anew: no server does that to a function that masks a column.
    """
    wanted = desired.columns_by_name
    for column in actual.columns:
        if column.name in wanted:
            first = mask_at_first(column, wanted[column.name], actual.keyspace)
            yield from _mask_change(actual, column, column.mask, first)


def _mask_change(table: TableSchema, column: ColumnSchema, before: Mask | None, after: Mask | None) -> Iterator[Step]:
    if mask_meaning(before, table.keyspace) == mask_meaning(after, table.keyspace):
        return
    name, loss = ColumnName(column.name), mask_loss(before, after, table.keyspace)
    reason = _because(f"column {column.name!r} of table {table.name!r} is wanted with another mask", loss.reason)
    tree, back = MaskColumn(table.table_name, name, after), MaskColumn(table.table_name, name, before)
    yield executable(tree, loss.safety, reason, back)


def _column_additions(
    actual: TableSchema, desired: TableSchema, types: Mapping[str, TypeSchema], *, has_views: bool
) -> Iterator[Step]:
    there, keys = actual.columns_by_name, _keys(desired)
    added: list[ColumnSchema] = []
    for column in desired.columns:
        if column.name in there or column.name in keys:  # another key is another table
            continue
        fault, nested = addition_fault(actual, column), nested_fault(column, types)
        if fault:
            yield impossible(f"table {actual.name!r}: {fault}; {ANOTHER_COLUMN}")
        elif nested:  # under any name
            yield impossible(f"table {actual.name!r}: {nested}")
        else:
            added.append(column)
    for group in _added_together(added):
        tree = AddColumns(actual.table_name, tuple([column_tree(column) for column in group]))
        # No column of a table that has views can be dropped.
        undroppable = has_views or any(drop_fault(desired, column) for column in group)
        names = tuple([ColumnName(each.name) for each in group])
        back = () if undroppable else (DropColumns(actual.table_name, names),)
        yield executable(tree, "additive", f"table {actual.name!r} has no {_listed(group)}", *back)


def _added_together(columns: list[ColumnSchema]) -> list[list[ColumnSchema]]:
    """Return columns in groups, each added by one statement: the plain ones, then one by one those with constraints.

    In one statement, Cassandra 6.0-alpha2 gives the constraints of the first column to the second too.
    """
    plain = [column for column in columns if not column.constraints]
    return [*([plain] if plain else []), *[[column] for column in columns if column.constraints]]


def _because(reason: str, loss: str) -> str:
    return f"{reason}: {loss}" if loss else reason


def _cannot_return(column: ColumnSchema) -> bool:
    return column.type == COUNTER or any(True for _ in user_types(column.type))


def _listed(columns: list[ColumnSchema]) -> str:
    return ", ".join([repr(column.name) for column in columns])


def _keys(table: TableSchema) -> tuple[str, ...]:
    return (*table.partition_key, *[column.name for column in table.clustering_key])


def _orders(table: TableSchema) -> str:
    return ", ".join([f"{each.name} {'DESC' if each.descending else 'ASC'}" for each in table.clustering_key])
