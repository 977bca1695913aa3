"""Writing verbs of one document: save, insert, update and delete."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

from coodie._hydration.lwt import lwt_result
from coodie._model.hooking import run_hooks
from coodie._model.tracking import (
    RowSlot,
    is_elsewhere,
    kept_row,
    know,
    know_nothing,
    know_there,
    known_of,
    moved,
)
from coodie._model.under_way import since
from coodie._ops.changed import Changes, changes_held, nothing_changed, read_changes
from coodie._ops.conditions import guard_of, of_the_row
from coodie._ops.doubting import doubt, doubt_others, mark_sent, unmark
from coodie._ops.partial_rows import part_held, without_nulls, without_skipped, without_unset
from coodie._ops.placing import has_forgotten, know_in, refuse_elsewhere
from coodie._ops.remembering import Hooked, hooked_update, made_of, not_overridden, run_after, settle
from coodie._ops.versions import Asked, ask_version, asking, counted, next_version, refuse_batch, refuse_stale
from coodie._query.options import NO_TIMESTAMP, USUAL, skipped
from coodie._query.setting import setting_of
from coodie._query.write import (
    INSERT,
    INSERT_NEW,
    NO_GUARD,
    RowPlan,
    plan_delete,
    plan_insert,
    plan_update,
)
from coodie.errors import InvalidValueError, StaleDocumentError
from coodie_drivers.errors import InvalidQueryError
from coodie_drivers.messages import Request
from coodie_drivers.operations import ENDED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coodie._model.base import DocumentBase
    from coodie._query.options import Collector, WriteOptions
    from coodie._query.setting import Setting
    from coodie._query.target import Target
    from coodie._schema.columns import Column
    from coodie.results import LWTResult
    from coodie_drivers.messages import Reply
    from coodie_drivers.operations import Op

D = TypeVar("D", bound="DocumentBase")

_new: Any = object.__new__


def save(target: Target[D], document: D, options: WriteOptions, nulls: str | None = None) -> Op[None]:
    """Write every column of a document, None as null; of one that was fetched in part, what was fetched or assigned.

    Args:
        target: the model and its table.
        document: what is written.
        options: how it is written.
        nulls: `skip` where None is left as it is in the table instead; None leaves it to the model's settings.
    """
    if options.batch is None or target.hooks or target.schema.version is not None:
        return _save(target, document, options, nulls)
    _let_save(target, document, options, options.batch, nulls)
    return ENDED


def _save(target: Target[D], document: D, options: WriteOptions, nulls: str | None) -> Op[None]:
    schema, hooks = target.schema, target.hooks
    if schema.version is not None:
        yield from _save_versioned(target, document, options, schema.version, nulls)
        return
    if hooks and options.batch is None:
        run_hooks(document, hooks, "before_save")
    if options.batch is None:
        plan: RowPlan = target.plans.known(INSERT + options.using) or plan_insert(target, options, if_not_exists=False)
        try:
            row = plan.extract(document)
        except InvalidValueError:
            plan, row = part_held(target, document, options, if_not_exists=False)
        sending, values, kept = plan, row, row
        if (schema.skips_nulls if nulls is None else skipped(nulls)) and plan.has_null(row):
            values, kept = without_skipped(document, schema, plan.columns, row)
            sending, values = without_unset(target, plan, values, options, if_not_exists=False)
        try:
            yield sending.request(values, options)
        except BaseException as error:
            doubt(error, know_in, target, document, plan.columns, kept, None)
            sending.raise_misfit(values, error)
            raise
        if target.place is None:
            know(document, schema, plan.columns, kept)
        else:
            know_there(document, target, plan.columns, kept)
    elif hooks:
        with Hooked(document, hooks, "before_save", options.batch):
            _let_save(target, document, options, options.batch, nulls)
    else:
        _let_save(target, document, options, options.batch, nulls)
    if hooks:
        run_after(target, document, options, "after_save")


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
            values, kept = without_skipped(document, schema, plan.columns, row)
            sending, values = without_unset(target, plan, values, options, if_not_exists=False)
        params = sending.checked_params(values, options)
    batch.collect(target, sending.plan.statement, params, options)
    if target.place is not None:
        batch.afterwards(know_there, document, target, plan.columns, kept)
        return
    whole = plan.columns is schema.columns  # as nearly always
    batch.afterwards(RowSlot.write, document, kept if whole else kept_row(schema, plan.columns, kept))


def _save_versioned(
    target: Target[D], document: D, options: WriteOptions, version: Column, nulls: str | None
) -> Op[None]:
    """Write a document that is known where its row has its version, and a new one where there is no row.

    Raises:
        StaleDocumentError: somebody else has written it.
    """
    refuse_batch(target, options)
    if _is_new(target, document):
        result = yield from insert(target, document, options)
        if result is not None and not result.applied:
            forgotten = known_of(document, target.schema) is None and has_forgotten(document)
            raise StaleDocumentError(target.schema.model, result.existing, is_new=True, forgotten=forgotten)
        return
    skips = target.schema.skips_nulls if nulls is None else skipped(nulls)
    hooked = Hooked(document, target.hooks, "before_save") if target.hooks else None
    try:
        raised = next_version(document, version)
        asked = ask_version(target, document, options, version)
        changes = changes_held(target, document, version, raised, skips=bool(skips))
        yield from _change(target, document, changes, asked.options, asked)
    except BaseException:
        if hooked is not None:
            hooked.take_back()
        raise
    if hooked is not None:
        run_after(target, document, options, "after_save")


def save_changed(target: Target[D], document: D, options: WriteOptions, nulls: str | None = None) -> Op[None]:
    """Write what changed in a document since it was read or written; all of one without a row that is known."""
    skips = target.schema.skips_nulls if nulls is None else skipped(nulls)
    if _is_new(target, document):
        yield from save(target, document, options, nulls)
        return
    yield from update(target, document, {}, options, skips=bool(skips))


def _is_new(target: Target[D], document: D) -> bool:
    """Whether nothing is known of the row that a document is written to."""
    if target.place is not None and is_elsewhere(document, target.place, at_home=target.at_home):
        return True
    known = known_of(document, target.schema)
    return known is None or moved(document, target.schema, known) is not None


def insert(target: Target[D], document: D, options: WriteOptions) -> Op[LWTResult | None]:
    """Write a document unless its row exists; nulls are left unset, so that no tombstone is written.

    Returns the server's answer, or None when a batch took the write.
    """
    if options.timestamp is not None:
        raise InvalidQueryError(NO_TIMESTAMP)
    hooked = Hooked(document, target.hooks, "before_save", options.batch) if target.hooks else None
    plan: RowPlan = target.plans.known(INSERT_NEW + options.using) or plan_insert(target, options, if_not_exists=True)
    try:
        row = plan.extract(document)
    except InvalidValueError:
        with hooked or nullcontext():
            plan, row = part_held(target, document, options, if_not_exists=True)
    sending, values = plan, row
    if plan.has_null(row):
        sending, values = without_unset(target, plan, without_nulls(plan.columns, row), options, if_not_exists=True)
    result: LWTResult | None = None
    if options.batch is None:  # as `deliver` does, which is an operation more
        try:
            reply = yield sending.request(values, options)
        except BaseException as error:
            doubt(error, know_in, target, document, plan.columns, row, None)
            sending.raise_misfit(values, error)
            raise
        result = lwt_result(target.schema, reply, sending.columns)
        if not result.applied:
            if hooked is not None:
                hooked.take_back()
            return result
        if target.place is None:
            know(document, target.schema, plan.columns, row)
        else:
            know_there(document, target, plan.columns, row)
    else:
        with hooked or nullcontext():
            collect(target, sending, values, options)
        know_in(target, document, plan.columns, row, options.batch)
    if target.hooks:
        run_after(target, document, options, "after_save")
    return result


def update(
    target: Target[D], document: D, changes: Mapping[str, object], options: WriteOptions, *, skips: bool = False
) -> Op[LWTResult | None]:
    """Change some columns of a document's row, and of the document where the change was made.

    Without changes, those that were made to the document since it was read or written; if it `skips` nulls, but them.
    """
    if target.place is not None:
        refuse_elsewhere(target, document, "update")
    if options is USUAL and changes and not target.hooks and target.schema.version is None:
        setting: Setting | None = target.settings.known(tuple(changes)) or setting_of(target, changes, options)
        begun = None if setting is None else setting.begin(document, changes)
        if setting is not None and begun is not None:
            params, sent, then = begun
            request: Request = _new(Request)  # filled in, as that of a row is
            request.statement, request.params = setting.plan.plan.statement, params
            request.consistency = request.timeout = request.fetch_size = request.paging_state = None
            try:
                yield request
            except BaseException as error:
                doubt(error, setting.settle, document, changes, sent, then)
                setting.plan.raise_misfit(setting.inputs_of(params), error)
                raise
            setting.settle(document, changes, sent, then)
            return None
    hooked = hooked_update(target, document, changes, options) if target.hooks else None
    try:
        made = made_of(target, document, hooked, changes, options.batch, skips=skips)
        if not changes and not made:
            return (yield from _ask(target, document, options))
        changes = counted(target, document, not_overridden(target, hooked, changes), options)
        options, asked = asking(target, document, options)
        result = yield from _change(target, document, read_changes(target, document, changes, made), options, asked)
    except BaseException:
        if hooked is not None:
            hooked.take_back()
        raise
    if hooked is not None and (result is None or result.applied):
        run_after(target, document, options, "after_update")
    elif hooked is not None:
        hooked.take_back()
    return result


def _ask(target: Target[D], document: D, options: WriteOptions) -> Op[LWTResult | None]:
    """Ask whether the condition of an update holds that has nothing to write; None where there is no condition."""
    if guard_of(target, options) is NO_GUARD:
        return None
    options, asked = asking(target, document, options)
    return (yield from _change(target, document, nothing_changed(target), options, asked))


def _change(
    target: Target[D], document: D, changes: Changes, options: WriteOptions, asked: Asked | None
) -> Op[LWTResult | None]:
    """Write changes, and remember them where they were made."""
    guard = guard_of(target, options)
    assignments, sent = of_the_row(target, changes.assignments, changes.sent, guard)
    plan = plan_update(target, assignments, guard, options)
    schema = target.schema
    then = since(document, schema.model, [each.column for each in changes.assignments[: changes.given]])
    row = plan.extract(document)
    marked = mark_sent([(settle, (target, document, then, changes))]) if options.batch is None else []
    try:
        reply = yield from deliver(target, plan, row, options, *sent, *guard.values)
    except BaseException as error:
        unmark(marked)
        doubt(error, settle, target, document, then, changes)
        raise
    others = unmark(marked)
    result = None if guard is NO_GUARD or reply is None else lwt_result(schema, reply)
    if asked is not None:
        refuse_stale(target, document, asked, result)
    if reply is None and options.batch is not None:
        options.batch.afterwards(settle, target, document, then, changes)
    elif result is None or result.applied:
        settle(target, document, then, changes)
        doubt_others(others)
    return result


def delete(target: Target[D], document: D, options: WriteOptions) -> Op[LWTResult | None]:
    """Delete a document's row; with a condition, return whether it held."""
    if target.place is not None:
        refuse_elsewhere(target, document, "delete")
    if target.hooks:
        run_hooks(document, target.hooks, "before_delete")
    asked = None
    if target.schema.version is not None or options.if_conditions is not None:
        options, asked = asking(target, document, options)
    guard = guard_of(target, options)
    plan = plan_delete(target, guard, options)
    row = plan.extract(document)
    try:
        if options is USUAL:  # as `deliver` does, which is an operation more
            reply: Reply | None = yield plan.request(row, options)
        else:
            reply = yield from deliver(target, plan, row, options, *guard.values)
    except BaseException as error:
        doubt(error, know_nothing, document)
        plan.raise_misfit((*row, *guard.values), error)
        raise
    result = None if guard is NO_GUARD or reply is None else lwt_result(target.schema, reply)
    if asked is not None:
        refuse_stale(target, document, asked, result)
    if reply is not None and (result is None or result.applied):
        know_nothing(document)
    elif reply is None and options.batch is not None:
        options.batch.afterwards(know_nothing, document)
    if target.hooks and (result is None or result.applied):
        run_after(target, document, options, "after_delete")
    return result


def deliver(
    target: Target[Any], plan: RowPlan, row: tuple[object, ...], options: WriteOptions, *added: object
) -> Op[Reply | None]:
    """Send a write and return the reply, or hand it to the batch and return None.

    Raises:
        InvalidValueError: a value is of the wrong Python type for its column. The driver finds that out anyway, so
            only a write for a batch, which is sent later and among others, is looked at here.
    """
    if options.batch is not None:
        collect(target, plan, row, options, *added)
        return None
    try:
        reply = yield plan.request(row, options, *added)
    except InvalidQueryError as error:
        plan.raise_misfit((*row, *added), error)
        raise
    return reply


def collect(target: Target[Any], plan: RowPlan, row: tuple[object, ...], options: WriteOptions, *added: object) -> None:
    """Hand a write to the batch that takes it.

    Raises:
        InvalidValueError: a value is of the wrong Python type for its column.
    """
    if options.batch is not None:
        options.batch.collect(target, plan.plan.statement, plan.checked_params(row, options, *added), options)
