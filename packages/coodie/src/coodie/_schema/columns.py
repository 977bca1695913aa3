"""A model's table as values: its columns and keys, fixed once the class is complete, and the classes that share it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from coodie._schema.equality import Equality, equality_of
from coodie._schema.user_types import refuse_types_of_one_name, user_types_in
from coodie.errors import InvalidModelError
from cql_builder.schema import ColumnDefinition

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from coodie._schema.cql_types import ColumnType
    from coodie._schema.defaults import Default
    from coodie._schema.guardrails import Guardrails
    from coodie._schema.indexes import Index

_NOTHING: Mapping[str, Any] = {}

ColumnKind = Literal["partition_key", "clustering_key", "static", "regular"]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One field of a model as a column of its table.

    Attributes:
        field: the field's name in Python.
        name: the column's name in CQL: the field's alias, where it has one.
        type: its CQL type and the conversions between field and driver.
        kind: which part of the table it is.
        annotation: the field's annotation, with what Pydantic checks.
        metadata: the metadata that Pydantic keeps apart from the annotation.
        nullable: whether the field allows None.
        descending: whether a clustering column is stored in descending order.
        indexes: the column's indexes.
        default: makes the field's default; None where the field is required.
        discriminates: whether it tells the classes of a family apart.
        own_value: what a discriminator has in every row of the class, and never null; None where that is not settled.
        versions: whether it counts the writes of a document.
        protected: whether no update names it.
        never_empty: whether it is a partition key by itself of a type that can be empty, which a key cannot.
    """

    field: str
    name: str
    type: ColumnType
    kind: ColumnKind
    annotation: Any
    metadata: tuple[Any, ...]
    nullable: bool
    descending: bool = False
    indexes: tuple[Index, ...] = ()
    default: Default | None = None
    never_empty: bool = False
    discriminates: bool = False
    own_value: str | None = None
    versions: bool = False
    protected: bool = False

    @property
    def keeps_null(self) -> bool:
        """Whether a null reads as None.

        So it does in a key, whatever the field's default: a partition that has static columns alone is read without a
        clustering key, and one that is made up would be written to as if there were such a row.
        """
        return self.nullable or self.in_key or (self.type.empty is None and self.default is None)

    @property
    def made_of(self) -> tuple[str, ...] | None:
        """The fields that what a null reads as may be made of; None where it is made of none."""
        if self.default is None or self.keeps_null or self.type.empty is not None:
            return None
        return self.default.made_of

    def absent(self, held: Mapping[str, Any] = _NOTHING) -> Any:
        """What a null of this column reads as: None where `keeps_null`, an empty collection, or the field's default.

        Args:
            held: the other fields of its document, which a default may be made of.
        """
        if self.keeps_null:
            return None
        if self.type.empty is not None:
            return self.type.empty()
        default = self.default
        if default is None:
            return None
        return default.make({}) if default.made_of is None else default.of(held)

    def is_null(self, value: Any) -> bool:
        """Whether a server keeps nothing of a value, as a driver takes it: None, or an empty collection not frozen."""
        if value is None:
            return True
        return self.type.collection is not None and not self.type.frozen and not value

    def none_or_empty(self) -> Any:
        """What a null of this column is, without the field's default: an empty collection where that is a null too."""
        return self.absent() if self.type.collection is not None and not self.type.frozen else None

    @property
    def indexed(self) -> bool:
        """Whether the column has an index that may serve a lookup."""
        return any(index.operators for index in self.indexes)

    @property
    def vector_index(self) -> Index | None:
        """The index that finds the vectors most alike, if the column has one."""
        return next((index for index in self.indexes if index.similarity is not None), None)

    def index_for(self, operator: str) -> Index | None:
        """The first index that serves lookups by this operator, or None."""
        return next((index for index in self.indexes if operator in index.operators), None)

    @property
    def in_key(self) -> bool:
        """Whether the column belongs to the primary key."""
        return self.kind in ("partition_key", "clustering_key")


