"""Verbs of tables and keyspaces: sync, drop, truncate, create."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from coodie._ops.user_types import sync_types
from coodie._ops.views import sync_view
from coodie._query.plans import Plan
from coodie._query.target import keyspace_not_there, missing_keyspace
from coodie._schema.user_types import user_types_in
from coodie_drivers.errors import ConfigurationError, InvalidQueryError
from coodie_drivers.messages import Request, TableRequest
from coodie_drivers.settling import check_flag
from cql_builder import create_keyspace as build_create_keyspace
from cql_builder import drop_keyspace as build_drop_keyspace
from cql_builder import drop_table as build_drop_table
from cql_builder import truncate as build_truncate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coodie._query.target import Target
    from coodie_drivers.operations import Op


def sync_table(
    target: Target[Any],
    dry_run: bool,  # noqa: FBT001 - the order of the documented verb
    drop_removed_indexes: bool,  # noqa: FBT001
) -> Op[list[str]]:
    """Create the table and its user types, or add what they lack; return the CQL that was, or would be, executed.

    Of a view, create it.
    """
    check_flag("dry_run", dry_run)  # before types are made
    check_flag("drop_removed_indexes", drop_removed_indexes)
    schema = target.schema
    if schema.view is not None:
        return (yield from sync_view(target, dry_run=dry_run))
    if target.keyspace is None:
        raise missing_keyspace(schema.model)
    family = schema.family
    columns = schema.columns if family is None else family.columns(family.base.model)
    types = user_types_in(column.type for column in columns)
    absent = keyspace_not_there(schema.model, target.keyspace, schema.connection)
    executed = (yield from sync_types(types, target.keyspace, absent, dry_run=dry_run)) if types else []
    try:
        reply = yield TableRequest(
            schema.table,
            target.keyspace,
            schema.definitions if family is None else family.definitions(),
            schema.options or None,
            dry_run=dry_run,
            drop_removed_indexes=drop_removed_indexes,
        )
    except ConfigurationError as error:
        if not str(error).startswith(f"keyspace {target.keyspace!r} does not exist"):
            raise
        raise absent from error
    return [*executed, *(cql for (cql,) in reply.rows)]


def drop_table(target: Target[Any]) -> Op[None]:
    """Drop the table, if it is there.

    Raises:
        InvalidQueryError: other classes have their rows there.
    """
    _refuse_part(target, "drop_table")
    yield Request(Plan(build_drop_table(target.table, if_exists=True)).statement)


def truncate(target: Target[Any]) -> Op[None]:
    """Remove every row of the table.

    Raises:
        InvalidQueryError: other classes have their rows there.
    """
    _refuse_part(target, "truncate")
    yield Request(Plan(build_truncate(target.table)).statement)


def _refuse_part(target: Target[Any], verb: str) -> None:
    """Refuse to do to a table what only one class of its family is named for."""
    family = target.schema.family
    if family is not None and family.base.model is not target.model:
        model, base = target.schema.model, family.base.schema.model
        problem = f"{verb}() of {model} would remove the rows of every class of {base}, whose table it is"
        fix = f"write {base}.{verb}(), or {model}.find().allow_filtering().delete() for those of {model} alone"
        raise InvalidQueryError(f"{problem}; {fix}")


def create_keyspace(keyspace: str, replication: Mapping[str, Any], *, durable_writes: bool) -> Op[None]:
    """Create a keyspace, if it is not there."""
    check_keyspace(keyspace)
    if type(durable_writes) is not bool:
        raise InvalidQueryError("durable_writes is True or False")
    built = build_create_keyspace(
        keyspace, replication=dict(replication), durable_writes=durable_writes, if_not_exists=True
    )
    yield Request(Plan(built).statement)


def drop_keyspace(keyspace: str) -> Op[None]:
    """Drop a keyspace with all its tables, if it is there."""
    check_keyspace(keyspace)
    yield Request(Plan(build_drop_keyspace(keyspace, if_exists=True)).statement)


def check_keyspace(keyspace: object) -> None:
    """Refuse a keyspace's name that no server takes.

    Raises:
        InvalidQueryError: it is no text of 1 to 48 letters, digits and underscores (CQL reference, "Keyspaces").
    """
    if not isinstance(keyspace, str) or not re.fullmatch(r"[A-Za-z0-9_]{1,48}", keyspace):
        raise InvalidQueryError("a keyspace's name is a text of 1 to 48 letters, digits and underscores")


def replication_of(
    replication_factor: int, strategy: str, dc_replication_map: Mapping[str, int] | None
) -> dict[str, Any]:
    """The replication of a keyspace, from the documented arguments.

    Raises:
        InvalidQueryError: the arguments contradict each other.
    """
    if dc_replication_map is not None:
        centers = cast("object", dc_replication_map)
        if not isinstance(centers, dict) or not centers or not all(map(_is_center, dc_replication_map.items())):
            raise InvalidQueryError('dc_replication_map names each data center with its number of replicas: {"dc1": 3}')
        return {"class": "NetworkTopologyStrategy", **dc_replication_map}
    if type(replication_factor) is not int or replication_factor < 1:
        raise InvalidQueryError("replication_factor is a whole number from 1 on")
    name = cast("object", strategy)
    if not isinstance(name, str) or not name:
        raise InvalidQueryError("strategy is the name of a replication strategy, such as 'SimpleStrategy'")
    return {"class": strategy, "replication_factor": replication_factor}


def _is_center(entry: tuple[object, object]) -> bool:
    name, replicas = entry
    return isinstance(name, str) and bool(name) and type(replicas) is int and replicas >= 0
