"""Documents with a `Version()`: written only where nobody else has written them since they were read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coodie._query.options import WriteOptions
from coodie.errors import StaleDocumentError
from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from coodie._model.base import DocumentBase
    from coodie._query.target import Target
    from coodie._schema.columns import Column
    from coodie.results import LWTResult


def with_version(target: Target[Any], document: DocumentBase, options: WriteOptions, version: Column) -> WriteOptions:
    """The options of a write on the condition that the row has the document's version.

    Raises:
        InvalidQueryError: a batch takes the write, whose answer would not be looked at.
    """
    refuse_batch(target, options)
    conditions = {**(options.if_conditions or {}), version.field: vars(document).get(version.field)}
    plain = WriteOptions(options.ttl, options.timestamp, options.consistency, options.timeout)
    return plain.on_condition(conditions, if_exists=False)


def next_version(document: DocumentBase, version: Column) -> int:
    """The version that a document gets with its next write."""
    return int(vars(document).get(version.field) or 0) + 1


def refuse_stale(target: Target[Any], document: DocumentBase, result: LWTResult | None, version: Column) -> None:
    """Refuse a write whose row has another version than the document; other conditions may have failed as well.

    Raises:
        StaleDocumentError: the row has another version, or is gone.
    """
    if result is None or result.applied:
        return
    if result.existing.get(version.field) != vars(document).get(version.field):
        raise StaleDocumentError(target.schema.model, result.existing)


def refuse_batch(target: Target[Any], options: WriteOptions) -> None:
    """Refuse to put a document with a version into a batch.

    Raises:
        InvalidQueryError: a batch takes the write.
    """
    if options.batch is not None:
        model = target.schema.model
        raise InvalidQueryError(
            f"{model} has a version, which each write must be asked about; write it without a batch"
        )
