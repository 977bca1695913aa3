"""Which terminal heeds which modifier: what it does not heed, it refuses by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import AliasChoices, AliasPath

from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import BaseModel

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

_OF_WRITES = frozenset(
    ("ttl", "timestamp", "consistency", "timeout", "nulls", "changed_only", "keyspace", "connection")
)
_CONDITIONS = frozenset(("if_not_exists", "if_exists", "if_conditions", "iff"))
_OPTIONS: Mapping[str, frozenset[str]] = {
    "create": _OF_WRITES | _CONDITIONS,
    "get_or_create": _OF_WRITES | _CONDITIONS | {"batch"},
}
"""What other verbs that write, and the steps before them, call their options."""

_PLACES = ("keyspace", "connection")
_BARE = ("if_not_exists",)

_OF_OTHERS: Mapping[tuple[str, str], str] = {
    ("create", "nulls"): "write {model}(...).save(nulls=...)",
    (
        "get_or_create",
        "batch",
    ): "its answer is needed at once; write {model}(...).insert(batch=...), and see batch.result",
    ("get_or_create", "timestamp"): "a lightweight transaction is timed by the server; leave it out",
    ("get_or_create", "if_not_exists"): "it creates nothing where there is a row; leave it out",
    **dict.fromkeys(
        [("create", name) for name in ("if_exists", "if_conditions", "iff")],
        "update() asks for a row that is there; leave it out here",
    ),
}
"""What to write instead of an option that is no step before the verb."""

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
    called = {_COLLECT: _COLLECT, "order_by": state.sorted_by}.get(unheeded, f"{unheeded}()")
    verb = "a loop over" if terminal == "iteration" else f"{terminal}() of"
    raise InvalidQueryError(
        f"{verb} {model} takes no {called}; leave it out, or use {_either(others)}, which heed it"
        if len(others) > 1
        else f"{verb} {model} takes no {called}; leave it out, or use {others[0]}, which heeds it"
    )


def refuse_options(model: type[BaseModel], terminal: str, values: Mapping[str, object]) -> None:
    """Refuse an option among the fields of a document that is to be created, which its model would pass over.

    Any other keyword is the model's business, as where it is constructed.

    Raises:
        InvalidQueryError: names the option, and where it is said.
    """
    options = _OPTIONS[terminal]
    if options.isdisjoint(values):
        return
    fields = {*_constructed_by(model)}
    option = next((name for name in values if name in options and name not in fields), None)
    if option is None:
        return
    way_out = _OF_OTHERS.get((terminal, option), "leave it out").format(model=model.__name__)
    if option in HEEDED[terminal] or option in _PLACES:
        step = f"using({option}=...)" if option in _PLACES else f"{option}()" if option in _BARE else f"{option}(...)"
        way_out = f"write {model.__name__}.find().{step}.{terminal}(...)"
    raise InvalidQueryError(
        f"{terminal}() of {model.__name__} takes no {option}=, which is none of its fields; {way_out}"
    )


def _constructed_by(model: type[BaseModel]) -> Iterator[str]:
    """The keywords that give a field its value."""
    for name, info in model.model_fields.items():
        yield name
        given = info.validation_alias or info.alias
        for alias in given.choices if isinstance(given, AliasChoices) else [given]:
            if alias is not None:
                yield str(alias.path[0]) if isinstance(alias, AliasPath) else alias


def _either(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"
