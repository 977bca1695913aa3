"""Rows of `system_schema` about all but tables, read into values: types, views, functions, aggregates, masks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.names import FunctionName
from cql_builder.ast.programs import NamedType
from cql_builder.ast.statements import Insert, Select
from cql_builder.ast.tables import Mask
from cql_builder.ast.terms import FloatLiteral, IntegerLiteral, NullLiteral, StringLiteral, Term
from cql_builder.parser.types import parse_type
from cql_builder.schema import introspection
from cql_builder.schema.programs import AggregateSchema, FunctionSchema, TypeSchema, argument_type
from cql_builder.schema.structure import DroppedColumn, TriggerSchema
from cql_builder.schema.types import canonical_type
from cql_builder.schema.views import ViewSchema

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cql_builder.ast.relations import Relation
    from cql_builder.ast.types import DataType
    from cql_builder.schema.rows import SystemRow

_NUMBERS = frozenset({"bigint", "decimal", "double", "float", "int", "smallint", "tinyint", "varint"})
_WHOLE = frozenset("-0123456789")


def read_type(row: SystemRow, keyspace: str) -> TypeSchema:
    """Return the type of a row of `system_schema.types`."""
    row.require_equal_lengths("field_names", "field_types")
    types = [canonical_type(parse_type(text), keyspace) for text in row.texts("field_types")]
    return TypeSchema(keyspace, row.text("type_name"), _named(row.texts("field_names"), types))


def read_function(row: SystemRow, keyspace: str) -> FunctionSchema:
    """Return the function of a row of `system_schema.functions`."""
    row.require_equal_lengths("argument_names", "argument_types")
    types = _types(row, keyspace)
    arguments = _named(row.texts("argument_names"), types)
    returns = _type(row, "return_type", keyspace)
    name, language, body = (row.text(column) for column in ("function_name", "language", "body"))
    return FunctionSchema(keyspace, name, arguments, returns, language.lower(), body, bool(row["called_on_null_input"]))


def read_aggregate(row: SystemRow, keyspace: str) -> AggregateSchema:
    """Return the aggregate of a row of `system_schema.aggregates`."""
    state, final = row["initcond"], row["final_func"]
    return AggregateSchema(
        keyspace,
        row.text("aggregate_name"),
        tuple(_types(row, keyspace)),
        row.text("state_func"),
        _type(row, "state_type", keyspace),
        None if final is None else str(final),
        None if state is None else _constant(str(state)),
    )


def read_view(row: SystemRow, column_rows: Iterable[SystemRow], keyspace: str) -> ViewSchema:
    """Return the view of a row of `system_schema.views` and the rows of its columns."""
    rows = list(column_rows)
    columns = () if row["include_all_columns"] else introspection.read_columns(rows, keyspace)
    return ViewSchema(
        keyspace,
        row.text("view_name"),
        row.text("base_table_name"),
        tuple([column.name for column in columns]),
        _conditions(row.text("where_clause")),
        introspection.read_partition_key(rows),
        introspection.read_clustering_key(rows),
        introspection.read_options(row),
    )


def read_masks(rows: Iterable[SystemRow]) -> dict[str, Mask]:
    """Return the masks of the columns of a table, of rows of `system_schema.column_masks`."""
    return {row.text("column_name"): _mask(row) for row in rows}


def read_triggers(rows: Iterable[SystemRow]) -> tuple[TriggerSchema, ...]:
    """Return the triggers of a table, of rows of `system_schema.triggers`."""
    triggers: list[TriggerSchema] = []
    for row in rows:
        using = row.mapping("options").get("class")
        if not isinstance(using, str):
            raise row.refuse("in a row, 'options' has no 'class'")
        triggers.append(TriggerSchema(row.text("trigger_name"), using))
    return tuple(triggers)


def read_dropped(rows: Iterable[SystemRow], keyspace: str) -> tuple[DroppedColumn, ...]:
    """Return the columns that a table once had, of rows of `system_schema.dropped_columns`."""
    return tuple(
        [
            DroppedColumn(
                row.text("column_name"),
                canonical_type(parse_type(row.text("type")), keyspace),
                row.get("kind") == "static",
            )
            for row in rows
        ]
    )


def _mask(row: SystemRow) -> Mask:
    columns = ("function_argument_types", "function_argument_nulls", "function_argument_values")
    row.require_equal_lengths(*columns)
    types, nulls, values = (row.values_in(column) for column in columns)
    arguments = [
        NullLiteral() if null else _mask_argument(str(type_name), str(value))
        for type_name, null, value in zip(types, nulls, values, strict=True)
    ]
    return Mask(FunctionName(row.text("function_name"), row.text("function_keyspace")), tuple(arguments))


def _mask_argument(type_name: str, value: str) -> Term:
    """Return the literal of an argument, which the server keeps as text without quotes."""
    if type_name not in _NUMBERS:
        return StringLiteral(value)
    return IntegerLiteral(value) if _WHOLE.issuperset(value) else FloatLiteral(value)


def _constant(text: str) -> Term:
    """Return the term that a text spells, such as the initial state of an aggregate."""
    # Only what has aggregates pays for the parser.
    from cql_builder.parser.parse import parse_cql  # noqa: PLC0415

    tree = parse_cql(f"INSERT INTO t (c) VALUES ({text})")
    return tree.values[0] if isinstance(tree, Insert) else NullLiteral()


def _conditions(text: str) -> tuple[Relation, ...]:
    # Only what has views pays for the parser.
    from cql_builder.parser.parse import parse_cql  # noqa: PLC0415

    tree = parse_cql(f"SELECT * FROM t WHERE {text}")
    return tree.where if isinstance(tree, Select) else ()


def _type(row: SystemRow, column: str, keyspace: str) -> DataType:
    return argument_type(parse_type(row.text(column)), keyspace)


def _types(row: SystemRow, keyspace: str) -> list[DataType]:
    return [argument_type(parse_type(text), keyspace) for text in row.texts("argument_types")]


def _named(names: Iterable[str], types: Iterable[DataType]) -> tuple[NamedType, ...]:
    return tuple([NamedType(name, data_type) for name, data_type in zip(names, types, strict=True)])
