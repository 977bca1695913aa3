"""Replies of the package `cassandra` whose rows stay bytes until somebody asks for them, and are then read fast.

A protocol handler is the library's own extension point for this. What a reply says of its columns is parsed once: the
next one is compared with it, byte by byte, so a change of the schema is seen in the very reply that shows it.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from typing import Any, Final, overload

from coodie_drivers.adapters._cassandra_classes import parsing
from coodie_drivers.adapters._cassandra_frames import writing
from coodie_drivers.adapters._cassandra_library import errors, parser, protocol
from coodie_drivers.adapters._cassandra_rows import RowReader, read_sparse
from coodie_drivers.adapters._cassandra_unreadable import DamagedAnswerError, surviving, told_alone, unreadable
from coodie_drivers.interrupts import pass_interrupt

_RESULT: Final = 0x08
_MORE_PAGES: Final = 0x0002
_NO_METADATA: Final = 0x0004
_KNOWN_FLAGS: Final = 0x0007
_TELLING_FLAGS: Final = 0x0005
"""Flags that say how what follows is to be read."""
_LEAST_CELL: Final = 4
"""Octets that a cell takes at least: its length."""

_CAPACITY: Final = 1_000
_PREFIX: Final = 96
_KIND_ROWS: Final[int] = protocol.RESULT_KIND_ROWS
_KIND_VOID: Final[int] = protocol.RESULT_KIND_VOID
_ROWS: Final = struct.pack(">i", _KIND_ROWS)
_VOID: Final = struct.pack(">i", _KIND_VOID)

_int: Final = struct.Struct(">i").unpack_from
_two_ints: Final = struct.Struct(">ii").unpack_from
_new: Final = object.__new__


class Layout:
    """The columns of rows, with the function that reads them.

    Attributes:
        metadata: the library's record of the columns.
        octets: the bytes that said so; empty where the statement's own metadata did.
        names: the column names, as the library has them.
        columns: the column names, as the contract has them.
        types: the library's classes for the column types.
        least: how many octets a row takes at least.
        read: from the bytes of rows to tuples of the contract's values.
        version: the version of the protocol.
    """

    __slots__ = ("_reader", "columns", "least", "metadata", "names", "octets", "read", "statement", "types", "version")

    def __init__(self, metadata: Any, octets: bytes, statement: Any, version: int) -> None:
        self.metadata = metadata
        self.octets = octets
        self.statement = statement  # kept, or its identity could become another's
        self.names: list[str] = [column[2] for column in metadata]
        self.columns = tuple(self.names)
        self.types: list[Any] = [column[3] for column in metadata]
        self.least = _LEAST_CELL * len(self.columns)
        self.version = version
        self._reader = RowReader(self.names, self.types, version)
        self.read = self._reader.read

    def sparse(self, octets: bytes) -> list[tuple[Any, ...]] | None:
        """Return rows that cannot be read as others, if that is for nulls in their lists."""
        try:
            return read_sparse(self.names, self.types, self.version, octets)
        except Exception as error:  # noqa: BLE001 - whatever it is, it has been told before
            pass_interrupt(error)
            return None

    def failure(self, octets: bytes) -> Exception:
        """Return the library's error for rows that could not be read."""
        failing = self._reader.failing_column(octets)
        if failing is None:
            return DamagedAnswerError()
        error: Exception = unreadable(self.names[failing], self.types[failing].cql_parameterized_type())
        return error


