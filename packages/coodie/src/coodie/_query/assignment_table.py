"""Keywords of `update` → what happens to which column.

`name="x"` sets a field. `add__tags={"x"}` and `tags__add={"x"}` change a collection in place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from coodie._query.assignments import Assignment, ClassAssignment, FieldAssignment, refuse_twice
from coodie._query.values import FieldChecker
from coodie.errors import InvalidValueError, UnknownNameError
from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from coodie._schema.columns import Column, ModelSchema
    from coodie._schema.user_types import UserTypeField

OPERATIONS: dict[str, tuple[str, ...]] = {
    "add": ("set",),
    "remove": ("set", "list", "map"),
    "append": ("list",),
    "prepend": ("list",),
    "put": ("map",),
    "update": ("map",),
    "setindex": ("list",),
}
"""The operations on collections, and which collections each is for."""

KNOWN_CALLS = 1_000
"""How many combinations of keywords a model remembers."""

PROTECTED = (
    "is Protected(), so no update that names it changes it; assign it to a document, and call save(), or update() "
    "without arguments"
)
FIXED = "is fixed by Field(frozen=True) and cannot change; only saving a new document replaces it"
"""What is said of a field that the model never lets change."""


class AssignmentTable:
    """The assignments of one model, found by keyword and remembered."""

    __slots__ = ("_checker", "_fields", "_fixed", "_known", "_of", "_schema", "_together", "_whole")

    def __init__(self, model: type[BaseModel], schema: ModelSchema) -> None:
        """Start with nothing remembered."""
        self._schema = schema
        self._checker = FieldChecker(model)
        self._fixed = {name for name, info in model.model_fields.items() if info.frozen}
        self._known: dict[str, Assignment] = {}
        self._of: dict[tuple[Column, str], Assignment] = {}
        self._whole: dict[Column, Assignment] = {}
        self._fields: dict[tuple[Column, UserTypeField], Assignment] = {}
        self._together: dict[tuple[str, ...], tuple[Assignment, ...]] = {}

    def together(self, keywords: tuple[str, ...]) -> tuple[Assignment, ...]:
        """The assignments of the keywords of one call, which change no column twice.

        Raises:
            UnknownNameError: no such field, or no such operation.
            InvalidQueryError: a field is part of the key or named twice, or the operation is for another kind of field.
            InvalidValueError: the model says that a field never changes, or not by its name.
        """
        found = self._together.get(keywords)
        if found is None:
            found = tuple([self.assignment(keyword) for keyword in keywords])
            refuse_twice(self._schema, found)
            for each in found:
                if each.column.protected:
                    raise InvalidValueError(self._schema.model, each.column.field, PROTECTED)
            if len(self._together) >= KNOWN_CALLS:
                self._together.clear()  # found again in microseconds each
            self._together[keywords] = found
        return found

    def assignment(self, keyword: str) -> Assignment:
        """The assignment of a keyword.

        Raises:
            UnknownNameError: no such field, or no such operation.
            InvalidQueryError: the field is part of the key, or the operation is for another kind of field.
            InvalidValueError: the model says that the field never changes.
        """
        found = self._known.get(keyword)
        if found is None:
            found = self._known[keyword] = self.of(*self._resolve(keyword))
        return found

    def of(self, column: Column, operation: str) -> Assignment:
        """The assignment that does this to a column: `set`, or one of `OPERATIONS`.

        Raises:
            InvalidQueryError: the column is part of the key, or the operation is for another kind of field.
            InvalidValueError: the model says that the field never changes.
        """
        found = self._of.get((column, operation))
        if found is None:
            self._check(column, operation)
            found = self._of[column, operation] = self._made(column, operation)
        return found

    def whole(self, column: Column) -> Assignment:
        """The assignment that sets a column to what a document holds, as saving does: also of a field that is fixed."""
        found = self._whole.get(column)
        if found is None:
            found = self._whole[column] = self._made(column, "set")
        return found

    def field(self, column: Column, field: UserTypeField) -> Assignment:
        """The assignment that sets a field of a column's user type to what a document holds."""
        found = self._fields.get((column, field))
        if found is None:
            self._check(column, "set")
            found = self._fields[column, field] = FieldAssignment(self._schema.model, column, self._checker, field)
        return found

    def _made(self, column: Column, operation: str) -> Assignment:
        family = self._schema.family
        # A base's own value is that of its documents, and not of all rows that a query of it is about.
        is_any = family is not None and (column.own_value is None or family.base.model is self._schema.document)
        if family is not None and column.discriminates and is_any:
            return ClassAssignment(self._schema.model, column, self._checker, family)
        plain = self._checker.checks_type_only(column)
        return Assignment(self._schema.model, column, operation, self._checker, checks_type_only=plain)

    def _resolve(self, keyword: str) -> tuple[Column, str]:
        by_name = self._schema.by_name
        if keyword in by_name:
            return by_name[keyword], "set"
        prefix, _, behind = keyword.partition("__")
        before, _, suffix = keyword.rpartition("__")
        if behind in by_name and (prefix in OPERATIONS or before not in by_name):
            return by_name[behind], self._operation(prefix)
        if before in by_name:
            return by_name[before], self._operation(suffix)
        if keyword in ("consistency", "timeout", "timestamp"):
            model = self._schema.model
            fix = f"write {model}.find(...).{keyword}(...).update(...), with the whole key in find()"
            raise InvalidQueryError(f"update() of {model} takes no {keyword}; {fix}")
        known = (column.field for column in self._schema.columns)
        raise UnknownNameError(self._schema.model, "field", behind if prefix in OPERATIONS else keyword, known)

    def _operation(self, name: str) -> str:
        if name not in OPERATIONS:
            raise UnknownNameError(f"update() of {self._schema.model}", "operation", name, OPERATIONS)
        return name

    def _check(self, column: Column, operation: str) -> None:
        where = f"{self._schema.model}.{column.field}"
        if column.in_key:
            raise InvalidQueryError(
                f"{where} is part of the primary key, which cannot change; save a new document and delete this one"
            )
        if column.type.cql == "counter":
            raise InvalidQueryError(f"{where} is a counter, which cannot be set; use increment() and decrement()")
        if column.field in self._fixed:
            raise InvalidValueError(self._schema.model, column.field, FIXED)
        if operation == "set":
            return
        kinds = OPERATIONS[operation]
        if column.type.collection not in kinds:
            held = f"a {column.type.collection}" if column.type.collection else f"CQL {column.type.cql}"
            raise InvalidQueryError(f"{where} is {held}; {operation} is for {' and '.join(kinds)} fields")
        if column.type.frozen:
            raise InvalidQueryError(f"{where} is frozen and can only be set as a whole: update({column.field}=...)")
