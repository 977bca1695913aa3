"""Which lookups indexes serve, and what does not go beside them.

The rules are Cassandra's (5.0): the indexes of SAI serve together, any other one alone and, where a query has use for
both, before those of SAI (`prioritize_sai_over_legacy_index` is off unless set).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from coodie._query.lookups import EXACT, OF_ENTRY, ON_KEYS
from coodie._schema.indexes import RANGES, TEXTS
from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie._query.lookups import Lookup
    from coodie._schema.columns import Column, ModelSchema
    from coodie._schema.indexes import Index


def served_by_indexes(lookups: Sequence[Lookup], *, sai_alone: bool = False) -> list[Lookup]:
    """Those of these lookups that indexes answer at once: those of SAI together, or any other one alone.

    A plain index finds the rows of one value, so of two elements that are looked for it finds one. Beside an index of
    vectors, which is one of SAI, others of SAI serve alone.
    """
    sai: list[Lookup] = []
    groups: dict[object, list[Lookup]] = {}
    for lookup in lookups:
        column = lookup.column
        serving = [index for index in column.indexes if lookup.operator in index.operators]
        if any(index.kind == "sai" for index in serving):
            sai.append(lookup)
        for index in () if sai_alone else serving:
            if index.kind == "sasi" or (index.kind == "secondary" and (column, index) not in groups):
                groups.setdefault((column, index), []).append(lookup)
    # What SAI serves whole needs no filtering, though the server may filter what it finds by another index.
    return sai if len(sai) == len(lookups) else max(groups.values(), key=len, default=sai)


def refuse_beside_indexes(
    schema: ModelSchema, lookups: Sequence[Lookup], indexed: Sequence[Lookup], rest: Sequence[Lookup], *, nearest: bool
) -> None:
    """Refuse what no server answers beside an index, or answers otherwise than by it.

    Args:
        schema: the model's table.
        lookups: all that is compared.
        indexed: what indexes serve of it.
        rest: what neither key nor index serves.
        nearest: whether vectors are compared by their index.

    Raises:
        InvalidQueryError: an index would serve beside `__in` of the partition key, that of vectors beside what no index
            and no key serves; a text would be compared with its case though its index is without; elements of a frozen
            collection would be looked for beside an index of SAI, or what is not compared beside one of SASI; a plain
            index would come upon static rows, and the clustering key be compared so that they are not passed by.
    """
    reached = (*indexed, *rest)
    key = schema.partition_key
    several = next((each for each in lookups if each.operator == "IN" and each.column in key), None)
    if several is not None and (indexed or nearest):
        _refuse_several_partitions(schema, several, lookups, indexed)
    if nearest:
        _refuse_beside_nearest(schema, rest)
    if several is not None:
        _refuse_several_beside_others(schema, several, lookups, reached)
    other = next((lookup for lookup in reached if _serving(lookup, "secondary", "sasi")), None)
    _refuse_other_meaning(schema, other, reached)
    _refuse_beside_sasi(schema, reached)
    _refuse_static_rows(schema, lookups, reached)
    by_sai = [lookup for lookup in reached if other is None and _serving(lookup, "sai")]
    if nearest or by_sai:
        _refuse_elements_beside_sai(schema, by_sai, rest)


def _refuse_other_meaning(schema: ModelSchema, other: Lookup | None, reached: Sequence[Lookup]) -> None:
    """Refuse to have texts compared as they are, by filtering, where their index takes some for the same.

    So it is beside an index of another kind, which serves the `other` lookup.
    """
    for lookup in reached:
        is_in = lookup.operator == "IN"
        index = _serving(lookup, "sai", operator="=" if is_in else lookup.operator)
        if index is None or not index.is_analysed or lookup.column.discriminates or not (is_in or other):
            continue
        field = lookup.column.field
        way = f"and serves no __in; query each value of {field!r} by itself"
        if other is not None and not is_in:
            name = other.column.field
            way = f"and is not used beside that of {name!r}; mark {name!r} Indexed(using='sai') alone"
        problem = f"the index of {field!r} takes texts for the same that filtering does not"
        raise InvalidQueryError(f"{schema.model}: {problem}, {way}")


def _refuse_beside_sasi(schema: ModelSchema, reached: Sequence[Lookup]) -> None:
    # Rows come that do not match, or none, or the server fails inside (Cassandra 5.0.9).
    by_sasi = next((lookup for lookup in reached if _serving(lookup, "sasi")), None)
    if by_sasi is None:
        return
    for lookup in reached:
        column, operator = lookup.column, lookup.operator
        is_range = operator in RANGES and column.type.cql in TEXTS
        passed_over = column.kind == "partition_key" or operator.startswith(("IN", "CONTAINS", OF_ENTRY))
        if lookup is by_sasi or not (is_range or passed_over):
            continue
        problem = f"beside the index of {by_sasi.column.field!r}, one of SASI, {lookup.name} is not heeded"
        fix = f"compare {column.field!r} in Python, or mark {by_sasi.column.field!r} Indexed(using='sai')"
        raise InvalidQueryError(f"{schema.model}: {problem}; {fix}")


def _refuse_static_rows(schema: ModelSchema, lookups: Sequence[Lookup], reached: Sequence[Lookup]) -> None:
    """Refuse what a server does not answer by a plain index that leads to the static rows of partitions.

    Such a row lies before all others: a start of the first clustering column leaves it out. Of several plain indexes a
    server takes one or another.
    """
    plain = [lookup for lookup in reached if _serving(lookup, "secondary")]
    if not plain or any(_serving(lookup, "sasi") for lookup in reached):  # which is used before a plain one
        return
    first = schema.clustering_key[0] if schema.clustering_key else None
    starts = (*EXACT, *(("<", "<=") if first is not None and first.descending else (">", ">=")))
    start = next((lookup for lookup in lookups if lookup.column is first and lookup.operator in starts), None)
    exact = {lookup.column for lookup in lookups if lookup.operator in EXACT}
    if exact.issuperset(schema.partition_key):
        _refuse_static_index(schema, plain, start)
    elif start is None and _has_static_columns(schema):
        _refuse_index_of_part(schema, plain, [each for each in lookups if not _by_place(first, each)])


def _refuse_static_index(schema: ModelSchema, plain: Sequence[Lookup], start: Lookup | None) -> None:
    # In a partition it leads to nothing but the static row: without that none is found (Cassandra 5.0.9).
    field = next((lookup.column.field for lookup in plain if lookup.column.kind == "static"), None)
    if field is None or start is None:
        return
    problem = f"in a partition no row is found by the index of {field!r}, which is static, beside {start.name}"
    fix = f"compare {field!r} in Python, or mark it Indexed(using='sai') alone"
    raise InvalidQueryError(f"{schema.model}: {problem}; {fix}")


def _refuse_index_of_part(schema: ModelSchema, plain: Sequence[Lookup], one_by_one: Sequence[Lookup]) -> None:
    # The server fails inside where it compares the clustering key of a static row (Cassandra 5.0.9).
    field = next((lookup.column.field for lookup in plain if lookup.column.kind == "partition_key"), None)
    left = next((lookup for lookup in one_by_one if lookup.column.kind == "clustering_key"), None)
    if field is None or left is None:
        return
    problem = f"beside the index of {field!r}, a part of the partition key, servers fail at {left.name}"
    problem += " where there are static columns"
    fix = f"give the whole partition key, or mark {field!r} Indexed(using='sai') alone"
    raise InvalidQueryError(f"{schema.model}: {problem}; compare {left.column.field!r} in Python, {fix}")


def _by_place(first: Column | None, lookup: Lookup) -> bool:
    """Whether rows are left out by where they lie, the first clustering column being compared, and not one by one."""
    column, operator = lookup.column, lookup.operator
    return column is first and operator in ON_KEYS and column.index_for(operator) is None


def _has_static_columns(schema: ModelSchema) -> bool:
    """Whether the table has static columns, be they those of another class of a family."""
    family = schema.family
    columns = schema.columns if family is None else family.columns(family.base.model)
    return any(column.kind == "static" for column in columns)


def _refuse_elements_beside_sai(schema: ModelSchema, by_sai: Sequence[Lookup], rest: Sequence[Lookup]) -> None:
    # The server finds no row then, whatever there is (Cassandra 5.0.9).
    lookup = next((each for each in rest if each.operator.startswith("CONTAINS") and each.column.type.frozen), None)
    if lookup is None:
        return
    field = lookup.column.field
    beside = f"the index of {by_sai[0].column.field!r}" if by_sai else "order_by_ann()"
    problem = f"beside {beside} no row is found by an element of {field!r}, a frozen collection"
    raise InvalidQueryError(f"{schema.model}: {problem}; leave one of them out and compare in Python")


def _serving(lookup: Lookup, *kinds: str, operator: str | None = None) -> Index | None:
    """The index of such a kind that serves a lookup, or what another operator compares."""
    wanted = lookup.operator if operator is None else operator
    return next((each for each in lookup.column.indexes if each.kind in kinds and wanted in each.operators), None)


def _refuse_several_partitions(
    schema: ModelSchema, several: Lookup, lookups: Sequence[Lookup], indexed: Sequence[Lookup]
) -> None:
    name = several.column.field
    exact = {lookup.column for lookup in lookups if lookup.operator in EXACT}
    fix = f"query each {'partition' if exact.issuperset(schema.partition_key) else repr(name)} by itself"
    if indexed:
        fix += f", or leave {indexed[0].column.field!r} to be compared in Python"
    raise InvalidQueryError(
        f"{schema.model}: no index is used beside {name}__in of the partition key, with filtering or without; {fix}"
    )


def _refuse_several_beside_others(
    schema: ModelSchema, several: Lookup, lookups: Sequence[Lookup], reached: Sequence[Lookup]
) -> None:
    """Refuse `__in` of the partition key where an index of any column would be looked at for what the key leaves."""
    served = [each for each in lookups if each.column.index_for(each.operator) is not None]
    if not (served and reached):
        return
    name = several.column.field
    beside = f"{name}__in of the partition key beside {reached[0].column.field!r}"
    fix = f"query each {name!r} by itself, or leave {reached[0].column.field!r} to be compared in Python"
    problem = f"no server takes {beside}, for the index of {served[0].column.field!r} would be asked"
    raise InvalidQueryError(f"{schema.model}: {problem}; {fix}")


def _refuse_beside_nearest(schema: ModelSchema, rest: Sequence[Lookup]) -> None:
    # Beside an index of another kind a server fails inside, with filtering or without (Cassandra 5.0.9).
    columns = [lookup.column for lookup in rest]
    other = next((column for column in columns if all(index.kind != "sai" for index in column.indexes)), None)
    if other is None:
        return
    fix = "mark the field Indexed(using='sai')"
    if other in schema.partition_key:
        fix = "give the whole partition key"
    elif other.in_key:
        fix = "give the whole partition key, and the clustering columns before it"
    problem = f"order_by_ann() needs an index of SAI for whatever is compared, and {other.field!r} has none"
    raise InvalidQueryError(f"{schema.model}: {problem}; {fix}, or leave it out")