class Equalities(dict[Column, Equality]):
    """How the values of each column are compared; worked out at the first use, since few programs ask."""

    def __missing__(self, column: Column) -> Equality:
        """Work it out."""
        found = self[column] = equality_of(column.type)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class ViewDefinition:
    """What a model says of the materialized view that it is.

    Attributes:
        base_table: the name of the table that it is made of.
        columns: the columns that it has; `*` for all of the table.
        where_clause: the condition of its rows; None where no part of its key is null.
    """

    base_table: str
    columns: tuple[str, ...]
    where_clause: str | None


@dataclass(frozen=True, slots=True, eq=False)
class ModelSchema:
    """What a model says about its table.

    Attributes:
        model: the model's name, for sentences.
        document: the model.
        table: the table's name.
        keyspace: the keyspace that the model names; None for the connection's own.
        connection: the name of the connection that the model asks for; None for the default one.
        columns: every column, in the order of the fields.
        partition_key: the partition key's columns in order.
        clustering_key: the clustering columns in order.
        options: table options, such as `default_time_to_live`.
        abstract: whether the class is only a base for others and has no table.
        view: what makes it a materialized view; None for a table.
        skips_nulls: whether `save()` leaves alone what is None.
        family: the classes that share the table; None where no field is a discriminator.
        discriminator_value: what this class has there; None for a base whose instances are not told apart.
        guardrails: how much one query may ask for; None where that is not bounded.
        consistency: the consistency level of requests that say none; None for the connection's default.
        row_columns: the columns that end with a row: all but the static ones.
    """

    model: str
    document: type[Any]
    table: str
    keyspace: str | None
    connection: str | None
    columns: tuple[Column, ...]
    partition_key: tuple[Column, ...]
    clustering_key: tuple[Column, ...]
    options: Mapping[str, Any]
    abstract: bool = False
    view: ViewDefinition | None = None
    skips_nulls: bool = False
    family: Family | None = None
    discriminator_value: str | None = None
    guardrails: Guardrails | None = None
    consistency: str | None = None
    by_name: Mapping[str, Column] = field(init=False)
    places: Mapping[Column, int] = field(init=False)
    version: Column | None = field(init=False)
    row_columns: tuple[Column, ...] = field(init=False, repr=False)
    equalities: Equalities = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Index the columns by field name and, where it is another, by column name; keep their places."""
        object.__setattr__(self, "equalities", Equalities())
        by_name = {column.name: column for column in self.columns}
        by_name.update({column.field: column for column in self.columns})
        object.__setattr__(self, "by_name", by_name)
        object.__setattr__(self, "places", {column: place for place, column in enumerate(self.columns)})
        object.__setattr__(self, "row_columns", tuple([each for each in self.columns if each.kind != "static"]))
        object.__setattr__(self, "version", next((column for column in self.columns if column.versions), None))

    @property
    def key(self) -> tuple[Column, ...]:
        """The primary key: partition key columns, then clustering columns."""
        return (*self.partition_key, *self.clustering_key)

    @property
    def definitions(self) -> tuple[ColumnDefinition, ...]:
        """The columns as a driver's `sync_table` takes them."""
        return tuple([self._definition(column) for column in self.columns])

    def _definition(self, column: Column) -> ColumnDefinition:
        plain = next((index for index in column.indexes if index.is_plain), None)
        return ColumnDefinition(
            name=column.name,
            cql_type=column.type.cql,
            primary_key=column.kind == "partition_key",
            partition_key_index=self.partition_key.index(column) if column in self.partition_key else 0,
            clustering_key=column.kind == "clustering_key",
            clustering_key_index=self.clustering_key.index(column) if column in self.clustering_key else 0,
            clustering_order="DESC" if column.descending else "ASC",
            static=column.kind == "static",
            index=plain is not None,
            index_name=None if plain is None else plain.definition.name,
            indexes=tuple([index.definition for index in column.indexes if index is not plain]),
        )

    def key_of(self, changed: Iterable[Column]) -> tuple[Column, ...]:
        """The columns of the key that choose where these are written: static ones belong to the whole partition.

        Cassandra refuses a clustering key where nothing else is mentioned ("Invalid restrictions on clustering columns
        since the UPDATE statement modifies only static columns"), and demands it where anything else is.
        """
        return self.partition_key if all(column.kind == "static" for column in changed) else self.key


