"""What a program does to a document while a write of it is under way: a write that ends lets it be."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from coodie._model.extract import encode_value
from coodie._model.tracking import as_field, before_doubt, known_of
from coodie.errors import InvalidValueError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pydantic import BaseModel

    from coodie._schema.columns import Column, ModelSchema

MOMENTS = count(1)
"""Numbers what happens to documents, in order."""


class Noted(set[str]):
    """The names of the fields that are set, as Pydantic keeps them, which takes note of when one is assigned to.

    Models with `validate_assignment` are not seen to assign: Pydantic adds to the set past its method.
    """

    __slots__ = ("moments",)

    moments: dict[str, int]

    def add(self, element: str, /) -> None:
        """Add a name, as Pydantic does at each assignment."""
        self.moments[element] = next(MOMENTS)
        super().add(element)

    def __repr__(self) -> str:
        """What a set says."""
        return repr({*self})

    def __reduce__(self) -> tuple[type[set[str]], tuple[list[str]]]:
        """A copy is a set like any other."""
        return set, ([*self],)


class Since(NamedTuple):
    """A document as a write begins.

    Attributes:
        moment: when that was.
        held: what it held, by field.
        row: of what can change in place what it held, as a driver takes it.
        key: the columns that the row is found by, and their values, as a driver takes them.
    """

    moment: int
    held: Mapping[str, object]
    row: Mapping[Column, Any]
    key: tuple[Sequence[Column], Sequence[Any]] = ((), ())


def note_from_now(document: BaseModel) -> None:
    """Take note of what is assigned to the fields of a document."""
    noted = Noted(document.__pydantic_fields_set__)
    noted.moments = {}
    object.__setattr__(document, "__pydantic_fields_set__", noted)


_WITHOUT_FIELDS = Since(0, {}, {})


def since(
    document: BaseModel, model: str, columns: Sequence[Column], key: tuple[Sequence[Column], Sequence[Any]] = ((), ())
) -> Since:
    """A document as a write of these columns begins, of the row of a key."""
    if not columns:
        return _WITHOUT_FIELDS
    if document.__pydantic_fields_set__.__class__ is not Noted:
        note_from_now(document)
    return Since(next(MOMENTS), vars(document).copy(), changing(document, model, columns), key)


def changing(document: BaseModel, model: str, columns: Iterable[Column]) -> dict[Column, Any]:
    """What a document holds in columns whose values can change in place, as a driver takes it."""
    held: dict[str, Any] = vars(document)
    row: dict[Column, Any] = {}
    for column in columns:
        if can_change(column) and column.field in held:
            try:
                row[column] = encode_value(model, column, held[column.field])
            except InvalidValueError:
                continue  # nothing that a row ever had: it is replaced
    return row


def can_change(column: Column) -> bool:
    """Whether the values of a column can change in place, themselves or what is in them."""
    held = column.type
    return bool(held.elements) or held.user_type is not None or held.dimensions is not None


def assigned_since(document: BaseModel, schema: ModelSchema, column: Column, then: Since) -> bool:
    """Whether a program has assigned to a field since, or changed what it held, so that a write which ends lets it be.

    What another write has put there, which ended meanwhile, is what the row is known to hold.
    """
    noted: Any = document.__pydantic_fields_set__
    if noted.__class__ is Noted and noted.moments.get(column.field, 0) > then.moment:
        return True
    was = then.held.get(column.field)
    now = vars(document).get(column.field, was)
    if now is was:
        row = then.row
        return column in row and changing(document, schema.model, [column]).get(column) != row[column]
    known = known_of(document, schema)
    if known is None or column not in known.columns:
        return False
    return schema.equalities[column].differ(now, as_field(column, before_doubt(known.row[known.columns.index(column)])))
