"""Statements on roles, users and identities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.access import (
    AddIdentity,
    AlterRole,
    AlterUser,
    CreateRole,
    CreateUser,
    DropIdentity,
    DropRole,
    DropUser,
    GeneratedPassword,
    Password,
)
from cql_builder.ast.names import RoleName
from cql_builder.dialects import features
from cql_builder.parser.existence import if_exists, if_not_exists
from cql_builder.parser.lexer import QUOTED, STRING
from cql_builder.parser.names import role_name
from cql_builder.parser.role_options import role_options

if TYPE_CHECKING:
    from cql_builder.parser.cursor import Cursor


def create_role(cursor: Cursor) -> CreateRole:
    """Read what follows CREATE ROLE."""
    unless_there = if_not_exists(cursor)
    return CreateRole(role_name(cursor), role_options(cursor), unless_there)


def create_generated_role(cursor: Cursor) -> CreateRole:
    """Read what follows CREATE GENERATED. Such a role has no name, so it cannot be there already."""
    cursor.require(features.GENERATED_ROLE, cursor.mark() - 1)
    cursor.expect("role")
    return CreateRole(None, role_options(cursor), generated=True)


def alter_role(cursor: Cursor) -> AlterRole:
    """Read what follows ALTER ROLE."""
    if_there = if_exists(cursor, features.IF_EXISTS_ON_ALTER)
    return AlterRole(role_name(cursor), role_options(cursor), if_there)


def drop_role(cursor: Cursor) -> DropRole:
    """Read what follows DROP ROLE."""
    if_there = if_exists(cursor)
    return DropRole(role_name(cursor), if_there)


def create_user(cursor: Cursor) -> CreateUser:
    """Read what follows CREATE USER."""
    unless_there = if_not_exists(cursor)
    return CreateUser(_user_name(cursor), _password(cursor), _superuser(cursor), unless_there)


def alter_user(cursor: Cursor) -> AlterUser:
    """Read what follows ALTER USER."""
    if_there = if_exists(cursor, features.IF_EXISTS_ON_ALTER)
    return AlterUser(_user_name(cursor), _password(cursor), _superuser(cursor), if_there)


def drop_user(cursor: Cursor) -> DropUser:
    """Read what follows DROP USER."""
    if_there = if_exists(cursor)
    return DropUser(_user_name(cursor), if_there)


def add_identity(cursor: Cursor) -> AddIdentity:
    """Read what follows ADD IDENTITY."""
    cursor.require(features.IDENTITIES, cursor.mark() - 1)
    unless_there = if_not_exists(cursor)
    identity = _case_exact_name(cursor, "an identity")
    cursor.expect("to", "role")
    return AddIdentity(identity, RoleName(_case_exact_name(cursor, "a role")), unless_there)


def drop_identity(cursor: Cursor) -> DropIdentity:
    """Read what follows DROP IDENTITY."""
    cursor.require(features.IDENTITIES, cursor.mark() - 1)
    if_there = if_exists(cursor)
    return DropIdentity(_case_exact_name(cursor, "an identity"), if_there)


def _user_name(cursor: Cursor) -> RoleName:
    return RoleName(_case_exact_name(cursor, "a user"))


def _case_exact_name(cursor: Cursor, what: str) -> str:
    """Read the name of a user or identity: a string or a word, whose case is kept, and never in double quotes."""
    if cursor.at(STRING):
        return cursor.take()
    if cursor.at(QUOTED):
        raise cursor.refusal(f"expected {what} without double quotes; write the name as a string")
    if cursor.peek() in cursor.dialect.unreserved:
        cursor.require(features.KEYWORD_AS_USER)
    if not cursor.is_name():
        raise cursor.error(what)
    return cursor.take()


def _password(cursor: Cursor) -> Password | GeneratedPassword | None:
    if not cursor.accept("with"):
        return None
    if cursor.at("generated"):
        cursor.require(features.GENERATED_PASSWORD)
        cursor.expect("generated", "password")
        return GeneratedPassword()
    hashed = cursor.at("hashed")
    if hashed:
        cursor.require(features.HASHED_PASSWORD_OF_USER)
        cursor.expect("hashed")
    cursor.expect("password")
    return Password(cursor.string("the password as a string"), hashed)


def _superuser(cursor: Cursor) -> bool | None:
    if cursor.accept("superuser"):
        return True
    return False if cursor.accept("nosuperuser") else None
