"""Writing verbs of one document's row: update and delete, and how writes are sent or handed to a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from coodie._hydration.lwt import lwt_result
from coodie._model.at_once import begin_writing, doubt_met, end_writing
from coodie._model.hooking import run_hooks
from coodie._model.tracking import know_nothing
from coodie._model.under_way import since
from coodie._ops.changed import UNREAD, Changes, nothing_changed, read_changes
from coodie._ops.conditions import guard_of, of_the_row
from coodie._ops.doubting import doubt
from coodie._ops.placing import refuse_elsewhere
from coodie._ops.remembering import NOTHING_WRITTEN, hooked_update, made_of, not_overridden, run_after, settle
from coodie._ops.versions import Asked, asking, beside_version, counted, refuse_stale
from coodie._query.options import USUAL
from coodie._query.setting import setting_of
from coodie._query.write import DELETE, NO_GUARD, RowPlan, plan_delete, plan_update
from coodie.errors import may_be_applied
from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coodie._model.base import DocumentBase
    from coodie._query.options import Call, WriteOptions
    from coodie._query.setting import Setting
    from coodie._query.target import Target
    from coodie.results import LWTResult
    from coodie_drivers.messages import Reply
    from coodie_drivers.operations import Op

D = TypeVar("D", bound="DocumentBase")


def update(
    target: Target[D], document: D, changes: Mapping[str, object], options: WriteOptions
) -> Op[LWTResult | None]:
    """Change some columns of a document's row, and of the document where the change was made.

    Without changes, those that were made to the document since it was read or written.
    """
    if target.place is not None:
        refuse_elsewhere(target, document, "update")
    if options is USUAL and changes and not target.hooks and target.schema.version is None:
        setting: Setting | None = target.settings.known(tuple(changes)) or setting_of(target, changes, options)
        if setting is not None:
            return _set(target, document, changes, setting)
    return change(target, document, changes, options)


def _set(target: Target[D], document: D, changes: Mapping[str, object], setting: Setting) -> Op[LWTResult | None]:
    begun = setting.begin(document, changes)
    if begun is None:
        return (yield from change(target, document, changes, USUAL))
    request, sent, then = begun
    writing = begin_writing(document, setting.columns)
    try:
        yield request
        end_writing(document, writing)
        setting.settle(document, changes, sent, then)
    except BaseException as error:  # an interrupt may come at any line: the row is written then
        end_writing(document, writing)
        doubt(error, setting.settle, document, changes, sent, then)
        setting.plan.raise_misfit(setting.inputs_of(request.params), error)
        raise
    if writing.met:
        doubt_met(document, target.schema, writing)
    return None


def change(  # noqa: PLR0913 - what is written, and how
    target: Target[D],
    document: D,
    changes: Mapping[str, object],
    options: WriteOptions,
    *,
    skips: bool = False,
    hooked: bool = False,
) -> Op[LWTResult | None]:
    """Do what `update` does, of any changes, in the place where the document's row is.

    Args:
        target: the model and its table.
        document: what is changed.
        changes: the changes by keyword; without any, those that were made to the document.
        options: how it is written.
        skips: whether of these nulls are left as they are in the table.
        hooked: whether the hooks before it have run, and somebody else runs those behind it; the answer is
            `NOTHING_WRITTEN` then where there was nothing to write.
    """
    noted, before = None, UNREAD
    if target.hooks and not hooked:
        noted, before = hooked_update(target, document, changes, options)
    try:
        made = made_of(target, document, noted, changes, options.batch, skips=skips)
        if not changes and not made:
            return NOTHING_WRITTEN if hooked else (yield from _ask(target, document, options))
        changes = counted(target, document, not_overridden(target, noted, changes))
        options, asked = asking(target, document, options)
        made = made if asked is None else beside_version(made)
        read = read_changes(target, document, changes, made, before)
        result = yield from change_row(target, document, read, options, asked)
    except BaseException as error:
        if noted is not None:
            noted.take_back(error)
        raise
    if noted is not None and (result is None or result.applied):
        run_after(target, document, options, "after_update")
    elif noted is not None:
        noted.take_back()
    return result


def _ask(target: Target[D], document: D, options: WriteOptions) -> Op[LWTResult | None]:
    """Ask whether the condition of an update holds that has nothing to write; None where there is no condition."""
    # The condition is read once, behind this: an iterator in it gives its elements once.
    if options.if_conditions is None and not options.if_exists:
        return None
    options, asked = asking(target, document, options)
    return (yield from change_row(target, document, nothing_changed(target), options, asked))


def change_row(
    target: Target[D], document: D, changes: Changes, options: WriteOptions, asked: Asked | None
) -> Op[LWTResult | None]:
    """Write changes, and remember them where they were made."""
    guard = guard_of(target, options)
    assignments, sent = of_the_row(target, changes.assignments, changes.sent, guard)
    plan = plan_update(target, assignments, guard, options)
    schema = target.schema
    row = plan.extract(document)
    given = [each.column for each in changes.assignments[: changes.given]]
    then = since(document, schema.model, given, (plan.columns, row))
    writing = begin_writing(document, [each.column for each in changes.assignments] if options.batch is None else ())
    try:
        known: Call = (settle, (target, document, then, changes))
        reply = yield from deliver(target, plan, row, options, *sent, *guard.values, then=known)
        end_writing(document, writing)
        result = None if guard is NO_GUARD or reply is None else lwt_result(schema, reply)
        if asked is not None:
            refuse_stale(target, document, asked, result)
        if reply is not None and (result is None or result.applied):
            settle(target, document, then, changes)
    except BaseException as error:  # an interrupt may come at any line: the row may be written then
        end_writing(document, writing)
        doubt(error, settle, target, document, then, changes)
        raise
    doubt_met(document, schema, writing)
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
    guard = NO_GUARD if options is USUAL else guard_of(target, options)
    known: RowPlan | None = target.plans.known(DELETE) if options is USUAL else None
    plan = plan_delete(target, guard, options) if known is None else known
    row = plan.extract(document)
    writing = begin_writing(document, target.schema.row_columns if options.batch is None else (), deletes=True)
    try:
        if options is USUAL:  # as `deliver` does, which is an operation more
            reply: Reply | None = yield plan.request(row, options)
        else:
            reply = yield from deliver(target, plan, row, options, *guard.values, then=(know_nothing, (document,)))
    except BaseException as error:
        end_writing(document, writing)
        writing.made = target.schema.version is None and may_be_applied(error)  # else as `doubt` says
        doubt(error, know_nothing, document)
        plan.raise_misfit((*row, *guard.values), error)
        raise
    end_writing(document, writing)
    result = None if guard is NO_GUARD or reply is None else lwt_result(target.schema, reply)
    if asked is not None:
        refuse_stale(target, document, asked, result)
    if reply is not None and (result is None or result.applied):
        writing.made = True  # before: whoever ends meanwhile finds the one or the other
        know_nothing(document)
    if target.hooks and (result is None or result.applied):
        run_after(target, document, options, "after_delete")
    return result


def deliver(
    target: Target[Any],
    plan: RowPlan,
    row: tuple[object, ...],
    options: WriteOptions,
    *added: object,
    then: Call | None = None,
) -> Op[Reply | None]:
    """Send a write and return the reply, or hand it to the batch, which calls `then` behind it, and return None.

    Raises:
        InvalidValueError: a value is of the wrong Python type for its column. The driver finds that out anyway, so
            only a write for a batch, which is sent later and among others, is looked at here.
    """
    if options.batch is not None:
        collect(target, plan, row, options, *added, then=then)
        return None
    try:
        reply = yield plan.request(row, options, *added)
    except InvalidQueryError as error:
        plan.raise_misfit((*row, *added), error)
        raise
    return reply


def collect(
    target: Target[Any],
    plan: RowPlan,
    row: tuple[object, ...],
    options: WriteOptions,
    *added: object,
    then: Call | None = None,
) -> None:
    """Hand a write to the batch that takes it, and what it calls when the write was made.

    Raises:
        InvalidValueError: a value is of the wrong Python type for its column.
    """
    if options.batch is not None:
        params = plan.checked_params(row, options, *added)
        options.batch.collect(target, plan.plan.statement, params, options, then)