class Page(Sequence[Any]):
    """The rows of one reply, as bytes until they are asked for.

    To the library, and to whoever else reads from the session, it is the list of rows that it would have been: then
    the library reads them itself.

    Attributes:
        layout: the columns.
        body: the body of the frame.
        at: where in it the number of rows stands.
        size: that number.
        message: what the library reads them by.
        by_library: what the library has read.
    """

    # Made for each answer with rows: one that is filled in costs a third of one with an `__init__`.
    __slots__ = ("at", "body", "by_library", "layout", "message", "size")

    layout: Layout
    body: bytes
    at: int
    size: int
    message: tuple[Any, ...]
    by_library: list[Any] | None

    def rows(self) -> list[tuple[Any, ...]]:
        """Return the rows with the contract's values.

        Raises:
            DriverException: the library's, if the value of a column cannot be read.
            DamagedAnswerError: if the bytes are no rows with these columns.
        """
        octets = self.body[self.at :]
        try:
            return self.layout.read(octets)
        except errors.DriverException:
            rows = self.layout.sparse(octets)
            if rows is None:
                raise  # it names the column
            return rows
        except Exception as error:  # noqa: BLE001 - the library raises all it knows
            pass_interrupt(error)
            raise self.layout.failure(octets) from None

    def _read_by_library(self) -> list[Any]:
        if self.by_library is None:
            kind, start, version, user_types, metadata = self.message
            again = kind(protocol.RESULT_KIND_ROWS)
            body = io.BytesIO(self.body)
            body.seek(start)
            try:
                again.recv_results_rows(body, version, user_types, metadata, None)
            except (EOFError, IndexError, ValueError, struct.error):
                raise DamagedAnswerError from None
            self.by_library = list(again.parsed_rows)
        return self.by_library

    def __eq__(self, other: object) -> bool:
        return self._read_by_library() == (list(other) if isinstance(other, Page) else other)

    __hash__ = None  # type: ignore[assignment]  # as that of a list

    def __repr__(self) -> str:
        return repr(self._read_by_library())

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[Any]:
        yield from self._read_by_library()  # the library asks every answer for an iterator, and seldom uses it

    @overload
    def __getitem__(self, index: int) -> Any: ...

    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...

    def __getitem__(self, index: int | slice) -> Any:
        return self._read_by_library()[index]


class Layouts:
    """The layouts in use: found by the statement, or by their first bytes, and compared in full before they are."""

    __slots__ = ("_last", "_layouts")

    def __init__(self) -> None:
        self._layouts: dict[object, Layout] = {}
        # By the identity of a statement's record, which its layout keeps: what its last reply began with, and was.
        self._last: dict[int, tuple[bytes, Layout]] = {}

    def fill(self, message: Any, body: bytes, start: int, version: int, user_types: Any, metadata: Any) -> None:  # noqa: PLR0913 - as the library hands it on
        """Fill in a message of rows whose metadata begins at `start`; its rows stay bytes.

        Args:
            message: the library's result message.
            body: the whole body of the frame.
            start: where the flags are.
            version: the version of the protocol.
            user_types: the classes that somebody registered for user-defined types.
            metadata: what the prepared statement knows of its columns, for a reply that says nothing.

        Raises:
            DamagedAnswerError: the bytes are not what they say they are.
        """
        head, layout = self._last.get(id(metadata), _NONE_YET)
        if layout is not None and body.startswith(head, start):
            at = start + len(head)
        else:
            layout, at = self._found(message, body, start, version, user_types, metadata)
        if layout.octets:
            message.column_metadata = layout.metadata
        message.column_names, message.column_types = layout.names, layout.types
        (size,) = _int(body, at)
        if size and (size < 0 or not layout.least or size * layout.least > len(body) - at):
            raise DamagedAnswerError
        message.parsed_rows = page = _new(Page)
        page.layout, page.body, page.at, page.size, page.by_library = layout, body, at, size, None
        page.message = (message.by_library, start, version, user_types, metadata)

    def _found(  # noqa: PLR0913 - what `fill` knows
        self, message: Any, body: bytes, start: int, version: int, user_types: Any, metadata: Any
    ) -> tuple[Layout, int]:
        """Return the layout that a reply says or its statement has, and where its rows are."""
        flags, count = _two_ints(body, start)
        at = start + 8
        if flags & _MORE_PAGES:
            (size,) = _int(body, at)
            if not 0 <= size <= len(body) - at:
                raise DamagedAnswerError
            at += 4 + size
            message.paging_state = body[at - size : at]
        # A record of columns is known by its identity, since a layout keeps the one that it was made for.
        key = (flags & _TELLING_FLAGS, count, id(metadata) if metadata else body[at : at + _PREFIX])
        layout = self._layouts.get(key)
        if layout is None or not body.startswith(layout.octets, at) or flags & ~_KNOWN_FLAGS:
            layout = self._parsed(message, body, start, at, version, user_types, metadata)
            if not flags & ~_KNOWN_FLAGS:
                self._keep(key, layout)
        behind = at + len(layout.octets)
        if metadata and not flags & ~_TELLING_FLAGS:
            self._last[id(metadata)] = body[start:behind], layout
        return layout, behind

    def _parsed(  # noqa: PLR0913 - what `fill` knows
        self, message: Any, body: bytes, start: int, at: int, version: int, user_types: Any, metadata: Any
    ) -> Layout:
        """Have the library read what the reply says of its columns."""
        f = io.BytesIO(body)
        f.seek(start)
        message.recv_results_metadata(f, user_types)
        return Layout(message.column_metadata or metadata, body[at : f.tell()], metadata, version)

    def _keep(self, key: object, layout: Layout) -> None:
        if len(self._layouts) >= _CAPACITY:
            self._layouts.clear()  # made again in some hundred microseconds each
            self._last.clear()
        self._layouts[key] = layout


