"""From requests of the contract to acsylla's statements, with consistency, page size, time limit and idempotence."""

from __future__ import annotations

import ctypes
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters import _acsylla_library as native
from coodie_drivers.adapters._acsylla_binder import binder_of
from coodie_drivers.adapters._acsylla_binding import Native, encoder_of
from coodie_drivers.adapters._acsylla_keys import key_indexes
from coodie_drivers.adapters._acsylla_library import library
from coodie_drivers.adapters._acsylla_rows import LastDecoder, RowDecoders
from coodie_drivers.adapters._acsylla_types import type_at
from coodie_drivers.adapters._protocol_writing import Write, writer_of
from coodie_drivers.adapters._sent_texts import writes_one_partition
from coodie_drivers.adapters._value_checks import UnbindableError, holds_list
from coodie_drivers.calls import check_call
from coodie_drivers.consistency import checked_consistency
from coodie_drivers.errors import InvalidQueryError
from coodie_drivers.interrupts import pass_interrupt
from coodie_drivers.retries import Sent
from coodie_drivers.values import UNSET
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie_drivers.messages import BatchRequest, Request, Statement

LEAST_TIMEOUT: Final = 0.001
"""Seconds: the C++ driver counts in milliseconds, and takes 0 for no limit."""

_CAPACITY: Final = 64
"""How many descriptions of one text are kept that were found to be usual."""

_BATCHES: Final = {
    "logged": library.create_batch_logged,
    "unlogged": library.create_batch_unlogged,
    "counter": library.create_batch_counter,
}
_LEVELS: Final[dict[str, Any]] = {level.name: level for level in library.Consistency}
_COUNT: Final = re.compile(r"\bcount\s*\(\s*\*\s*\)", re.IGNORECASE)

_bind_bytes: Any = native.function(
    "statement_bind_bytes", ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t
)
_bind_null: Any = native.function("statement_bind_null", ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t)


class PreparedShape:
    """A prepared statement with what is worked out once from its metadata.

    Attributes:
        decoder: the decoder of its replies.
        usual: the statements of this text that were found to be usual.
        sent_as_text: whether it goes as text with its values beside it. The C++ driver reads a prepared statement's
            rows by the columns that it had when it was prepared, and what `*` stands for may have changed since.
    """

    __slots__ = (
        "_bind_fast",
        "_cql",
        "_encoders",
        "_keys",
        "_list_indexes",
        "_names",
        "_one_partition",
        "_prepared",
        "_sent",
        "_sent_with_list",
        "_statement",
        "_types",
        "_writers",
        "decoder",
        "sent_as_text",
        "usual",
    )

    def __init__(self, prepared: Any, statement: Statement, decoders: RowDecoders, session: int) -> None:
        """Work out what does not depend on values; `session` is the pointer of the session that prepared it."""
        self._prepared = prepared
        self._cql = statement.cql
        pointers = list(_parameter_pointers(native.prepared_pointer(prepared)))
        self._types = [type_at(pointer) for pointer in pointers]
        self._names = [
            native.text_from(native.parameter_name, native.prepared_pointer(prepared), index)
            for index in range(len(pointers))
        ]
        self._keys = key_indexes(session, statement.cql, self._names)
        self._encoders = [encoder_of(each, pointer) for each, pointer in zip(self._types, pointers, strict=True)]
        self._writers: list[Write] | None = None
        # A statement that deletes has lists for its `IN` only.
        writes = statement.kind is not StatementKind.DELETE
        self._list_indexes = tuple(at for at, each in enumerate(self._types) if writes and each.name == "list")
        self._one_partition = writes_one_partition(statement)
        self._describe(statement)
        self.decoder = LastDecoder(decoders)
        self.sent_as_text = statement.kind is StatementKind.SELECT and "*" in _COUNT.sub("", statement.cql)
        fast = bool(self._types) and not self.sent_as_text
        self._bind_fast = binder_of(prepared, self._types, self._keys) if fast else None
        self.usual: set[Statement] = set()

    def is_usual(self, request: Request) -> bool:
        """Return whether nothing is to be looked at for requests with this statement but their values, and keep it."""
        statement = request.statement
        if not check_call(request) or not request.params or statement.conditional:
            return False
        if statement.kind is StatementKind.SCHEMA:
            return False
        if len(self.usual) >= _CAPACITY:
            self.usual.clear()
        self.usual.add(statement)
        return True

    def sent(self, statement: Statement, values: Sequence[object]) -> Sent:
        """Return what the retry decisions need to know of a request's statement, of this text, with these values."""
        if statement is not self._statement:
            self._describe(statement)
        at = self._list_indexes
        return self._sent_with_list if at and holds_list(values, at) else self._sent

    def _describe(self, statement: Statement) -> None:
        """Keep what is the same for all requests with this statement; who made it knows more of it than its text."""
        self._statement = statement
        self._sent = Sent(statement.kind, statement.idempotent, statement.conditional, self._one_partition)
        self._sent_with_list = replace(self._sent, idempotent=False)

    def writes_list(self, values: Sequence[object]) -> bool:
        """Return whether any of the values is a list with elements, which the statement may write."""
        return bool(self._list_indexes) and holds_list(values, self._list_indexes)

    def bind(self, values: Sequence[object]) -> Any:
        """Return acsylla's bound statement.

        Raises:
            InvalidQueryError: if a value cannot be bound; names the column and its type, never the value.
        """
        if self._bind_fast is not None:
            try:
                return self._bind_fast(values)
            except Exception as error:  # noqa: BLE001 - what it does not take is bound the slow way, or refused there
                pass_interrupt(error)
        encoders = self._encoders
        if len(values) != len(encoders):
            raise _wrong_number(len(encoders), len(values))
        self._check_keys(values)
        if self.sent_as_text:
            return self._as_text(values)
        encoded: list[Any] = []
        plain, index = True, 0
        try:
            for index, (encode, value) in enumerate(zip(encoders, values, strict=True)):  # noqa: B007 - told on failure
                if value is None:
                    encoded.append(None)
                elif value is UNSET:
                    encoded.append(UNSET)
                    plain = False
                else:
                    taken = encode(value)
                    encoded.append(taken)
                    plain = plain and type(taken) is not Native
        except UnbindableError as refused:
            raise self._unbindable(index, str(refused)) from None
        try:
            return self._prepared.bind(encoded) if plain else self._bound_one_by_one(encoded)
        except Exception as error:  # noqa: BLE001 - the library's errors may hold values
            pass_interrupt(error)
            raise InvalidQueryError("the client library cannot bind these values") from None

    def _check_keys(self, values: Sequence[object]) -> None:
        for index in self._keys:
            if values[index] is None or values[index] is UNSET:
                kind = "null" if values[index] is None else "unset"
                raise self._unbindable(index, f"a partition key column cannot be {kind}")

    def _bound_one_by_one(self, encoded: Sequence[Any]) -> Any:
        statement = self._prepared.bind()
        pointer = native.statement_pointer(statement)
        for index, value in enumerate(encoded):
            if value is UNSET:
                continue
            if type(value) is Native:
                value.bind(pointer, index)
            else:
                statement.bind(index, value)
        return statement

    def _as_text(self, values: Sequence[object]) -> Any:
        if self._writers is None:
            self._writers = [writer_of(each) for each in self._types]
        statement = library.create_statement(self._cql, len(values))
        pointer = native.statement_pointer(statement)
        for index, (write, value) in enumerate(zip(self._writers, values, strict=True)):
            if value is None or value is UNSET:
                _bind_null(pointer, index)
                continue
            try:
                data = write(value)
            except UnbindableError as refused:
                raise self._unbindable(index, str(refused)) from None
            _bind_bytes(pointer, index, data, len(data))
        return statement

    def _unbindable(self, index: int, reason: str) -> InvalidQueryError:
        return InvalidQueryError(f"column '{self._names[index]}' ({self._types[index]}): {reason}")


