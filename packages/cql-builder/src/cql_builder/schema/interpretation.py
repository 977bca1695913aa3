"""What statements come to without a server: `apply` for steps, `schema_from_cql` for text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cql_builder.ast.definitions import AlterKeyspace, CreateKeyspace, DropKeyspace, SchemaStatement
from cql_builder.ast.descriptions import CommentOn, SecurityLabelOn
from cql_builder.ast.names import TableName
from cql_builder.ast.programs import AlterFieldType
from cql_builder.ast.statements import Use
from cql_builder.ast.tables import AlterColumnType
from cql_builder.builder.literals import is_mapping
from cql_builder.dialects import DEFAULT_DIALECT, find_dialect
from cql_builder.errors import ArgumentError, SchemaError
from cql_builder.schema import beside_changes, program_changes, table_changes
from cql_builder.schema.arguments import all_checked, checked
from cql_builder.schema.catalog import Catalog
from cql_builder.schema.keyspaces import KeyspaceSchema
from cql_builder.schema.options import is_java_int, read_switch
from cql_builder.schema.reading import read_options
from cql_builder.schema.replication import altered
from cql_builder.schema.steps import Step
from cql_builder.schema.subjects import ALTERING_TABLES, keyspace_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cql_builder.ast.statements import Statement
    from cql_builder.dialects import Dialect, DialectName

_CHANGES: dict[type[SchemaStatement], Callable[..., None]] = {
    **table_changes.CHANGES,
    **beside_changes.CHANGES,
    **program_changes.CHANGES,
}


def apply(schema: KeyspaceSchema | None, steps: Iterable[Step]) -> KeyspaceSchema | None:
    """Return what a keyspace is after steps.

    Their statements are interpreted, nothing is executed.

    Args:
        schema: the keyspace before the first step; None where there is none.
        steps: the steps, in their order; those without a statement change nothing.

    Raises:
        SchemaError: if a server would refuse a statement: what it names is not there, or is still used.
        ArgumentError: if an argument is of another kind, or there is no keyspace and the steps name none.

    >>> from cql_builder.schema import KeyspaceSchema, apply, diff_schema
    >>> before = KeyspaceSchema("shop", {"class": "SimpleStrategy", "replication_factor": 1})
    >>> after = KeyspaceSchema("shop", {"class": "SimpleStrategy", "replication_factor": 2})
    >>> apply(before, diff_schema(before, after)) == after
    True
    """
    taken = all_checked(steps, Step, "apply", "the steps")
    statements = [step.statement.tree for step in taken if step.statement is not None]
    # The steps of one comparison are for one server.
    dialect = taken[0].dialect if taken else DEFAULT_DIALECT
    if schema is not None:
        checked(schema, KeyspaceSchema, "apply", "the schema", " or None")
        return interpret(statements, Catalog(schema.name, schema, dialect=dialect))
    if not statements:
        return None
    created = [tree.name for tree in statements if isinstance(tree, CreateKeyspace)]
    named = [name for tree in statements if isinstance(tree, SchemaStatement) and (name := keyspace_of(tree))]
    name = next(iter((*created, *named)), None)
    if name is None:
        raise ArgumentError("apply", "the schema", "a KeyspaceSchema, for the steps name no keyspace", schema)
    return interpret(statements, Catalog(name, dialect=dialect))


def schema_from_cql(
    text: str, keyspace: str | None = None, *, dialect: DialectName | Dialect = DEFAULT_DIALECT
) -> KeyspaceSchema:
    """Return the keyspace that a script comes to.

    Its CREATE, ALTER and DROP statements count, one after the other.

    Names without a keyspace belong to that of USE, or to the given one. What is about other keyspaces, roles, rows and
    remarks (COMMENT ON a column, SECURITY LABEL) is passed over.

    Args:
        text: the script, such as what DESCRIBE KEYSPACE writes.
        keyspace: the keyspace; None for the only one that the script names.
        dialect: the dialect of the script.

    Raises:
        CqlSyntaxError: if the text is no CQL.
        SchemaError: if a server would refuse a statement.
        ArgumentError: if the text is no str, or the script does not say which keyspace it is about.

    >>> from cql_builder.schema import schema_from_cql
    >>> shop = schema_from_cql("CREATE TABLE shop.products (id uuid PRIMARY KEY); ALTER TABLE shop.products ADD a int;")
    >>> [column.name for column in shop.tables[0].columns]
    ['id', 'a']
    """
    # Only what reads text pays for the parser.
    from cql_builder.parser.parse import parse_script  # noqa: PLC0415

    for argument, given in (("the text", text), ("keyspace", keyspace or "")):
        if not isinstance(given, str):  # pyright: ignore[reportUnnecessaryIsInstance] - whoever has no type checker
            raise ArgumentError("schema_from_cql", argument, "a str", given)
    statements = parse_script(text, dialect=dialect)
    name = keyspace if keyspace is not None else _only_keyspace(statements)
    created = any(isinstance(tree, CreateKeyspace) and tree.name == name for tree in statements)
    schema = interpret(statements, Catalog(name, exists=not created, dialect=find_dialect(dialect)))
    if schema is None:
        raise SchemaError(name, "the script drops it", "keyspace")
    return schema


def interpret(statements: Iterable[Statement], catalog: Catalog) -> KeyspaceSchema | None:
    """Return what a keyspace is after statements; None where it was dropped.

    Raises:
        SchemaError: if a server would refuse a statement.
    """
    used: str | None = None
    for tree in statements:
        if isinstance(tree, Use):
            used = tree.keyspace
        elif isinstance(tree, SchemaStatement) and (keyspace_of(tree) or used or catalog.name) == catalog.name:
            change(catalog, tree)
    return catalog.schema()


def change(catalog: Catalog, tree: SchemaStatement) -> None:
    """Let a statement change the keyspace that it is about.

    Raises:
        SchemaError: if a server would refuse the statement.
    """
    if isinstance(tree, CreateKeyspace):
        _create_keyspace(catalog, tree)
        return
    if isinstance(tree, AlterKeyspace | DropKeyspace) and tree.if_exists and not catalog.exists:
        return
    catalog.require()
    if isinstance(tree, ALTERING_TABLES) and tree.if_exists and tree.table.name not in catalog.tables:
        return
    if isinstance(tree, AlterKeyspace):
        _set_options(catalog, tree)
    elif isinstance(tree, DropKeyspace):
        catalog.clear()
    elif isinstance(tree, CommentOn):
        _comment(catalog, tree)
    elif type(tree) in _CHANGES:
        _CHANGES[type(tree)](catalog, tree)
    elif not isinstance(tree, SecurityLabelOn):
        reason = f"{type(tree).__name__} is nothing that a schema here can hold"
        if isinstance(tree, AlterColumnType | AlterFieldType):
            reason = "Cassandra changes no type, and which ones ScyllaDB takes is not known here; take another name"
        raise SchemaError(catalog.name, reason, "keyspace")


def _create_keyspace(catalog: Catalog, tree: CreateKeyspace) -> None:
    if catalog.exists:
        if tree.if_not_exists:
            return
        raise SchemaError(catalog.name, "there is one already", "keyspace")
    catalog.exists = True
    _set_options(catalog, tree)


def _set_options(catalog: Catalog, tree: CreateKeyspace | AlterKeyspace) -> None:
    options = read_options(tree.options)
    replication = options.pop("replication", None)
    if is_mapping(replication):
        catalog.replication = altered(catalog.replication, {str(name): each for name, each in replication.items()})
        _check_replication(catalog)
    durable = read_switch(options.pop("durable_writes", catalog.durable_writes))
    if durable is None:
        raise SchemaError(catalog.name, "the option 'durable_writes' is true or false", "keyspace")
    catalog.durable_writes = durable
    catalog.options = {**catalog.options, **options}


def _check_replication(catalog: Catalog) -> None:
    for name, value in catalog.replication.items():
        # Other texts mean something to some server, such as `3/1` with transient replicas.
        number = isinstance(value, int) or (isinstance(value, str) and value.isdecimal())
        if number and not is_java_int(value):
            reason = f"its replication has a number under {name!r} that is not one of at most 32 bits"
            raise SchemaError(catalog.name, reason, "keyspace")


def _comment(catalog: Catalog, tree: CommentOn) -> None:
    if isinstance(tree.target, TableName):
        table = catalog.find("table", catalog.tables, tree.target.name)
        catalog.tables[table.name] = replace(table, options={**table.options, "comment": tree.text or ""})


def _only_keyspace(statements: Iterable[Statement]) -> str:
    named: dict[str, None] = {}
    for tree in statements:
        name = tree.keyspace if isinstance(tree, Use) else None
        if isinstance(tree, SchemaStatement):
            name = keyspace_of(tree)
        if name is not None:
            named[name] = None
    if len(named) == 1:
        return next(iter(named))
    expected = "the name of a keyspace where the script names none"
    if named:
        expected = f"the name of one of those that the script is about ({', '.join(named)})"
    raise ArgumentError("schema_from_cql", "keyspace", expected, None)
