"""What an update writes: what is given, or what changed in a document since it was read or written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from coodie._model.extract import null_inside
from coodie._model.tracking import changes_of, known_of, moved
from coodie._query.keywords import keywords_of
from coodie._schema.compiled import REFUSALS
from coodie.errors import InvalidValueError
from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from coodie._model.base import DocumentBase
    from coodie._model.tracking import Change
    from coodie._query.assignments import Assignment
    from coodie._query.target import Target

D = TypeVar("D", bound="DocumentBase")


def changed_keywords(target: Target[Any], document: DocumentBase) -> dict[str, object]:
    """What changed, as the keywords of `update()`: of a collection that can change in place, what came and what went.

    Raises:
        InvalidQueryError: the document was neither read nor written, or its key changed since, so that nobody knows
            what its row holds.
    """
    known = known_of(document, target.schema)
    if known is None:
        model = target.schema.model
        raise InvalidQueryError(
            f"update() without fields writes what changed, and this {model} was neither read from the table nor saved; "
            "name the fields, or save() it"
        )
    elsewhere = moved(document, target.schema, known)
    if elsewhere is not None:
        where = f"{target.schema.model}.{elsewhere.field}"
        problem = f"{where} is part of the primary key and changed: the document is of another row now"
        raise InvalidQueryError(f"{problem}, of which update() without fields writes a part; save() writes it whole")
    keywords: dict[str, object] = {}
    for change in changes_of(document, target.schema, known):
        keywords.update(_keywords(change))
    return keywords


def _keywords(change: Change) -> Iterator[tuple[str, object]]:
    field, kind = change.column.field, change.column.type.collection
    in_place = kind is not None and not change.column.type.frozen
    if not (in_place and change.known and change.before and change.now):
        yield field, change.now
    elif kind == "set":
        yield from _set_keywords(field, set(change.before), set(change.now))
    elif kind == "map":
        yield from _map_keywords(field, dict(change.before), dict(change.now))
    else:
        yield from _list_keywords(field, list(change.before), list(change.now))


def _set_keywords(field: str, before: set[object], now: set[object]) -> Iterator[tuple[str, object]]:
    if came := now - before:
        yield f"add__{field}", came
    if went := before - now:
        yield f"remove__{field}", went


def _map_keywords(field: str, before: dict[object, object], now: dict[object, object]) -> Iterator[tuple[str, object]]:
    changed = {key: value for key, value in now.items() if key not in before or before[key] != value}
    if changed:
        yield f"put__{field}", changed
    if went := before.keys() - now.keys():
        yield f"remove__{field}", cast("object", set(went))


def _list_keywords(field: str, before: list[object], now: list[object]) -> Iterator[tuple[str, object]]:
    """A list that grew at an end is added to there; any other is replaced, for elements have no names."""
    if len(now) > len(before) and now[: len(before)] == before:
        yield f"append__{field}", now[len(before) :]
    elif len(now) > len(before) and now[-len(before) :] == before:
        yield f"prepend__{field}", now[: -len(before)]
    else:
        yield field, now


def read_changes(
    target: Target[D], document: D, changes: Mapping[str, object], *, may_repeat: bool
) -> tuple[tuple[Assignment, ...], list[object], list[object]]:
    """What changes, and the new values as the fields hold them and as a driver takes them.

    Of what changed by itself, something may have come to a collection and something else gone from it.
    """
    known = keywords_of(target.model).assignments
    if may_repeat:
        assignments = tuple([known.assignment(keyword) for keyword in changes])
    else:
        assignments = known.together(tuple(changes))
    plain = _read_plain(assignments, changes.values())
    if plain is not None:
        return assignments, list(changes.values()), plain
    # A copy: each check sees what those before it changed, and the document stays as it is until the answer is there.
    current: dict[str, Any] = document.__dict__.copy()
    held: list[object] = []
    sent: list[object] = []
    for assignment, value in zip(assignments, changes.values(), strict=False):
        try:
            kept, written = assignment.read(value, current)
        except InvalidValueError as error:
            # What came to a list is named by its place in the document, where it changed there by itself.
            column = assignment.column
            raise (may_repeat and null_inside(target.schema.model, column, current[column.field])) or error from None
        held.append(kept)
        sent += written
    return assignments, held, sent


def _read_plain(assignments: Sequence[Assignment], values: Iterable[object]) -> list[object] | None:
    """The values as a driver takes them, where each is of exactly its field's type and nothing more is demanded."""
    sent: list[object] = []
    try:
        for assignment, value in zip(assignments, values, strict=False):
            if type(value) is not assignment.plain:
                return None
            encode = assignment.encode
            sent.append(value if encode is None else encode(value))
    except REFUSALS:
        return None  # what is wrong is said when each is read by itself
    return sent
