"""Prepared statements of the package `scylla` with what is worked out once from their metadata."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters._rust_binder import quick_binder
from coodie_drivers.adapters._rust_bytes import duration_bytes
from coodie_drivers.adapters._rust_encoding import (
    UnwritableError,
    encoder_of,
    plain_kind_of,
)
from coodie_drivers.adapters._rust_json import json_text
from coodie_drivers.adapters._rust_types import NATIVE_NAMES, CqlList, type_name
from coodie_drivers.adapters._value_checks import UnbindableError, holds_list
from coodie_drivers.errors import InvalidQueryError
from coodie_drivers.values import UNSET
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from coodie_drivers.adapters._rust_decoding import Reading
    from coodie_drivers.messages import Statement

WRITES: Final = (StatementKind.INSERT, StatementKind.UPDATE, StatementKind.DELETE)
"""A tuple, for an enumeration's own hash costs more than to compare with each."""

_CAPACITY: Final = 64
"""How many settings of one statement are kept, such as its consistency with a timeout."""

_MARKERS: Final = re.compile(
    r"""'(?:[^']|'')*' | "(?:[^"]|"")*" | \$\$.*?\$\$ | --[^\n]* | //[^\n]* | /\*.*?\*/ | (?P<marker>\?)""",
    re.DOTALL | re.VERBOSE,
)

_LISTED: Final = "in("
"""What the server's name of a marker behind IN begins with; the column's follows."""

_AS_ONE_LIST: Final = (
    "the client library cannot write such values as one list, IN ?; give each its marker, IN (?, ?), or compare by =, "
    "one query for each value"
)
_NAMED: Final = "the client library cannot write such a value for a marker that has a name; write ? for each marker"


def _is_duration(column: Any) -> bool:
    """Return whether a marker's values are durations, not something with durations in it."""
    return NATIVE_NAMES.get(type(column.cql_type), "") == "duration"


