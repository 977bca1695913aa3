"""What WITH says of a role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.access import (
    AccessFromCidrs,
    AccessToDatacenters,
    CustomOptions,
    GeneratedPassword,
    Login,
    Password,
    Superuser,
)
from cql_builder.dialects import features
from cql_builder.parser.options import option_map

if TYPE_CHECKING:
    from collections.abc import Callable

    from cql_builder.ast.access import RoleOption
    from cql_builder.parser.cursor import Cursor


def role_options(cursor: Cursor) -> tuple[RoleOption, ...]:
    """Read WITH and the options of a role, where it stands."""
    if not cursor.accept("with"):
        return ()
    options: dict[type[RoleOption], RoleOption] = {}
    more = True
    while more:
        start = cursor.mark()
        option = _role_option(cursor)
        # One password only, whichever way it is given.
        kind = Password if isinstance(option, GeneratedPassword) else type(option)
        other = options.get(kind)
        together = option if other is None else _together(option, other)
        if together is None:
            raise cursor.refusal("an option of the role is given twice, or excludes another; give one of them", start)
        options[kind] = together
        more = cursor.accept("and")
    return tuple(options.values())


def _role_option(cursor: Cursor) -> RoleOption:
    read = _READERS.get(cursor.peek())
    if read is None:
        raise cursor.error("PASSWORD, HASHED PASSWORD, GENERATED PASSWORD, LOGIN, SUPERUSER, OPTIONS or ACCESS")
    cursor.expect(cursor.peek())
    return read(cursor)


def _together(option: RoleOption, other: RoleOption) -> RoleOption | None:
    """Return what two options of one kind say together, or None. Only accesses add up, and not some to all."""
    if isinstance(option, AccessToDatacenters) and isinstance(other, AccessToDatacenters):
        return AccessToDatacenters(other.names + option.names) if bool(option.names) == bool(other.names) else None
    if isinstance(option, AccessFromCidrs) and isinstance(other, AccessFromCidrs):
        return AccessFromCidrs(other.names + option.names) if bool(option.names) == bool(other.names) else None
    return None


def _password(cursor: Cursor) -> Password:
    cursor.expect("=")
    return Password(cursor.string("the password as a string"))


def _hashed_password(cursor: Cursor) -> Password:
    cursor.require(features.HASHED_PASSWORD, cursor.mark() - 1)
    cursor.expect("password", "=")
    return Password(cursor.string("the hash as a string"), hashed=True)


def _generated_password(cursor: Cursor) -> GeneratedPassword:
    cursor.require(features.GENERATED_PASSWORD, cursor.mark() - 1)
    cursor.expect("password")
    return GeneratedPassword()


def _login(cursor: Cursor) -> Login:
    return Login(_boolean(cursor))


def _superuser(cursor: Cursor) -> Superuser:
    return Superuser(_boolean(cursor))


def _boolean(cursor: Cursor) -> bool:
    cursor.expect("=")
    if cursor.accept("true"):
        return True
    if cursor.accept("false"):
        return False
    raise cursor.error("TRUE or FALSE")


def _custom_options(cursor: Cursor) -> CustomOptions:
    cursor.expect("=")
    return CustomOptions(option_map(cursor))


def _access(cursor: Cursor) -> AccessToDatacenters | AccessFromCidrs:
    if cursor.accept("to"):
        cursor.require(features.ACCESS_TO_DATACENTERS, cursor.mark() - 2)
        return AccessToDatacenters(_names_or_all(cursor, "datacenters"))
    if cursor.accept("from"):
        cursor.require(features.ACCESS_FROM_CIDRS, cursor.mark() - 2)
        return AccessFromCidrs(_names_or_all(cursor, "cidrs"))
    raise cursor.error("TO DATACENTERS or FROM CIDRS")


def _names_or_all(cursor: Cursor, what: str) -> tuple[str, ...]:
    if cursor.accept("all"):
        cursor.expect(what)
        return ()
    cursor.expect(what, "{")
    names = cursor.comma_separated(lambda: cursor.string("a name as a string"))
    cursor.expect("}")
    return names


_READERS: dict[str, Callable[[Cursor], RoleOption]] = {
    "password": _password,
    "hashed": _hashed_password,
    "generated": _generated_password,
    "login": _login,
    "superuser": _superuser,
    "options": _custom_options,
    "access": _access,
}
