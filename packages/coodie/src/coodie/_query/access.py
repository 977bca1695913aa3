"""How a query reaches its rows: by partition key, by token, by index or by filtering.

The rules are Cassandra's (5.0): a partition key is restricted whole; clustering columns are restricted in their order,
up to the first range; each kind of index serves what `_schema/indexes.py` says. SAI's serve several columns at once,
any other index its own column alone. What neither key nor index serves is filtered: the server reads rows and leaves
them out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coodie._model.views import views_of
from coodie._query.index_choice import refuse_beside_indexes, served_by_indexes
from coodie._query.lookups import EXACT, OF_ENTRY, ON_KEYS, Lookup
from coodie._schema.indexes import RANGES, holds_durations
from coodie.errors import GuardrailExceededError
from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie._schema.columns import Column, ModelSchema


@dataclass(frozen=True, slots=True)
class Access:
    """How a query reaches its rows.

    Attributes:
        one_partition: whether the partition key is known by equality.
        bounded: whether a key or an index bounds what the server reads.
        by_index: whether an index is used.
        whole_key: whether the primary key is known by equality, so that there is one row at most.
        indexed: the lookups that indexes serve.
        filtered: the lookups that neither key nor index serves.
    """

    one_partition: bool
    bounded: bool
    by_index: bool
    whole_key: bool
    indexed: tuple[Lookup, ...]
    filtered: tuple[Lookup, ...]


def refuse_repeated(schema: ModelSchema, lookups: Sequence[Lookup]) -> None:
    """Refuse lookups of one column that no server takes beside each other.

    Raises:
        InvalidQueryError: equality, `__in` or `__like` stands beside another comparison, or there are two bounds of the
            same side.
    """
    compared: dict[tuple[str, bool], list[str]] = {}
    for lookup in lookups:
        if lookup.operator.startswith(("CONTAINS", OF_ENTRY)):
            continue
        compared.setdefault((lookup.column.field, lookup.is_token), []).append(lookup.operator.removeprefix("TOKEN "))
    for (field, _), operators in compared.items():
        if len(operators) > 1 and not _ALONE.isdisjoint(operators):
            rule = "Cassandra takes two comparisons of a column for a range only, and filter() adds to what was asked"
            fix = "give one of them, or __in with every wanted value"
            raise InvalidQueryError(f"{schema.model}.{field} is compared twice: {rule}; {fix}")
        for bound, side in ((">", "lower"), ("<", "upper")):
            if sum(operator.startswith(bound) for operator in operators) > 1:
                raise InvalidQueryError(f"{schema.model}.{field} has two {side} bounds; give the narrower one alone")


_ALONE = frozenset({"=", "IN", "LIKE"})


def access_of(schema: ModelSchema, lookups: Sequence[Lookup], *, nearest: Column | None = None) -> Access:
    """Find out how these lookups reach their rows; `nearest` is a column whose vectors are compared by their index.

    Raises:
        InvalidQueryError: as `refuse_beside_indexes` says.
    """
    exact = {lookup.column for lookup in lookups if lookup.operator in EXACT}
    equal = {lookup.column for lookup in lookups if lookup.operator == "="}
    partition_known = bool(schema.partition_key) and all(column in exact for column in schema.partition_key)
    served = [lookup for lookup in lookups if lookup.is_token]
    if partition_known:
        served += [lookup for lookup in lookups if lookup.column in schema.partition_key and lookup.operator in EXACT]
        served += _clustering_prefix(schema, lookups)
    rest = [lookup for lookup in lookups if lookup not in served]
    # Behind a range of clustering columns the server filters the next ones, whatever index they have.
    ranged = partition_known and any(lookup.operator in RANGES for lookup in served)
    behind = schema.clustering_key if ranged else ()
    candidates = [lookup for lookup in rest if lookup.column not in behind]
    indexed = served_by_indexes(candidates, sai_alone=nearest is not None)
    for lookup in indexed:  # once each: two elements may be looked for by one lookup
        rest.remove(lookup)
    refuse_beside_indexes(schema, lookups, indexed, rest, nearest=nearest is not None)
    one_partition = partition_known and all(column in equal for column in schema.partition_key)
    return Access(
        one_partition=one_partition,
        bounded=partition_known or bool(indexed) or nearest is not None,
        by_index=bool(indexed) or nearest is not None,
        whole_key=one_partition and all(column in equal for column in schema.clustering_key),
        indexed=tuple(indexed),
        filtered=tuple(rest),
    )


def needs_filtering(schema: ModelSchema, access: Access, *, allowed: bool, single: bool = False) -> bool:
    """Whether the statement must say ALLOW FILTERING.

    Beside a key or an index that bounds the query it is added without being asked for.

    Args:
        schema: the model's table.
        access: how the query reaches its rows.
        allowed: whether the query asked for it.
        single: whether the verb finds one document, so that there is no chain to ask for it in.

    Raises:
        InvalidQueryError: nothing bounds the query and filtering was not allowed.
        GuardrailExceededError: the model's guardrails forbid filtering.
    """
    if not access.filtered:
        return False
    if schema.guardrails is not None and not schema.guardrails.allow_filtering:
        raise GuardrailExceededError(_refusal(schema, access, single=single, forbidden=True))
    # What keeps the rows of one class of a family was not asked for, and is no reason to refuse.
    if access.bounded or allowed or all(lookup.column.discriminates for lookup in access.filtered):
        return True
    raise InvalidQueryError(_refusal(schema, access, single=single))


def _clustering_prefix(schema: ModelSchema, lookups: Sequence[Lookup]) -> list[Lookup]:
    served: list[Lookup] = []
    for column in schema.clustering_key:
        own = [lookup for lookup in lookups if lookup.column is column and lookup.operator in ON_KEYS]
        served += own
        if not any(lookup.operator in EXACT for lookup in own):
            break
    return served


def _refusal(schema: ModelSchema, access: Access, *, single: bool, forbidden: bool = False) -> str:
    fields = {lookup.column.field for lookup in access.filtered}
    names = ", ".join(repr(field) for field in sorted(fields))
    # What is filtered beside a key is refused by guardrails alone.
    ways = [f"leave {names} out and compare in Python" if access.bounded else _way_by_key(schema, access)]
    ways += [f"read {view.model}, a materialized view whose key serves it" for view in _serving(schema, access)][:1]
    view = schema.view
    marker = next((marker for marker in map(_marker_for, access.filtered) if marker), None)
    if marker is not None:
        marked = f"mark the field {marker}"
        ways.append(
            marked if view is None else f"{marked} in the model of its table {view.base_table!r}, and query that"
        )
    call = f"write {schema.model}.find(...).allow_filtering().first()" if single else "call .allow_filtering()"
    if not forbidden:
        ways.append(f"{call} to let the server read the whole table")
    like = any(lookup.operator == "LIKE" for lookup in access.filtered)
    besides = "; in Cassandra __like needs a SASI index besides: Indexed(using='sasi')" if like else ""
    if view is not None:
        besides = "; no view has an index" + (", which __like needs in Cassandra" if like else "")
    what = ", and Settings.guardrails forbids ALLOW FILTERING" if forbidden else ""
    served_by = "no key and no index" if view is None else "no key"
    return f"{schema.model}: {served_by} serves {names}{_limits(access)}{what}; {', or '.join(ways)}{besides}"


def _serving(schema: ModelSchema, access: Access) -> list[ModelSchema]:
    """The views of a table whose key serves what neither key nor index of the table does."""
    if access.bounded or schema.view is not None or any(lookup.is_token for lookup in access.filtered):
        return []
    found: list[ModelSchema] = []
    for view in views_of(schema):
        by_name = {column.name: column for column in view.columns}
        columns = [by_name.get(lookup.column.name) for lookup in access.filtered]
        pairs = zip(columns, access.filtered, strict=True)
        asked = [Lookup(view.model, column, each.operator) for column, each in pairs if column is not None]
        there = access_of(view, asked)
        if len(asked) == len(columns) and there.bounded and not there.filtered:
            found.append(view)
    return found


def _way_by_key(schema: ModelSchema, access: Access) -> str:
    compared = {lookup.column for lookup in access.filtered}
    exact = {lookup.column for lookup in access.filtered if lookup.operator in EXACT}
    missing = [column for column in schema.partition_key if column not in exact]
    if not compared.isdisjoint(missing):
        if len(schema.partition_key) == 1:
            return "compare the partition key by equality or __in, or its token by __token"
        return f"compare every column of the partition key ({_listed(schema.partition_key)}) by equality or __in"
    if len(missing) < len(schema.partition_key):
        return f"give the whole partition key ({_listed(missing)} {'is' if len(missing) == 1 else 'are'} missing)"
    return f"give the partition key ({_listed(missing)}) too"


def _listed(columns: Sequence[Column]) -> str:
    return ", ".join(repr(column.field) for column in columns)


def _limits(access: Access) -> str:
    """What the indexes of fields that have one do not serve; empty where none has."""
    indexed = {lookup.column for lookup in access.filtered if lookup.column.indexed}
    limits = [f"the index of {column.field!r} serves {_ways(column)} only" for column in indexed]
    return f" ({', '.join(sorted(limits))})" if limits else ""


def _ways(column: Column) -> str:
    served = {operator for index in column.indexes for operator in index.operators}
    ways = [way for operator, way in _WAYS.items() if operator in served]
    return " and ".join(ways)


_WAYS = {
    "=": "equality",
    ">": "ranges",
    "CONTAINS": "__contains",
    "CONTAINS KEY": "__contains_key",
    "LIKE": "__like",
    "ENTRY =": "comparing one entry",
}


def _marker_for(lookup: Lookup) -> str | None:
    """The marker whose index would serve a lookup of a field that has no such index."""
    column = lookup.column
    if column.in_key or column.type.dimensions is not None or holds_durations(column.type):
        return None
    if column.index_for(lookup.operator) is not None:
        return None
    if column.type.frozen and lookup.operator != "=":
        return None  # it has an index of the whole alone
    return {
        "=": "Indexed()",
        "CONTAINS": "Indexed()",
        "CONTAINS KEY": "Indexed(on='keys')",
        "ENTRY =": "Indexed(on='entries')",
    }.get(lookup.operator)
