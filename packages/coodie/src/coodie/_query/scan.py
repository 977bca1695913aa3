"""Reading a whole table by ranges of tokens: the ranges, and the plan that fetches the rows of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coodie._query.plans import Slot
from coodie._query.relations import where
from coodie._query.select import SelectPlan
from coodie_drivers.errors import InvalidQueryError
from coodie_drivers.messages import Request
from cql_builder import fn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie._query.state import QueryState
    from coodie._query.target import Target

FIRST_TOKEN, LAST_TOKEN = -(1 << 63), (1 << 63) - 1
"""The ends of the ring of Murmur3Partitioner; no partition has the first token (Cassandra, "Data partitioning")."""

MOST_SPLITS = 1 << 16
"""Into how many ranges the ring is split at most."""


def token_range(number: int, splits: int) -> tuple[int, int]:
    """The tokens of one range, counted from 0: behind the first of them, up to the second.

    >>> token_range(0, 2), token_range(1, 2)
    ((-9223372036854775808, 0), (0, 9223372036854775807))
    """
    low, high = (FIRST_TOKEN + (each << 64) // splits for each in (number, number + 1))
    return low, min(high, LAST_TOKEN)


class ScanPlan(SelectPlan):
    """How the rows of a range of tokens are fetched."""

    __slots__ = ()

    def __init__(self, target: Target[Any], state: QueryState) -> None:
        """Make the plan of a state's shape.

        Raises:
            InvalidQueryError: the query is about some partitions, or says something that a scan does not heed.
        """
        schema = target.schema
        of_partition = next((each for each in state.lookups if each.column.kind == "partition_key"), None)
        if of_partition is not None:
            problem = f"scan() reads all partitions of {schema.model}, and {of_partition.column.field!r} is compared"
            raise InvalidQueryError(f"{problem}; loop over the query itself, or leave that out")
        super().__init__(target, state, "scan")

    def narrowed(self, built: Any, target: Target[Any], state: QueryState) -> Any:
        """The statement with the lookups, and the bounds of the tokens behind all other values."""
        place = len(state.lookups) + (state.more.per_partition_limit is not None)
        token = fn.token(*(column.name for column in target.schema.partition_key))
        return where(built, target.schema, state.lookups).where(token > Slot(place), token <= Slot(place + 1))

    def params(self, state: QueryState, tokens: tuple[int, int] = (FIRST_TOKEN, LAST_TOKEN)) -> Sequence[object]:
        """The values of one query of this shape, in the order of the statement's markers."""
        limit = state.more.per_partition_limit
        return self.plan.params((*state.values, *(() if limit is None else (limit,)), *tokens))

    def range_request(self, state: QueryState, tokens: tuple[int, int], paging_state: bytes | None) -> Request:
        """The request for one page of a range."""
        more = state.more
        params = self.params(state, tokens)
        return Request(self.plan.statement, params, more.consistency, more.timeout, more.fetch_size, paging_state)


def plan_scan(target: Target[Any], state: QueryState) -> ScanPlan:
    """The plan that fetches ranges, made at a shape's first use."""
    return target.plans.get(("scan", state.key()), lambda: ScanPlan(target, state))
