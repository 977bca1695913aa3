"""What data types mean to a server: which spellings are one type, and what a type is allowed to be."""

from __future__ import annotations

from cql_builder.ast.types import (
    CustomType,
    DataType,
    FrozenType,
    ListType,
    MapType,
    NativeType,
    SetType,
    TupleType,
    UserType,
    VectorType,
)
from cql_builder.schema.arguments import checked
from cql_builder.schema.class_types import named_type

COUNTER = NativeType("counter")
"""The type of counters."""

DURATION = NativeType("duration")
"""The type of durations, which have no order."""


def canonical_type(data_type: DataType, keyspace: str = "") -> DataType:
    """Return the type as `system_schema.columns.type` spells it.

    So equal types are equal trees.

    `varchar` is `text`; tuples are frozen, and so is all that is in something frozen; a user-defined type of the own
    keyspace is named without it; a Java class has the name that CQL has for it.

    Raises:
        ArgumentError: if it is no tree of a type; `parse_type` makes one of a text.

    >>> from cql_builder import parse_type, type_text
    >>> type_text(canonical_type(parse_type("map<varchar, tuple<int, list<int>>>")))
    'map<text, frozen<tuple<int, frozen<list<int>>>>>'
    """
    return _canonical(checked(data_type, DataType, "canonical_type", "the type"), keyspace, frozen=False)


def is_multi_cell(data_type: DataType) -> bool:
    """Return whether a type, in canonical spelling, is kept in parts that can be written one by one."""
    return isinstance(data_type, ListType | SetType | MapType | UserType)


def type_fault(data_type: DataType) -> str:
    """Return what a server finds wrong with a type in canonical spelling; empty where nothing is.

    >>> from cql_builder import parse_type
    >>> type_fault(parse_type("list<list<int>>"))
    'what is in a collection must be frozen: write frozen<…> around it'
    """
    if isinstance(data_type, FrozenType):
        return type_fault(data_type.inner)
    for inner in inner_types(data_type):
        if inner == COUNTER:
            return "a counter cannot stand inside another type"
        if is_multi_cell(inner):
            return "what is in a collection must be frozen: write frozen<…> around it"
    if isinstance(data_type, SetType) and data_type.element == DURATION:
        return "a duration cannot stand in a set, for it has no order"
    if isinstance(data_type, MapType) and data_type.key == DURATION:
        return "a duration cannot be a map key, for it has no order"
    return next((fault for fault in map(type_fault, inner_types(data_type)) if fault), "")


def field_fault(data_type: DataType) -> str:
    """Return what a server finds wrong with the type of a field, in canonical spelling; empty where nothing is.

    >>> from cql_builder import parse_type
    >>> field_fault(parse_type("list<int>")), field_fault(parse_type("money"))
    ('', 'a field with a user-defined type must be frozen: write frozen<…> around it')
    """
    if data_type == COUNTER:
        return "a field cannot be a counter: take bigint"
    if isinstance(data_type, UserType):
        return "a field with a user-defined type must be frozen: write frozen<…> around it"
    return type_fault(data_type)


def type_rule(dialect: str, statement: str) -> str:
    """Return what the server of a dialect makes of another type of a column or field, as sentences say it.

    Cassandra gave it up with CASSANDRA-12443; ScyllaDB asks `is_value_compatible_with` of a column and
    `is_compatible_with` of a field (`alter_table_statement.cc` and `alter_type_statement.cc`, August 2026).

    >>> type_rule("cassandra-5.0", "ALTER TABLE")
    'Cassandra changes no type'
    """
    if dialect != "scylla":
        return "Cassandra changes no type"
    return f"{statement} … ALTER … TYPE of ScyllaDB takes one that reads what was written; for others"


def inner_types(data_type: DataType) -> tuple[DataType, ...]:
    """Return the types that a collection, tuple or vector is made of."""
    if isinstance(data_type, ListType | SetType | VectorType):
        return (data_type.element,)
    if isinstance(data_type, MapType):
        return (data_type.key, data_type.value)
    if isinstance(data_type, TupleType):
        return data_type.elements
    return ()


def contains_type(data_type: DataType, wanted: DataType) -> bool:
    """Return whether a type is the wanted one, or has it anywhere inside."""
    inner = (data_type.inner,) if isinstance(data_type, FrozenType) else inner_types(data_type)
    return data_type == wanted or any(contains_type(part, wanted) for part in inner)


def _canonical(data_type: DataType, keyspace: str, *, frozen: bool) -> DataType:
    if isinstance(data_type, FrozenType):
        return _canonical(data_type.inner, keyspace, frozen=True)
    if isinstance(data_type, CustomType):
        named = named_type(data_type)
        return data_type if named is data_type else _canonical(named, keyspace, frozen=frozen)
    if isinstance(data_type, NativeType):
        return NativeType("text") if data_type.name == "varchar" else data_type
    if isinstance(data_type, TupleType):
        elements = tuple([_canonical(element, keyspace, frozen=True) for element in data_type.elements])
        return FrozenType(TupleType(elements))
    if isinstance(data_type, VectorType):
        return VectorType(_canonical(data_type.element, keyspace, frozen=True), data_type.dimension)
    plain = _canonical_parts(data_type, keyspace, frozen=frozen)
    return FrozenType(plain) if frozen and is_multi_cell(plain) else plain


def _canonical_parts(data_type: DataType, keyspace: str, *, frozen: bool) -> DataType:
    if isinstance(data_type, ListType):
        return ListType(_canonical(data_type.element, keyspace, frozen=frozen))
    if isinstance(data_type, SetType):
        return SetType(_canonical(data_type.element, keyspace, frozen=frozen))
    if isinstance(data_type, MapType):
        key, value = data_type.key, data_type.value
        return MapType(_canonical(key, keyspace, frozen=frozen), _canonical(value, keyspace, frozen=frozen))
    if isinstance(data_type, UserType) and data_type.keyspace == keyspace:
        return UserType(data_type.name)
    return data_type
