"""Going on behind a page: the limit of a query that is given a page state.

With a limit that is no larger than a page Cassandra passes over the state and begins anew, and with a larger one it
counts the limit that the state was made with (5.0, `SelectStatement`). So behind a page the limit is applied here and
not sent. What the state itself leaves of the limit that it was made with still ends the rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from coodie_drivers.config import DEFAULT_FETCH_SIZE

if TYPE_CHECKING:
    from coodie._query.state import QueryState


def limits_behind_page(state: QueryState) -> bool:
    """Whether a limit is to be applied to rows that lie behind a page."""
    return state.limit is not None and state.more.paging_state is not None


def page_size(state: QueryState) -> int | None:
    """How many rows to ask for at once: behind a page no more than the limit; None for the connection's default."""
    size = state.more.fetch_size
    if state.limit is None or state.more.paging_state is None:
        return size
    return min(state.limit, size or DEFAULT_FETCH_SIZE)
