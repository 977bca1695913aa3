"""What tells one query from every other: a digest of its model, its statement and its values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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


def canonical(value: object) -> bytes:
    """A value as bytes that no other value has; of sets and dicts in an order of their own."""
    if isinstance(value, (set, frozenset)):
        return _tagged("set", b"".join(sorted(map(canonical, cast("Iterable[object]", value)))))
    if isinstance(value, dict):
        pairs = cast("Mapping[object, object]", value).items()
        return _tagged("dict", b"".join(sorted(canonical(key) + canonical(each) for key, each in pairs)))
    if isinstance(value, (list, tuple)):
        return _tagged("list", b"".join(map(canonical, cast("Iterable[object]", value))))
    if isinstance(value, (bytes, bytearray)):
        return _tagged("bytes", bytes(value))
    if isinstance(value, str):
        return _tagged("str", value.encode("utf-8", "surrogatepass"))
    return _tagged(type(value).__name__, repr(value).encode("utf-8", "surrogatepass"))


def _tagged(kind: str, content: bytes) -> bytes:
    return f"{kind}:{len(content)}:".encode() + content
