"""What lies between a table and the part of it that a program owns: `diff_table`, which takes nothing away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from cql_builder.ast.definitions import SchemaStatement
from cql_builder.ast.indexes import CreateIndex, CreateTrigger, DropIndex, DropTrigger
from cql_builder.ast.names import ColumnName
from cql_builder.ast.tables import CreateTable, DropColumns, MaskColumn
from cql_builder.builder.statement import FinishedStatement
from cql_builder.dialects import DEFAULT_DIALECT, find_dialect
from cql_builder.schema.arguments import checked
from cql_builder.schema.indexes import finds_equal_values
from cql_builder.schema.option_differences import OptionRules
from cql_builder.schema.possibility import taken_by
from cql_builder.schema.steps import Step, impossible
from cql_builder.schema.table_changes import addition_fault, drop_fault
from cql_builder.schema.table_differences import (
    beside_additions,
    beside_drops,
    mask_removals,
    table_addition,
    table_changes,
)
from cql_builder.schema.tables import TableSchema
from cql_builder.schema.validation import index_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cql_builder.dialects import Dialect, DialectName
    from cql_builder.schema.indexes import IndexSchema
    from cql_builder.schema.structure import ColumnSchema

S = TypeVar("S", bound=SchemaStatement)


def diff_table(
    actual: TableSchema | None,
    desired: TableSchema,
    *,
    drop_removed_indexes: bool = False,
    dialect: DialectName | Dialect = DEFAULT_DIALECT,
) -> tuple[Step, ...]:
    """Return the steps from a table as it is to one that has all that is wanted.

    They are in an order that a server takes.

    They are those of `diff_schema` for the table as it is wanted with all that is there and not wanted: columns, masks,
    constraints, triggers and COMPACT STORAGE, which a step without statement reports, options that are not said, and
    indexes. An index under another name serves. Statements that create or drop take it that others did so before.

    Args:
        actual: the table as it is; None where there is none.
        desired: the table as it is wanted.
        drop_removed_indexes: whether to drop indexes that are not wanted.
        dialect: the dialect of the server, as for `diff_schema`.

    Raises:
        ArgumentError: if an argument is of another kind.

    >>> from cql_builder.schema import ColumnDefinition, TableSchema, diff_table
    >>> columns = [ColumnDefinition("id", "uuid", primary_key=True)]
    >>> before = TableSchema.from_columns("products", "shop", columns)
    >>> after = TableSchema.from_columns("products", "shop", [*columns, ColumnDefinition("name", "text")])
    >>> [(step.cql, step.safety) for step in diff_table(before, after)]
    [('ALTER TABLE shop.products ADD name text', 'additive')]
    """
    server = find_dialect(dialect)
    checked(desired, TableSchema, "diff_table", "the desired table")
    if actual is not None:
        checked(actual, TableSchema, "diff_table", "the actual table", " or None")
    if actual is None:
        creation = taken_by(server, table_addition(desired, {}))
        # Where there is no table, nothing is beside it.
        beside = () if creation.statement is None else beside_additions(None, desired)
        return tuple([taken_by(server, _repeatable(step)) for step in (creation, *beside)])
    serving = _serving(actual, desired)
    staying = [each for each in actual.indexes if not drop_removed_indexes or each.name in serving.values()]
    lacking = [each for each in desired.indexes if each.name not in serving]
    taken = {each.name: each for each in staying}
    goal = replace(
        _with_what_stays(actual, desired),
        indexes=(*staying, *[each for each in lacking if each.name not in taken]),
    )
    steps = [
        *mask_removals(actual, goal),
        *table_changes(actual, goal, OptionRules(keep=True, dialect=server), {}, has_views=False),
        *_reports(actual, desired, server),
        *beside_drops(actual, goal),
        *beside_additions(actual, goal),
        *[_name_conflict(each, taken[each.name]) for each in lacking if each.name in taken],
    ]
    return tuple([taken_by(server, _repeatable(_on_columns(step, actual, goal))) for step in steps])


def _with_what_stays(actual: TableSchema, desired: TableSchema) -> TableSchema:
    """Return the wanted table with what is there and not wanted."""
    there, wanted = actual.columns_by_name, desired.columns_by_name
    columns = [_merged(there.get(column.name), column) for column in desired.columns]
    triggers = {trigger.name for trigger in desired.triggers}
    return replace(
        desired,
        columns=(*columns, *[column for column in actual.columns if column.name not in wanted]),
        triggers=(*desired.triggers, *[each for each in actual.triggers if each.name not in triggers]),
        compact_storage=actual.compact_storage or desired.compact_storage,
    )


def _merged(there: ColumnSchema | None, wanted: ColumnSchema) -> ColumnSchema:
    if there is None:
        return wanted
    return replace(wanted, mask=wanted.mask or there.mask, constraints=wanted.constraints or there.constraints)


def _on_columns(step: Step, actual: TableSchema, goal: TableSchema) -> Step:
    """Return the step that creates an index as impossible where its column cannot be added."""
    tree = None if step.statement is None else step.statement.tree
    if not isinstance(tree, CreateIndex):
        return step
    added = {name: column for name, column in goal.columns_by_name.items() if not addition_fault(actual, column)}
    index = next(each for each in goal.indexes if each.name == tree.name)
    columns = {**added, **actual.columns_by_name}
    fault = next(index_faults(index, columns, actual.partition_key), "")
    return impossible(f"{step.reason}, but {fault}") if fault else step


def _reports(actual: TableSchema, desired: TableSchema, dialect: Dialect) -> Iterator[Step]:
    """Yield a step without statement for each thing that is there, is not wanted and stays."""
    table, wanted = f"table {actual.name!r}", desired.columns_by_name
    if actual.compact_storage and not desired.compact_storage:
        yield _report(f"{table} has COMPACT STORAGE, which is not wanted and stays")
    for column in actual.columns:
        label, name = f"column {column.name!r} of {table}", ColumnName(column.name)
        if column.name not in wanted:
            fault, drop = drop_fault(actual, column), DropColumns(actual.table_name, (name,))
            how = f": {fault}" if fault else f"; to drop it with all that is in it: {_text(drop, dialect)}"
            yield _report(f"{label} is not wanted and stays{how}")
            continue
        if column.mask is not None and wanted[column.name].mask is None:
            unmasked = _text(MaskColumn(actual.table_name, name, None), dialect)
            yield _report(f"{label} is masked, which is not wanted and stays; to take the mask away: {unmasked}")
        if column.constraints and not wanted[column.name].constraints:
            yield _report(f"{label} has constraints, which are not wanted and stay")
    triggers = {trigger.name for trigger in desired.triggers}
    for trigger in actual.triggers:
        if trigger.name not in triggers:
            gone = DropTrigger(trigger.name, actual.table_name)
            how = f"to drop it: {_text(gone, dialect)}"
            yield _report(f"trigger {trigger.name!r} of {table} is not wanted and stays; {how}")


def _report(reason: str) -> Step:
    return Step(None, "destructive", reason)


def _text(tree: SchemaStatement, dialect: Dialect) -> str:
    return FinishedStatement(tree).compile(dialect).cql


def _serving(actual: TableSchema, desired: TableSchema) -> dict[str, str]:
    """Return by the names of the wanted indexes those of the ones there that do what they would.

    One that is exactly as wanted goes first. Where no class was said, any does that finds equal values, also one that
    serves another wanted index already.
    """
    found = {
        each.name: there.name
        for each in desired.indexes
        for there in actual.indexes
        if replace(there, name=each.name) == each
    }
    for each in desired.indexes:
        if each.name in found or each.index_class is not None:
            continue
        target = (each.column, each.part)
        for there in actual.indexes:
            if (there.column, there.part) == target and finds_equal_values(there):
                found[each.name] = there.name
    return found


def _name_conflict(wanted: IndexSchema, there: IndexSchema) -> Step:
    if (wanted.column, wanted.part) == (there.column, there.part):
        reason = f"index {wanted.name!r} on {wanted.column!r} is wanted of another kind or with other options"
        return impossible(
            f"{reason}; drop it first, or call sync_table(drop_removed_indexes=True), which makes it anew"
        )
    reason = f"index {wanted.name!r} is wanted on {_indexed(wanted)} and is on {_indexed(there)}"
    return impossible(f"{reason}; drop it first, or give the new one another name")


def _indexed(index: IndexSchema) -> str:
    """Return what an index is of: a column, or a part of one, as `the keys of 'tags'`."""
    words = {"full": "the whole of", None: ""}
    part = words.get(index.part, f"the {index.part} of")
    return f"{part} {index.column!r}".lstrip()


def _repeatable(step: Step) -> Step:
    """Return a step that a server takes too where somebody else did the same meanwhile."""
    tree = None if step.statement is None else step.statement.tree
    if isinstance(tree, CreateTable | CreateIndex | CreateTrigger):
        return replace(step, statement=FinishedStatement(_switched_on(tree, "if_not_exists")))
    if isinstance(tree, DropIndex | DropTrigger):
        return replace(step, statement=FinishedStatement(_switched_on(tree, "if_exists")))
    return step


def _switched_on(tree: S, switch: str) -> S:
    return type(tree)(*[name == switch or getattr(tree, name) for name in type(tree).field_names])
