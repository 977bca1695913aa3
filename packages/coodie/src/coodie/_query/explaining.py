"""How a query reaches its rows, in words: what `explain()` returns."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coodie._model.base import table_schema
from coodie._query.guarding import most_rows
from coodie._query.select import SelectPlan
from coodie._query.target import Target
from coodie.errors import GuardrailExceededError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coodie._model.base import DocumentBase
    from coodie._query.access import Access
    from coodie._query.state import QueryState
    from coodie._schema.columns import ModelSchema

__all__ = ["Explanation", "explanation_of"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a query reaches its rows; nothing was sent to find it out.

    Attributes:
        cql: the statement, its values as markers.
        access: what finds the rows: `row`, `partition`, `partitions`, `index`, `token range` or `table`.
        why: what each comparison does there, and what is left to do here.
        cost: what the servers read for it.
        warnings: what may grow, or surprise.
    """

    cql: str
    access: str
    why: tuple[str, ...]
    cost: str
    warnings: tuple[str, ...]

    def __str__(self) -> str:
        """The explanation as lines."""
        lines = [self.cql, f"access: {self.access}", *(f"  {each}" for each in self.why), f"cost: {self.cost}"]
        return "\n".join([*lines, *(f"warning: {each}" for each in self.warnings)])


_COSTS = {
    "row": "one row of one partition, from as many replicas as the consistency level says",
    "partition": "rows of one partition, from as many replicas as the consistency level says",
    "partitions": "rows of each partition that is named, collected by one coordinator",
    "index": "every node looks into its index, then reads the rows that it finds",
    "index in partition": "the index of one partition's replicas, then the rows that it finds",
    "token range": "every row of the partitions in a range of tokens",
    "table": "every row of the table, on every node",
}


def explanation_of(model: type[DocumentBase], state: QueryState, keyspace: str | None) -> Explanation:
    """Explain how `all()` reaches the rows of a query, in this keyspace.

    Raises:
        InvalidQueryError: `all()` would refuse it. That it may hold too many rows is a warning instead: a loop over it
            need not.
        InvalidModelError: the model has no table: it is abstract, or no field is marked `PrimaryKey()`.
    """
    schema = table_schema(model)
    target: Target[Any] = Target(model, schema, keyspace, validates_rows=False, supports_unset=False)
    plan = SelectPlan(target, state, "all")
    name = _access_name(plan.access, state)
    within = plan.access.one_partition and plan.access.by_index
    return Explanation(
        cql=plan.plan.statement.cql,
        access=name,
        why=tuple(_reasons(plan, state)),
        cost=_COSTS["index in partition" if within else name],
        warnings=(*_warnings(plan, state, name), *_guarded(schema, state, plan.access)),
    )


def _guarded(schema: ModelSchema, state: QueryState, access: Access) -> Iterator[str]:
    """What guardrails say of the rows that `all()` may hold: a loop over the same query holds fewer."""
    try:
        most_rows(schema, state, access)
    except GuardrailExceededError as error:
        yield f"all() is refused: {error}"


def _access_name(access: Access, state: QueryState) -> str:
    if access.whole_key:
        return "row"
    if access.by_index:
        return "index"
    if access.one_partition:
        return "partition"
    if access.bounded:
        return "partitions"
    return "token range" if any(lookup.is_token for lookup in state.lookups) else "table"


def _reasons(plan: SelectPlan, state: QueryState) -> Iterator[str]:
    # Of two elements that one lookup compares an index may serve the first one alone.
    served = Counter(state.lookups)
    served.subtract(plan.access.filtered)
    for lookup in state.lookups:
        served[lookup] -= 1
        if served[lookup] < 0:
            yield f"{lookup.name}: filtered, the server reads rows and leaves out those that do not match"
        elif lookup in plan.access.indexed:
            yield f"{lookup.name}: served by an index"
        elif lookup.is_token:
            yield f"{lookup.name}: bounds the tokens of partitions"
        elif lookup.column.kind == "partition_key":
            yield f"{lookup.name}: part of the partition key, which says on which nodes the rows are"
        else:
            yield f"{lookup.name}: part of the clustering key, by which rows lie in order"
    if state.more.nearest is not None:
        yield f"order_by_ann({state.more.nearest.field!r}): served by the index of its vectors"
    if plan.sort:
        names = ", ".join(repr(column.field) for column, _ in state.order)
        called = state.sorted_by if state.shape.turned else f"order_by({names})"
        yield f"{called}: sorted here, after every matching row was fetched"
    elif state.order:
        yield f"{state.sorted_by}: the order in which the rows lie, from one end or the other"


def _warnings(plan: SelectPlan, state: QueryState, name: str) -> Iterator[str]:
    access = plan.access
    if plan.filtering and not access.whole_key:
        in_partition = "the partition" if access.one_partition else "what is read"
        scope = "what the index finds" if access.by_index else in_partition
        yield f"ALLOW FILTERING: the work grows with {scope}, not with what is found"
    if name in ("table", "token range") and state.limit is None:
        yield "without limit() every row is fetched"
    if plan.sort and state.limit is not None:
        yield "limit() is applied after sorting here: every matching row is fetched first"
    if state.more.skip:
        yield f"the first {state.more.skip:,} rows are fetched and left out: CQL has no OFFSET"
    if name == "index" and not access.one_partition:
        yield "an index that is not beside a partition key asks every node"
