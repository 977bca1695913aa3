"""Which driver and which keyspace a model talks to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from coodie._model.base import table_schema
from coodie._query.target import Target, missing_keyspace
from coodie_drivers import get_driver

if TYPE_CHECKING:
    from coodie._model.base import DocumentBase
    from coodie_drivers import AbstractDriver

D = TypeVar("D", bound="DocumentBase")


class Link(NamedTuple):
    """A model brought together with the driver it talks to."""

    driver: AbstractDriver
    target: Target[Any]


def link_of(model: type[DocumentBase]) -> Link:
    """The driver and the target of a model, kept on its class until another driver takes the connection's name.

    Raises:
        ConfigurationError: no driver is registered under the model's connection, the model cannot be a table, or no
            keyspace is known.
    """
    link: Link | None = model.__dict__.get("__coodie_link__")
    if link is not None and get_driver(link.target.schema.connection) is link.driver:
        return link
    schema = table_schema(model)
    driver = get_driver(schema.connection)
    # A foreign driver need not know these three: it has the documented methods, perhaps nothing else.
    keyspace = schema.keyspace or getattr(driver, "default_keyspace", None)
    if keyspace is None and not _may_have_keyspace(driver):
        raise missing_keyspace(schema.model)
    target = Target(
        model,
        schema,
        keyspace,
        validates_rows=bool(getattr(driver, "needs_row_validation", True)),
        supports_unset=bool(getattr(driver, "supports_unset", False)),
    )
    link = Link(driver, target)
    model.__coodie_link__ = link
    return link


def _may_have_keyspace(driver: AbstractDriver) -> bool:
    """Whether statements may find a keyspace that the driver does not tell.

    A driver that says None has none, unless its session belongs to somebody who chose one there; a foreign driver need
    not say anything.
    """
    says_none = "default_keyspace" in getattr(driver, "__dict__", ())
    return not says_none or getattr(getattr(driver, "session", None), "keyspace", None) is not None
