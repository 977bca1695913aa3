"""A query as it would be written, without its values, which may be secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coodie._model.expressions import is_expression
from coodie._model.expressions import written as comparison
from coodie._query.heeding import given

if TYPE_CHECKING:
    from coodie._query.state import QueryState

_WITHOUT_ARGUMENTS = frozenset({"allow_filtering", "distinct", "if_exists", "if_not_exists", "select_token"})


def shown(state: QueryState) -> str:
    """The calls that make a query: `find(name=...).limit(3)`."""
    more = state.more
    written = {
        "order_by": ", ".join(repr(f"{'-' if down else ''}{column.field}") for column, down in state.order),
        "limit": str(state.limit),
        "only": ", ".join(repr(column.field) for column in more.columns or ()),
        "group_by": ", ".join(repr(column.field) for column in more.groups),
        "into": getattr(more.into, "__name__", ""),
    }
    # Keywords stand behind expressions, or Python would not take the call.
    names = sorted([lookup.name for lookup in state.lookups], key=lambda name: not is_expression(name))
    calls = [f"find({', '.join(map(comparison, names))})"]
    others = [name for name in given(state) if name not in ("filter", "slice") and "(" not in name]
    if more.skip:
        others = [name for name in others if name != "limit"]
    calls += [f"{name}({'' if name in _WITHOUT_ARGUMENTS else written.get(name, '...')})" for name in others]
    place = f"[{more.skip}:{'' if state.limit is None else state.limit}]" if more.skip else ""
    return ".".join(calls) + place
