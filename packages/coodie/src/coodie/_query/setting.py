"""Updates that set whole fields, as nearly all do: what they send and remember, made once for each set of keywords."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coodie._model.tracking import assigned_since, compile_knowing
from coodie._query.keywords import keywords_of
from coodie._query.write import NO_GUARD, RowPlan, plan_update
from coodie._schema.compiled import REFUSALS, compile_function, present_converted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from coodie._model.base import DocumentBase
    from coodie._query.assignments import Assignment
    from coodie._query.options import WriteOptions
    from coodie._query.target import Target


class Setting:
    """An update of some fields, each of whose values is of exactly its field's type.

    Attributes:
        plan: its statement.
        read: gives the new values as a driver takes them; None where one is to be looked at by itself.
    """

    __slots__ = ("_know", "_schema", "plan", "read")

    def __init__(self, target: Target[Any], assignments: tuple[Assignment, ...], options: WriteOptions) -> None:
        """Make it for these assignments, which set all that they name."""
        self.plan: RowPlan = plan_update(target, assignments, NO_GUARD, options)
        self.read = _compile_reader(assignments)
        self._schema = target.schema
        self._know = compile_knowing(target.schema, [each.column for each in assignments])

    def settle(
        self, document: DocumentBase, changes: Mapping[str, object], sent: Sequence[object], was: Mapping[str, object]
    ) -> None:
        """Make the document what its row now is, past Pydantic's own setter, which a frozen model refuses.

        What the program has assigned to since, where the document held what it `was`, stays as it is.
        """
        held: Any = document.__dict__
        for field, value in changes.items():
            before = was.get(field)
            if held.get(field) is before or not self._is_assigned(document, field, before):
                held[field] = value
        document.__pydantic_fields_set__.update(changes)
        self._know(document, sent)

    def _is_assigned(self, document: DocumentBase, field: str, was: object) -> bool:
        return assigned_since(document, self._schema, self._schema.by_name[field], was)


def setting_of(target: Target[Any], changes: Mapping[str, object], options: WriteOptions) -> Setting | None:
    """The setting of these keywords, made at their first use; None where more is asked for than to set fields.

    Raises:
        UnknownNameError: a keyword names no field.
        InvalidQueryError: a field is part of the key or named twice.
        InvalidValueError: the model says that a field never changes.
    """
    keywords = tuple(changes)
    assignments = keywords_of(target.model).assignments.together(keywords)
    if any(each.plain is None or each.column.field not in changes for each in assignments):
        return None
    return target.settings.get(keywords, lambda: Setting(target, assignments, options))


def _compile_reader(assignments: Sequence[Assignment]) -> Callable[[Mapping[str, object]], tuple[Any, ...] | None]:
    names: dict[str, object] = {"REFUSALS": REFUSALS}
    parts: list[str] = []
    for place, assignment in enumerate(assignments):
        value = f"v{place}"
        names[f"plain{place}"] = assignment.plain
        encode = assignment.encode
        parts.append(value if encode is None else present_converted(value, f"encode{place}", encode, names))
    others = " or ".join(f"type(v{place}) is not plain{place}" for place in range(len(assignments)))
    lines = [
        "try:",
        f"    {', '.join(f'v{place}' for place in range(len(assignments)))}, = changes.values()",
        f"    if {others}: return None",
        f"    return ({', '.join(parts)},)",
        "except REFUSALS:",
        "    return None",
    ]
    read: Callable[[Mapping[str, object]], tuple[Any, ...] | None] = compile_function("read", "changes", lines, names)
    return read
