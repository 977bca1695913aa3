"""What holds of partitions as a whole, and of groups of their rows: what a server would refuse is refused before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie._query.state import QueryState
    from coodie._schema.columns import Column, ModelSchema


def check_groups(schema: ModelSchema, state: QueryState) -> None:
    """Cassandra groups by a prefix of the primary key, of which columns that are known by equality may be missing.

    Raises:
        InvalidQueryError: the server would refuse the groups.
    """
    groups = state.more.groups
    if not groups:
        return
    if state.more.nearest is not None:
        raise InvalidQueryError(f"{schema.model}: group_by() does not go with order_by_ann(); leave one of them out")
    known = {lookup.column for lookup in state.lookups if lookup.operator == "="}
    expected: list[Column] = []
    rest = list(groups)
    for column in schema.key:
        if rest and rest[0] is column:
            rest.pop(0)
        elif column not in known:
            expected.append(column)
            break
    if rest:
        key = ", ".join(repr(column.field) for column in schema.key)
        raise InvalidQueryError(
            f"{schema.model}: group_by() takes the columns of the primary key from the left ({key}); {rest[0].field!r} "
            "does not follow, unless those before it are compared by equality"
        )
    behind = schema.key[schema.key.index(groups[-1]) + 1 :][:1]
    if behind and behind[0].kind == "partition_key":
        names = ", ".join(repr(column.field) for column in schema.partition_key)
        problem = f"a part of the partition key makes no group; name all of it ({names})"
        raise InvalidQueryError(f"group_by() of {schema.model}: {problem}")
    if state.more.distinct and groups[-1].kind == "clustering_key":
        problem = f"{groups[-1].field!r} tells rows apart, and distinct() makes one of each partition"
        raise InvalidQueryError(f"group_by() of {schema.model}: {problem}; leave one of them out")


def check_distinct(schema: ModelSchema, state: QueryState) -> None:
    """Rows of partitions are narrowed by what each partition has once.

    Raises:
        InvalidQueryError: the server would refuse a comparison.
    """
    if not state.more.distinct:
        return
    if state.more.nearest is not None:
        raise InvalidQueryError(f"{schema.model}: distinct() does not go with order_by_ann(); leave one of them out")
    other = next((each.column for each in state.lookups if each.column.kind not in ("partition_key", "static")), None)
    if other is None:
        return
    problem = "distinct() makes one row of each partition, which only its key and static columns narrow"
    if other.discriminates and schema.family is not None:
        base = schema.family.base.schema.model
        problem += f", and {other.field!r} tells the rows of {schema.model} from others; write {base}.find().distinct()"
    raise InvalidQueryError(f"{schema.model}.{other.field}: {problem}")


def check_once_per_partition(schema: ModelSchema, state: QueryState, fetched: Sequence[Column]) -> None:
    """Refuse to find rows of which there is none: by distinct(), and where static columns alone are asked for.

    Raises:
        InvalidQueryError: the server would refuse it.
    """
    of_row = [column for column in fetched if column.kind not in ("partition_key", "static")]
    if state.more.distinct:
        exact = {lookup.column for lookup in state.lookups if lookup.operator in ("=", "IN")}
        known = exact.issuperset(schema.partition_key)
        lacking = [] if known else [column for column in schema.partition_key if column not in fetched]
        if of_row:
            problem = f"{schema.model}.{of_row[0].field} is neither part of the partition key nor static"
            raise InvalidQueryError(f"distinct(): {problem}; name what to fetch in distinct(...) itself, and last")
        if lacking:
            names = ", ".join(repr(column.field) for column in lacking)
            fix = "name it too, or compare the whole partition key"
            raise InvalidQueryError(f"distinct() of {schema.model} fetches no {names} of the partition key; {fix}")
        return
    compared = [lookup.column for lookup in state.lookups if lookup.column.kind == "clustering_key"]
    if compared and not of_row and any(column.kind == "static" for column in fetched):
        names = ", ".join(repr(column.field) for column in fetched if column.kind == "static")
        fix = f"leave {compared[0].field!r} out, or ask for a field of the row besides"
        problem = f"static fields ({names}) alone are found by the partition key, and not by the clustering key"
        raise InvalidQueryError(f"{schema.model}: {problem}; {fix}")
