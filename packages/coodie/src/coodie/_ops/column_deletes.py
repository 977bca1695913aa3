"""`delete_columns`: single columns and elements of collections deleted from one row."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, TypeVar, cast

from coodie._hydration.lwt import lwt_result
from coodie._model.at_once import begin_writing, doubt_met, end_writing
from coodie._model.extract import encode_value
from coodie._model.tracking import InDoubt, ReadAs, as_field, know_changed, known_values, lets_know, made_anew
from coodie._model.under_way import assigned_since, since
from coodie._ops.changed import Deleted
from coodie._ops.conditions import guard_of
from coodie._ops.doubting import doubt
from coodie._ops.placing import refuse_elsewhere
from coodie._ops.versions import ask_version, next_version, refuse_stale
from coodie._ops.writes import deliver
from coodie._query.assignment_table import FIXED
from coodie._query.keywords import keywords_of
from coodie._query.values import encode_part
from coodie._query.write import plan_delete_columns, plan_update
from coodie.errors import InvalidValueError, UnknownNameError
from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie._model.base import DocumentBase
    from coodie._model.under_way import Since
    from coodie._query.options import WriteOptions
    from coodie._query.target import Target
    from coodie._query.values import ValueReader
    from coodie._schema.columns import Column, ModelSchema
    from coodie_drivers.operations import Op

D = TypeVar("D", bound="DocumentBase")


def delete_columns(
    target: Target[D],
    document: D,
    names: Sequence[str],
    elements: Sequence[tuple[str, object]],
    options: WriteOptions,
) -> Op[None]:
    """Set columns of a document's row to null, and remove elements of its collections.

    Raises:
        StaleDocumentError: the document has a version, and somebody else has written it.
    """
    refuse_elsewhere(target, document, "delete_columns")
    if not _are_pairs(elements):
        raise InvalidQueryError('collection_elements is a list of pairs: [("field", key or index)]')
    columns = tuple(_deletable(target.schema, name) for name in names)
    holders = tuple(_deletable(target.schema, name) for name, _ in elements)
    if not columns and not holders:
        raise InvalidQueryError(f"delete_columns() of {target.schema.model} deletes nothing; name the columns")
    _refuse_some(target, columns, holders)
    named = [_element_key(target, document, column)(key) for column, (_, key) in zip(holders, elements, strict=True)]
    keys = [_sent_key(target.schema, column, key) for column, key in zip(holders, named, strict=True)]
    then = since(document, target.schema.model, columns)
    deleted = Deleted(columns, [*zip(holders, named, strict=True)])
    if target.schema.version is not None:
        writing: Op[Any] = _update_versioned(target, document, (columns, holders, keys), options, target.schema.version)
    else:
        plan = plan_delete_columns(target, columns, holders, options)
        then_forget = (_forget, (target.schema, document, then, deleted))
        writing = deliver(target, plan, plan.extract(document), options, *keys, then=then_forget)
    deleting = begin_writing(document, (*columns, *holders) if options.batch is None else ())
    try:
        yield from writing
    except BaseException as error:
        end_writing(document, deleting)
        doubt(error, _forget, target.schema, document, then, deleted)
        raise
    end_writing(document, deleting)
    if options.batch is None:
        _forget(target.schema, document, then, deleted)
        doubt_met(document, target.schema, deleting)


def _refuse_some(target: Target[Any], columns: Sequence[Column], holders: Sequence[Column]) -> None:
    """Refuse columns that are named twice, or never change.

    Raises:
        InvalidQueryError: one is.
        InvalidValueError: one never changes.
    """
    fields = target.model.model_fields
    for column in (*columns, *holders):
        if columns.count(column) > 1 or (column in columns and column in holders):
            fix = "name it once, as a whole or by its elements"
            raise InvalidQueryError(f"delete_columns() of {target.schema.model} names {column.field!r} twice; {fix}")
        if column.versions:
            problem = "counts the writes of the document, and is never deleted; leave it out"
            raise InvalidValueError(target.schema.model, column.field, problem)
        if column.own_value is not None:
            problem = "tells the classes apart, and is never deleted; leave it out"
            raise InvalidValueError(target.schema.model, column.field, problem)
        if fields[column.field].frozen:
            raise InvalidValueError(target.schema.model, column.field, FIXED)


def _update_versioned(
    target: Target[D],
    document: D,
    deleted: tuple[Sequence[Column], Sequence[Column], Sequence[object]],
    options: WriteOptions,
    version: Column,
) -> Op[None]:
    """Delete by an update: a DELETE of CQL could ask for the version, and could not raise it.

    Raises:
        StaleDocumentError: somebody else has written the document.
    """
    columns, holders, keys = deleted
    known = keywords_of(target.model).assignments
    assignments = [known.of(column, "set") for column in columns]
    sent: list[object] = [None] * len(columns)
    for column, key in zip(holders, keys, strict=True):
        by_index = column.type.collection == "list"
        assignments.append(known.of(column, "setindex" if by_index else "remove"))
        sent += (key, None) if by_index else ({key},)
    raised = next_version(document, version)
    asked = ask_version(target, document, options, version)
    guard = guard_of(target, asked.options)
    plan = plan_update(target, (*assignments, known.of(version, "set")), guard, asked.options)
    row = plan.extract(document)
    try:
        reply = yield from deliver(target, plan, row, asked.options, *sent, raised, *guard.values)
    except BaseException as error:
        doubt(error, know_changed, document, target.schema, [version], [raised])
        raise
    if reply is not None:
        refuse_stale(target, document, asked, lwt_result(target.schema, reply))
    vars(document)[version.field] = raised
    know_changed(document, target.schema, [version], [raised])


@lets_know
def _forget(schema: ModelSchema, document: DocumentBase, then: Since, deleted: Deleted) -> None:
    """Make the document what its row now is, or a later save would write back what was deleted, and let it know so.

    Of a collection that was not fetched neither is known. What the program has assigned since stays.
    """
    model, held, (columns, elements) = type(document), vars(document), deleted
    row = {column: value for column, value in known_values(document, schema).items() if value.__class__ is not InDoubt}
    changed: dict[Column, Any] = dict.fromkeys(columns)
    for column in sorted(columns, key=schema.places.__getitem__):  # a default may be made of the fields before it
        if assigned_since(document, schema, column, then):
            continue
        held[column.field] = column.absent(held)
        if made_anew(model, [column]):
            changed[column] = ReadAs(deepcopy(held[column.field]))
    for column, key in elements:
        if column.field in held:
            held[column.field] = _without(model, column, held[column.field], key)
        if column in row:
            now = _without(model, column, as_field(column, changed.get(column, row[column])), key)
            changed[column] = encode_value(schema.model, column, now)
    know_changed(document, schema, [*changed], [*changed.values()])


def _without(model: type[DocumentBase], column: Column, collection: Any, key: Any) -> Any:
    if column.type.collection != "list":
        return keywords_of(model).assignments.of(column, "remove").applied(collection, [key])
    made: Any = column.type.empty
    return made([each for place, each in enumerate(collection or ()) if place != key])


def _deletable(schema: ModelSchema, name: str) -> Column:
    given = cast("object", name)
    column = schema.by_name.get(given) if isinstance(given, str) else None
    if column is None:
        raise UnknownNameError(schema.model, "field", name, (each.field for each in schema.columns))
    if column.in_key:
        raise InvalidQueryError(f"{schema.model}.{name} is part of the primary key; delete() removes the whole row")
    return column


def _element_key(target: Target[D], document: D, column: Column) -> ValueReader:
    schema, kind = target.schema, column.type.collection
    if kind is None or column.type.frozen:
        raise InvalidQueryError(f"{schema.model}.{column.field} has no elements that can be removed one by one")
    if kind == "list":
        return _list_index(schema, column)
    removing = keywords_of(target.model).assignments.of(column, "remove")
    return lambda key: removing.key(key, vars(document).get(column.field))


def _sent_key(schema: ModelSchema, column: Column, key: Any) -> Any:
    """A key as a driver takes it, or the index of a list."""
    if column.type.collection == "list":
        return key
    return encode_part(schema.model, column, 0, key)


def _list_index(schema: ModelSchema, column: Column) -> ValueReader:
    def read(value: object) -> object:
        if type(value) is not int or not 0 <= value < 1 << 31:
            raise InvalidValueError(schema.model, column.field, "a list element is removed by its index, from 0 on")
        return value

    return read


def _are_pairs(elements: object) -> bool:
    if not isinstance(elements, (list, tuple)):
        return False
    return all(type(each) is tuple and len(each) == 2 for each in cast("list[tuple[object, ...]]", elements))  # noqa: PLR2004
