"""`UserType`: a Pydantic model that is a user-defined type of CQL, for fields of documents.

```python
class Address(UserType):
    street: str
    city: str | None = None


class Customer(Document):
    id: Annotated[UUID, PrimaryKey()]
    home: Address                          # changed as a whole; on the server each field is kept by itself
    billing: Annotated[Address, Frozen()]  # kept as one value: can be compared, indexed and be part of a key
    others: list[Address] = []             # inside collections and other user types: frozen
```

A document is written from instances, or from dicts that Pydantic makes instances of, and read back with instances. A
field that is null is read as None, or as its default where it allows no None.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from coodie._model.base import complete_schema
from coodie._model.user_types import UserTypeBase
from coodie._ops.tables import check_keyspace
from coodie._ops.user_types import sync_types
from coodie._query.target import keyspace_not_there
from coodie._schema.user_types import user_types_in
from coodie._shell.connections import known_keyspace
from coodie._shell.running import arun_on, run_on
from coodie_drivers.errors import ConfigurationError

if TYPE_CHECKING:
    from coodie._model.base import DocumentBase
    from coodie_drivers.operations import Op

__all__ = ["UserType", "extract_udt_classes"]


class UserType(UserTypeBase):
    """Base class for user-defined types.

    `Settings` may say `type_name`, which is the class's name in lower case with underscores otherwise, and `keyspace`.
    Classes of one `type_name` are one type: a document takes several that have the same fields in the same order, and
    is refused where they differ.

    >>> class Address(UserType):
    ...     street: str
    ...     city: str | None = None
    >>> Address.type_name()
    'address'
    """

    @classmethod
    def type_name(cls) -> str:
        """Return the name of this type in CQL.

        Raises:
            InvalidModelError: the class cannot be a user type as it is written.
        """
        return cls.__coodie_user_type__().name

    @classmethod
    def sync_type(
        cls, keyspace: str | None = None, dry_run: bool = False, *, connection: str | None = None
    ) -> list[str]:
        """Create this type and those that it is made of, or add to them the fields that they lack; blocking.

        `sync_table` of a document does so for its types. Fields that are there and not in the class stay.

        Args:
            keyspace: the keyspace; None for that of the context (`using`), of the settings, or the connection's own.
            dry_run: return the CQL that would be executed, and execute nothing.
            connection: the name of the connection; None for that of the context, or the default one.

        Returns:
            The CQL statements that were, or would be, executed; none when the types are as they should be.

        Raises:
            ConfigurationError: no keyspace is known, or the keyspace is not there.
            TableConflictError: a field is of another type than the class says, which no server changes.
        """
        return run_on(connection, _syncing(cls, keyspace, connection, dry_run=dry_run))

    @classmethod
    async def sync_type_async(
        cls, keyspace: str | None = None, dry_run: bool = False, *, connection: str | None = None
    ) -> list[str]:
        """Create this type and those that it is made of, or add to them the fields that they lack; awaiting.

        The arguments, the answer and the errors are those of `sync_type`.
        """
        return await arun_on(connection, _syncing(cls, keyspace, connection, dry_run=dry_run))


def extract_udt_classes(doc: type[DocumentBase]) -> list[type[UserType]]:
    """The user types that a document is made of, each once, after those that it is made of itself.

    >>> from typing import Annotated
    >>> from pydantic import create_model
    >>> from coodie.fields import PrimaryKey
    >>> from coodie.sync import Document
    >>> Phone = create_model("Phone", __base__=UserType, number=(str, ...))
    >>> Contact = create_model("Contact", __base__=UserType, phones=(list[Phone], ...))
    >>> key = (Annotated[int, PrimaryKey()], ...)
    >>> Person = create_model("Person", __base__=Document, id=key, contact=(Contact | None, None))
    >>> [each.__name__ for each in extract_udt_classes(Person)]
    ['Phone', 'Contact']

    Raises:
        InvalidModelError: the document, or one of its types, cannot be what it says.
    """
    found = user_types_in(column.type for column in complete_schema(doc).columns)
    return [each.cls for each in found if issubclass(each.cls, UserType)]


def _syncing(cls: type[UserType], keyspace: str | None, connection: str | None, *, dry_run: bool) -> Op[list[str]]:
    described = cls.__coodie_user_type__()
    chosen = known_keyspace(connection, keyspace, described.keyspace)
    if chosen is None:
        fix = "pass keyspace=..., set Settings.keyspace, or pass keyspace=... to init_coodie()"
        raise ConfigurationError(f"{cls.__name__} has no keyspace; {fix}")
    check_keyspace(chosen)
    absent = keyspace_not_there(cls.__name__, chosen, connection)
    return sync_types(user_types_in([described.type]), chosen, absent, dry_run=dry_run, alone=True)
