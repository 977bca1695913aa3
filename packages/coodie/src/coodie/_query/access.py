"""How a query reaches its rows: by partition key, by token, by index or by filtering.

The rules are Cassandra's (5.0): a partition key is restricted whole; clustering columns are restricted in their order,
up to the first range; an index serves equality, or containment in a collection. What neither key nor index serves is
filtered: the server reads rows and leaves them out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie._query.lookups import Lookup
    from coodie._schema.columns import ModelSchema

_EXACT = ("=", "IN")


@dataclass(frozen=True, slots=True)
class Access:
    """How a query reaches its rows.

    Attributes:
        one_partition: whether the partition key is known by equality.
        bounded: whether a key or an index bounds what the server reads.
        by_index: whether an index is used.
        whole_key: whether the primary key is known by equality, so that there is one row at most.
        filtered: the lookups that neither key nor index serves.
    """

    one_partition: bool
    bounded: bool
    by_index: bool
    whole_key: bool
    filtered: tuple[Lookup, ...]


def refuse_repeated(schema: ModelSchema, lookups: Sequence[Lookup]) -> None:
    """Refuse lookups of one column that no server takes beside each other.

    Raises:
        InvalidQueryError: equality, `__in` or `__like` stands beside another comparison, or there are two bounds of the
            same side.
    """
    compared: dict[tuple[str, bool], list[str]] = {}
    for lookup in lookups:
        if lookup.operator.startswith("CONTAINS"):
            continue
        compared.setdefault((lookup.column.field, lookup.is_token), []).append(lookup.operator.removeprefix("TOKEN "))
    for (field, _), operators in compared.items():
        if len(operators) > 1 and not _ALONE.isdisjoint(operators):
            fix = "give one of them, or __in with every wanted value"
            raise InvalidQueryError(
                f"{schema.model}.{field} is compared twice, which Cassandra takes for a range only; {fix}"
            )
        for bound, side in ((">", "lower"), ("<", "upper")):
            if sum(operator.startswith(bound) for operator in operators) > 1:
                raise InvalidQueryError(f"{schema.model}.{field} has two {side} bounds; give the narrower one alone")


_ALONE = frozenset({"=", "IN", "LIKE"})


def access_of(schema: ModelSchema, lookups: Sequence[Lookup]) -> Access:
    """Find out how these lookups reach their rows."""
    exact = {lookup.column for lookup in lookups if lookup.operator in _EXACT}
    equal = {lookup.column for lookup in lookups if lookup.operator == "="}
    partition_known = bool(schema.partition_key) and all(column in exact for column in schema.partition_key)
    served = [lookup for lookup in lookups if lookup.is_token]
    if partition_known:
        served += [lookup for lookup in lookups if lookup.column in schema.partition_key and lookup.operator in _EXACT]
        served += _clustering_prefix(schema, lookups)
    rest = [lookup for lookup in lookups if lookup not in served]
    indexed = next((lookup for lookup in rest if _index_serves(lookup)), None)
    if indexed is not None:
        rest.remove(indexed)
    one_partition = partition_known and all(column in equal for column in schema.partition_key)
    return Access(
        one_partition=one_partition,
        bounded=partition_known or indexed is not None,
        by_index=indexed is not None,
        whole_key=one_partition and all(column in equal for column in schema.clustering_key),
        filtered=tuple(rest),
    )


def needs_filtering(schema: ModelSchema, access: Access, *, allowed: bool) -> bool:
    """Whether the statement must say ALLOW FILTERING.

    Beside a key or an index that bounds the query it is added without being asked for.

    Raises:
        InvalidQueryError: nothing bounds the query and filtering was not allowed.
    """
    if not access.filtered:
        return False
    if access.bounded or allowed:
        return True
    raise InvalidQueryError(_refusal(schema, access))


def _clustering_prefix(schema: ModelSchema, lookups: Sequence[Lookup]) -> list[Lookup]:
    served: list[Lookup] = []
    for column in schema.clustering_key:
        own = [lookup for lookup in lookups if lookup.column is column and lookup.operator in _RANGES]
        served += own
        if not any(lookup.operator in _EXACT for lookup in own):
            break
    return served


_RANGES = ("=", "IN", ">", ">=", "<", "<=")


def _index_serves(lookup: Lookup) -> bool:
    if not lookup.column.indexed:
        return False
    if lookup.column.type.collection is not None and not lookup.column.type.frozen:
        # The index of a collection column is on its elements, or on the values of a map.
        return lookup.operator == "CONTAINS"
    return lookup.operator == "="


def _refusal(schema: ModelSchema, access: Access) -> str:
    fields = {lookup.column.field for lookup in access.filtered}
    names = ", ".join(repr(field) for field in sorted(fields))
    ways: list[str] = []
    missing = [column.field for column in schema.partition_key if column.field not in fields]
    if not missing:
        ways.append("compare the whole partition key by equality or __in, or its token by __token")
    elif len(missing) < len(schema.partition_key):
        ways.append(f"give the whole partition key ({', '.join(map(repr, missing))} is missing)")
    else:
        ways.append(f"give the partition key ({', '.join(map(repr, missing))}) too")
    if any(_index_would_serve(lookup) for lookup in access.filtered):
        ways.append("mark the field Indexed()")
    ways.append("call .allow_filtering() to let the server read the whole table")
    like = any(lookup.operator == "LIKE" for lookup in access.filtered)
    besides = "; in Cassandra __like needs a SASI index on the column besides" if like else ""
    return f"{schema.model}: no key and no index serves {names}; {', or '.join(ways)}{besides}"


def _index_would_serve(lookup: Lookup) -> bool:
    return lookup.operator in ("=", "CONTAINS") and not lookup.column.indexed and not lookup.column.in_key
