"""A keyspace as values: `KeyspaceSchema`, with all that is defined in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from cql_builder.builder.literals import is_mapping
from cql_builder.errors import ArgumentError, SchemaError, suggestion
from cql_builder.schema.arguments import all_checked, checked
from cql_builder.schema.frozen import freeze
from cql_builder.schema.meanings import ComparedByMeaning, entries_meaning
from cql_builder.schema.options import normal_option
from cql_builder.schema.programs import AggregateSchema, FunctionSchema, TypeSchema
from cql_builder.schema.replication import replication_meaning
from cql_builder.schema.tables import TableSchema
from cql_builder.schema.views import ViewSchema

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping


class _Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_Named)

_PARTS: dict[str, type[object]] = {
    "types": TypeSchema,
    "tables": TableSchema,
    "views": ViewSchema,
    "functions": FunctionSchema,
    "aggregates": AggregateSchema,
}


@dataclass(frozen=True, slots=True, eq=False)
class KeyspaceSchema(ComparedByMeaning):
    """One keyspace: how it is replicated, and all that is in it.

    Two are equal when they mean the same.

    Making one raises `ArgumentError` for what is of another kind, and `SchemaError` for an empty name.

    Attributes:
        name: the keyspace's name.
        replication: the replication strategy's `class` and options; empty where a text did not say it.
        durable_writes: whether writes go through the commit log.
        options: further options, such as ScyllaDB's `tablets`.
        types: the user-defined types.
        tables: the tables, with their indexes and triggers.
        views: the materialized views.
        functions: the functions.
        aggregates: the aggregates.

    >>> from cql_builder.schema import KeyspaceSchema
    >>> one = KeyspaceSchema("shop", {"class": "NetworkTopologyStrategy", "dc1": 3})
    >>> one == KeyspaceSchema("shop", {"class": "org.apache.cassandra.locator.NetworkTopologyStrategy", "dc1": "3"})
    True
    """

    name: str
    replication: Mapping[str, object] = field(default_factory=dict[str, object])
    durable_writes: bool = True
    options: Mapping[str, object] = field(default_factory=dict[str, object])
    types: tuple[TypeSchema, ...] = ()
    tables: tuple[TableSchema, ...] = ()
    views: tuple[ViewSchema, ...] = ()
    functions: tuple[FunctionSchema, ...] = ()
    aggregates: tuple[AggregateSchema, ...] = ()

    def __post_init__(self) -> None:
        """Keep copies that nobody else can change."""
        if not checked(self.name, str, "KeyspaceSchema", "the name"):
            raise SchemaError(self.name, "the name of a keyspace has at least one letter, digit or '_'", "keyspace")
        checked(self.durable_writes, bool, "KeyspaceSchema", "durable_writes")
        for properties in ("replication", "options"):
            given: object = getattr(self, properties)
            if not is_mapping(given):
                raise ArgumentError("KeyspaceSchema", properties, "a mapping of names to values", given)
        for field_name, kind in _PARTS.items():
            parts = all_checked(getattr(self, field_name), kind, "KeyspaceSchema", field_name)
            object.__setattr__(self, field_name, parts)
        freeze(self, "replication", "options")

    def table(self, name: str) -> TableSchema:
        """Return the table that has a name.

        Raises:
            SchemaError: if there is none, with a close match.

        >>> from cql_builder.schema import schema_from_cql
        >>> schema_from_cql("CREATE TABLE shop.products (id uuid PRIMARY KEY)").table("product")
        Traceback (most recent call last):
        ...
        cql_builder.errors.SchemaError: table 'shop.product': there is no such table (did you mean 'products'?)
        """
        return self._named("table", self.tables, name)

    def type(self, name: str) -> TypeSchema:
        """Return the user-defined type that has a name.

        Raises:
            SchemaError: if there is none, with a close match.
        """
        return self._named("type", self.types, name)

    def view(self, name: str) -> ViewSchema:
        """Return the materialized view that has a name.

        Raises:
            SchemaError: if there is none, with a close match.
        """
        return self._named("view", self.views, name)

    def _named(self, kind: str, there: Iterable[N], name: str) -> N:
        by_name = {each.name: each for each in there}
        if name not in by_name:
            reason = f"there is no such {kind}{suggestion(name, by_name)}"
            raise SchemaError(f"{self.name}.{name}", reason, kind)
        return by_name[name]

    @property
    def meaning(self) -> Hashable:
        """What the keyspace comes to on a server: the order of its parts is none."""
        properties = (entries_meaning(replication_meaning(self.replication)), self.durable_writes)
        options = entries_meaning({name: normal_option(name, value) for name, value in self.options.items()})
        parts = (self.types, self.tables, self.views, self.functions, self.aggregates)
        return self.name, properties, options, tuple([frozenset(part) for part in parts])
