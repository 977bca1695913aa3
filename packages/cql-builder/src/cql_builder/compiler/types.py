"""Renderers of data types, in the spelling of the server's own `system_schema.columns.type`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast import types
from cql_builder.ast.types import NATIVE_TYPES, UNUSABLE_TYPE_NAMES
from cql_builder.dialects.dialect import VECTOR
from cql_builder.quoting import quote_identifier, quote_string

if TYPE_CHECKING:
    from cql_builder.ast.node import Node
    from cql_builder.compiler.rendering import AnyRenderer, Rendering


def _native_type(node: types.NativeType, _: Rendering) -> str:
    return node.name


def _list_type(node: types.ListType, rendering: Rendering) -> str:
    return f"list<{rendering.text(node.element)}>"


def _set_type(node: types.SetType, rendering: Rendering) -> str:
    return f"set<{rendering.text(node.element)}>"


def _map_type(node: types.MapType, rendering: Rendering) -> str:
    return f"map<{rendering.text(node.key)}, {rendering.text(node.value)}>"


def _tuple_type(node: types.TupleType, rendering: Rendering) -> str:
    return f"tuple<{rendering.join(node.elements)}>"


def _vector_type(node: types.VectorType, rendering: Rendering) -> str:
    rendering.require(VECTOR)
    return f"vector<{rendering.text(node.element)}, {node.dimension}>"


def _frozen_type(node: types.FrozenType, rendering: Rendering) -> str:
    return f"frozen<{rendering.text(node.inner)}>"


def _user_type(node: types.UserType, rendering: Rendering) -> str:
    # Bare, such a name would be read as something else: the native type, or a keyword of the select list.
    name = quote_identifier(node.name, rendering.dialect.reserved | NATIVE_TYPES | UNUSABLE_TYPE_NAMES)
    return name if node.keyspace is None else f"{rendering.identifier(node.keyspace)}.{name}"


def _custom_type(node: types.CustomType, _: Rendering) -> str:
    return quote_string(node.class_name)


RENDERERS: dict[type[Node], AnyRenderer] = {
    types.NativeType: _native_type,
    types.ListType: _list_type,
    types.SetType: _set_type,
    types.MapType: _map_type,
    types.TupleType: _tuple_type,
    types.VectorType: _vector_type,
    types.FrozenType: _frozen_type,
    types.UserType: _user_type,
    types.CustomType: _custom_type,
}
