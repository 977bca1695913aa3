"""Renderers of the statements on service levels."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from cql_builder.ast import service_levels
from cql_builder.compiler.clauses import required_options, with_options
from cql_builder.compiler.definitions import if_exists, if_not_exists
from cql_builder.compiler.names import role_name
from cql_builder.compiler.rendering import Rule
from cql_builder.dialects.features import SERVICE_LEVELS

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from cql_builder.ast.node import Node
    from cql_builder.compiler.rendering import Rendering

    AnyNode = TypeVar("AnyNode", bound=Node)


def _required(renderer: Callable[[AnyNode, Rendering], str]) -> Callable[[AnyNode, Rendering], str]:
    @wraps(renderer)
    def render(node: AnyNode, rendering: Rendering) -> str:
        rendering.require(SERVICE_LEVELS)
        return renderer(node, rendering)

    return render


@_required
def _create(node: service_levels.CreateServiceLevel, rendering: Rendering) -> str:
    name, options = rendering.identifier(node.name), with_options(node.options, rendering)
    return f"CREATE SERVICE LEVEL{if_not_exists(node)} {name}{options}"


@_required
def _alter(node: service_levels.AlterServiceLevel, rendering: Rendering) -> str:
    return f"ALTER SERVICE LEVEL {rendering.identifier(node.name)}{required_options(node.options, rendering)}"


@_required
def _drop(node: service_levels.DropServiceLevel, rendering: Rendering) -> str:
    return f"DROP SERVICE LEVEL{if_exists(node)} {rendering.identifier(node.name)}"


@_required
def _attach(node: service_levels.AttachServiceLevel, rendering: Rendering) -> str:
    return f"ATTACH SERVICE LEVEL {rendering.identifier(node.name)} TO {role_name(node.role, rendering)}"


@_required
def _detach(node: service_levels.DetachServiceLevel, rendering: Rendering) -> str:
    return f"DETACH SERVICE LEVEL FROM {role_name(node.role, rendering)}"


@_required
def _list(node: service_levels.ListServiceLevels, rendering: Rendering) -> str:
    if node.name is None:
        return "LIST ALL SERVICE LEVELS"
    return f"LIST SERVICE LEVEL {rendering.identifier(node.name)}"


@_required
def _list_attached(node: service_levels.ListAttachedServiceLevels, rendering: Rendering) -> str:
    if node.role is None:
        return "LIST ALL ATTACHED SERVICE LEVELS"
    return f"LIST ATTACHED SERVICE LEVEL OF {role_name(node.role, rendering)}"


@_required
def _list_effective(node: service_levels.ListEffectiveServiceLevel, rendering: Rendering) -> str:
    return f"LIST EFFECTIVE SERVICE LEVEL OF {role_name(node.role, rendering)}"


SERVICE_LEVEL_STATEMENT = Rule(
    "a statement",
    {
        service_levels.CreateServiceLevel: _create,
        service_levels.AlterServiceLevel: _alter,
        service_levels.DropServiceLevel: _drop,
        service_levels.AttachServiceLevel: _attach,
        service_levels.DetachServiceLevel: _detach,
        service_levels.ListServiceLevels: _list,
        service_levels.ListAttachedServiceLevels: _list_attached,
        service_levels.ListEffectiveServiceLevel: _list_effective,
    },
)