_NONE_YET: Final[tuple[bytes, Layout | None]] = (b"", None)


def unread(_: object, rows: Any) -> Any:
    """Make no rows of a reply: a `Page` is handed on in a list, so that the library does not look at the rows.

    A row factory, as the library calls it.
    """
    return [rows] if type(rows) is Page else rows


def reads_fast(protocol_handler: Any) -> bool:
    """Return whether a protocol handler is one that `reading_handler` made, or stands on one."""
    return hasattr(protocol_handler.message_types_by_opcode[_RESULT], "by_library")


def reading_handler(protocol_handler: Any) -> Any:
    """Return a protocol handler like this one whose replies hold a `Page`, and which is `surviving` and `writing`.

    It is that alone where the library has no compiled parser, or reads rows already in a way of its own.
    """
    kind = protocol_handler.message_types_by_opcode[_RESULT]
    its_own = kind is not protocol.ProtocolHandler.message_types_by_opcode[_RESULT]
    if parser is None or its_own or protocol_handler.column_encryption_policy is not None:
        return surviving(protocol_handler)
    layouts = Layouts()

    def recv_results_rows(self: Any, f: io.BytesIO, version: int, user_types: Any, metadata: Any, _: Any) -> None:
        layouts.fill(self, f.getvalue(), f.tell(), version, user_types, metadata)

    members = {"recv_results_rows": recv_results_rows, "by_library": parsing(kind)}
    kinds = {**protocol_handler.message_types_by_opcode, _RESULT: type(kind.__name__, (kind,), members)}
    # Below what survives, by which those replies are read that come compressed, or with more than their rows.
    reading = type("ReadingProtocolHandler", (protocol_handler,), {"message_types_by_opcode": kinds})
    handler: Any = surviving(reading)
    message = handler.message_types_by_opcode[_RESULT]
    # The library keeps a list of the classes of messages, but for those whose name begins so.
    rows_of: Any = type("_Rows", (message,), {"kind": _KIND_ROWS, "trace_id": None})
    nothing: Any = type("_Nothing", (message,), {"kind": _KIND_VOID, "trace_id": None})
    fill = layouts.fill

    def decode_message(*arguments: Any) -> Any:
        # What comes before them differs between the libraries.
        user_types, stream_id, flags, opcode, body, _, metadata = arguments[-7:]
        if opcode != _RESULT or flags or not body.startswith((_ROWS, _VOID)):
            return read(*arguments)
        if body[3] == _KIND_ROWS:
            answer = _new(rows_of)
            try:
                fill(answer, body, 4, arguments[0], user_types, metadata)
            except Exception as error:  # noqa: BLE001 - the library raises all it knows
                return told_alone(error)
        else:
            answer = _new(nothing)
        answer.stream_id = stream_id
        return answer

    read: Any = handler.decode_message
    handler.decode_message = staticmethod(decode_message)
    # Whoever wrote a way of his own to write messages has it called for each.
    if getattr(handler.encode_message, "__func__", None) is protocol.ProtocolHandler.encode_message.__func__:
        handler.encode_message = staticmethod(writing(handler.encode_message))
    return handler
