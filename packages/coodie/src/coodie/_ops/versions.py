"""Documents with a `Version()`: written only where nobody else has written them since they were read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coodie._query.options import WriteOptions
from coodie.errors import FieldNotLoadedError, StaleDocumentError
from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coodie._model.base import DocumentBase
    from coodie._query.target import Target
    from coodie._schema.columns import Column
    from coodie.results import LWTResult


def with_version(target: Target[Any], document: DocumentBase, options: WriteOptions, version: Column) -> WriteOptions:
    """The options of a write on the condition that the row has the document's version.

    Raises:
        InvalidQueryError: a batch takes the write, whose answer would not be looked at.
        FieldNotLoadedError: the document was fetched without its version.
    """
    refuse_batch(target, options)
    held: dict[str, Any] = vars(document)
    if version.field not in held:
        raise FieldNotLoadedError(target.schema.model, version.field)
    conditions = {**(options.if_conditions or {}), version.field: held[version.field]}
    plain = WriteOptions(options.ttl, options.timestamp, options.consistency, options.timeout)
    return plain.on_condition(conditions, if_exists=False)


def next_version(document: DocumentBase, version: Column) -> int:
    """The version that a document gets with its next write."""
    return int(vars(document).get(version.field) or 0) + 1


def counted(
    target: Target[Any], document: DocumentBase, changes: Mapping[str, object], options: WriteOptions
) -> tuple[Mapping[str, object], WriteOptions]:
    """The changes and the options of an update that asks for the version and raises it, where there is one.

    Args:
        target: the model and its table.
        document: what is updated.
        changes: by keyword.
        options: how it is written.

    Raises:
        InvalidQueryError: the version is given by keyword, or a batch takes the write.
        FieldNotLoadedError: the document was fetched without its version.
    """
    version = target.schema.version
    if version is None:
        return changes, options
    if version.field in changes or version.name in changes:
        problem = f"{target.schema.model}.{version.field} counts the writes of a document, and each raises it"
        raise InvalidQueryError(f"{problem}; leave it out of update()")
    options = with_version(target, document, options, version)
    return {**changes, version.field: next_version(document, version)}, options


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
