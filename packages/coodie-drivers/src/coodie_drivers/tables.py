"""`sync_table`, written once: compare the table that is there with the one that is wanted, and add what it lacks."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from coodie_drivers.errors import (
    ConfigurationError,
    InvalidQueryError,
    InvalidRequestError,
    TableConflictError,
)
from coodie_drivers.index_building import wait_for_indexes
from coodie_drivers.messages import statement_of
from coodie_drivers.server import dialect_of_server, retold, system_rows
from coodie_drivers.settling import check_flag, settle
from cql_builder import create_keyspace
from cql_builder.ast.indexes import CreateIndex
from cql_builder.errors import CqlError
from cql_builder.schema import ColumnDefinition, TableSchema, diff_table
from cql_builder.schema.option_defaults import defaults_of
from cql_builder.schema.options import kept_entries

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coodie_drivers.messages import TableRequest
    from coodie_drivers.operations import Op
    from cql_builder.dialects import Dialect
    from cql_builder.schema import Step

    Row = dict[str, Any]

_BY_TABLE: Final = "WHERE keyspace_name = ? AND table_name = ?"
_KEYSPACE: Final = statement_of("SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?")
_TABLE: Final = statement_of(f"SELECT * FROM system_schema.tables {_BY_TABLE}")
_COLUMNS: Final = statement_of(f"SELECT * FROM system_schema.columns {_BY_TABLE}")
_INDEXES: Final = statement_of("SELECT * FROM system_schema.indexes WHERE keyspace_name = ?")
_VIEW: Final = statement_of("SELECT view_name FROM system_schema.views WHERE keyspace_name = ? AND view_name = ?")
_DROPPED: Final = "previously dropped column"
_OLD_VALUES: Final = "its old values may lie in the table's files yet; give the column another name, or its old type"
"""What the server says of a column that comes back with another type, and what to do (Cassandra 4.0 to 6.0)."""

_LOG: Final = logging.getLogger("coodie.tables")
_TOLD: Final[set[str]] = set()
_MOST_TOLD: Final = 1_000


def sync_table(wanted: TableRequest) -> Op[list[str]]:
    """Create the table, or add to it what it lacks; return the CQL that was, or would be, executed.

    Columns and, unless asked for, indexes that are there and not wanted stay; the logger `coodie.tables` warns of such
    columns once in a process. Any number of processes may do this at once.

    Raises:
        InvalidQueryError: if no server can have the wanted table.
        TableConflictError: if the table would have to be made anew; says for each difference what to do instead.
        ConfigurationError: if the keyspace does not exist; says how to create it.
    """
    desired = _desired(wanted)
    dialect = yield from dialect_of_server()
    _refuse_impossible(desired, dialect)

    found = _Found(None, {})

    def plan() -> Op[list[str]]:
        nonlocal found
        found = yield from _introspect(wanted.keyspace, wanted.table)
        return _planned(found, desired, wanted, dialect)

    try:
        executed = yield from settle(plan, dry_run=wanted.dry_run)
    except InvalidRequestError as refused:
        if _DROPPED in str(refused):
            raise TableConflictError(wanted.keyspace, wanted.table, (f"{refused}: {_OLD_VALUES}",)) from refused
        kept = _kept(found, desired, dialect, refused.cql or "")
        if not kept:
            raise
        raise retold(refused, f"{refused}; {kept}") from refused
    if not (wanted.dry_run or dialect.name == "scylla"):
        yield from wait_for_indexes(wanted.keyspace, found.own_indexes)
    return executed


def _desired(wanted: TableRequest) -> TableSchema:
    check_flag("dry_run", wanted.dry_run)
    check_flag("drop_removed_indexes", wanted.drop_removed_indexes)
    columns: object = wanted.columns
    if not isinstance(columns, (list, tuple)):
        raise InvalidQueryError(f"cols takes a list of columns, not {type(columns).__name__}")
    for column in wanted.columns:
        if not isinstance(column, ColumnDefinition):  # pyright: ignore[reportUnnecessaryIsInstance] - documented as Any
            raise InvalidQueryError(
                f"a column must be a cql_builder.schema.ColumnDefinition, not {type(column).__name__}"
            )
        index_name = "" if column.index_name is None else column.index_name
        for what, given in (("name", column.name), ("type", column.cql_type), ("index_name", index_name)):
            if not isinstance(given, str):  # pyright: ignore[reportUnnecessaryIsInstance] - what a dataclass never checks
                raise InvalidQueryError(f"the {what} of column {column.name!r} is a str, not {type(given).__name__}")
    try:
        return TableSchema.from_columns(wanted.table, wanted.keyspace, wanted.columns, wanted.options)
    except CqlError as error:
        raise InvalidQueryError(str(error)) from error


def _refuse_impossible(desired: TableSchema, dialect: Dialect) -> None:
    """Refuse a table that this server cannot have, whatever is there."""
    for step in diff_table(None, desired, dialect=dialect):
        if step.safety == "impossible":
            raise InvalidQueryError(step.reason.removeprefix(f"there is no table '{desired.name}', but "))


class _Found(NamedTuple):
    """What is there: the table, if there is one, the names of its indexes, and those of others with their tables."""

    table: TableSchema | None
    other_indexes: Mapping[str, str]
    own_indexes: tuple[str, ...] = ()


def _planned(found: _Found, desired: TableSchema, wanted: TableRequest, dialect: Dialect) -> list[str]:
    try:
        drop = wanted.drop_removed_indexes
        steps = diff_table(found.table, desired, drop_removed_indexes=drop, dialect=dialect)
        planned = [step.cql for step in steps if step.cql is not None]
    except CqlError as error:
        raise InvalidQueryError(str(error)) from error
    _tell(wanted, [step for step in steps if step.cql is None and step.safety != "impossible"])
    conflicts = [step.reason for step in steps if step.safety == "impossible"]
    trees = [step.statement.tree for step in steps if step.statement is not None]
    created = {tree.name for tree in trees if isinstance(tree, CreateIndex)}
    conflicts += [
        f"index '{index.name}' on '{index.column}' would have the name of an index of table "
        f"'{found.other_indexes[index.name]}', and a keyspace has each name once: give it another index_name"
        for index in desired.indexes
        if index.name in found.other_indexes and index.name in created
    ]
    if conflicts:
        raise TableConflictError(wanted.keyspace, wanted.table, tuple(conflicts))
    return planned


def _kept(found: _Found, desired: TableSchema, dialect: Dialect, cql: str) -> str:
    """What a refused statement says because it is there, and what to do about it; empty where that is nothing."""
    there: Mapping[str, object] = {} if found.table is None else found.table.options
    changed = {name: value for name, value in desired.options.items() if f" {name} = {{" in cql}
    kept = {
        name: kept_entries(name, there.get(name), value, defaults_of(dialect.name)) for name, value in changed.items()
    }
    options = [name for name, entries in kept.items() if entries]
    said = ", ".join([f"{key!r}: {value!r}" for name in options for key, value in kept[name].items()])
    stays = f"what the options do not say of {' and '.join(options)} stays as it is in the table ({said})"
    return f"{stays}: say there what it is to be" if options else ""


def _tell(wanted: TableRequest, kept: Sequence[Step]) -> None:
    """Warn of what is there and not wanted and stays, each thing once."""
    for step in kept:
        sentence = f"{wanted.keyspace}: {step.reason}"
        if sentence not in _TOLD:
            if len(_TOLD) >= _MOST_TOLD:
                _TOLD.clear()
            _TOLD.add(sentence)
            _LOG.warning("%s", sentence)


def _introspect(keyspace: str, table: str) -> Op[_Found]:
    indexes = yield from system_rows(_INDEXES, (keyspace,))
    others = {row["index_name"]: row["table_name"] for row in indexes if row["table_name"] != table}
    tables = yield from system_rows(_TABLE, (keyspace, table))
    columns = yield from system_rows(_COLUMNS, (keyspace, table))
    if not tables or not columns:  # of a table that is being made one may be visible before the other
        yield from _require_keyspace(keyspace)
        yield from _require_no_view(keyspace, table)
        return _Found(None, others)
    own = [row for row in indexes if row["table_name"] == table]
    try:
        names = tuple([row["index_name"] for row in own])
        return _Found(TableSchema.from_system_rows(tables[0], columns, own), others, names)
    except CqlError as error:
        raise InvalidQueryError(f"the table '{keyspace}.{table}' that is there cannot be read: {error}") from error


def _require_no_view(keyspace: str, table: str) -> Op[None]:
    """Refuse the name of a view: Cassandra checks tables only, and fails half way."""
    if (yield from system_rows(_VIEW, (keyspace, table))):
        reason = "a materialized view has this name; give the table another, or drop the view"
        raise TableConflictError(keyspace, table, (reason,))


def _require_keyspace(keyspace: str) -> Op[None]:
    if not (yield from system_rows(_KEYSPACE, (keyspace,))):
        creation = create_keyspace(keyspace, {"class": "SimpleStrategy", "replication_factor": 1}).compile().cql
        raise ConfigurationError(
            f"keyspace '{keyspace}' does not exist: create it first, for one node with {creation}, for a cluster with "
            "NetworkTopologyStrategy and a replication factor of 3"
        )
