"""The pleasant way to make statements: immutable, every value a bind marker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.builder.columns import clustering_bound, col, columns, expr
from cql_builder.builder.delete import delete_from, prune_materialized_view, truncate
from cql_builder.builder.functions import fn
from cql_builder.builder.insert import insert_into
from cql_builder.builder.select import select
from cql_builder.builder.update import update
from cql_builder.deferred import deferring_names

if TYPE_CHECKING:
    from cql_builder.builder.access import (
        add_identity,
        alter_role,
        alter_user,
        create_generated_role,
        create_role,
        create_user,
        drop_identity,
        drop_role,
        drop_user,
        list_roles,
        list_superusers,
        list_users,
    )
    from cql_builder.builder.batches import BatchBuilder, Write, batch
    from cql_builder.builder.delete import DeleteBuilder
    from cql_builder.builder.descriptions import describe, describe_keyspace, describe_named
    from cql_builder.builder.indexes import create_index, create_trigger, drop_index, drop_trigger
    from cql_builder.builder.insert import InsertBuilder
    from cql_builder.builder.keyspaces import alter_keyspace, create_keyspace, drop_keyspace, use
    from cql_builder.builder.parts import Condition
    from cql_builder.builder.permissions import (
        all_functions,
        all_keyspaces,
        all_mbeans,
        all_roles,
        all_tables,
        function,
        grant,
        grant_role,
        keyspace,
        list_permissions,
        mbean,
        mbeans,
        revoke,
        revoke_role,
        role,
        table,
    )
    from cql_builder.builder.programs import (
        alter_type,
        create_aggregate,
        create_function,
        create_type,
        drop_aggregate,
        drop_function,
        drop_type,
    )
    from cql_builder.builder.remarks import comment_on, security_label_on, table_column, type_field, user_type
    from cql_builder.builder.select import SelectBuilder
    from cql_builder.builder.service_levels import (
        alter_service_level,
        attach_service_level,
        create_service_level,
        detach_service_level,
        drop_service_level,
        list_attached_service_levels,
        list_effective_service_level,
        list_service_levels,
    )
    from cql_builder.builder.table_columns import mask
    from cql_builder.builder.tables import alter_table, create_table, create_table_like, drop_table
    from cql_builder.builder.transactions import row, transaction
    from cql_builder.builder.update import UpdateBuilder
    from cql_builder.builder.values import (
        bind,
        duration,
        list_of,
        lit,
        map_of,
        set_of,
        tuple_of,
        type_hint,
        user_type_of,
    )
    from cql_builder.builder.views import alter_materialized_view, create_materialized_view, drop_materialized_view

__all__ = [
    "BatchBuilder",
    "Condition",
    "DeleteBuilder",
    "InsertBuilder",
    "SelectBuilder",
    "UpdateBuilder",
    "Write",
    "add_identity",
    "all_functions",
    "all_keyspaces",
    "all_mbeans",
    "all_roles",
    "all_tables",
    "alter_keyspace",
    "alter_materialized_view",
    "alter_role",
    "alter_service_level",
    "alter_table",
    "alter_type",
    "alter_user",
    "attach_service_level",
    "batch",
    "bind",
    "clustering_bound",
    "col",
    "columns",
    "comment_on",
    "create_aggregate",
    "create_function",
    "create_generated_role",
    "create_index",
    "create_keyspace",
    "create_materialized_view",
    "create_role",
    "create_service_level",
    "create_table",
    "create_table_like",
    "create_trigger",
    "create_type",
    "create_user",
    "delete_from",
    "describe",
    "describe_keyspace",
    "describe_named",
    "detach_service_level",
    "drop_aggregate",
    "drop_function",
    "drop_identity",
    "drop_index",
    "drop_keyspace",
    "drop_materialized_view",
    "drop_role",
    "drop_service_level",
    "drop_table",
    "drop_trigger",
    "drop_type",
    "drop_user",
    "duration",
    "expr",
    "fn",
    "function",
    "grant",
    "grant_role",
    "insert_into",
    "keyspace",
    "list_attached_service_levels",
    "list_effective_service_level",
    "list_of",
    "list_permissions",
    "list_roles",
    "list_service_levels",
    "list_superusers",
    "list_users",
    "lit",
    "map_of",
    "mask",
    "mbean",
    "mbeans",
    "prune_materialized_view",
    "revoke",
    "revoke_role",
    "role",
    "row",
    "security_label_on",
    "select",
    "set_of",
    "table",
    "table_column",
    "transaction",
    "truncate",
    "tuple_of",
    "type_field",
    "type_hint",
    "update",
    "use",
    "user_type",
    "user_type_of",
]

_LOADED_ON_FIRST_USE = {
    "access": (
        "add_identity",
        "alter_role",
        "alter_user",
        "create_generated_role",
        "create_role",
        "create_user",
        "drop_identity",
        "drop_role",
        "drop_user",
        "list_roles",
        "list_superusers",
        "list_users",
    ),
    "batches": ("BatchBuilder", "Write", "batch"),
    "delete": ("DeleteBuilder",),
    "descriptions": ("describe", "describe_keyspace", "describe_named"),
    "indexes": ("create_index", "create_trigger", "drop_index", "drop_trigger"),
    "insert": ("InsertBuilder",),
    "keyspaces": ("alter_keyspace", "create_keyspace", "drop_keyspace", "use"),
    "parts": ("Condition",),
    "permissions": (
        "all_functions",
        "all_keyspaces",
        "all_mbeans",
        "all_roles",
        "all_tables",
        "function",
        "grant",
        "grant_role",
        "keyspace",
        "list_permissions",
        "mbean",
        "mbeans",
        "revoke",
        "revoke_role",
        "role",
        "table",
    ),
    "programs": (
        "alter_type",
        "create_aggregate",
        "create_function",
        "create_type",
        "drop_aggregate",
        "drop_function",
        "drop_type",
    ),
    "remarks": ("comment_on", "security_label_on", "table_column", "type_field", "user_type"),
    "select": ("SelectBuilder",),
    "service_levels": (
        "alter_service_level",
        "attach_service_level",
        "create_service_level",
        "detach_service_level",
        "drop_service_level",
        "list_attached_service_levels",
        "list_effective_service_level",
        "list_service_levels",
    ),
    "table_columns": ("mask",),
    "tables": ("alter_table", "create_table", "create_table_like", "drop_table"),
    "transactions": ("row", "transaction"),
    "update": ("UpdateBuilder",),
    "values": ("bind", "duration", "list_of", "lit", "map_of", "set_of", "tuple_of", "type_hint", "user_type_of"),
    "views": ("alter_materialized_view", "create_materialized_view", "drop_materialized_view"),
}
"""The modules that statements on rows do not need, with what is taken from each; and names for annotations."""

_MODULES = {name: module for module, names in _LOADED_ON_FIRST_USE.items() for name in names}

if not TYPE_CHECKING:  # a type checker must keep refusing unknown names
    __getattr__, __dir__ = deferring_names(__name__, _MODULES)
