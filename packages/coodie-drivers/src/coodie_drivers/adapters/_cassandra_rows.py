"""Readers of rows: for each list of column types a function, generated once, from a page's bytes to its tuples."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from coodie_drivers.adapters._blank_uuids import UUID_PARTS, uuid_lines
from coodie_drivers.adapters._cassandra_cells import (
    MILLISECOND,
    UUID_OCTETS,
    description_of,
    reading_of,
    sparse_reading_of,
    timestamp,
    uuid,
)
from coodie_drivers.adapters._cassandra_library import parser
from coodie_drivers.adapters._generated import generated
from coodie_drivers.adapters._value_checks import EPOCH
from coodie_drivers.interrupts import pass_interrupt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie_drivers.adapters._cassandra_cells import Finish, Reading

ReadRows = Callable[[bytes], list[tuple[Any, ...]]]


def read_sparse(names: Sequence[str], types: Sequence[Any], version: int, octets: bytes) -> list[tuple[Any, ...]]:
    """Return rows in whose lists elements may be null, which no reader of other rows allows; it takes longer.

    Raises:
        DriverException: the library's, if the value of a column cannot be read.
        Exception: whatever else the library raises.
    """
    return RowReader(names, types, version, [sparse_reading_of(each) for each in types]).read(octets)


class RowReader:
    """Reads rows with given columns, from the bytes of their number and of their cells.

    A uuid that is the one of the row before, as the partition key's mostly is, is the very same object.

    Attributes:
        read: from bytes to the rows as tuples of the contract's values; raises whatever the library does.
    """

    __slots__ = ("_description", "_readings", "_types", "read")

    def __init__(
        self, names: Sequence[str], types: Sequence[Any], version: int, readings: Sequence[Reading] | None = None
    ) -> None:
        self._types = types
        self._readings = [reading_of(each) for each in types] if readings is None else readings
        self._description = description_of(names, types, self._readings, version)
        self.read: ReadRows = self._generated()

    def failing_column(self, octets: bytes) -> int | None:
        """Return which column holds a value that has no Python form; None where it is not for that reason."""
        try:
            parsed = parser.parse_rows(parser.reader(octets), self._description)
        except Exception as error:  # noqa: BLE001 - the library raises all it knows
            pass_interrupt(error)
            return None
        for row in parsed:
            for index, (reading, value) in enumerate(zip(self._readings, row, strict=True)):
                try:
                    if reading.finish is not None and value is not None:
                        reading.finish(value)
                except Exception as error:  # noqa: BLE001 - that it fails is what is asked
                    pass_interrupt(error)
                    return index
        return None

    def _generated(self) -> ReadRows:
        description = self._description
        finished = {index: reading.finish for index, reading in enumerate(self._readings) if reading.finish}
        if not finished:
            return lambda octets: parser.parse_rows(parser.reader(octets), description)
        known: dict[str, Any] = {
            "description": description,
            "epoch": EPOCH,
            "millisecond": MILLISECOND,
            "parse_rows": parser.parse_rows,
            "reader": parser.reader,
            **UUID_PARTS,
            **{f"finish{index}": finish for index, finish in finished.items()},
        }
        uuids = [index for index, finish in finished.items() if finish is uuid]
        columns = ", ".join(f"c{index}" for index in range(len(self._types)))
        lines = [
            " rows = []",
            " add = rows.append",
            *[f" before{index} = made{index} = None" for index in uuids],
            f" for {columns}, in parse_rows(reader(octets), description):",
            *[f"  {line}" for index in finished for line in _finishing(index, finished[index])],
            f"  add(({columns},))",
            " return rows",
        ]
        read: ReadRows = generated("read(octets)", lines, known)
        return read


def _finishing(index: int, finish: Finish) -> list[str]:
    """Return the lines that make the contract's value of the parsed one in column `index`."""
    cell = f"c{index}"
    if finish is uuid:
        return [
            f"if {cell} != before{index}:",
            f" before{index} = {cell}",
            f" if {cell} is not None and len({cell}) == {UUID_OCTETS}:",
            *[f"  {line}" for line in uuid_lines(f"made{index}", f"integer({cell}, 'big')")],
            " else:",
            f"  made{index} = finish{index}({cell}) if {cell} is not None else None",
            f"{cell} = made{index}",
        ]
    value = f"epoch + {cell} * millisecond" if finish is timestamp else f"finish{index}({cell})"
    return [f"{cell} = {value} if {cell} is not None else None"]
