"""Which terminal heeds which modifier: what it does not heed, it refuses by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coodie._query.state import QueryState

_NARROWING = ("filter", "allow_filtering")
_WRITE = ("consistency", "timeout", "using")
_READ = (*_NARROWING, *_WRITE, "fetch_size")
_ITEMS = ("limit", "slice", "order_by", "only", "values_list", "cast", "select_token", "distinct", "into", "validate")
_COLLECT = "validate(on_invalid='collect')"
_ROWS = (*_READ, *_ITEMS, _COLLECT, "per_partition_limit", "order_by_ann", "page", "group_by")
_NUMBER = (*_READ, "order_by", "only", "values_list", "into", "validate", _COLLECT)
"""What makes no difference to a number of rows is heeded by leaving it out."""

HEEDED: Mapping[str, frozenset[str]] = {
    "all": frozenset(_ROWS),
    "iteration": frozenset(_ROWS),
    "first": frozenset(_ROWS),
    "paged_all": frozenset(_ROWS) - {"slice"},
    "pages": frozenset(_ROWS) - {"slice"},
    "scan": frozenset(
        (*_READ, "only", "values_list", "cast", "select_token", "distinct", "into", "validate", "per_partition_limit")
    ),
    "in_bulk": frozenset((*_WRITE, "only", "values_list", "cast", "select_token", "into", "validate")),
    "count": frozenset((*_NUMBER, "limit")),
    "exists": frozenset((*_NUMBER, "limit")),
    "aggregate": frozenset((*_READ, "group_by", "limit")),
    "json": frozenset((*_READ, "limit", "order_by", "only", "per_partition_limit", "page", "cast")),
    "writetime": frozenset(_READ),
    "column_ttl": frozenset(_READ),
    "create": frozenset((*_WRITE, "ttl", "timestamp", "if_not_exists")),
    "update": frozenset((*_READ, "ttl", "timestamp", "if_exists", "iff")),
    "update_from": frozenset((*_READ, "ttl", "timestamp", "if_exists", "iff")),
    "get_or_create": frozenset((*_WRITE, "ttl")),
    "delete": frozenset((*_READ, "timestamp", "if_exists", "iff")),
    "save_many": frozenset((*_WRITE, "ttl", "timestamp")),
    "insert_many": frozenset((*_WRITE, "ttl")),
    "update_many": frozenset((*_WRITE, "ttl", "timestamp", "if_exists", "iff")),
    "delete_many": frozenset((*_WRITE, "timestamp", "if_exists", "iff")),
}
"""The modifiers that each terminal heeds."""


FIGURES = ("sum", "avg", "min", "max")
"""The terminals that are an `aggregate` of one figure."""

_OF_GROUPS = ("aggregate", "limit")
"""A terminal that heeds a modifier behind `group_by()` alone, and is not named to whoever has none."""


def given(state: QueryState) -> list[str]:
    """The names of the modifiers that a query has, as they are called."""
    more = state.more
    present = {
        "filter": any(not lookup.column.discriminates for lookup in state.lookups),
        "order_by": bool(state.order),
        "limit": state.limit is not None,
        "slice": more.skip > 0,
        "allow_filtering": state.allow_filtering,
        "values_list": more.items in ("tuples", "values") and not more.with_token,
        "into": more.items == "model",
        "only": more.columns is not None and more.items == "documents" and not more.distinct,
        "cast": bool(more.casts),
        "select_token": more.with_token,
        "distinct": more.distinct,
        "group_by": bool(more.groups),
        "order_by_ann": more.nearest is not None,
        "per_partition_limit": more.per_partition_limit is not None,
        "fetch_size": more.fetch_size is not None,
        "page": more.paging_state is not None,
        "validate": more.validated is not None,
        _COLLECT: more.on_invalid == "collect",
        "ttl": more.ttl is not None,
        "timestamp": more.timestamp is not None,
        "consistency": more.consistency is not None,
        "timeout": more.timeout is not None,
        "if_exists": more.if_exists,
        "if_not_exists": more.if_not_exists,
        "iff": bool(more.conditions),
        "using": more.keyspace is not None or more.connection is not None,
    }
    return [name for name, is_there in present.items() if is_there]


def refuse_unheeded(model: str, state: QueryState, terminal: str) -> None:
    """Refuse a terminal that would pass over what the query says.

    Raises:
        InvalidQueryError: names the modifier, and the terminals that heed it.
    """
    heeded = HEEDED["aggregate" if terminal in FIGURES else terminal]
    unheeded = next((name for name in given(state) if name not in heeded), None)
    if unheeded is None:
        return
    heeding = [name for name, names in HEEDED.items() if unheeded in names and (name, unheeded) != _OF_GROUPS]
    others = [f"{name}()" for name in heeding if name != "iteration"]
    called = unheeded if unheeded == _COLLECT else f"{unheeded}()"
    verb = "a loop over" if terminal == "iteration" else f"{terminal}() of"
    raise InvalidQueryError(
        f"{verb} {model} takes no {called}; leave it out, or use {_either(others)}, which heed it"
        if len(others) > 1
        else f"{verb} {model} takes no {called}; leave it out, or use {others[0]}, which heeds it"
    )


def _either(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"
