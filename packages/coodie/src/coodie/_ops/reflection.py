"""Reading what a table or view is from the server's own tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from coodie._ops.tables import check_keyspace
from coodie._schema.reflection import Reflected, reflected
from coodie.errors import UnknownNameError
from coodie_drivers.errors import ConfigurationError, InvalidQueryError
from coodie_drivers.messages import statement_of
from coodie_drivers.server import system_rows
from coodie_drivers.spelling import did_you_mean

if TYPE_CHECKING:
    from coodie_drivers.operations import Op

_HERE: Final = "WHERE keyspace_name = ?"
_TABLE: Final = statement_of(f"SELECT * FROM system_schema.tables {_HERE} AND table_name = ?")
_VIEW: Final = statement_of(f"SELECT * FROM system_schema.views {_HERE} AND view_name = ?")
_COLUMNS: Final = statement_of(f"SELECT * FROM system_schema.columns {_HERE} AND table_name = ?")
_INDEXES: Final = statement_of(f"SELECT * FROM system_schema.indexes {_HERE} AND table_name = ?")
_TYPES: Final = statement_of(f"SELECT * FROM system_schema.types {_HERE}")
_TABLES: Final = statement_of(f"SELECT table_name FROM system_schema.tables {_HERE}")
_VIEWS: Final = statement_of(f"SELECT view_name FROM system_schema.views {_HERE}")
_KEYSPACES: Final = statement_of("SELECT keyspace_name FROM system_schema.keyspaces")


def read_table(name: str, keyspace: str) -> Op[Reflected]:
    """Read what a table or view is.

    Raises:
        InvalidQueryError: a name is none.
        UnknownNameError: the keyspace has neither table nor view of this name.
        ConfigurationError: there is no such keyspace.
    """
    check_keyspace(keyspace)
    _check_table(name)
    tables = yield from system_rows(_TABLE, (keyspace, name))
    if not tables:
        tables = yield from system_rows(_VIEW, (keyspace, name))
    columns = (yield from system_rows(_COLUMNS, (keyspace, name))) if tables else []
    if not tables or not columns:  # of a table that is being made one may be visible before the other
        raise (yield from _missing(name, keyspace))
    indexes = yield from system_rows(_INDEXES, (keyspace, name))
    types = yield from system_rows(_TYPES, (keyspace,))
    return reflected(tables[0], columns, indexes, types)


def _check_table(name: object) -> None:
    if isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9_]+", name):
        return
    fix = 'without keyspace and quotes: reflect_table("orders", keyspace="shop")'
    raise InvalidQueryError(f"a table's name is a text of letters, digits and underscores, {fix}")


def _missing(name: str, keyspace: str) -> Op[Exception]:
    """The error for a table that is not there."""
    keyspaces = [row["keyspace_name"] for row in (yield from system_rows(_KEYSPACES, ()))]
    if keyspace not in keyspaces:
        return ConfigurationError(f"keyspace {keyspace!r} does not exist{did_you_mean(keyspace, keyspaces)}")
    tables = yield from system_rows(_TABLES, (keyspace,))
    views = yield from system_rows(_VIEWS, (keyspace,))
    known = sorted([*(row["table_name"] for row in tables), *(row["view_name"] for row in views)])
    if not known:
        return ConfigurationError(f"keyspace {keyspace!r} has no table {name!r}, and no other one")
    # What differs in case alone is meant, however far apart the letters are.
    meant = [each for each in known if each.lower() == name.lower()]
    return UnknownNameError(f"keyspace {keyspace!r}", "table or view", name, meant or known)
