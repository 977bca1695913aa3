"""The names that are used of acsylla, and of the C++ driver's public C interface inside it.

acsylla wraps that driver and tells nothing of the types of markers and columns, though uuids, addresses and texts all
come as `str`. The C interface (`cassandra.h`), which acsylla's extension module exports, tells them. It takes the
pointers that acsylla's objects hold; where they stand in an object is checked before the first one is read.
"""

# pyright: reportMissingTypeStubs=false

from __future__ import annotations

import ctypes
from typing import Any, Final

import acsylla as _acsylla
from acsylla._cython import cyacsylla as _extension  # pyright: ignore[reportMissingModuleSource]

from coodie_drivers.errors import ConfigurationError

library: Any = _acsylla
extension: Any = _extension

_interface = ctypes.PyDLL(_extension.__file__)  # no call here waits for anything: the GIL is kept

_POINTER: Final = ctypes.c_void_p
_SIZE: Final = ctypes.c_size_t
_TEXT: Final = (ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(_SIZE))


class Uuid(ctypes.Structure):
    """`CassUuid`."""

    _fields_ = (("time_and_version", ctypes.c_uint64), ("clock_seq_and_node", ctypes.c_uint64))


class Inet(ctypes.Structure):
    """`CassInet`."""

    _fields_ = (("address", ctypes.c_uint8 * 16), ("address_length", ctypes.c_uint8))


def function(name: str, result: Any, *arguments: Any) -> Any:
    """Return a function of the C interface."""
    found = getattr(_interface, f"cass_{name}")
    found.restype = result
    found.argtypes = arguments
    return found


_prepare_ahead: Any = function("cluster_set_prepare_on_up_or_add_host", ctypes.c_int, _POINTER, ctypes.c_int)

type_of: Any = function("data_type_type", ctypes.c_int, _POINTER)
class_name_of: Any = function("data_type_class_name", ctypes.c_int, _POINTER, *_TEXT)
type_name_of: Any = function("data_type_type_name", ctypes.c_int, _POINTER, *_TEXT)
field_name_of: Any = function("data_type_sub_type_name", ctypes.c_int, _POINTER, _SIZE, *_TEXT)
subtype_count: Any = function("data_type_sub_type_count", _SIZE, _POINTER)
subtype_of: Any = function("data_type_sub_data_type", _POINTER, _POINTER, _SIZE)

parameter_type: Any = function("prepared_parameter_data_type", _POINTER, _POINTER, _SIZE)
parameter_name: Any = function("prepared_parameter_name", ctypes.c_int, _POINTER, _SIZE, *_TEXT)
column_type: Any = function("result_column_data_type", _POINTER, _POINTER, _SIZE)
row_column: Any = function("row_get_column", _POINTER, _POINTER, _SIZE)
value_is_null: Any = function("value_is_null", ctypes.c_int, _POINTER)
value_count: Any = function("value_item_count", _SIZE, _POINTER)
value_bytes: Any = function("value_get_bytes", ctypes.c_int, _POINTER, *_TEXT)

session_schema: Any = function("session_get_schema_meta", _POINTER, _POINTER)
schema_version: Any = function("schema_meta_snapshot_version", ctypes.c_uint32, _POINTER)
free_schema: Any = function("schema_meta_free", None, _POINTER)

_POINTERS: Final = {
    "Cluster": (80, 3),
    "PreparedStatement": (80, 4),
    "Result": (80, 3),
    "Row": (40, 3),
    "Session": (64, 4),
    "Statement": (72, 5),
}
"""The size of an object of each class, and the number of the word in which its pointer stands: acsylla 1.0 to 1.2."""

WORD: Final = ctypes.sizeof(ctypes.c_void_p)


def check_layout() -> None:
    """Refuse a version of acsylla whose objects are laid out in another way.

    Raises:
        ConfigurationError: if it is one; names it.
    """
    for name, (size, _) in _POINTERS.items():
        if getattr(extension, name).__basicsize__ != size or WORD != 8:  # noqa: PLR2004 - bytes of a 64-bit word
            raise _unknown_layout()


def _unknown_layout() -> ConfigurationError:
    return ConfigurationError(
        f"acsylla {library.__version__} is built in a way that this version of coodie-drivers does not know: "
        "install acsylla 1.2.0, or a newer coodie-drivers"
    )


def _offset(name: str) -> int:
    return _POINTERS[name][1] * WORD