class PreparedShape:
    """A prepared statement.

    Attributes:
        cql: its text.
        prepared: the library's prepared statement.
        reading: how its rows are read; None where the server says only with its answer what they are.
        must_be_bytes: whether it is known beforehand that the library cannot read the rows.
        quick: what reads usual rows at little cost, as `Reading.quick` says; None where there is nothing like it.
        usual_kinds: those of a statement for which this is all that must be known: its rows, if there are any, are read
            as the library gives them, and are described before they come.
        configured: the library's statements with each of the settings in use, put here by `keep`.
        known: those without settings, by who asks for them: one that is not idempotent, and one that is.
        quick_bind: binds usual values; None, or a TypeError, where these are none.
    """

    __slots__ = (
        "_columns",
        "_encoders",
        "_key_indexes",
        "_list_indexes",
        "configured",
        "cql",
        "known",
        "must_be_bytes",
        "prepared",
        "quick",
        "quick_bind",
        "reading",
        "usual_kinds",
    )

    def __init__(self, cql: str, prepared: Any, reading_of: Callable[[Any, str], Reading]) -> None:
        self.cql = cql
        self.prepared = prepared
        self._columns: tuple[Any, ...] = prepared.bind_columns
        self._key_indexes = frozenset(prepared.partition_key_indexes)
        self._encoders = [
            (index, plain_kind_of(column.cql_type), encoder_of(column.cql_type))
            for index, column in enumerate(self._columns)
        ]
        self.quick_bind = quick_binder([column.cql_type for column in self._columns])
        self._list_indexes = tuple(
            index
            for index, column in enumerate(self._columns)
            if isinstance(column.cql_type, CqlList) and index not in self._key_indexes
        )
        self.configured: dict[object, Any] = {}
        columns = prepared.result_columns
        self.reading = reading_of(columns, cql) if columns else None
        self.known: dict[Statement, tuple[Any, Any]] = {}
        self.must_be_bytes = self.reading is not None and bool(self.reading.unreadable)
        alone = self.reading is None or self.reading.factory is None
        is_usual = alone and not self.must_be_bytes and "*" not in cql
        self.quick = self.reading.quick() if self.reading is not None and is_usual else None
        self.usual_kinds = () if not is_usual else WRITES if self.reading is None else (StatementKind.SELECT, *WRITES)

    def keep(self, settings: object, configured: Any) -> None:
        """Keep the library's statement with these settings."""
        if len(self.configured) >= _CAPACITY:
            self.configured.clear()
        self.configured[settings] = configured

    def keep_known(self, statement: Statement, plain: Any, repeated: Any) -> tuple[Any, Any]:
        """Keep the library's statements for those who ask with this one, and return them."""
        if len(self.known) >= _CAPACITY:
            self.known.clear()
        found = self.known[statement] = plain, repeated
        return found

    def holds_list(self, values: Sequence[object]) -> bool:
        """Return whether any of the values is a list with elements."""
        return bool(self._list_indexes) and holds_list(values, self._list_indexes)

    def bind(self, values: Sequence[object]) -> tuple[list[Any], tuple[int, ...]]:
        """Return the values as the library binds them, and the markers whose values it cannot write.

        For the latter there is JSON among the values; bytes for durations, of which the server takes not all as JSON.

        Raises:
            InvalidQueryError: if a value cannot be bound; names the column and its type, never the value.
        """
        try:
            quick = self.quick_bind(*values)
        except TypeError:
            quick = None  # their number is wrong, or a value is so odd that the encoders must say so
        if quick is not None:
            return quick, ()
        bound: list[Any] = list(values)
        if len(bound) != len(self._encoders):
            markers = f"{len(self._encoders)} marker{'' if len(self._encoders) == 1 else 's'}"
            were_given = f"{len(bound)} value{' was' if len(bound) == 1 else 's were'} given"
            raise InvalidQueryError(f"the statement has {markers}, but {were_given}")
        as_json: list[int] = []
        for index, plain, encode in self._encoders:
            value = bound[index]
            if type(value) is plain:
                continue
            if value is None or value is UNSET:
                self._check_missing(index, value)
                continue
            try:
                bound[index] = encode(value)
            except UnbindableError as refused:
                raise self._unbindable(index, str(refused)) from None
            except UnwritableError:
                as_json.append(index)
        if as_json:
            self._write_json(bound, as_json)
        return bound, tuple(as_json)

    def _write_json(self, bound: list[Any], as_json: list[int]) -> None:
        for index in as_json:
            if _is_duration(self._columns[index]):
                bound[index] = duration_bytes(bound[index])
                continue
            try:
                bound[index] = json_text(self._columns[index].cql_type, bound[index])
            except UnbindableError as refused:
                raise self._unbindable(index, str(refused)) from None

    def json_form(self, as_json: tuple[int, ...]) -> str:
        """Return the statement's text with these markers read as JSON, or bytes, by the server.

        Raises:
            InvalidQueryError: if the markers cannot be found, for they have names.
        """
        places = [found.start() for found in _MARKERS.finditer(self.cql) if found["marker"]]
        if len(places) != len(self._columns):
            raise self._unbindable(as_json[0], _NAMED)
        text = self.cql
        for index in reversed(as_json):
            function = "blobasduration" if _is_duration(self._columns[index]) else "fromJson"
            text = f"{text[: places[index]]}{function}(?){text[places[index] + 1 :]}"
        return text

    def culprit(self, values: Sequence[Any]) -> InvalidQueryError | None:
        """Return the error about the first of the values that its column cannot take, if there is one."""
        for index, _, encode in self._encoders:
            if values[index] is None:
                continue
            try:
                with suppress(UnwritableError):  # it went in another form
                    encode(values[index])
                if not _is_duration(self._columns[index]):
                    json_text(self._columns[index].cql_type, values[index])  # looks at each part
            except UnbindableError as refused:
                return self._unbindable(index, str(refused))
        return None

    def unwritable(self, as_json: Sequence[int]) -> InvalidQueryError:
        """Return the error about one of these values, for which neither the library nor JSON has a form in its place.

        It is a list for one marker, where one is among them: the server takes no function behind IN.
        """
        listed = [index for index in as_json if self._columns[index].name.startswith(_LISTED)]
        if listed:
            name = self._columns[listed[0]].name.removeprefix(_LISTED).removesuffix(")")
            return self._unbindable(listed[0], _AS_ONE_LIST, name)
        return self._unbindable(as_json[0], "the client library cannot write such a value here")

    def _check_missing(self, index: int, value: object) -> None:
        if index in self._key_indexes:
            raise self._unbindable(index, f"a partition key column cannot be {'null' if value is None else 'unset'}")
        if value is UNSET:
            raise self._unbindable(
                index, "the client library has no UNSET: leave the column out of the statement, or use another driver"
            )

    def _unbindable(self, index: int, reason: str, name: str | None = None) -> InvalidQueryError:
        column = self._columns[index]
        return InvalidQueryError(f"column '{name or column.name}' ({type_name(column.cql_type)}): {reason}")
