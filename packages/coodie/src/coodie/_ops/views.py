"""Verbs of materialized views: sync and drop, and the refusal to write them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

from coodie._ops import counters
from coodie._query.heeding import refuse_options
from coodie._query.plans import Plan
from coodie._query.target import keyspace_not_there, missing_keyspace
from coodie._schema.views import view_schema
from coodie_drivers.errors import ConfigurationError, InvalidQueryError, TableConflictError
from coodie_drivers.messages import Request, statement_of
from coodie_drivers.server import dialect_of_server, system_rows
from coodie_drivers.settling import settle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coodie._model.base import DocumentBase
    from coodie._query.target import Target
    from coodie._schema.columns import ModelSchema
    from coodie_drivers.operations import Op
    from cql_builder.dialects import Dialect
    from cql_builder.schema import KeyspaceSchema, Step, TableSchema


def sync_view(target: Target[Any], *, dry_run: bool = False) -> Op[list[str]]:
    """Create the view, if it is not there; return the CQL that was, or would be, executed.

    Raises:
        ConfigurationError: the model has no keyspace, or the table of the view is not there.
        TableConflictError: the view that is there is another one.
    """
    keyspace = target.keyspace
    if keyspace is None:
        raise missing_keyspace(target.schema.model)
    dialect = yield from dialect_of_server()

    def plan() -> Op[list[str]]:
        steps = yield from _steps(target, keyspace, dialect)
        return [step.cql for step in steps if step.cql is not None]

    return (yield from settle(plan, dry_run=dry_run))


def _steps(target: Target[Any], keyspace: str, dialect: Dialect) -> Op[list[Step]]:
    from cql_builder.schema import diff_schema  # noqa: PLC0415 - only what makes views needs it

    schema = target.schema
    actual = yield from _keyspace(keyspace, dialect)
    wanted = view_schema(schema, keyspace)
    if actual is None:
        raise keyspace_not_there(schema.model, keyspace, schema.connection)
    if wanted.table not in {table.name for table in actual.tables}:
        missing = f"table '{keyspace}.{wanted.table}', of which the view is made, does not exist"
        raise ConfigurationError(f"{schema.model}: {missing}; create it first, with the sync_table() of its model")
    base = next(table for table in actual.tables if table.name == wanted.table)
    _check_columns(schema, base, keyspace)
    _check_key(schema, base, keyspace)
    others = tuple(view for view in actual.views if view.name != wanted.name)
    steps = diff_schema(actual, replace(actual, views=(*others, wanted)), dialect=dialect)
    # The step that drops the view and the one that makes it anew have one reason.
    reasons = tuple(dict.fromkeys(step.reason for step in steps if step.safety != "additive"))
    if reasons:
        fix = f"{schema.model}.drop_view() and sync_view() make it anew, which reads the whole table"
        raise TableConflictError(keyspace, wanted.name, (*reasons, fix), kind="view")
    return list(steps)


def _check_columns(schema: ModelSchema, base: TableSchema, keyspace: str) -> None:
    """Refuse a field of a view that the table lacks, or has with another type: a view has the types of its table."""
    from cql_builder import parse_type, type_text  # noqa: PLC0415 - only what makes views needs it
    from cql_builder.schema import canonical_type  # noqa: PLC0415 - as above

    there = {column.name: column.type for column in base.columns}
    of_table = f"the table '{keyspace}.{base.name}', of which the view is made,"
    static = next((column.name for column in base.columns if column.static), None)
    if static is not None and schema.view is not None and "*" in schema.view.columns:
        fix = "name the columns of the view in Settings.__view_columns__"
        raise ConfigurationError(
            f"{schema.model}: {of_table} has the static column {static!r}, which no view has; {fix}"
        )
    for column in schema.columns:
        if column.name not in there:
            fix = "add the field to the model of the table and sync it first, or leave it out of the view"
            problem = f"{of_table} has no column {column.name!r}; {fix}"
            raise ConfigurationError(f"{schema.model}.{column.field}: {problem}")
        if canonical_type(parse_type(column.type.cql), keyspace) != there[column.name]:
            problem = f"is CQL {column.type.cql}, and {of_table} has it as {type_text(there[column.name])}"
            raise ConfigurationError(f"{schema.model}.{column.field} {problem}; give the field the type of the table's")


def _check_key(schema: ModelSchema, base: TableSchema, keyspace: str) -> None:
    """Refuse a key that is none of a view: it has all of its table's, and one other column at most."""
    of_base = (*base.partition_key, *(column.name for column in base.clustering_key))
    of_view = [column.name for column in schema.key]
    of_table = f"the table '{keyspace}.{base.name}', of which the view is made"
    missing = [name for name in of_base if name not in of_view]
    if missing:
        names = f"{', '.join(map(repr, missing))} of the key of {of_table}"
        fix = "the key of a view has all of its table's: add it as a ClusteringKey()"
        raise ConfigurationError(f"{schema.model}: the primary key lacks {names}; {fix}")
    others = [name for name in of_view if name not in of_base]
    if len(others) > 1:
        names = " and ".join(map(repr, others))
        fix = "a view adds one at most: leave the others to be plain fields"
        raise ConfigurationError(
            f"{schema.model}: the primary key has {names}, which are not in the key of {of_table}; {fix}"
        )


def _keyspace(keyspace: str, dialect: Dialect) -> Op[KeyspaceSchema | None]:
    """Read a keyspace from the server's own tables."""
    from cql_builder.schema import schema_from_rows, system_queries  # noqa: PLC0415 - only what makes views needs it

    found: dict[str, list[dict[str, Any]]] = {}
    for question in system_queries(keyspace, dialect=dialect):
        found[question.table] = yield from system_rows(statement_of(question.cql), question.params)
    return schema_from_rows(keyspace, found)


def drop_view(target: Target[Any]) -> Op[None]:
    """Drop the view, if it is there."""
    from cql_builder import drop_materialized_view  # noqa: PLC0415 - only what drops views needs it

    yield Request(Plan(drop_materialized_view(target.table, if_exists=True)).statement)


def refuse_write(verb: str, model: str) -> NoReturn:
    """Refuse a verb that materialized views do not have.

    Raises:
        InvalidQueryError: always.
    """
    raise InvalidQueryError(f"{model} is a materialized view, which the server writes: {verb}() the rows of its table")


def refuse_create(model: type[DocumentBase], values: Mapping[str, object]) -> None:
    """Refuse to create a document of what the server writes, or counts, and options among its fields.

    Raises:
        InvalidQueryError: it is a view, or a table of counters; or a keyword is an option of other verbs.
    """
    if model.__coodie_view__:
        refuse_write("create", model.__name__)
    if model.__coodie_counters__:
        counters.refuse_write("create", model.__name__)
    refuse_options(model, "create", values)


def refuse_table_verb(verb: str, model: str) -> NoReturn:
    """Refuse a verb of tables for a view.

    Raises:
        InvalidQueryError: always.
    """
    raise InvalidQueryError(f"{model} is a materialized view, no table: use drop_view() instead of {verb}()")
