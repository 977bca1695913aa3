"""What tells one query from every other: a digest of its model, its statement and its values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coodie._query.canonical import canonical

if TYPE_CHECKING:
    from coodie._query.select import SelectPlan
    from coodie._query.state import QueryState
    from coodie._query.target import Target


def fingerprint(target: Target[Any], plan: SelectPlan, state: QueryState) -> bytes:
    """The 32 bytes that only this query has, in every process: how its pages are fetched makes no difference.

    Args:
        target: the model, and the keyspace and connection of its table.
        plan: how the rows are fetched.
        state: what was asked for.
    """
    from hashlib import sha256  # noqa: PLC0415 - of queries, only cursors and scans need it

    model = target.model
    where = [model.__module__, model.__qualname__, target.connection, target.keyspace, target.schema.table]
    facts = [*where, plan.plan.statement.cql, list(plan.params(state)), state.limit, state.more.skip]
    return sha256(canonical(facts)).digest()
