"""Renderers of keyspaces, and of IF [NOT] EXISTS in all statements that change the schema or roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast import definitions
from cql_builder.compiler.clauses import required_options, with_options
from cql_builder.compiler.rendering import Rule
from cql_builder.dialects.features import IF_EXISTS_ON_ALTER, IF_NOT_EXISTS_ON_ADD, KEYSPACE_WITHOUT_OPTIONS

if TYPE_CHECKING:
    from typing import Protocol

    from cql_builder.compiler.rendering import Rendering

    class Creation(Protocol):
        """A statement that creates something, or nothing where it is there already."""

        @property
        def if_not_exists(self) -> bool:
            """Whether it does nothing where the thing is there."""
            ...

    class Change(Protocol):
        """A statement that changes or drops something, or nothing where it is not there."""

        @property
        def if_exists(self) -> bool:
            """Whether it does nothing where the thing is not there."""
            ...


def if_not_exists(node: Creation) -> str:
    """Return IF NOT EXISTS of CREATE."""
    return " IF NOT EXISTS" if node.if_not_exists else ""


def if_exists(node: Change) -> str:
    """Return IF EXISTS of DROP."""
    return " IF EXISTS" if node.if_exists else ""


def altered_if_exists(node: Change, rendering: Rendering) -> str:
    """Return IF EXISTS of ALTER, which not every dialect has."""
    if not node.if_exists:
        return ""
    rendering.require(IF_EXISTS_ON_ALTER)
    return " IF EXISTS"


def part_if(exists: bool, text: str, rendering: Rendering) -> str:  # noqa: FBT001 - a field of the node
    """Return IF [NOT] EXISTS of what ALTER adds, drops or renames, which not every dialect has."""
    if not exists:
        return ""
    rendering.require(IF_NOT_EXISTS_ON_ADD)
    return f" {text}"


def _create_keyspace(node: definitions.CreateKeyspace, rendering: Rendering) -> str:
    if not node.options:
        rendering.require(KEYSPACE_WITHOUT_OPTIONS)
    name, options = rendering.identifier(node.name), with_options(node.options, rendering)
    return f"CREATE KEYSPACE{if_not_exists(node)} {name}{options}"


def _alter_keyspace(node: definitions.AlterKeyspace, rendering: Rendering) -> str:
    name, options = rendering.identifier(node.name), required_options(node.options, rendering)
    return f"ALTER KEYSPACE{altered_if_exists(node, rendering)} {name}{options}"


def _drop_keyspace(node: definitions.DropKeyspace, rendering: Rendering) -> str:
    return f"DROP KEYSPACE{if_exists(node)} {rendering.identifier(node.name)}"


KEYSPACE_STATEMENT = Rule(
    "a statement",
    {
        definitions.CreateKeyspace: _create_keyspace,
        definitions.AlterKeyspace: _alter_keyspace,
        definitions.DropKeyspace: _drop_keyspace,
    },
)
