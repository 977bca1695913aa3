"""Verbs of user types: creating them, and adding the fields that they lack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coodie._ops.refusals import missing_keyspace_in
from coodie.errors import InvalidModelError
from coodie_drivers.errors import InvalidRequestError, TableConflictError
from coodie_drivers.messages import Request, statement_of
from coodie_drivers.server import system_rows
from coodie_drivers.settling import settle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie._schema.user_types import UserTypeSchema
    from coodie_drivers.errors import ConfigurationError
    from coodie_drivers.operations import Op

_KEYSPACE = statement_of("SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?")
_TYPE = statement_of("SELECT * FROM system_schema.types WHERE keyspace_name = ? AND type_name = ?")


def sync_types(
    types: Sequence[UserTypeSchema], keyspace: str, absent: ConfigurationError, *, dry_run: bool, alone: bool = False
) -> Op[list[str]]:
    """Create these types, or add to them the fields that they lack, in this order; return the CQL.

    Any number of processes may do this at once.

    Args:
        types: the types.
        keyspace: where they are to be.
        absent: what is raised where there is no such keyspace.
        dry_run: return the CQL, and execute nothing.
        alone: whether no table is made after them, for which the keyspace is looked for.

    Raises:
        ConfigurationError: the keyspace is not there.
        InvalidModelError: a class names another keyspace than the one that its table is in.
        TableConflictError: a field is of another type than the class says, which no server changes.
    """
    executed: list[str] = []
    made: set[str] = set()
    for wanted in types:
        if wanted.keyspace not in (None, keyspace):
            problem = f"Settings.keyspace is {wanted.keyspace!r}, and a table in {keyspace!r} has types of its own only"
            raise InvalidModelError(wanted.cls.__name__, f"{problem}; leave it out of the type's Settings")
        if wanted.name not in made:  # another class may say the same of the type
            executed += yield from _sync_type(wanted, keyspace, absent, dry_run=dry_run, alone=alone)
        made.add(wanted.name)
    return executed


def _sync_type(
    wanted: UserTypeSchema, keyspace: str, absent: ConfigurationError, *, dry_run: bool, alone: bool
) -> Op[list[str]]:
    def plan() -> Op[list[str]]:
        there = yield from _fields_there(keyspace, wanted.name)
        if there is None and alone and dry_run and not (yield from system_rows(_KEYSPACE, (keyspace,))):
            raise absent
        return _planned(there, wanted, keyspace)

    try:
        return (yield from settle(plan, dry_run=dry_run))
    except InvalidRequestError as refused:
        if missing_keyspace_in(str(refused)) is None:
            raise
        raise absent from refused


def _fields_there(keyspace: str, name: str) -> Op[dict[str, str] | None]:
    """The fields of the type that is there with their types; None where there is none."""
    reply = yield Request(_TYPE, (keyspace, name), "ONE")
    if not reply.rows:
        return None
    row = dict(zip(reply.columns, reply.rows[0], strict=True))
    return dict(zip(row["field_names"] or (), row["field_types"] or (), strict=True))


def _planned(there: dict[str, str] | None, wanted: UserTypeSchema, keyspace: str) -> list[str]:
    from cql_builder import alter_type, create_type  # noqa: PLC0415 - only what has user types pays for them
    from cql_builder.ast.types import FrozenType, UserType  # noqa: PLC0415 - only what has user types pays for them
    from cql_builder.compiler import type_text  # noqa: PLC0415
    from cql_builder.parser.types import parse_type  # noqa: PLC0415
    from cql_builder.schema import canonical_type  # noqa: PLC0415

    target = UserType(wanted.name, keyspace)
    kinds = {each.name: canonical_type(parse_type(each.type.cql), keyspace) for each in wanted.fields}
    if there is None:
        return [create_type(target, dict(kinds), if_not_exists=True).compile().cql]
    conflicts: list[str] = []
    for name, kind in kinds.items():
        # A model has collections inside a type frozen; where they are not, values of the whole are the same.
        if name in there and canonical_type(FrozenType(parse_type(there[name])), keyspace) != kind:
            is_there = f"field {name!r} is {there[name]} and wanted as {type_text(kind)}, which no server changes"
            conflicts.append(f"{is_there}: give the field another name, or the type")
    if conflicts:
        raise TableConflictError(keyspace, wanted.name, tuple(conflicts), kind="type")
    return [alter_type(target).add(name, kind).compile().cql for name, kind in kinds.items() if name not in there]
