"""What lies between a table as it is and as it is wanted: `diff_table`, steps with how safe each is."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from cql_builder.ast.names import IndexName
from cql_builder.builder.indexes import create_index, drop_index
from cql_builder.builder.tables import alter_table, create_table
from cql_builder.compiler import type_text
from cql_builder.schema.option_differences import by_safety
from cql_builder.schema.options import complete_options, is_same_option
from cql_builder.schema.steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cql_builder.builder.keys import Direction
    from cql_builder.builder.literals import OptionValue
    from cql_builder.schema.indexes import IndexSchema
    from cql_builder.schema.structure import ColumnSchema
    from cql_builder.schema.tables import TableSchema


def diff_table(
    actual: TableSchema | None, desired: TableSchema, *, drop_removed_indexes: bool = False
) -> tuple[Step, ...]:
    """Return the steps from a table as it is to the table that is wanted, in their order.

    Columns that are there and not wanted stay: a step without statement reports each. Indexes that are there and not
    wanted go only when asked. Of options, only the wanted ones are compared.

    Args:
        actual: the table as it is; None where there is none.
        desired: the table as it is wanted.
        drop_removed_indexes: whether to drop indexes that are not wanted.

    >>> from cql_builder.schema import ColumnDefinition, TableSchema, diff_table
    >>> columns = [ColumnDefinition("id", "uuid", primary_key=True)]
    >>> before = TableSchema.from_columns("products", "shop", columns)
    >>> after = TableSchema.from_columns("products", "shop", [*columns, ColumnDefinition("name", "text")])
    >>> [(step.cql, step.safety) for step in diff_table(before, after)]
    [('ALTER TABLE shop.products ADD name text', 'additive')]
    """
    if actual is None:
        return (_creation(desired), *[_index_creation(index, desired) for index in desired.indexes])
    return (
        *_key_steps(actual, desired),
        *_column_steps(actual, desired),
        *_option_steps(actual, desired),
        *_index_steps(actual, desired, drop_removed=drop_removed_indexes),
    )


def _creation(desired: TableSchema) -> Step:
    statement = create_table(desired.table_name).partition_key(*desired.partition_key).if_not_exists()
    for column in desired.columns:
        statement = statement.column(column.name, column.type, static=column.static)
    if desired.clustering_key:
        statement = statement.clustering_key(*[column.name for column in desired.clustering_key])
    if any(column.descending for column in desired.clustering_key):
        orders: dict[str, Direction] = {
            column.name: _direction(descending=column.descending) for column in desired.clustering_key
        }
        statement = statement.clustering_order(orders)
    if desired.options:
        statement = statement.options(_options(desired.options))
    return Step(statement, "additive", "there is no such table")


def _key_steps(actual: TableSchema, desired: TableSchema) -> Iterator[Step]:
    copy = "make a table with the new key and copy the rows"
    if actual.partition_key != desired.partition_key:
        before, after = ", ".join(actual.partition_key), ", ".join(desired.partition_key)
        yield Step(None, "impossible", f"the partition key is ({before}) and wanted as ({after}); {copy}")
    there = [column.name for column in actual.clustering_key]
    wanted = [column.name for column in desired.clustering_key]
    if there != wanted:
        reason = f"the clustering key is ({', '.join(there)}) and wanted as ({', '.join(wanted)}); {copy}"
        yield Step(None, "impossible", reason)
    elif actual.clustering_key != desired.clustering_key:
        before, after = _order_text(actual), _order_text(desired)
        yield Step(None, "impossible", f"the clustering order is ({before}) and wanted as ({after}); {copy}")


def _column_steps(actual: TableSchema, desired: TableSchema) -> Iterator[Step]:
    there, keys = actual.columns_by_name, {*desired.partition_key, *[column.name for column in desired.clustering_key]}
    missing = [column for column in desired.columns if column.name not in there and column.name not in keys]
    if missing:
        statement = alter_table(desired.table_name)
        for column in missing:
            statement = statement.add(column.name, column.type, static=column.static)
        names = ", ".join([repr(column.name) for column in missing])
        yield Step(statement, "additive", f"the table has no {names}")
    for column in desired.columns:
        if column.name in there:
            yield from _changed_column(there[column.name], column)
    wanted = desired.columns_by_name
    for column in actual.columns:
        if column.name not in wanted:
            drop = alter_table(desired.table_name).drop(column.name).compile().cql
            reason = f"column {column.name!r} is not wanted and stays; to drop it with all that is in it: {drop}"
            yield Step(None, "destructive", reason)


def _changed_column(actual: ColumnSchema, wanted: ColumnSchema) -> Iterator[Step]:
    instead = "add a column under another name and copy the values"
    if actual.type != wanted.type:
        there, new = type_text(actual.type), type_text(wanted.type)
        reason = f"column {wanted.name!r} is {there} and wanted as {new}; no server changes a type: {instead}"
        yield Step(None, "impossible", reason)
    if actual.static != wanted.static:
        there, new = ("static", "a plain one") if actual.static else ("not static", "a static one")
        yield Step(None, "impossible", f"column {wanted.name!r} is {there} and wanted as {new}; {instead}")


def _option_steps(actual: TableSchema, desired: TableSchema) -> Iterator[Step]:
    changed = {
        name: value
        for name, value in desired.options.items()
        if name not in actual.options or not is_same_option(name, actual.options[name], value)
    }
    if not changed:
        return
    there, wanted = complete_options(actual.options), complete_options(desired.options)
    for safety, reason, names in by_safety({name: (there.get(name), wanted[name]) for name in changed}):
        statement = alter_table(desired.table_name).options(_options({name: changed[name] for name in names}))
        yield Step(statement, safety, f"other options are wanted: {reason}")


def _index_steps(actual: TableSchema, desired: TableSchema, *, drop_removed: bool) -> Iterator[Step]:
    wanted = {(index.column, index.part) for index in desired.indexes}
    there = {(index.column, index.part) for index in actual.indexes}
    staying = {index.name: index for index in actual.indexes}
    for index in actual.indexes:
        if drop_removed and (index.column, index.part) not in wanted:
            del staying[index.name]
            yield Step(
                drop_index(IndexName(index.name, desired.keyspace), if_exists=True),
                "destructive",
                f"index {index.name!r} on {index.column!r} is not wanted",
            )
    for index in desired.indexes:
        if (index.column, index.part) in there:
            continue
        yield _name_conflict(index, staying[index.name]) if index.name in staying else _index_creation(index, desired)


def _name_conflict(wanted: IndexSchema, there: IndexSchema) -> Step:
    reason = f"index {wanted.name!r} is wanted on {wanted.column!r} and is on {there.column!r}"
    return Step(None, "impossible", f"{reason}; drop it first, or give the new one another name")


def _index_creation(index: IndexSchema, desired: TableSchema) -> Step:
    # `values` is what the server takes for a collection anyway; older ones know no other spelling.
    part = None if index.part == "values" else index.part
    statement = create_index(index.name).on(desired.table_name, index.column, part).if_not_exists()
    if index.index_class is not None:
        statement = statement.using(index.index_class, index.options or None)
    return Step(statement, "additive", f"column {index.column!r} has no index")


def _order_text(table: TableSchema) -> str:
    columns = [f"{column.name} {_direction(descending=column.descending)}" for column in table.clustering_key]
    return ", ".join(columns)


def _direction(*, descending: bool) -> Direction:
    return "DESC" if descending else "ASC"


def _options(options: Mapping[str, object]) -> Mapping[str, OptionValue]:
    # The builder refuses what is neither a constant nor a map of constants.
    return cast("Mapping[str, OptionValue]", options)
