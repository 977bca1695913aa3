"""Renderers of data types, in the spelling of the server's own `system_schema.columns.type`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast import types
from cql_builder.ast.types import NATIVE_TYPES
from cql_builder.compiler.rendering import Rule
from cql_builder.dialects.bare_names import quoted_type_names
from cql_builder.dialects.features import CUSTOM_TYPE, DIMENSION_BELOW_ONE, VECTOR
from cql_builder.quoting import quote_identifier, quote_string

if TYPE_CHECKING:
    from cql_builder.compiler.rendering import Rendering


def native_type(node: types.NativeType, rendering: Rendering) -> str:
    """Return the name of a type that the server brings."""
    if node.name not in NATIVE_TYPES:
        rendering.refuse(f"no native type {node.name!r}; a type of one's own is a UserType")
    return node.name


def user_type(node: types.UserType, rendering: Rendering) -> str:
    """Return the name of a user-defined type."""
    # Bare, such a name would be read as something else: the native type, or a keyword of the select list.
    name = quote_identifier(node.name, quoted_type_names(rendering.dialect))
    return name if node.keyspace is None else f"{rendering.identifier(node.keyspace)}.{name}"


def _list_type(node: types.ListType, rendering: Rendering) -> str:
    return f"list<{TYPE.text(node.element, rendering)}>"


def _set_type(node: types.SetType, rendering: Rendering) -> str:
    return f"set<{TYPE.text(node.element, rendering)}>"


def _map_type(node: types.MapType, rendering: Rendering) -> str:
    return f"map<{TYPE.text(node.key, rendering)}, {TYPE.text(node.value, rendering)}>"


def _tuple_type(node: types.TupleType, rendering: Rendering) -> str:
    rendering.require_some(node.elements, "the type of a tuple's element", "give at least one")
    return f"tuple<{TYPE.join(node.elements, rendering)}>"


def _vector_type(node: types.VectorType, rendering: Rendering) -> str:
    rendering.require(VECTOR)
    if node.dimension < 1:
        rendering.require(DIMENSION_BELOW_ONE)
    return f"vector<{TYPE.text(node.element, rendering)}, {node.dimension:d}>"


def _frozen_type(node: types.FrozenType, rendering: Rendering) -> str:
    if isinstance(node.inner, types.NativeType | types.CustomType):
        rendering.refuse("only collections, tuples, vectors and user-defined types can be frozen")
    return f"frozen<{TYPE.text(node.inner, rendering)}>"


def _custom_type(node: types.CustomType, rendering: Rendering) -> str:
    rendering.require(CUSTOM_TYPE)
    return quote_string(node.class_name)


TYPE = Rule(
    "a data type",
    {
        types.NativeType: native_type,
        types.ListType: _list_type,
        types.SetType: _set_type,
        types.MapType: _map_type,
        types.TupleType: _tuple_type,
        types.VectorType: _vector_type,
        types.FrozenType: _frozen_type,
        types.UserType: user_type,
        types.CustomType: _custom_type,
    },
)