_word: Any = ctypes.c_void_p.from_address
_FIRST: Final = _SIZE(0)
_IN_CLUSTER: Final = _offset("Cluster")
_IN_PREPARED: Final = _offset("PreparedStatement")
_IN_RESULT: Final = _offset("Result")
_IN_ROW: Final = _offset("Row")
_IN_SESSION: Final = _offset("Session")
_IN_STATEMENT: Final = _offset("Statement")


def prepare_nothing_ahead(cluster: Any) -> None:
    """Have the C++ driver prepare nothing on a node that comes up, before it tells its session that it is up.

    It would tell one that was closed and freed meanwhile, and end the process: "pure virtual method called" (2.17). A
    node that lacks a statement says so when it is executed there, and has it prepared then.
    """
    _prepare_ahead(_word(id(cluster) + _IN_CLUSTER), 0)


def ssl_pointer(cluster: Any) -> int:
    """Return the `CassSsl` of a cluster that encrypts, which stands behind the cluster's own pointer."""
    pointer: int = _word(id(cluster) + _IN_CLUSTER + WORD).value
    return pointer


_FLAGS_IN_SSL: Final = 12
_CONTEXT_IN_SSL: Final = 16
"""Bytes from the start of a `CassSsl` to its flags, and to the `SSL_CTX` of OpenSSL: C++ driver 2.16 and 2.17."""

_SET_OLDEST: Final = 123
_GET_OLDEST: Final = 130
_TLS_1_2: Final = 0x0303
"""`SSL_CTRL_SET_MIN_PROTO_VERSION`, `SSL_CTRL_GET_MIN_PROTO_VERSION` and `TLS1_2_VERSION` of OpenSSL."""


def refuse_old_tls(ssl_settings: int, flags: int) -> None:
    """Have a `CassSsl` speak TLS 1.2 or newer; left to itself it would speak 1.0, and has no function to be told.

    Args:
        ssl_settings: the pointer.
        flags: the flags that were set in it, by which its layout is known again.

    Raises:
        ConfigurationError: if it is laid out otherwise.
    """
    control: Any = getattr(_interface, "SSL_CTX_ctrl", None)
    found: int = ctypes.c_int32.from_address(ssl_settings + _FLAGS_IN_SSL).value
    if control is None or found != flags:
        raise _unknown_layout()
    control.restype = ctypes.c_long
    control.argtypes = (_POINTER, ctypes.c_int, ctypes.c_long, _POINTER)
    context = _word(ssl_settings + _CONTEXT_IN_SSL).value
    control(context, _SET_OLDEST, _TLS_1_2, None)
    if control(context, _GET_OLDEST, 0, None) != _TLS_1_2:
        raise _unknown_layout()


def prepared_pointer(prepared: Any) -> int:
    """Return the `CassPrepared` of a prepared statement."""
    pointer: int = _word(id(prepared) + _IN_PREPARED).value
    return pointer


def result_pointer(result: Any) -> int:
    """Return the `CassResult` of a result."""
    pointer: int = _word(id(result) + _IN_RESULT).value
    return pointer


def first_column_type(result: Any) -> int:
    """Return the `CassDataType` of a result's first column."""
    pointer: int = column_type(_word(id(result) + _IN_RESULT), _FIRST)
    return pointer


def row_pointer(row: Any) -> int:
    """Return the `CassRow` of a row; it holds until the next row is taken."""
    pointer: int = _word(id(row) + _IN_ROW).value
    return pointer


def session_pointer(session: Any) -> int:
    """Return the `CassSession` of a session."""
    pointer: int = _word(id(session) + _IN_SESSION).value
    return pointer


def known_schema(session: int) -> int:
    """Return the number of the schema that a `CassSession` knows, another one after each change that it was told of."""
    schema = session_schema(session)
    version: int = schema_version(schema)
    free_schema(schema)
    return version


def statement_pointer(statement: Any) -> int:
    """Return the `CassStatement` of a statement."""
    pointer: int = _word(id(statement) + _IN_STATEMENT).value
    return pointer


def text_from(ask: Any, *arguments: Any) -> str:
    """Return a text that a function of the C interface tells by a pointer and a length."""
    return bytes_from(ask, *arguments).decode()


def bytes_from(ask: Any, *arguments: Any) -> bytes:
    """Return bytes that a function of the C interface tells by a pointer and a length."""
    start, length = ctypes.c_void_p(), _SIZE()
    if ask(*arguments, start, length):
        return b""
    return ctypes.string_at(start.value or 0, length.value) if length.value else b""
