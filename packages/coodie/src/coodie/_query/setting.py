"""Updates that set whole fields, as nearly all do: what they send and remember, made once for each set of keywords."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coodie._model.tracking import knowing_lines
from coodie._model.under_way import MOMENTS, Noted, Since, assigned_since, can_change, changing, note_from_now
from coodie._query.keywords import keywords_of
from coodie._query.write import NO_GUARD, RowPlan, plan_update
from coodie._schema.compiled import REFUSALS, compile_function, present_converted
from coodie_drivers.messages import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from coodie._model.base import DocumentBase
    from coodie._query.assignments import Assignment
    from coodie._query.options import WriteOptions
    from coodie._query.target import Target
    from coodie._schema.columns import Column

    Then = tuple[int, tuple[object, ...], Mapping[Column, Any], tuple[object, ...]]
    Begun = tuple[Request, tuple[Any, ...], Then]
    Begin = Callable[[DocumentBase, Mapping[str, object]], Begun | None]
    Settle = Callable[[DocumentBase, Mapping[str, object], Sequence[object], Then], None]


class Setting:
    """An update of some fields, each of whose values is of exactly its field's type.

    Attributes:
        plan: its statement.
        columns: what it sets.
        begin: gives the request for a document and new values, what it sets as a driver takes it, and of what a `Since`
            is made: as for what it held, of the fields that are set alone, in their order, and of the key its values.
            None where a value is to be looked at by itself.
        settle: makes the document what its row now is, past Pydantic's own setter, which a frozen model refuses. What
            the program has done to it since the write began stays as it is.
    """

    __slots__ = ("_order", "begin", "columns", "plan", "settle")

    def __init__(self, target: Target[Any], assignments: tuple[Assignment, ...], options: WriteOptions) -> None:
        """Make it for these assignments, which set all that they name."""
        self.plan: RowPlan = plan_update(target, assignments, NO_GUARD, options)
        self.columns = tuple([each.column for each in assignments])
        width = len(self.plan.columns) + len(assignments)
        self._order: Any = self.plan.plan.params(tuple(range(width)))
        can_changes = [each.column for each in assignments if can_change(each.column)]
        self.begin: Begin = _compile_beginning(self, assignments, target.schema.model, can_changes)
        self.settle: Settle = _compile_settling(target, self.plan.columns, assignments, watched=bool(can_changes))

    def inputs_of(self, params: Sequence[object]) -> tuple[object, ...]:
        """The values of a statement in the order in which its plan takes them."""
        by_place = dict(zip(self._order, params, strict=True))
        return tuple([by_place[place] for place in range(len(by_place))])

    def params_of(self, row: Sequence[str], added: Sequence[str]) -> list[str]:
        """The source of what a statement takes, of the sources of what its plan takes."""
        inputs = (*row, *added)
        return [inputs[place] for place in self._order]


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


def _compile_beginning(
    setting: Setting, assignments: Sequence[Assignment], model: str, columns: Sequence[Column]
) -> Begin:
    """Make the function that reads new values and looks at a document as the write begins: `since`, without calls."""
    names: dict[str, object] = {"REFUSALS": REFUSALS, "MOMENTS": MOMENTS, "Noted": Noted}
    names.update(extract=setting.plan.extract, note_from_now=note_from_now, changing=changing)
    names.update(
        model=model, columns=columns, new=object.__new__, Request=Request, statement=setting.plan.plan.statement
    )
    values = [f"v{place}" for place in range(len(assignments))]
    sent = [f"s{place}" for place in range(len(assignments))]
    row = [f"r{place}" for place in range(len(setting.plan.columns))]
    making: list[str] = []
    for place, assignment in enumerate(assignments):
        names[f"plain{place}"] = assignment.plain
        encode = assignment.encode
        made = values[place] if encode is None else present_converted(values[place], f"encode{place}", encode, names)
        making.append(f"    {sent[place]} = {made}")
    others = " or ".join(f"type(v{place}) is not plain{place}" for place in range(len(assignments)))
    there = "changing(document, model, columns)" if columns else "()"
    was = ", ".join(f"held.get({each.column.field!r})" for each in assignments)
    params = ", ".join(setting.params_of(row, sent))
    lines = [
        "try:",
        f"    {', '.join(values)}, = changes.values()",
        f"    if {others}: return None",
        *making,
        "except REFUSALS:",
        "    return None",
        f"{', '.join(row)}, = key = extract(document)",
        "if document.__pydantic_fields_set__.__class__ is not Noted: note_from_now(document)",
        "held = document.__dict__",
        "request = new(Request)",  # filled in: that costs a third of a call of its class
        f"request.statement, request.params = statement, ({params},)",
        "request.consistency = request.timeout = request.fetch_size = request.paging_state = None",
        f"return request, ({', '.join(sent)},), (next(MOMENTS), ({was},), {there}, key)",
    ]
    begin: Begin = compile_function("begin", "document, changes", lines, names)
    return begin


def _compile_settling(
    target: Target[Any], key: Sequence[Column], assignments: Sequence[Assignment], *, watched: bool
) -> Settle:
    """Make the function that settles an update, of values that may change in place if they are `watched`."""
    schema = target.schema
    fields = [each.column.field for each in assignments]

    def is_assigned(document: DocumentBase, field: str, then: Then) -> bool:
        since = Since(then[0], dict(zip(fields, then[1], strict=True)), then[2])
        return assigned_since(document, schema, schema.by_name[field], since)

    names: dict[str, object] = {"Noted": Noted, "is_assigned": is_assigned, "fields": tuple(fields)}
    looked_at = [
        f"if not is_assigned(document, {field!r}, then): held[{field!r}] = v{n}" for n, field in enumerate(fields)
    ]
    untouched = [
        f"if held.get({field!r}) is w{n} or not is_assigned(document, {field!r}, then): held[{field!r}] = v{n}"
        for n, field in enumerate(fields)
    ]
    lines = ["held, noted = document.__dict__, document.__pydantic_fields_set__"]
    lines += [f"{', '.join(f'v{place}' for place in range(len(fields)))}, = changes.values()"]
    if not watched:
        lines += ["if noted.__class__ is Noted and not noted.moments:"]
        lines += [f"    {', '.join(f'w{place}' for place in range(len(fields)))}, = then[1]"]
        lines += [f"    {line}" for line in untouched]
        lines += ["else:"]
        looked_at = [f"    {line}" for line in looked_at]
    lines += [*looked_at, "noted.update(fields)", "key = then[3]"]
    lines += knowing_lines(target, key, [each.column for each in assignments], names)
    settle: Settle = compile_function("settle", "document, changes, sent, then", lines, names)
    return settle