def _parameter_pointers(prepared: int) -> Any:
    index = 0
    while pointer := native.parameter_type(prepared, index):
        yield pointer
        index += 1


def _wrong_number(markers: int, given: int) -> InvalidQueryError:
    there_are = f"{markers} marker{'' if markers == 1 else 's'}"
    were_given = f"{given} value{' was' if given == 1 else 's were'} given"
    return InvalidQueryError(f"the statement has {there_are}, but {were_given}")


def sent_batch(batch: BatchRequest, shapes: Sequence[PreparedShape | None]) -> Sent:
    """Return what the retry decisions need to know of a batch.

    One with a timestamp of its own has that timestamp also when the caller sends it again, so its parts must be known
    not to replace a list; of a part that goes as text, nobody knows it.
    """
    parts = list(zip(batch.parts, shapes, strict=True))
    return Sent(
        StatementKind.BATCH,
        idempotent=batch.kind != "counter"
        and all(statement.idempotent for statement, _ in batch.parts)
        and not any(shape is not None and shape.writes_list(values) for (_, values), shape in parts)
        and (batch.timestamp is None or None not in shapes),
        conditional=any(statement.conditional for statement, _ in batch.parts),
        batch=batch.kind,
    )


def set_page(statement: Any, request: Request, fetch_size: int) -> None:
    """Have a statement of acsylla ask for one page, of so many rows unless the request says another number."""
    statement.set_page_size(request.fetch_size or fetch_size)
    if request.paging_state is not None:
        statement.set_page_state(request.paging_state)


def batch_for(request: BatchRequest, shapes: Sequence[PreparedShape | None]) -> Any:
    """Return acsylla's batch, each part bound to its prepared statement, or as text where it has no values."""
    if request.kind not in _BATCHES:
        raise InvalidQueryError(f"there is no batch of kind {request.kind!r}; there are {', '.join(_BATCHES)}")
    batch = _BATCHES[request.kind]()
    for shape, (part, values) in zip(shapes, request.parts, strict=True):
        batch.add_statement(library.create_statement(part.cql) if shape is None else shape.bind(values))
    if request.timestamp is not None:
        batch.set_timestamp(request.timestamp)
    return batch


def level_of(consistency: str) -> Any:
    """Return acsylla's consistency level of this name."""
    return _LEVELS[checked_consistency(consistency)]
