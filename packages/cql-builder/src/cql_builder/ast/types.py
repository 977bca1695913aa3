"""Data types, as a tree."""

from __future__ import annotations

from cql_builder.ast.node import Node

NATIVE_TYPES = frozenset(
    {
        "ascii",
        "bigint",
        "blob",
        "boolean",
        "counter",
        "date",
        "decimal",
        "double",
        "duration",
        "float",
        "inet",
        "int",
        "smallint",
        "text",
        "time",
        "timestamp",
        "timeuuid",
        "tinyint",
        "uuid",
        "varchar",
        "varint",
    }
)
"""The types that every server brings."""


class DataType(Node):
    """The base of all data types."""


class NativeType(DataType):
    """A type that the server brings, such as `int`."""

    name: str


class ListType(DataType):
    """`list<element>`."""

    element: DataType


class SetType(DataType):
    """`set<element>`."""

    element: DataType


class MapType(DataType):
    """`map<key, value>`."""

    key: DataType
    value: DataType


class TupleType(DataType):
    """`tuple<element, …>`."""

    elements: tuple[DataType, ...]


class VectorType(DataType):
    """`vector<element, dimension>`: as many elements as its dimension, always all of them."""

    element: DataType
    dimension: int


class FrozenType(DataType):
    """`frozen<inner>`: written and read as one value."""

    inner: DataType


class UserType(DataType):
    """A user-defined type, in a keyspace or in the table's own."""

    name: str
    keyspace: str | None = None


class CustomType(DataType):
    """A type by its Java class, which CQL writes as a string."""

    class_name: str
