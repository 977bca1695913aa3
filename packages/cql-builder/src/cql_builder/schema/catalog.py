"""A keyspace while statements change it: what is in it by name, and who uses what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.types import FrozenType, UserType
from cql_builder.dialects import DEFAULT_DIALECT
from cql_builder.errors import SchemaError, suggestion
from cql_builder.schema.keyspaces import KeyspaceSchema
from cql_builder.schema.masks import masking_functions
from cql_builder.schema.types import inner_types

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from typing import TypeVar

    from cql_builder.ast.types import DataType
    from cql_builder.dialects import Dialect
    from cql_builder.schema.programs import AggregateSchema, FunctionSchema, Signature, TypeSchema
    from cql_builder.schema.tables import TableSchema
    from cql_builder.schema.views import ViewSchema

    V = TypeVar("V")


class Catalog:
    """A working copy of one keyspace, which changes.

    Attributes:
        name: the keyspace's name.
        dialect: the dialect of the server that has it, where servers refuse different things.
        exists: whether there is such a keyspace.
        replication: its replication; empty where nothing said it.
        durable_writes: whether writes go through the commit log.
        options: its further options.
        types: the types by name.
        tables: the tables by name.
        views: the views by name.
        functions: the functions by signature.
        aggregates: the aggregates by signature.
    """

    def __init__(
        self,
        name: str,
        schema: KeyspaceSchema | None = None,
        *,
        exists: bool = False,
        dialect: Dialect = DEFAULT_DIALECT,
    ) -> None:
        """Copy a keyspace, or start with an empty one."""
        self.name = name
        self.dialect = dialect
        self._take(schema or KeyspaceSchema(name), exists=exists or schema is not None)

    def clear(self) -> None:
        """Drop the keyspace with all that is in it."""
        self._take(KeyspaceSchema(self.name), exists=False)

    def _take(self, schema: KeyspaceSchema, *, exists: bool) -> None:
        self.exists = exists
        self.replication: Mapping[str, object] = schema.replication
        self.durable_writes = schema.durable_writes
        self.options: Mapping[str, object] = schema.options
        self.types: dict[str, TypeSchema] = {each.name: each for each in schema.types}
        self.tables: dict[str, TableSchema] = {each.name: each for each in schema.tables}
        self.views: dict[str, ViewSchema] = {each.name: each for each in schema.views}
        self.functions: dict[Signature, FunctionSchema] = {each.signature: each for each in schema.functions}
        self.aggregates: dict[Signature, AggregateSchema] = {each.signature: each for each in schema.aggregates}

    def schema(self) -> KeyspaceSchema | None:
        """Return the keyspace as it is now; None where there is none."""
        if not self.exists:
            return None
        return KeyspaceSchema(
            self.name,
            self.replication,
            self.durable_writes,
            self.options,
            tuple(self.types.values()),
            tuple(self.tables.values()),
            tuple(self.views.values()),
            tuple(self.functions.values()),
            tuple(self.aggregates.values()),
        )

    def require(self) -> None:
        """Refuse anything while there is no keyspace.

        Raises:
            SchemaError: saying so.
        """
        if not self.exists:
            raise SchemaError(self.name, "there is no such keyspace; create it first", "keyspace")

    def refuse(self, kind: str, name: str, reason: str) -> SchemaError:
        """Return the error about one thing in the keyspace."""
        return SchemaError(f"{self.name}.{name}", reason, kind)

    def find(self, kind: str, there: Mapping[str, V], name: str) -> V:
        """Return what has a name.

        Raises:
            SchemaError: if there is none, with a close match.
        """
        if name not in there:
            raise self.refuse(kind, name, f"there is no such {kind}{suggestion(name, there)}")
        return there[name]

    def find_index(self, name: str) -> TableSchema | None:
        """Return the table that has an index; None where none has it."""
        for table in self.tables.values():
            if any(index.name == name for index in table.indexes):
                return table
        return None

    def index_names(self) -> set[str]:
        """Return the names of all indexes: a keyspace has each once."""
        return {index.name for table in self.tables.values() for index in table.indexes}

    def views_of(self, table: str) -> list[ViewSchema]:
        """Return the views of a table."""
        return [view for view in self.views.values() if view.table == table]

    def users_of_type(self, name: str) -> list[str]:
        """Return what uses a type: other types, tables, functions and aggregates."""
        types = [f"type {each.name!r}" for each in self.types.values() if name in type_uses(each)]
        tables = [f"table {each.name!r}" for each in self.tables.values() if name in table_uses(each)]
        functions = [f"function {each.name!r}" for each in self.functions.values() if name in function_uses(each)]
        aggregates = [f"aggregate {each.name!r}" for each in self.aggregates.values() if name in aggregate_uses(each)]
        return types + tables + functions + aggregates

    def users_of_function(self, signature: Signature) -> list[str]:
        """Return the names of the aggregates that a function is part of."""
        return [each.name for each in self.aggregates.values() if signature in each.functions]

    def masked_with(self, signature: Signature) -> list[str]:
        """Return the columns that a function may mask, as sentences name them."""
        return [
            f"column {column.name!r} of table {table.name!r}"
            for table in self.tables.values()
            for column in table.columns
            if column.mask is not None
            and signature in masking_functions(column.mask, column.type, self.name, self.functions)
        ]


def user_types(data_type: DataType) -> Iterator[str]:
    """Yield the names of the user-defined types of the own keyspace in a type, at any depth."""
    if isinstance(data_type, UserType):
        yield data_type.name
    parts = (data_type.inner,) if isinstance(data_type, FrozenType) else inner_types(data_type)
    for part in parts:
        yield from user_types(part)


def type_uses(schema: TypeSchema) -> Collection[str]:
    """Return the names of the types that the fields of a type have in them."""
    return {name for each in schema.fields for name in user_types(each.type)}


def table_uses(table: TableSchema) -> Collection[str]:
    """Return the names of the types that the columns of a table have in them."""
    return {name for column in table.columns for name in user_types(column.type)}


def function_uses(function: FunctionSchema) -> Collection[str]:
    """Return the names of the types that a function takes and returns."""
    types = [function.returns, *[argument.type for argument in function.arguments]]
    return {name for data_type in types for name in user_types(data_type)}


def aggregate_uses(aggregate: AggregateSchema) -> Collection[str]:
    """Return the names of the types that an aggregate takes and keeps."""
    types = [aggregate.state_type, *aggregate.argument_types]
    return {name for data_type in types for name in user_types(data_type)}
