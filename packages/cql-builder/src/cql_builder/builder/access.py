"""`create_role`, `create_user`, `add_identity` and their kin: the statements on roles, users and identities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.analysis.walking import transform
from cql_builder.ast.access import (
    AccessFromCidrs,
    AccessToDatacenters,
    AddIdentity,
    AlterRole,
    AlterUser,
    CreateRole,
    CreateUser,
    CustomOptions,
    DropIdentity,
    DropRole,
    DropUser,
    GeneratedPassword,
    ListRoles,
    ListSuperusers,
    ListUsers,
    Login,
    Password,
    RoleOption,
    Superuser,
)
from cql_builder.ast.terms import ListLiteral, MapLiteral, SetLiteral, StringLiteral, Term, TupleLiteral
from cql_builder.builder.literals import is_mapping, plain_literal
from cql_builder.builder.names import checked_flag, checked_name, role_name
from cql_builder.builder.parts import is_collection, is_part
from cql_builder.builder.statement import FinishedStatement
from cql_builder.errors import ArgumentError, MissingClauseError, StatementError, UnknownClauseError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Literal, TypedDict

    from typing_extensions import Unpack

    from cql_builder.ast.names import RoleName
    from cql_builder.ast.node import Node

    class Passwords(TypedDict, total=False):
        """How a role proves that it is itself; one of them.

        Attributes:
            password: the password, which the server hashes. It becomes part of the text, as CQL has no marker here.
            hashed_password: the password as bcrypt hashed it: Cassandra 4.1, ScyllaDB.
            generated_password: whether the server makes one up and answers with it: Cassandra 6.0.
        """

        password: str | None
        hashed_password: str | None
        generated_password: bool

    class RoleOptions(Passwords, total=False):
        """What WITH says of a role.

        Attributes:
            superuser: whether it may do everything.
            login: whether it may connect.
            options: options of a role manager of one's own.
            access_to_datacenters: the datacenters that it may connect to, or `"ALL"`: Cassandra.
            access_from_cidrs: the groups of addresses that it may connect from, or `"ALL"`: Cassandra 5.0.
        """

        superuser: bool | None
        login: bool | None
        options: Mapping[str, str | int | float | bool] | None
        access_to_datacenters: Literal["ALL"] | Sequence[str] | None
        access_from_cidrs: Literal["ALL"] | Sequence[str] | None


PASSWORDS = ("password", "hashed_password", "generated_password")
"""The names of `Passwords`."""

ROLE_OPTIONS = (*PASSWORDS, "superuser", "login", "options", "access_to_datacenters", "access_from_cidrs")
"""The names of `RoleOptions`."""


_NO_CONSTANTS = (ListLiteral, SetLiteral, MapLiteral, TupleLiteral)
"""What the map of options has no place for, in any grammar."""

HIDDEN = StringLiteral("…")
"""What a repr shows in the place of a secret."""


class SecretStatement(FinishedStatement):
    """A statement that may have a password in its text."""

    def __repr__(self) -> str:
        """Show the text without passwords, and without what the options of a role manager are, which may be one."""
        shown = FinishedStatement(transform(self.tree, _without_secret))
        return repr(shown).replace(type(shown).__name__, type(self).__name__, 1)


def create_role(
    role: str | RoleName, *, if_not_exists: bool = False, **options: Unpack[RoleOptions]
) -> FinishedStatement:
    """Return a CREATE ROLE; what its options are, `RoleOptions` says.

    A password is part of the text, never of a repr.

    Raises:
        StatementError: if an argument is of the wrong kind, or there are two passwords.

    >>> from cql_builder import create_role
    >>> create_role("reports", login=True, superuser=False).compile().cql
    'CREATE ROLE reports WITH LOGIN = true AND SUPERUSER = false'
    """
    statement = "CREATE ROLE"
    return SecretStatement(
        CreateRole(role_name(role, statement), _role_options(dict(options), statement), if_not_exists)
    )


def create_generated_role(**options: Unpack[RoleOptions]) -> FinishedStatement:
    """Return a CREATE GENERATED ROLE: Cassandra 6.0.

    The server makes up the role's name and answers with it.

    Raises:
        StatementError: if an argument is of the wrong kind, or there are two passwords.

    >>> from cql_builder import create_generated_role
    >>> create_generated_role(generated_password=True, login=True).compile("cassandra-6.0").cql
    'CREATE GENERATED ROLE WITH GENERATED PASSWORD AND LOGIN = true'
    """
    given = _role_options(dict(options), "CREATE GENERATED ROLE")
    return SecretStatement(CreateRole(None, given, generated=True))


def alter_role(role: str | RoleName, *, if_exists: bool = False, **options: Unpack[RoleOptions]) -> FinishedStatement:
    """Return an ALTER ROLE, which sets what is given and leaves the rest.

    What there is to set, `RoleOptions` says.

    Raises:
        StatementError: if there is nothing to set, an argument is of the wrong kind, or there are two passwords.

    >>> from cql_builder import alter_role
    >>> alter_role("reports", login=False).compile().cql
    'ALTER ROLE reports WITH LOGIN = false'
    """
    statement = "ALTER ROLE"
    given = _role_options(dict(options), statement)
    if not given:
        raise MissingClauseError(statement, "what to set", "give a password, login or another option")
    return SecretStatement(AlterRole(role_name(role, statement), given, if_exists))


def drop_role(role: str | RoleName, *, if_exists: bool = False) -> FinishedStatement:
    """Return a DROP ROLE.

    Raises:
        ArgumentError: if the role is no name.

    >>> from cql_builder import drop_role
    >>> drop_role("reports", if_exists=True).compile().cql
    'DROP ROLE IF EXISTS reports'
    """
    return FinishedStatement(DropRole(role_name(role, "DROP ROLE"), if_exists))


def list_roles(*, of: str | RoleName | None = None, recursive: bool = True) -> FinishedStatement:
    """Return a LIST ROLES: all, or those that were granted to one.

    Without `recursive`, only those that were granted to it itself.

    Raises:
        ArgumentError: if the role is no name.

    >>> from cql_builder import list_roles
    >>> list_roles(of="reports", recursive=False).compile().cql
    'LIST ROLES OF reports NORECURSIVE'
    """
    return FinishedStatement(ListRoles(None if of is None else role_name(of, "LIST ROLES"), recursive))


def create_user(
    user: str | RoleName,
    *,
    superuser: bool | None = None,
    if_not_exists: bool = False,
    **passwords: Unpack[Passwords],
) -> FinishedStatement:
    """Return a CREATE USER: a role that may log in, as servers before roles had it.

    Raises:
        StatementError: if an argument is of the wrong kind, or there are two passwords.

    >>> from cql_builder import create_user
    >>> create_user("anna", superuser=True).compile().cql
    "CREATE USER 'anna' SUPERUSER"
    """
    statement = "CREATE USER"
    given = dict(passwords)
    _refuse_unknown(given, PASSWORDS, statement)
    password = _password(given, statement)
    if superuser is not None:
        checked_flag(superuser, "superuser", statement)
    return SecretStatement(CreateUser(role_name(user, statement), password, superuser, if_not_exists))


def alter_user(
    user: str | RoleName, *, superuser: bool | None = None, if_exists: bool = False, **passwords: Unpack[Passwords]
) -> FinishedStatement:
    """Return an ALTER USER.

    Raises:
        StatementError: if there is nothing to set, an argument is of the wrong kind, or there are two passwords.

    >>> from cql_builder import alter_user
    >>> alter_user("anna", superuser=False).compile().cql
    "ALTER USER 'anna' NOSUPERUSER"
    """
    statement = "ALTER USER"
    given = dict(passwords)
    _refuse_unknown(given, PASSWORDS, statement)
    password = _password(given, statement)
    if password is None and superuser is None:
        raise MissingClauseError(statement, "what to set", "give a password or superuser")
    if superuser is not None:
        checked_flag(superuser, "superuser", statement)
    return SecretStatement(AlterUser(role_name(user, statement), password, superuser, if_exists))


def drop_user(user: str | RoleName, *, if_exists: bool = False) -> FinishedStatement:
    """Return a DROP USER.

    Raises:
        ArgumentError: if the user is no name.

    >>> from cql_builder import drop_user
    >>> drop_user("anna").compile().cql
    "DROP USER 'anna'"
    """
    return FinishedStatement(DropUser(role_name(user, "DROP USER"), if_exists))


def list_users() -> FinishedStatement:
    """Return a LIST USERS.

    >>> from cql_builder import list_users
    >>> list_users().compile().cql
    'LIST USERS'
    """
    return FinishedStatement(ListUsers())


def list_superusers() -> FinishedStatement:
    """Return a LIST SUPERUSERS: Cassandra 6.0.

    >>> from cql_builder import list_superusers
    >>> list_superusers().compile("cassandra-6.0").cql
    'LIST SUPERUSERS'
    """
    return FinishedStatement(ListSuperusers())


def add_identity(identity: str, *, to: str | RoleName, if_not_exists: bool = False) -> FinishedStatement:
    """Return an ADD IDENTITY: Cassandra 5.0.

    Who presents a certificate of this identity is this role.

    Raises:
        ArgumentError: if a name is none.

    >>> from cql_builder import add_identity
    >>> add_identity("spiffe://shop/reports", to="reports").compile().cql
    "ADD IDENTITY 'spiffe://shop/reports' TO ROLE 'reports'"
    """
    statement = "ADD IDENTITY"
    name = checked_name(identity, statement, "an identity")
    return FinishedStatement(AddIdentity(name, role_name(to, statement), if_not_exists))


def drop_identity(identity: str, *, if_exists: bool = False) -> FinishedStatement:
    """Return a DROP IDENTITY: Cassandra 5.0.

    Raises:
        ArgumentError: if the name is none.

    >>> from cql_builder import drop_identity
    >>> drop_identity("spiffe://shop/reports").compile().cql
    "DROP IDENTITY 'spiffe://shop/reports'"
    """
    return FinishedStatement(DropIdentity(checked_name(identity, "DROP IDENTITY", "an identity"), if_exists))


def _without_secret(node: Node) -> Node:
    if isinstance(node, CustomOptions):
        return CustomOptions(MapLiteral(tuple([(key, HIDDEN) for key, _ in node.options.entries])))
    return Password(HIDDEN.text, node.hashed) if isinstance(node, Password) else node


def _role_options(given: Mapping[str, object], statement: str) -> tuple[RoleOption, ...]:
    _refuse_unknown(given, ROLE_OPTIONS, statement)
    options: list[RoleOption] = []
    password = _password(given, statement)
    if password is not None:
        options.append(password)
    for name, kind in (("login", Login), ("superuser", Superuser)):
        value = given.get(name)
        if value is not None:
            options.append(kind(checked_flag(value, name, statement)))
    custom = given.get("options")
    if custom is not None:
        options.append(CustomOptions(_custom_options(custom, statement)))
    if given.get("access_to_datacenters") is not None:
        options.append(AccessToDatacenters(_names(given["access_to_datacenters"], "access_to_datacenters", statement)))
    if given.get("access_from_cidrs") is not None:
        options.append(AccessFromCidrs(_names(given["access_from_cidrs"], "access_from_cidrs", statement)))
    return tuple(options)


def _custom_options(given: object, statement: str) -> MapLiteral:
    """Return the options of a role manager; errors name none of them, for a name may be a secret, too."""
    if not is_mapping(given):
        raise ArgumentError(statement, "options", "a mapping of names to values", given)
    entries: list[tuple[Term, Term]] = []
    for name, value in given.items():
        literal = value.node if is_part(value) and not value.values else plain_literal(value)
        if not isinstance(literal, Term) or isinstance(literal, _NO_CONSTANTS):
            raise ArgumentError(statement, "an option among options", "a str, int, float or bool", value)
        entries.append((StringLiteral(checked_name(name, statement, "the name of an option among options")), literal))
    return MapLiteral(tuple(entries))


def _password(given: Mapping[str, object], statement: str) -> Password | GeneratedPassword | None:
    passwords: list[Password | GeneratedPassword] = []
    for name, hashed in (("password", False), ("hashed_password", True)):
        if given.get(name) is not None:
            passwords.append(Password(checked_name(given[name], statement, name), hashed))
    if checked_flag(given.get("generated_password", False), "generated_password", statement):
        passwords.append(GeneratedPassword())
    if len(passwords) > 1:
        raise StatementError(statement, "there is one password; give password, hashed_password or generated_password")
    return passwords[0] if passwords else None


def _refuse_unknown(given: Mapping[str, object], known: tuple[str, ...], statement: str) -> None:
    for name in given:
        if name not in known:
            raise UnknownClauseError(statement, name, known)


def _names(given: object, name: str, statement: str) -> tuple[str, ...]:
    """Return names; none stand for all, which is why no names are refused."""
    if given == "ALL":
        return ()
    if not is_collection(given):
        raise ArgumentError(statement, name, '"ALL" or a list of names', given)
    if not given:
        raise StatementError(statement, f'{name} has no name in it; give at least one, or "ALL"')
    return tuple([checked_name(each, statement, name) for each in given])
