"""Writing verbs of one whole document: save and insert."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from coodie._hydration.lwt import lwt_result
from coodie._model.at_once import begin_writing, doubt_met, end_writing
from coodie._model.tracking import RowSlot, has_forgotten, is_elsewhere, is_perhaps_saved, know, known_of, moved
from coodie._ops.changed import changes_held
from coodie._ops.doubting import doubt
from coodie._ops.partial_rows import part_held, with_unsure, without_nulls, without_skipped, without_unset, written_of
from coodie._ops.placing import know_in, know_sent, knowing_in
from coodie._ops.remembering import saving
from coodie._ops.versions import ask_version, next_version, refuse_batch
from coodie._ops.writes import change, change_row, collect
from coodie._query.options import NO_TIMESTAMP, skipped
from coodie._query.write import INSERT, INSERT_NEW, RowPlan, plan_insert
from coodie.errors import InvalidValueError, StaleDocumentError
from coodie_drivers.errors import InvalidQueryError
from coodie_drivers.operations import ENDED

if TYPE_CHECKING:
    from coodie._model.base import DocumentBase
    from coodie._query.options import Call, Collector, WriteOptions
    from coodie._query.target import Target
    from coodie._schema.columns import Column
    from coodie.results import LWTResult
    from coodie_drivers.operations import Op

D = TypeVar("D", bound="DocumentBase")


def save(
    target: Target[D], document: D, options: WriteOptions, nulls: str | None = None, *, hooked: bool = False
) -> Op[LWTResult | None]:
    """Write every column of a document, None as null; of one that was fetched in part, what was fetched or assigned.

    Args:
        target: the model and its table.
        document: what is written.
        options: how it is written.
        nulls: `skip` where None is left as it is in the table instead; None leaves it to the model's settings.
        hooked: whether the hooks before it have run, and somebody else runs those behind it.
    """
    if target.hooks and not hooked:
        return saving(target, document, options, partial(save, target, document, options, nulls, hooked=True))
    if target.schema.version is not None:
        return _save_versioned(target, document, options, target.schema.version, nulls)
    if options.batch is None:
        return _save(target, document, options, nulls)
    _let_save(target, document, options, options.batch, nulls)
    return ENDED


def _save(target: Target[D], document: D, options: WriteOptions, nulls: str | None) -> Op[None]:
    schema = target.schema
    plan: RowPlan = target.plans.known(INSERT + options.using) or plan_insert(target, options, if_not_exists=False)
    try:
        row = plan.extract(document)
    except InvalidValueError:
        plan, row = part_held(target, document, options, if_not_exists=False)
    sending, values, kept, written = plan, row, row, plan.columns
    if (schema.skips_nulls if nulls is None else skipped(nulls)) and plan.has_null(row):
        kept = without_skipped(target, document, plan.columns, row, None)
        written = written_of(plan.columns, kept)
        sending, values = without_unset(target, plan, kept, options, if_not_exists=False)
    writing = begin_writing(document, written)
    try:
        yield sending.request(values, options)
        end_writing(document, writing)
        if target.place is None and kept is row:  # as `know_in` does, which is a call more
            know(document, schema, plan.columns, row)
        elif kept is row:
            know_in(target, document, plan.columns, row)
        else:
            know_sent(target, document, plan.columns, kept)
    except BaseException as error:  # an interrupt may come at any line: the row is written then
        end_writing(document, writing)
        doubt(error, know_in if kept is row else know_sent, target, document, plan.columns, kept)
        sending.raise_misfit(values, error)
        raise
    if writing.met:
        doubt_met(document, schema, writing)


def _let_save(target: Target[D], document: D, options: WriteOptions, batch: Collector, nulls: str | None) -> None:
    """Hand the write of a document to the batch that takes it.

    Raises:
        InvalidValueError: a value is of the wrong Python type for its column.
    """
    schema = target.schema
    plan: RowPlan = target.plans.known(INSERT + options.using) or plan_insert(target, options, if_not_exists=False)
    skips = schema.skips_nulls if nulls is None else skipped(nulls)
    row = plan.taken(document)
    if row is not None and not (options.using or (skips and plan.has_null(row))):
        sending, values, kept = plan, row, row
        params = row if len(row) == plan.plan.takes_all else plan.params(row, options)
    else:
        try:
            row = plan.extract(document)
        except InvalidValueError:
            plan, row = part_held(target, document, options, if_not_exists=False)
        sending, values, kept = plan, row, row
        if skips and plan.has_null(row):
            kept = without_skipped(target, document, plan.columns, row, batch)
            sending, values = without_unset(target, plan, kept, options, if_not_exists=False)
        params = sending.checked_params(values, options)
    if kept is not row:
        then: Call = (know_sent, (target, document, plan.columns, kept))
    elif target.place is None and plan.columns is schema.columns:  # as nearly always
        then = (RowSlot.write, (document, kept))
    else:
        then = knowing_in(target, document, plan.columns, kept)
    batch.collect(target, sending.plan.statement, params, options, then)


def _save_versioned(
    target: Target[D], document: D, options: WriteOptions, version: Column, nulls: str | None
) -> Op[None]:
    """Write a document that is known where its row has its version, and a new one where there is no row.

    Raises:
        StaleDocumentError: somebody else has written it.
    """
    refuse_batch(target, options)
    if _is_new(target, document):
        result = yield from insert(target, document, options, hooked=True)
        if result is not None and not result.applied:
            forgotten = known_of(document, target.schema) is None and has_forgotten(document)
            in_doubt = is_perhaps_saved(document)
            raise StaleDocumentError(
                target.schema.model, result.existing, is_new=True, forgotten=forgotten, in_doubt=in_doubt
            )
        return
    skips = target.schema.skips_nulls if nulls is None else skipped(nulls)
    raised = next_version(document, version)
    asked = ask_version(target, document, options, version)
    changes = changes_held(target, document, version, raised, skips=bool(skips))
    yield from change_row(target, document, changes, asked.options, asked)


def save_changed(
    target: Target[D], document: D, options: WriteOptions, nulls: str | None = None, *, hooked: bool = False
) -> Op[LWTResult | None]:
    """Write what changed in a document since it was read or written; all of one without a row that is known.

    It is a save: the hooks of saves run, which may have changed the document as well, and not those of updates.
    """
    if target.hooks and not hooked:
        write = partial(save_changed, target, document, options, nulls, hooked=True)
        return (yield from saving(target, document, options, write))
    skips = target.schema.skips_nulls if nulls is None else skipped(nulls)
    if _is_new(target, document):
        return (yield from save(target, document, options, nulls, hooked=True))
    return (yield from change(target, document, {}, options, skips=bool(skips), hooked=hooked))


def _is_new(target: Target[D], document: D) -> bool:
    """Whether nothing is known of the row that a document is written to."""
    if target.place is not None and is_elsewhere(document, target.place, at_home=target.at_home):
        return True
    known = known_of(document, target.schema)
    return known is None or moved(document, target.schema, known) is not None


def insert(target: Target[D], document: D, options: WriteOptions, *, hooked: bool = False) -> Op[LWTResult | None]:
    """Write a document unless its row exists; nulls are left unset, so that no tombstone is written.

    Returns the server's answer, or None when a batch took the write. Where it is `hooked`, the hooks before it have
    run, and somebody else runs those behind it.
    """
    if options.timestamp is not None:
        raise InvalidQueryError(NO_TIMESTAMP)
    if target.hooks and not hooked:
        return (yield from saving(target, document, options, partial(insert, target, document, options, hooked=True)))
    plan: RowPlan = target.plans.known(INSERT_NEW + options.using) or plan_insert(target, options, if_not_exists=True)
    try:
        row = plan.extract(document)
    except InvalidValueError:
        plan, row = part_held(target, document, options, if_not_exists=True)
    sending, values, kept = plan, row, row
    if plan.has_null(row):
        sending, values = without_unset(target, plan, without_nulls(plan.columns, row), options, if_not_exists=True)
        kept = with_unsure(document, plan.columns, row)
    knowing = know_in if kept is row else know_sent
    if options.batch is None:  # as `deliver` does, which is an operation more
        writing = begin_writing(document, plan.columns)
        try:
            reply = yield sending.request(values, options)
            end_writing(document, writing)
            result: LWTResult = lwt_result(target.schema, reply, sending.columns)
            if result.applied:
                knowing(target, document, plan.columns, kept)
        except BaseException as error:  # an interrupt may come at any line: the row may be written then
            end_writing(document, writing)
            doubt(error, knowing, target, document, plan.columns, kept)
            sending.raise_misfit(values, error)
            raise
        if result.applied:
            doubt_met(document, target.schema, writing)
        return result
    args = (target, document, plan.columns, kept)
    collect(target, sending, values, options, then=knowing_in(*args) if kept is row else (know_sent, args))
    return None
