"""Documents with a `Version()`: written only where nobody else has written them since they were read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from coodie._model.extract import misfit_of, part_of
from coodie._model.tracking import InDoubt, known_values
from coodie._ops.conditions import as_read, with_read, witness
from coodie._query.matching import class_with_version
from coodie._query.options import WriteOptions
from coodie.errors import FieldNotLoadedError, StaleDocumentError
from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coodie._model.base import DocumentBase
    from coodie._ops.changed import Made
    from coodie._query.target import Target
    from coodie._schema.columns import Column, ModelSchema
    from coodie.results import LWTResult


class Asked(NamedTuple):
    """What a write asks of its row, so that it changes nothing that somebody else has written.

    Attributes:
        options: those of the write, on that condition.
        wanted: what the row has where nobody has written it since; a version is null that was never written.
        version: the column that counts the writes.
    """

    options: WriteOptions
    wanted: Mapping[str, object]
    version: Column


def ask_version(target: Target[Any], document: DocumentBase, options: WriteOptions, version: Column) -> Asked:
    """The options of a write on the condition that the row has the document's version.

    Raises:
        InvalidQueryError: a batch takes the write, whose answer would not be looked at, a ttl would end the version,
            or the conditions name another version than the document's.
        InvalidValueError: what the document has there is no version.
        FieldNotLoadedError: the document was fetched without its version.
    """
    refuse_batch(target, options)
    if options.ttl:
        # The row that an insert without a ttl has made stays. A version that had ended would be counted from the start
        # there, and meet what was read long before.
        problem = (
            f"the ttl would let {target.schema.model}.{version.field} end, and not its row, which is there already"
        )
        fix = "give it to the save() that makes the row, or set Settings.default_ttl"
        raise InvalidQueryError(f"{problem}; {fix}")
    held: dict[str, Any] = vars(document)
    if version.field not in held:
        raise FieldNotLoadedError(target.schema.model, version.field)
    shown = _checked(document, version, held[version.field])
    conditions = dict(options.if_conditions or {})
    for keyword in [each for each in conditions if target.schema.by_name.get(each) is version]:
        if conditions.pop(keyword) != shown:
            where = f"{target.schema.model}.{version.field}"
            problem = f"{where} is another one in this document than in if_conditions, and each write asks about it"
            raise InvalidQueryError(f"{problem}; leave it out of if_conditions, or read the document again")
    wanted = dict(as_read(target, document, {version.field: shown}))
    if wanted[version.field] is None:
        wanted |= witness(target, document, conditions)
    plain = WriteOptions(options.ttl, options.timestamp, options.consistency, options.timeout)
    conditions = {**as_read(target, document, conditions), **wanted}
    return Asked(plain.on_condition(conditions, if_exists=False), wanted, version)


def next_version(document: DocumentBase, version: Column) -> int:
    """The version that a document gets with its next write.

    Raises:
        InvalidValueError: what the document has there is no version.
    """
    return (_checked(document, version, vars(document).get(version.field)) or 0) + 1


def _checked(document: DocumentBase, version: Column, held: Any) -> int | None:
    misfit = None if held is None else misfit_of(type(document).__name__, [part_of(version)], [held])
    if misfit is not None:
        raise misfit
    found: int | None = held
    return found


def asking(target: Target[Any], document: DocumentBase, options: WriteOptions) -> tuple[WriteOptions, Asked | None]:
    """The options of a write with its conditions, and what it asks of its row where documents have a version.

    Raises:
        InvalidQueryError: as `ask_version` does.
        FieldNotLoadedError: as `ask_version` does.
    """
    version = target.schema.version
    if version is None:
        return with_read(target, document, options), None
    asked = ask_version(target, document, options, version)
    return asked.options, asked


def counted(target: Target[Any], document: DocumentBase, changes: Mapping[str, object]) -> Mapping[str, object]:
    """The changes of an update, the version among them where documents have one.

    Raises:
        InvalidQueryError: the version is given by keyword.
        InvalidValueError: what the document has there is no version.
    """
    version = target.schema.version
    if version is None:
        return changes
    if version.field in changes or version.name in changes:
        problem = f"{target.schema.model}.{version.field} counts the writes of a document, and each raises it"
        raise InvalidQueryError(f"{problem}; leave it out of update()")
    return {**changes, version.field: next_version(document, version)}


def beside_version(made: Made) -> Made:
    """What changed in a document but its version, which is asked about, and counted by each write."""
    return [each for each in made if not each[0].column.versions]


def refuse_stale(target: Target[Any], document: DocumentBase, asked: Asked, result: LWTResult | None) -> None:
    """Refuse a write whose row has another version than was asked about; other conditions may have failed as well.

    Raises:
        StaleDocumentError: the row has another version, or is gone.
    """
    if result is None or result.applied:
        return
    existing = result.existing
    if not existing or any(existing.get(field) != value for field, value in asked.wanted.items()):
        in_doubt = isinstance(known_values(document, target.schema).get(asked.version), InDoubt)
        raise StaleDocumentError(target.schema.model, existing, in_doubt=in_doubt)


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


def refuse_passing_over(schema: ModelSchema, verb: str, way_out: str) -> None:
    """Refuse that a query writes rows whose versions it cannot ask for; they may be of a class below its model.

    Raises:
        InvalidQueryError: documents of such rows have a version.
    """
    versioned = class_with_version(schema)
    if versioned is not None:
        problem = f"{verb}() of a query would pass over the version of {versioned.model}"
        raise InvalidQueryError(f"{problem}; {way_out}")
