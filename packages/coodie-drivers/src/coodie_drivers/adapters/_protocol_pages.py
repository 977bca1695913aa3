"""Readers of pages: for each list of column types a function, generated once, from the bytes of rows to their tuples.

Values of a fixed size that follow each other are unpacked at once, with the length of what comes next. Where one of
them is null, or empty, that run of them is read cell by cell.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from coodie_drivers.adapters._blank_uuids import UUID_PARTS, uuid_lines
from coodie_drivers.adapters._generated import generated
from coodie_drivers.adapters._protocol_reading import reader_of
from coodie_drivers.adapters._value_checks import EPOCH

if TYPE_CHECKING:
    from coodie_drivers.adapters._protocol_reading import Read
    from coodie_drivers.adapters._protocol_types import CqlType

ReadPage = Callable[[bytes, int], list[tuple[Any, ...]]]

_CODES: Final = {
    "bigint": "q",
    "boolean": "?",
    "counter": "q",
    "double": "d",
    "float": "f",
    "int": "i",
    "smallint": "h",
    "timestamp": "q",
    "timeuuid": "16s",
    "tinyint": "b",
    "uuid": "16s",
}
"""The types of a fixed size, with the codes by which `struct` unpacks them."""

_TEXTS: Final = frozenset({"ascii", "text"})
_LENGTH: Final = struct.Struct(">i")

_UUID_LINES: Final = (  # mostly nothing, where the row before has it
    "if {0} != before_{0}:",
    " before_{0} = {0}",
    *[f" {line}" for line in uuid_lines("made_{0}", "integer({0}, 'big')")],
    "{0} = made_{0}",
)
_CONVERTED: Final = {
    "timestamp": ("{0} = epoch + {0} * millisecond",),
    "timeuuid": _UUID_LINES,
    "uuid": _UUID_LINES,
}
"""What makes the contract's value of an unpacked one.

A uuid that is the one of the row before, as the partition key's mostly is, is the very same object.
"""

_KNOWN: Final[dict[str, Any]] = {
    **UUID_PARTS,
    "epoch": EPOCH,
    "length_at": _LENGTH.unpack_from,
    "millisecond": timedelta(milliseconds=1),
}
"""What the generated functions know."""


class PageError(Exception):
    """The bytes are not those of so many rows."""


class _Run(NamedTuple):
    """Columns of a fixed size that follow each other, and the one of any size behind them, if there is one."""

    fixed: tuple[int, ...]
    varying: int | None


def page_reader(types: Sequence[CqlType]) -> ReadPage:
    """Return what reads rows with columns of these types from their bytes and their number.

    The function returned raises an exception, of whatever kind, where the bytes are others, or a value has no Python
    form.
    """
    known, lines, longest = dict(_KNOWN), list[str](), 0
    for number, run in enumerate(_runs(types)):
        form = struct.Struct(">" + "".join(f"i{_CODES[types[at].name]}" for at in run.fixed) + "i" * _varies(run))
        longest = max(longest, form.size)
        known[f"run{number}"] = form.unpack_from
        known[f"cells{number}"] = _cells_reader([reader_of(types[at]) for at in run.fixed], varies=_varies(run))
        lines += _lines_of_run(number, run, types, form.size)
        if run.varying is not None:
            known[f"read{run.varying}"] = reader_of(types[run.varying])
            lines += _lines_of_varying(f"v{run.varying}", types[run.varying])
    names = "".join(f"v{at}, " for at in range(len(types)))
    uuids = [at for at, each in enumerate(types) if _CONVERTED.get(each.name) is _UUID_LINES]
    source = [
        " found, at, end = [], 0, len(data)",
        " add = found.append",
        " data += padding",  # the last row may be shorter than what is unpacked at once
        *[f" before_v{at} = made_v{at} = None" for at in uuids],
        " for _ in range(count):",
        *[f"  {line}" for line in lines],
        f"  add(({names}))",
        " if at != end: raise PageError",
        " return found",
    ]
    known.update(padding=bytes(longest), PageError=PageError)
    read: ReadPage = generated("read(data, count)", source, known)
    return read


def _runs(types: Sequence[CqlType]) -> list[_Run]:
    runs: list[_Run] = []
    fixed: list[int] = []
    for at, each in enumerate(types):
        if each.name in _CODES:
            fixed.append(at)
        else:
            runs.append(_Run(tuple(fixed), at))
            fixed = []
    return [*runs, _Run(tuple(fixed), None)] if fixed else runs


def _varies(run: _Run) -> bool:
    return run.varying is not None


def _lines_of_run(number: int, run: _Run, types: Sequence[CqlType], size: int) -> list[str]:
    """Return the lines that read the columns of a fixed size, and the length of the other one, `size` bytes in all."""
    length = ("length", "at") if run.varying is not None else ("at",)
    if not run.fixed:
        return ["length, = length_at(data, at)", f"at += {size}"]
    targets = "".join(f"l{at}, v{at}, " for at in run.fixed)
    sizes = " and ".join(f"l{at} == {struct.calcsize('>' + _CODES[types[at].name])}" for at in run.fixed)
    converted = [line.format(f"v{at}") for at in run.fixed for line in _CONVERTED.get(types[at].name, ())]
    return [
        f"{targets}{'length, ' if run.varying is not None else ''}= run{number}(data, at)",
        f"if {sizes}:",
        f" at += {size}",
        *[f" {line}" for line in converted],
        "else:",
        f" {', '.join((*[f'v{at}' for at in run.fixed], *length))}, = cells{number}(data, at)",
    ]


def _lines_of_varying(value: str, cql_type: CqlType) -> list[str]:
    """Return the lines that read a value of any size, of which the length is known."""
    if cql_type.name in _TEXTS:
        read = [f"{value} = data[at:stop].decode()"]
    elif cql_type.name == "blob":
        read = [f"{value} = data[at:stop]"]
    elif cql_type.name in {"list", "set"} and cql_type.subtypes[0].name in _TEXTS:
        empty, add = ("[]", "append") if cql_type.name == "list" else ("set()", "add")
        read = [
            "elements, = length_at(data, at)",
            "at += 4",
            f"{value} = {empty}",
            f"add_element = {value}.{add}",
            "for _ in range(elements):",
            " length, = length_at(data, at)",
            " if length < 0: raise PageError",
            " at += 4",
            " end_of_element = at + length",
            " add_element(data[at:end_of_element].decode())",
            " at = end_of_element",
            "if at != stop: raise PageError",
        ]
    else:
        read = [f"{value} = read{value[1:]}(data[at:stop])"]
    return [
        "if length >= 0:",
        " stop = at + length",
        *[f" {line}" for line in read],
        " at = stop",
        f"else: {value} = None",
    ]


def _cells_reader(readers: Sequence[Read], *, varies: bool) -> Callable[[bytes, int], tuple[Any, ...]]:
    """Return what reads cells one by one, and the length behind them if one follows, and returns where it ended."""

    def read_cells(data: bytes, at: int) -> tuple[Any, ...]:
        found: list[Any] = []
        for read in readers:
            length = _LENGTH.unpack_from(data, at)[0]
            at += 4
            found.append(None if length < 0 else read(data[at : at + length]))
            at += max(0, length)
        if varies:
            found.append(_LENGTH.unpack_from(data, at)[0])
            at += 4
        return (*found, at)

    return read_cells
