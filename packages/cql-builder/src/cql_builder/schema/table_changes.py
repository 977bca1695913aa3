"""What the statements about tables do to a keyspace: CREATE, ALTER and DROP TABLE."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cql_builder.ast import tables
from cql_builder.ast.types import NativeType, UserType
from cql_builder.compiler import type_text
from cql_builder.errors import suggestion
from cql_builder.schema.catalog import user_types
from cql_builder.schema.masks import mask_fault
from cql_builder.schema.option_faults import option_faults
from cql_builder.schema.options import complete_options
from cql_builder.schema.reading import read_clustering, read_column, read_options
from cql_builder.schema.renaming import renamed_column, renamed_view
from cql_builder.schema.structure import DroppedColumn
from cql_builder.schema.tables import TableSchema
from cql_builder.schema.types import COUNTER, is_multi_cell
from cql_builder.schema.validation import name_faults, table_faults

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cql_builder.ast.definitions import SchemaStatement
    from cql_builder.ast.types import DataType
    from cql_builder.schema.catalog import Catalog
    from cql_builder.schema.programs import TypeSchema
    from cql_builder.schema.structure import ColumnSchema


def _create(catalog: Catalog, node: tables.CreateTable) -> None:
    name = node.table.name
    if _is_taken(catalog, name, tolerated=node.if_not_exists):
        return
    label = f"{catalog.name}.{name}"
    columns = tuple([read_column(column, catalog.name) for column in node.columns])
    for column in columns:
        _require_types(catalog, name, column)
        _require_mask(catalog, name, column)
    table = TableSchema(
        catalog.name,
        name,
        columns,
        tuple([column.name for column in node.partition_key]),
        read_clustering(node.clustering_key, node.clustering_order, label),
        options=read_options(node.options),
        compact_storage=node.compact_storage,
    )
    for key in _keys(table):
        _require_column(catalog, table, key)
    _check(catalog, table)
    catalog.tables[name] = table


def _copy(catalog: Catalog, node: tables.CopyTable) -> None:
    if _is_taken(catalog, node.table.name, tolerated=node.if_not_exists):
        return
    source = catalog.find("table", catalog.tables, node.source.name)
    options = {**source.options, **read_options(node.options)}
    indexes = source.indexes if "indexes" in node.parts else ()
    catalog.tables[node.table.name] = replace(
        source, name=node.table.name, options=options, indexes=indexes, triggers=(), dropped=()
    )


def _drop(catalog: Catalog, node: tables.DropTable) -> None:
    name = node.table.name
    if node.if_exists and name not in catalog.tables:
        return
    catalog.find("table", catalog.tables, name)
    views = [view.name for view in catalog.views_of(name)]
    if views:
        raise catalog.refuse("table", name, f"it cannot be dropped before its views {', '.join(views)}")
    del catalog.tables[name]


def _add(catalog: Catalog, node: tables.AddColumns) -> None:
    table = catalog.find("table", catalog.tables, node.table.name)
    columns = list(table.columns)
    for added in node.columns:
        column = read_column(added, catalog.name)
        if any(each.name == column.name for each in columns):
            if node.if_not_exists:
                continue
            raise catalog.refuse("table", table.name, f"it has a column {column.name!r} already")
        _require_types(catalog, table.name, column)
        _require_mask(catalog, table.name, column)
        fault = addition_fault(table, column)
        if fault:
            raise catalog.refuse("table", table.name, fault)
        columns.append(column)
    wider = replace(table, columns=tuple(columns))
    _check(catalog, wider)
    catalog.tables[table.name] = wider


def _drop_columns(catalog: Catalog, node: tables.DropColumns) -> None:
    table = catalog.find("table", catalog.tables, node.table.name)
    there = table.columns_by_name
    names = [column.name for column in node.columns if not (node.if_columns_exist and column.name not in there)]
    for name in names:
        _require_column(catalog, table, name)
        fault = drop_fault(table, there[name])
        if fault:
            raise catalog.refuse("table", table.name, fault)
        indexes = [index.name for index in table.indexes if index.column == name]
        if indexes:
            raise catalog.refuse("table", table.name, f"{name!r} cannot be dropped before its index {indexes[0]!r}")
    views = [view.name for view in catalog.views_of(table.name)]
    if views and names:
        raise catalog.refuse("table", table.name, f"no column can be dropped before its views {', '.join(views)}")
    kept = tuple([column for column in table.columns if column.name not in names])
    gone = tuple([DroppedColumn(name, there[name].type, there[name].static) for name in names])
    earlier = tuple([column for column in table.dropped if column.name not in names])
    catalog.tables[table.name] = replace(table, columns=kept, dropped=earlier + gone)


def _rename(catalog: Catalog, node: tables.RenameColumns) -> None:
    table = catalog.find("table", catalog.tables, node.table.name)
    for old, new in node.names:
        if node.if_columns_exist and old.name not in table.columns_by_name:
            continue
        _require_column(catalog, table, old.name)
        if old.name not in _keys(table):
            raise catalog.refuse(
                "table", table.name, f"{old.name!r} is not in the primary key; no other can be renamed"
            )
        if new.name in table.columns_by_name:
            raise catalog.refuse("table", table.name, f"it has a column {new.name!r} already")
        table = renamed_column(table, old.name, new.name)
        for view in catalog.views_of(table.name):
            catalog.views[view.name] = renamed_view(view, old.name, new.name)
    catalog.tables[table.name] = table


def _mask(catalog: Catalog, node: tables.MaskColumn) -> None:
    table = catalog.find("table", catalog.tables, node.table.name)
    if node.if_column_exists and node.column.name not in table.columns_by_name:
        return
    _require_column(catalog, table, node.column.name)
    masked = replace(table.columns_by_name[node.column.name], mask=node.mask)
    _require_mask(catalog, table.name, masked)
    _change_column(catalog, table, masked)


def _constrain(catalog: Catalog, node: tables.ConstrainColumn) -> None:
    table = catalog.find("table", catalog.tables, node.table.name)
    if node.if_column_exists and node.column.name not in table.columns_by_name:
        return
    _require_column(catalog, table, node.column.name)
    _change_column(catalog, table, replace(table.columns_by_name[node.column.name], constraints=node.constraints))


def _change_column(catalog: Catalog, table: TableSchema, changed: ColumnSchema) -> None:
    columns = tuple([changed if column.name == changed.name else column for column in table.columns])
    catalog.tables[table.name] = replace(table, columns=columns)


def _set_options(catalog: Catalog, node: tables.AlterTableOptions) -> None:
    table = catalog.find("table", catalog.tables, node.table.name)
    # What a default depends on may change; a table that is there keeps what it had.
    fixed = {"bloom_filter_fp_chance": complete_options(table.options)["bloom_filter_fp_chance"]}
    options = {**(fixed if any(each.name == "compaction" for each in node.options) else {}), **table.options}
    said = read_options(node.options)
    check_options(catalog, "table", table.name, said)
    catalog.tables[table.name] = replace(table, options={**options, **said})


def _drop_compact_storage(catalog: Catalog, node: tables.DropCompactStorage) -> None:
    table = catalog.find("table", catalog.tables, node.table.name)
    catalog.tables[table.name] = replace(table, compact_storage=False)


def check_options(catalog: Catalog, kind: str, name: str, options: Mapping[str, object]) -> None:
    """Refuse options of a table or view that no server reads.

    Raises:
        SchemaError: saying which.
    """
    for fault in option_faults(options):
        raise catalog.refuse(kind, name, fault)


def _check(catalog: Catalog, table: TableSchema) -> None:
    """Refuse a table that no server takes."""
    for fault in name_faults(table.name, catalog.name):
        raise catalog.refuse("table", table.name, fault)
    for fault in table_faults(table.columns_by_name, table.partition_key, table.clustering_key, ()):
        raise catalog.refuse("table", table.name, fault)
    check_options(catalog, "table", table.name, table.options)


def addition_fault(table: TableSchema, column: ColumnSchema) -> str:
    """Return why a column cannot be added to a table; empty where it can."""
    if column.static and not table.clustering_key:
        return f"{column.name!r} is static, and a table without clustering columns gets no such column"
    return _return_fault(table, column) or _counter_fault(table, column)


def _counter_fault(table: TableSchema, column: ColumnSchema) -> str:
    keys = _keys(table)
    counters = any(each.type == COUNTER for each in table.columns if each.name not in keys)
    if column.type == COUNTER and not counters:
        return f"{column.name!r} is a counter, and only a table of counters gets more of them"
    if column.type != COUNTER and counters:
        return f"{column.name!r} is no counter, and a table of counters gets nothing else"
    return ""


def _return_fault(table: TableSchema, column: ColumnSchema) -> str:
    """Return why a column cannot be added under a name that a dropped one had; empty where it can.

    What was written before the drop is still in the files, and must be readable as the new type (Cassandra 5.0.9).
    """
    before = next((dropped for dropped in table.dropped if dropped.name == column.name), None)
    if before is None:
        return ""
    was = f"a column {column.name!r} was dropped"
    if before.static != column.static:
        return f"{was} that was {'static' if before.static else 'not static'}, and it can only come back so"
    if column.type == COUNTER:
        return f"{was}, and no dropped counter comes back"
    if any(True for _ in user_types(column.type)):
        return f"{was}, and none with a user-defined type comes back: the server remembers it as a tuple"
    if column.type != before.type and (_name(before.type), _name(column.type)) not in _READABLE_AS:
        return f"{was} that had another type, and it can only come back with that one"
    return ""


def drop_fault(table: TableSchema, column: ColumnSchema) -> str:
    """Return why a column can never be dropped; empty where it can."""
    if column.name in _keys(table):
        return f"{column.name!r} is in the primary key, which no ALTER TABLE changes"
    if isinstance(column.type, UserType):
        return f"{column.name!r} has a user-defined type that is not frozen, and no server drops such a column"
    return ""


_READABLE_AS = frozenset({("ascii", "text"), ("ascii", "blob"), ("text", "blob")})


def _name(data_type: DataType) -> str:
    return data_type.name if isinstance(data_type, NativeType) else ""


def _keys(table: TableSchema) -> tuple[str, ...]:
    return (*table.partition_key, *[column.name for column in table.clustering_key])


def _is_taken(catalog: Catalog, name: str, *, tolerated: bool) -> bool:
    if name in catalog.views:
        raise catalog.refuse("table", name, "a view has this name")
    if name in catalog.tables and not tolerated:
        raise catalog.refuse("table", name, "there is one already")
    return name in catalog.tables


def _require_column(catalog: Catalog, table: TableSchema, name: str) -> None:
    there = table.columns_by_name
    if name not in there:
        raise catalog.refuse("table", table.name, f"it has no column {name!r}{suggestion(name, there)}")


def _require_types(catalog: Catalog, table: str, column: ColumnSchema) -> None:
    for name in user_types(column.type):
        if name not in catalog.types:
            reason = f"column {column.name!r} has a type {name!r} that there is not{suggestion(name, catalog.types)}"
            raise catalog.refuse("table", table, reason)
    fault = nested_fault(column, catalog.types)
    if fault:
        raise catalog.refuse("table", table, fault)


def nested_fault(column: ColumnSchema, types: Mapping[str, TypeSchema]) -> str:
    """Return why a server takes no column of its user-defined type; empty where it does.

    A type may get such a field while columns have it already; no column is made with it afterwards (Cassandra 5.0.9).
    """
    fields = types[column.type.name].fields if isinstance(column.type, UserType) and column.type.name in types else ()
    for field in fields:
        if is_multi_cell(field.type):
            kind = type_text(column.type)
            what = f"column {column.name!r} is not frozen, nor is the collection in field {field.name!r} of its type"
            return f"{what} {kind!r}: write frozen<{kind}>"
    return ""


def _require_mask(catalog: Catalog, table: str, column: ColumnSchema) -> None:
    fault = mask_fault(column, catalog.name, catalog.functions)
    if fault:
        raise catalog.refuse("table", table, fault)


CHANGES: dict[type[SchemaStatement], Callable[..., None]] = {
    tables.CreateTable: _create,
    tables.CopyTable: _copy,
    tables.DropTable: _drop,
    tables.AddColumns: _add,
    tables.DropColumns: _drop_columns,
    tables.RenameColumns: _rename,
    tables.MaskColumn: _mask,
    tables.ConstrainColumn: _constrain,
    tables.AlterTableOptions: _set_options,
    tables.DropCompactStorage: _drop_compact_storage,
}
"""What each statement does."""
