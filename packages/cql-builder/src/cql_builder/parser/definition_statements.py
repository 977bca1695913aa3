"""Which rule reads a statement on definitions, by the words that it begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.parser.descriptions import comment, describe, security_label
from cql_builder.parser.indexes import create_custom_index, create_index, create_trigger, drop_index, drop_trigger
from cql_builder.parser.keyspaces import alter_keyspace, create_keyspace, drop_keyspace
from cql_builder.parser.permissions import grant, list_access, revoke
from cql_builder.parser.programs import (
    create_aggregate,
    create_function,
    create_or_replace,
    drop_aggregate,
    drop_function,
)
from cql_builder.parser.roles import (
    add_identity,
    alter_role,
    alter_user,
    create_generated_role,
    create_role,
    create_user,
    drop_identity,
    drop_role,
    drop_user,
)
from cql_builder.parser.service_levels import (
    alter_service_level,
    at_service_levels,
    attach_service_level,
    create_service_level,
    detach_service_level,
    drop_service_level,
    list_service_levels,
)
from cql_builder.parser.table_changes import alter_table
from cql_builder.parser.tables import create_table, drop_table
from cql_builder.parser.transactions import let
from cql_builder.parser.user_types import alter_type, create_type, drop_type
from cql_builder.parser.views import alter_materialized_view, create_materialized_view, drop_materialized_view

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cql_builder.ast.statements import Statement
    from cql_builder.parser.cursor import Cursor

_CREATE: dict[str, Callable[[Cursor], Statement]] = {
    "keyspace": create_keyspace,
    "table": create_table,
    "columnfamily": create_table,
    "type": create_type,
    "index": create_index,
    "custom": create_custom_index,
    "materialized": create_materialized_view,
    "function": create_function,
    "aggregate": create_aggregate,
    "or": create_or_replace,
    "trigger": create_trigger,
    "role": create_role,
    "generated": create_generated_role,
    "user": create_user,
}
_ALTER: dict[str, Callable[[Cursor], Statement]] = {
    "keyspace": alter_keyspace,
    "table": alter_table,
    "columnfamily": alter_table,
    "type": alter_type,
    "materialized": alter_materialized_view,
    "role": alter_role,
    "user": alter_user,
}
_DROP: dict[str, Callable[[Cursor], Statement]] = {
    "keyspace": drop_keyspace,
    "table": drop_table,
    "columnfamily": drop_table,
    "type": drop_type,
    "index": drop_index,
    "materialized": drop_materialized_view,
    "function": drop_function,
    "aggregate": drop_aggregate,
    "trigger": drop_trigger,
    "role": drop_role,
    "user": drop_user,
    "identity": drop_identity,
}
_SERVICE_LEVEL = frozenset({"service", "service_level"})


def _by_second_word(
    readers: Mapping[str, Callable[[Cursor], Statement]], service_level: Callable[[Cursor], Statement]
) -> Callable[[Cursor], Statement]:
    """Return what reads a statement whose second word says what it is about."""
    *words, last = map(str.upper, readers)
    expected = f"{', '.join(words)} or {last}"

    def read(cursor: Cursor) -> Statement:
        word = cursor.peek()
        if word in _SERVICE_LEVEL:
            return service_level(cursor)
        read_rest = readers.get(word)
        if read_rest is None:
            raise cursor.error(expected)
        cursor.expect(word)
        return read_rest(cursor)

    return read


def _list(cursor: Cursor) -> Statement:
    return list_service_levels(cursor) if at_service_levels(cursor) else list_access(cursor)


def _add(cursor: Cursor) -> Statement:
    cursor.expect("identity")
    return add_identity(cursor)


READERS: dict[str, Callable[[Cursor], Statement]] = {
    "create": _by_second_word(_CREATE, create_service_level),
    "alter": _by_second_word(_ALTER, alter_service_level),
    "drop": _by_second_word(_DROP, drop_service_level),
    "grant": grant,
    "revoke": revoke,
    "list": _list,
    "describe": describe,
    "desc": describe,
    "comment": comment,
    "security": security_label,
    "attach": attach_service_level,
    "detach": detach_service_level,
    "add": _add,
    "let": let,
}
"""What reads a statement, by its first word; it is called after that word."""
