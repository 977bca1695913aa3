"""What lies between two keyspaces: `diff_schema`, steps in an order in which a server takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.definitions import AlterKeyspace, DropKeyspace
from cql_builder.dialects import DEFAULT_DIALECT, find_dialect
from cql_builder.errors import ArgumentError, SchemaError
from cql_builder.schema.arguments import checked
from cql_builder.schema.catalog import Catalog
from cql_builder.schema.creation import keyspace_creation
from cql_builder.schema.keyspaces import KeyspaceSchema
from cql_builder.schema.losses import replication_loss
from cql_builder.schema.option_differences import OptionRules
from cql_builder.schema.options import normal_option, option_trees
from cql_builder.schema.possibility import taken_by, without_impossible_needs
from cql_builder.schema.program_differences import (
    mask_drops,
    program_changes,
    program_drops,
    type_changes,
    type_drops,
)
from cql_builder.schema.replication import FACTOR, altered, datacenters, is_same_replication, said_to_alter
from cql_builder.schema.steps import executable, impossible
from cql_builder.schema.table_differences import (
    beside_additions,
    beside_drops,
    column_drops,
    mask_removals,
    table_addition,
    table_changes,
    table_drop,
)
from cql_builder.schema.view_differences import view_changes, view_drops

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cql_builder.dialects import Dialect, DialectName
    from cql_builder.schema.steps import Step
    from cql_builder.schema.tables import TableSchema


def diff_schema(
    actual: KeyspaceSchema | None,
    desired: KeyspaceSchema | None,
    *,
    keep_options: bool = False,
    dialect: DialectName | Dialect = DEFAULT_DIALECT,
) -> tuple[Step, ...]:
    """Return the steps from a keyspace as it is to the one that is wanted.

    They are in an order that a server takes.

    What is there and not wanted is dropped: leave out the steps whose safety you do not want, and read the reasons of
    those that are `impossible`. Nothing is taken for a renamed thing: another name is another thing. Nothing is
    executed; `apply` says what the steps come to.

    Args:
        actual: the keyspace as it is; None where there is none.
        desired: the keyspace as it is wanted; None for none.
        keep_options: whether options of tables and views that are not wanted stay as they are; else they go back to
            the server's defaults.
        dialect: the dialect of the server: its defaults are these, the texts of the steps are in it, and what it lacks
            is `impossible`.

    Raises:
        SchemaError: if the two have different names: no server renames a keyspace.
        ArgumentError: if an argument is of another kind.

    >>> from cql_builder.schema import diff_schema, schema_from_cql
    >>> before = schema_from_cql("CREATE TABLE t (id uuid PRIMARY KEY, old text)", "shop")
    >>> after = schema_from_cql("CREATE TABLE t (id uuid PRIMARY KEY, price decimal)", "shop")
    >>> for step in diff_schema(before, after):
    ...     print(step.safety, step.cql)
    destructive ALTER TABLE shop.t DROP old
    additive ALTER TABLE shop.t ADD price decimal
    """
    rules = OptionRules(keep_options, find_dialect(dialect))
    for keyspace, argument in ((actual, "the actual keyspace"), (desired, "the desired keyspace")):
        if keyspace is not None:
            checked(keyspace, KeyspaceSchema, "diff_schema", argument, " or None")
    if desired is None:
        return () if actual is None else (taken_by(rules.dialect, _keyspace_drop(actual, rules.dialect)),)
    if actual is None:
        empty = KeyspaceSchema(desired.name, desired.replication, desired.durable_writes, desired.options)
        created = taken_by(rules.dialect, _keyspace_addition(desired))
        return (created, *_possible(empty, desired, rules))
    if actual.name != desired.name:
        raise SchemaError(actual.name, f"it is wanted as {desired.name!r}, and no server renames one", "keyspace")
    return _possible(actual, desired, rules)


def creation_steps(schema: KeyspaceSchema, *, dialect: DialectName | Dialect = DEFAULT_DIALECT) -> tuple[Step, ...]:
    """Return the steps that create a keyspace with all that is in it.

    Args:
        schema: the keyspace as it is wanted.
        dialect: the dialect of the server, as for `diff_schema`.

    Raises:
        ArgumentError: if the schema is no KeyspaceSchema.

    >>> from cql_builder.schema import schema_from_cql
    >>> [step.cql for step in creation_steps(schema_from_cql("CREATE TYPE shop.money (amount decimal)"))][1:]
    ['CREATE TYPE shop.money (amount decimal)']
    """
    return diff_schema(None, checked(schema, KeyspaceSchema, "creation_steps", "the schema"), dialect=dialect)


def _keyspace_addition(schema: KeyspaceSchema) -> Step:
    reason = f"there is no keyspace {schema.name!r}"
    if not schema.replication:
        return impossible(f"{reason}, and nothing says how it is replicated: say replication = {{'class': …}}")
    return executable(keyspace_creation(schema), "additive", reason, DropKeyspace(schema.name))


def _keyspace_drop(schema: KeyspaceSchema, dialect: Dialect) -> Step:
    try:
        creation = creation_steps(schema, dialect=dialect)
    except ArgumentError:
        creation = ()  # it has something that no statement says, such as bytes of an extension
    # A part of what was there is no way back.
    possible = all(step.safety != "impossible" for step in creation)
    back = [step.statement.tree for step in creation if possible and step.statement is not None]
    reason = f"keyspace {schema.name!r} is not wanted, nor anything in it"
    return executable(DropKeyspace(schema.name), "destructive", reason, *back)


def _possible(actual: KeyspaceSchema, desired: KeyspaceSchema, rules: OptionRules) -> tuple[Step, ...]:
    """Return the steps, those marked impossible that the server does not take, or that need what another cannot do."""
    steps = [taken_by(rules.dialect, step) for step in _steps(actual, desired, rules)]
    return without_impossible_needs(Catalog(actual.name, actual, dialect=rules.dialect), steps)


def _steps(actual: KeyspaceSchema, desired: KeyspaceSchema, rules: OptionRules) -> Iterator[Step]:
    there, wanted = Catalog(actual.name, actual), Catalog(desired.name, desired)
    yield from _keyspace_changes(actual, desired)
    staying = [(table, wanted.tables[table.name]) for table in actual.tables if table.name in wanted.tables]
    # What depends on other things goes before them …
    yield from view_drops(there, wanted)
    for before, after in staying:
        yield from beside_drops(before, after)
    for before, after in staying:
        yield from column_drops(before, after)
    for table in actual.tables:
        if table.name not in wanted.tables:
            yield table_drop(table)
    for before, after in staying:
        yield from mask_removals(before, after)
    yield from program_drops(there, wanted)
    yield from type_drops(there, wanted)
    # … and comes after them.
    yield from type_changes(there, wanted, rules.dialect)
    yield from program_changes(there, wanted)
    for table in desired.tables:
        yield from _table_steps(there.tables.get(table.name), table, wanted, rules)
    # A function that masked a column goes once another function masks it.
    yield from mask_drops(there, wanted)
    yield from type_drops(there, wanted, late=True)
    for table in desired.tables:
        yield from beside_additions(there.tables.get(table.name), table)
    yield from view_changes(there, wanted, rules)


def _table_steps(before: TableSchema | None, after: TableSchema, wanted: Catalog, rules: OptionRules) -> Iterator[Step]:
    if before is None:
        yield table_addition(after, wanted.types)
    else:
        has_views = bool(wanted.views_of(after.name))
        yield from table_changes(before, after, rules, wanted.types, has_views=has_views)


def _keyspace_changes(actual: KeyspaceSchema, desired: KeyspaceSchema) -> Iterator[Step]:
    name = desired.name
    if desired.replication and not is_same_replication(actual.replication, desired.replication):
        yield _replication_change(name, actual.replication, desired.replication)
    if desired.replication and actual.durable_writes != desired.durable_writes:
        tree = AlterKeyspace(name, option_trees({"durable_writes": desired.durable_writes}))
        back = AlterKeyspace(name, option_trees({"durable_writes": actual.durable_writes}))
        reason = f"keyspace {name!r} is wanted with durable writes"
        if not desired.durable_writes:
            reason = (
                f"keyspace {name!r} is wanted without durable writes: what is only in the memory of a node that dies is"
                " lost"
            )
        yield executable(tree, "additive" if desired.durable_writes else "destructive", reason, back)
    changed = {
        each: value
        for each, value in desired.options.items()
        if each not in actual.options or normal_option(each, actual.options[each]) != normal_option(each, value)
    }
    if changed:
        tree = AlterKeyspace(name, option_trees(changed))
        reason = f"keyspace {name!r} is wanted with other options: {', '.join(changed)}"
        yield executable(tree, "destructive", f"{reason}; what they keep safe is not known here")


def _replication_change(name: str, actual: Mapping[str, object], desired: Mapping[str, object]) -> Step:
    reason = f"keyspace {name!r} is wanted with another replication"
    said = said_to_alter(actual, desired)
    if said is None:
        what = f"{reason}: 'replication_factor' changes no datacenter that is there"
        return impossible(f"{what}, and which these are is not known here: name each with its factor")
    tree = AlterKeyspace(name, option_trees({"replication": said}))
    back = said_to_alter(altered(actual, said), actual) if actual else None
    # What replicas come and go is known of datacenters; the factor for those to come is none of them.
    after = {each: value for each, value in said.items() if each != FACTOR or not datacenters(said)}
    loss = replication_loss(actual, after)
    inverse = [] if back is None else [AlterKeyspace(name, option_trees({"replication": back}))]
    return executable(tree, loss.safety, f"{reason}: {loss.reason}", *inverse)