class Member(NamedTuple):
    """One class of a family.

    Attributes:
        model: the class.
        schema: what it says about the table.
    """

    model: type[Any]
    schema: ModelSchema


class Family:
    """The classes that share the table of one base class; it grows as subclasses are defined.

    Attributes:
        base: the base class, whose table it is.
        members: the classes whose instances are rows, by the value of the discriminator.
    """

    __slots__ = ("base", "members")

    def __init__(self, base: Member) -> None:
        """Start with the base class alone."""
        self.base = base
        self.members: dict[str, Member] = {}

    @property
    def discriminator(self) -> Column:
        """The column that tells the classes apart, as the base class has it."""
        return next(column for column in self.base.schema.columns if column.discriminates)

    def columns(self, model: type[Any]) -> tuple[Column, ...]:
        """The columns that a class and its subclasses have between them: those of the class come first."""
        own = next((each.schema for each in self._all() if each.model is model), self.base.schema)
        found = {column.name: column for column in own.columns}
        for member in self.members.values():
            if issubclass(member.model, model):
                for column in member.schema.columns:
                    found.setdefault(column.name, column)
        return tuple(found.values())

    def definitions(self) -> tuple[ColumnDefinition, ...]:
        """The columns of the whole table, as a driver's `sync_table` takes them."""
        found = {each.name: each for member in self._all() for each in reversed(member.schema.definitions)}
        order = [column.name for column in self.columns(self.base.model)]
        return tuple(found[name] for name in order)

    def values_of(self, model: type[Any]) -> tuple[str, ...]:
        """The values of the discriminator that rows of a class, or of one derived from it, have."""
        return tuple(value for value, member in self.members.items() if issubclass(member.model, model))

    def admit(self, value: str, member: Member) -> None:
        """Let a class in.

        Raises:
            InvalidModelError: another class has its value, or the same column of another type or with another key, or
                says something else of a user type. A user type that was defined again is the later one, as where a
                module is reloaded: the other classes of the family will have it too.
        """
        name, base = member.schema.model, self.base.schema
        other = self.members.get(value)
        # A class that is defined again, as in a notebook, takes the place of the former one.
        if other is not None and _label(other.model) != _label(member.model):
            problem = f"Settings.__discriminator_value__ is {value!r}, which {other.schema.model} has already"
            raise InvalidModelError(name, f"{problem}; give it one of its own")
        keys = [column.name for column in base.key]
        strange = next((column for column in member.schema.key if column.name not in keys), None)
        if strange is not None:
            problem = f"field {strange.field!r} is a key, and the table of {base.model} has its key already"
            raise InvalidModelError(name, f"{problem}; put keys into {base.model}")
        there = {column.name: (each, column) for each in self._all() for column in each.schema.columns}
        for column in member.schema.columns:
            holder, same = there.get(column.name, (member, column))
            if _label(holder.model) != _label(member.model) and same.type.cql != column.type.cql:
                problem = (
                    f"field {column.field!r} is CQL {column.type.cql}, and {same.type.cql} in {holder.schema.model}"
                )
                raise InvalidModelError(name, f"{problem}, which has the same table; name one of them otherwise")
        beside = [each for each in self._all() if _label(each.model) != _label(member.model)]
        columns = [column for each in (*beside, member) for column in each.schema.columns]
        types = {each.place: each for each in user_types_in(column.type for column in columns)}
        refuse_types_of_one_name(name, types.values())
        self.members[value] = member

    def _all(self) -> list[Member]:
        return [self.base, *(each for each in self.members.values() if each.model is not self.base.model)]


def _label(model: type[Any]) -> tuple[str, str]:
    return model.__module__, model.__qualname__
