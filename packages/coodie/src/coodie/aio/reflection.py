"""`reflect_table`: the model of a table that is there, asynchronous."""

from __future__ import annotations

from coodie._model.reflection import Bases, reflected_model
from coodie._ops import reflection
from coodie._schema.python_names import checked_class_name
from coodie._shell.connections import keyspace_at
from coodie._shell.running import arun_on
from coodie.aio.document import CounterDocument, Document, MaterializedView
from coodie.usertype import UserType

__all__ = ["reflect_table"]

_BASES = Bases(Document, CounterDocument, MaterializedView, UserType)


async def reflect_table(
    name: str, keyspace: str | None = None, *, connection: str | None = None, model_name: str | None = None
) -> type[Document]:
    """Read a table or view from the server, and return the model of it: a class with all verbs, to use as any other.

    Each column is a field of its type, with its place in the key, its order, its indexes and whether it is static; what
    is not in the key is None where it is null, and an empty collection where it is one that changes. A table of
    counters becomes a `CounterDocument`, a view a `MaterializedView`, and a user type a `UserType`.

    A field is called as its column. Where that is no name of Python (`class`, `unit price`), begins with an underscore,
    or is one that `Document` or Pydantic has a use for (`json`, `save`), the field has another and the column as alias:
    other characters become underscores, underscores at the beginning go, `column_` stands before a digit, and an
    underscore, or a number, behind what is taken.

    Args:
        name: the name of the table or view, in its own letters and without quotes.
        keyspace: the keyspace, which becomes that of the model; None for that of the context or the connection, where
            the model is looked for whenever it is used.
        connection: the name of the connection, which becomes that of the model; None for the default one.
        model_name: what the class is called; `OrderItems` for a table `order_items` unless said.

    Raises:
        UnknownNameError: there is no such table or view.
        ConfigurationError: no keyspace is known, or it is not there.
        InvalidModelError: a column is of a type that no field has, such as a vector of texts.
        InvalidQueryError: a name is none.

    ```python
    Order = await reflect_table("orders", keyspace="shop", model_name="Order")
    await Order.find(customer=customer).all()
    ```
    """
    called = None if model_name is None else checked_class_name(model_name)
    found = await arun_on(connection, reflection.read_table(name, keyspace_at(connection, keyspace)))
    made: type[Document] = reflected_model(found, _BASES, called, {"keyspace": keyspace, "connection": connection})
    return made
