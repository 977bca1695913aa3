"""What a model's guardrails refuse, with the way out; nothing is sent of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coodie._query.heeding import FIGURES
from coodie.errors import GuardrailExceededError

if TYPE_CHECKING:
    from coodie._query.access import Access
    from coodie._query.state import QueryState
    from coodie._schema.columns import ModelSchema


def most_rows(schema: ModelSchema, state: QueryState, access: Access) -> int | None:
    """How many rows a query may hold at once; None where nothing bounds it.

    Raises:
        GuardrailExceededError: the query does not say that it asks for no more.
    """
    most = None if schema.guardrails is None else schema.guardrails.max_rows
    if most is None or access.whole_key:
        return None
    if state.limit is None or state.limit > most:
        pages = "" if state.more.skip else ", or ask for pages()"  # which refuses a slice that leaves out rows
        fix = f"loop over the query, which holds a page at a time{pages}; exists() tells whether there is any"
        raise _too_many(schema, state, most, fix)
    return most


def refuse_many_groups(schema: ModelSchema, state: QueryState) -> None:
    """Refuse figures of more groups than rows may be held: each is a row of the answer.

    Raises:
        GuardrailExceededError: the query does not say that it asks for no more.
    """
    most = None if schema.guardrails is None else schema.guardrails.max_rows
    if most is None or (state.limit is not None and state.limit <= most):
        return
    compared = {lookup.column for lookup in state.lookups if lookup.operator == "=" and not lookup.is_token}
    if not compared.issuperset(state.more.groups):  # else there is one group
        raise _too_many(schema, state, most, "or group by fewer fields")


def _too_many(schema: ModelSchema, state: QueryState, most: int, fix: str) -> GuardrailExceededError:
    asked = "a query without limit()" if state.limit is None else f"limit({state.limit})"
    way = f"write limit({most}) or less"
    if state.shape.sliced:
        asked, way = _slice(state), f"take places below {most}"
    return GuardrailExceededError(
        f"{schema.model}: {asked} may hold more than the {most:,} rows that Settings.guardrails allows; {way}, {fix}"
    )


def _slice(state: QueryState) -> str:
    """A slice as it is written, or the place of one row, and what it fetches besides."""
    skip, end = state.more.skip, state.limit
    if not skip:
        return f"[:{end}]"
    place = f"[{skip}]" if end == skip + 1 else f"[{skip}:{'' if end is None else end}]"
    return f"{place}, for which the {skip:,} rows in front are fetched too,"


def too_many_sorted(cql: str, most: int, *, guarded: bool) -> GuardrailExceededError:
    """The error for rows that are sorted here, of which there are more than are held."""
    if guarded:
        what = f"sorting {cql!r} here would hold more than the {most:,} rows that Settings.guardrails allows"
        return GuardrailExceededError(f"{what}; narrow the query, or sort by clustering columns of one partition")
    what = f"sorting {cql!r} here would hold more than {most:,} rows for a stream"
    return GuardrailExceededError(f"{what}; narrow the query, or call .all() to hold them all on purpose")


def refuse_whole_table(schema: ModelSchema, access: Access, terminal: str) -> None:
    """Refuse a figure for which the server would read every row, where the rows of a query are bounded.

    Raises:
        GuardrailExceededError: neither key nor index bounds the query.
    """
    most = None if schema.guardrails is None else schema.guardrails.max_rows
    if most is None or access.bounded or terminal not in ("count", "aggregate", *FIGURES):
        return
    fix = "give the partition key or an indexed field, or count what scan() gives out"
    what = f"{terminal}() of {schema.model} would read the whole table"
    raise GuardrailExceededError(f"{what}, and Settings.guardrails allows {most:,} rows; {fix}")


def refuse_many_keys(schema: ModelSchema, keys: list[Any]) -> None:
    """Refuse more keys than rows may be held.

    Raises:
        GuardrailExceededError: there are more.
    """
    most = None if schema.guardrails is None else schema.guardrails.max_rows
    if most is not None and len(keys) > most:
        fix = "ask for some at a time"
        raise GuardrailExceededError(
            f"in_bulk() of {schema.model} would hold more than the {most:,} rows that Settings.guardrails allows; {fix}"
        )
