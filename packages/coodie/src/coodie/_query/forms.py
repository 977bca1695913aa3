"""What each row of a query becomes, and which fields of it are fetched: what goes together, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coodie._query.choosing import columns_named
from coodie._query.matching import columns_matched
from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from coodie._query.state import QueryState
    from coodie._schema.columns import Column, ModelSchema


def only(schema: ModelSchema, state: QueryState, named: Iterable[object]) -> QueryState:
    """The state of which documents have these fields, those of the key and the version: else they could not be saved.

    Raises:
        UnknownNameError: a name that is no field.
        InvalidQueryError: a field is named twice, or none is, or the rows become no documents.
    """
    columns = columns_named(schema, named, "only()")
    _refuse_other_form(schema, state, "only()")
    return state.with_more(
        columns=tuple(each for each in schema.columns if each in columns or each.in_key or each.versions)
    )


def without(schema: ModelSchema, state: QueryState, left_out: Iterable[object]) -> QueryState:
    """The state of which documents lack some fields, besides those that they lacked before; those of the key stay.

    Raises:
        UnknownNameError: a name that is no field.
        InvalidQueryError: a field of the key is named, or one twice, or none, or the rows become no documents.
    """
    columns = columns_named(schema, left_out, "defer()")
    for column in columns:
        if column.in_key:
            problem = f"{schema.model}.{column.field} is part of the primary key, which every document has"
            raise InvalidQueryError(f"defer(): {problem}; values_list() fetches any columns")
    _refuse_other_form(schema, state, "defer()")
    chosen = _chosen(state)
    return state.with_more(
        columns=tuple(each for each in (schema.columns if chosen is None else chosen) if each not in columns)
    )


def once_per_partition(schema: ModelSchema, state: QueryState, named: Iterable[object]) -> QueryState:
    """The state of which each partition is a row: of its key, of these fields, or of those that were named before.

    Raises:
        UnknownNameError: a name that is no field.
        InvalidQueryError: a field is neither part of the partition key nor static, or fields were named before.
    """
    given, more = tuple(named), state.more
    if _chosen(state) is not None:
        fix = "name the fields in distinct(...) itself"
        raise InvalidQueryError(f"distinct() of {schema.model} goes with no only() or defer(); {fix}")
    if more.items != "documents" and more.columns is not None:
        if given:
            problem = f"what is fetched is said by {_said_by(state)} already"
            raise InvalidQueryError(f"distinct() of {schema.model} names fields, and {problem}; write distinct()")
        return state.with_more(distinct=True)
    if not given:
        return state.with_more(columns=schema.partition_key, distinct=True)
    columns = columns_named(schema, given, "distinct()")
    for column in columns:
        if column.kind not in ("partition_key", "static"):
            problem = f"{schema.model}.{column.field} is neither part of the partition key nor static"
            raise InvalidQueryError(f"distinct(): {problem}; a server knows only those once for each partition")
    kept = tuple(each for each in schema.columns if each in columns or each in schema.partition_key)
    return state.with_more(columns=kept, distinct=True)


def as_values(schema: ModelSchema, state: QueryState, named: tuple[object, ...], *, flat: object) -> QueryState:
    """The state whose items are tuples of these fields, or the values of one.

    Raises:
        UnknownNameError: a name that is no field.
        InvalidQueryError: a field is named twice, or was left out before, or `flat` goes with more than one, or with
            the token of the partition, or the rows become instances of another model.
    """
    if type(flat) is not bool:
        raise InvalidQueryError("values_list(flat=...) is True or False")
    chosen = _chosen(state)
    if named or flat:
        columns = columns_named(schema, named, "values_list()")
    else:
        columns = schema.columns if chosen is None else chosen
    if flat and len(columns) > 1:
        raise InvalidQueryError("values_list(flat=True) takes one field, whose values are returned")
    if flat and state.more.with_token:
        raise InvalidQueryError("values_list(flat=True) goes with no select_token(); leave one of them out")
    if state.more.items == "model":
        raise InvalidQueryError(f"values_list() of {schema.model} goes with no into(); leave one of them out")
    _refuse_left_out(schema, chosen, columns, "values_list()")
    return state.with_more(items="values" if flat else "tuples", columns=columns)


def with_token(schema: ModelSchema, state: QueryState) -> QueryState:
    """The state whose items are tuples that end with the token of the partition.

    Raises:
        InvalidQueryError: the rows become single values, or instances of another model.
    """
    more = state.more
    if more.items in ("values", "model"):
        other = "into()" if more.items == "model" else "values_list(flat=True)"
        problem = f"select_token() of {schema.model} returns tuples, and goes with no {other}"
        raise InvalidQueryError(f"{problem}; leave one of them out")
    return state.with_more(items="tuples", with_token=True)


def into(schema: ModelSchema, state: QueryState, model: Any) -> QueryState:
    """The state whose items are instances of another model.

    Raises:
        InvalidQueryError: the other model has no field of this one, or requires one that this one has not, or one was
            left out before, or the rows become tuples.
    """
    from pydantic import BaseModel  # noqa: PLC0415 - the chain stands on it anyway, and only this asks for it by name

    if not isinstance(model, type) or not issubclass(model, BaseModel):
        raise InvalidQueryError("into() takes a Pydantic model")
    columns = columns_matched(schema, model)
    if state.more.items in ("tuples", "values"):
        raise InvalidQueryError(f"into() of {schema.model} goes with no {_said_by(state)}; leave one of them out")
    _refuse_left_out(schema, _chosen(state), columns, f"into({model.__name__})")
    return state.with_more(items="model", into=model, columns=columns)


def _chosen(state: QueryState) -> tuple[Column, ...] | None:
    """What only() or defer() chose; None where neither was called."""
    more = state.more
    return more.columns if more.items == "documents" and not more.distinct else None


def _said_by(state: QueryState) -> str:
    """The step that said what rows become, where that is no document."""
    more = state.more
    return "into()" if more.items == "model" else "select_token()" if more.with_token else "values_list()"


def _refuse_other_form(schema: ModelSchema, state: QueryState, verb: str) -> None:
    """Refuse to choose the fields of documents where rows become none."""
    if state.more.items == "documents":
        return
    other = _said_by(state)
    fix = f"call {verb} before it" if other == "select_token()" else "leave one of them out: it names the fields itself"
    problem = f"{verb} of {schema.model} chooses the fields of documents, which rows do not become behind {other}"
    raise InvalidQueryError(f"{problem}; {fix}")


def _refuse_left_out(
    schema: ModelSchema, chosen: Collection[Column] | None, columns: Iterable[Column], verb: str
) -> None:
    """Refuse to fetch what only() or defer() left out."""
    left_out = None if chosen is None else next((each for each in columns if each not in chosen), None)
    if left_out is not None:
        problem = f"{verb} fetches {schema.model}.{left_out.field}, which only() or defer() leaves out"
        raise InvalidQueryError(f"{problem}; leave one of them out")
