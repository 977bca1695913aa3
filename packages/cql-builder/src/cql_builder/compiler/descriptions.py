"""Renderers of DESCRIBE, and of the statements that write remarks on the schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from cql_builder.ast import descriptions, names
from cql_builder.ast.types import UserType
from cql_builder.compiler.names import column_name, function_name, qualified_name
from cql_builder.compiler.rendering import Rule
from cql_builder.compiler.types import user_type
from cql_builder.dialects.features import COMMENT_ON, DESCRIBE_PASSWORDS, SECURITY_LABEL
from cql_builder.quoting import quote_identifier, quote_string

if TYPE_CHECKING:
    from cql_builder.ast.node import Node
    from cql_builder.compiler.rendering import Rendering

    Description = descriptions.DescribeGroup | descriptions.DescribeKeyspace | descriptions.DescribeNamed

_GROUPS = frozenset(get_args(descriptions.DescribedGroup))
# Behind DESCRIBE these are the groups, whatever follows.
_GROUP_WORDS = frozenset({"aggregates", "cluster", "columnfamilies", "functions", "keyspaces", "tables", "types"})
_KINDS: dict[str | None, type[Node]] = {
    None: names.TableName,
    "table": names.TableName,
    "index": names.IndexName,
    "materialized view": names.TableName,
    "type": UserType,
    "function": names.FunctionName,
    "aggregate": names.FunctionName,
}


def _describe_group(node: descriptions.DescribeGroup, rendering: Rendering) -> str:
    if node.group not in _GROUPS:
        rendering.refuse(f"there is no group {node.group!r}; there is {', '.join(sorted(_GROUPS))}")
    return f"DESCRIBE {node.group.upper()}{_internals(node, rendering)}"


def _describe_keyspace(node: descriptions.DescribeKeyspace, rendering: Rendering) -> str:
    name = "" if node.name is None else f" {rendering.identifier(node.name)}"
    return f"DESCRIBE {'ONLY ' if node.only else ''}KEYSPACE{name}{_internals(node, rendering)}"


def _describe_named(node: descriptions.DescribeNamed, rendering: Rendering) -> str:
    if node.kind not in _KINDS:
        rendering.refuse(f"nothing of the kind {node.kind!r} can be described; {', '.join(filter(None, _KINDS))} can")
    if not isinstance(node.name, _KINDS[node.kind]):
        wanted, given = _KINDS[node.kind].__name__, type(node.name).__name__
        rendering.refuse(f"the name behind {(node.kind or 'DESCRIBE').upper()} is a {wanted}, not a {given}")
    name = _DESCRIBED_NAME.text(node.name, rendering)
    if node.kind is None:
        first, point, rest = name.partition(".")
        kind, name = "", f"{quote_identifier(first, _GROUP_WORDS) if first in _GROUP_WORDS else first}{point}{rest}"
    else:
        kind = f"{node.kind.upper()} "
    return f"DESCRIBE {kind}{name}{_internals(node, rendering)}"


def _internals(node: Description, rendering: Rendering) -> str:
    if not node.passwords:
        return " WITH INTERNALS" if node.internals else ""
    rendering.require(DESCRIBE_PASSWORDS)
    if not node.internals:
        rendering.refuse("PASSWORDS come WITH INTERNALS alone; give internals=True")
    return " WITH INTERNALS AND PASSWORDS"


def _comment_on(node: descriptions.CommentOn, rendering: Rendering) -> str:
    rendering.require(COMMENT_ON)
    return f"COMMENT ON {_REMARKABLE.text(node.target, rendering)} IS {_remark(node.text)}"


def _security_label_on(node: descriptions.SecurityLabelOn, rendering: Rendering) -> str:
    rendering.require(SECURITY_LABEL)
    provider = "" if node.provider is None else f"FOR {rendering.identifier(node.provider)} "
    return f"SECURITY LABEL {provider}ON {_REMARKABLE.text(node.target, rendering)} IS {_remark(node.label)}"


def _remark(text: str | None) -> str:
    return "NULL" if text is None else quote_string(text)


def _keyspace(node: descriptions.KeyspaceName, rendering: Rendering) -> str:
    return f"KEYSPACE {rendering.identifier(node.name)}"


def _table(node: names.TableName, rendering: Rendering) -> str:
    return f"TABLE {qualified_name(node, rendering)}"


def _column(node: descriptions.TableColumnName, rendering: Rendering) -> str:
    return f"COLUMN {qualified_name(node.table, rendering)}.{column_name(node.column, rendering)}"


def _type(node: UserType, rendering: Rendering) -> str:
    return f"TYPE {user_type(node, rendering)}"


def _field(node: descriptions.FieldName, rendering: Rendering) -> str:
    return f"FIELD {user_type(node.type, rendering)}.{rendering.identifier(node.field)}"


_DESCRIBED_NAME = Rule(
    "what is described",
    {
        names.TableName: qualified_name,
        names.IndexName: qualified_name,
        names.FunctionName: function_name,
        UserType: user_type,
    },
)
_REMARKABLE = Rule(
    "what a remark is on",
    {
        descriptions.KeyspaceName: _keyspace,
        names.TableName: _table,
        descriptions.TableColumnName: _column,
        UserType: _type,
        descriptions.FieldName: _field,
    },
)
DESCRIPTION_STATEMENT = Rule(
    "a statement",
    {
        descriptions.DescribeGroup: _describe_group,
        descriptions.DescribeKeyspace: _describe_keyspace,
        descriptions.DescribeNamed: _describe_named,
        descriptions.CommentOn: _comment_on,
        descriptions.SecurityLabelOn: _security_label_on,
    },
)
