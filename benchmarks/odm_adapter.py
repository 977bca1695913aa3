"""The mapper as the yardstick of whole operations takes it: a `NAME`, and `build(ctx)`, its operations by name.

The yardstick hands over a session that needs no server, and measures each operation beside hand-written code on the
same one. Timestamps are compared as the client library has them, without a time zone.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from importlib import import_module
from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from pydantic import Field, NaiveDatetime

from coodie.fields import BigInt, ClusteringKey, Double, PrimaryKey
from coodie.sync import BatchQuery, Document, init_coodie

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NAME = "coodie"

_TENANT = UUID(int=0x1234567890ABCDEF1234567890ABCDEF)
_BATCH, _WITHOUT = 20, 4
TEXT = "A medium length description of item {}, forty to fifty chars"


class Item(Document):
    """A row of ten columns."""

    tenant_id: Annotated[UUID, PrimaryKey()]
    item_id: Annotated[int, BigInt(), ClusteringKey()]
    name: str
    description: str | None = None
    price: Annotated[float, Double()] = 0.0
    quantity: int = 0
    active: bool = True
    created_at: NaiveDatetime
    owner_id: UUID
    tags: list[str] = Field(default_factory=list)

    class Settings:
        """Its place."""

        name = "items"
        keyspace = "bench"


def values(number: int) -> dict[str, Any]:
    """Return the values of a row."""
    return {
        "tenant_id": _TENANT,
        "item_id": 1_000_000 + number,
        "name": f"item-{number:06d}",
        "description": None if number % 5 == _WITHOUT else TEXT.format(number),
        "price": 19.99 + number,
        "quantity": number % 1000,
        "active": number % 2 == 0,
        "created_at": datetime(2024, 1, 1, tzinfo=timezone.utc).replace(tzinfo=None)
        + timedelta(seconds=number * 61, milliseconds=number % 1000),
        "owner_id": UUID(int=(0xABCDEF << 100) + number),
        "tags": [f"tag-{number % 7}", f"colour-{number % 11}", "common"],
    }


class Answered:
    """What a session gives for a request, answered already.

    A real session makes a future for each request, by hand as here: its `execute` is `execute_async` and `result`. The
    yardstick's makes none by hand, so there is a single one here, used for one request after the other: what a future
    costs would else be counted on this side alone.
    """

    __slots__ = ("found", "query")

    warnings = None
    coordinator_host = None
    attempted_hosts = ()
    is_schema_agreed = True
    _errors: Mapping[object, object] = MappingProxyType({})
    _event = SimpleNamespace(is_set=lambda: True)

    found: Any
    query: Any

    def result(self) -> Any:  # noqa: ANN401 - the library's
        """Return the library's result."""
        return self.found


class Session:
    """The yardstick's session with what a driver asks of one besides: the rows in its own form, and its futures."""

    def __init__(self, session: Any) -> None:  # noqa: ANN401 - the yardstick's own
        """Stand before a session."""
        self._session = session
        self._execute = session.execute
        self._answered = Answered()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as above
        """Return what the session has."""
        return getattr(self._session, name)

    def get_execution_profile(self, _: object) -> SimpleNamespace:
        """Return what is usual of a profile: the library's own way to try again."""
        return SimpleNamespace(retry_policy=import_module("cassandra.policies").RetryPolicy())

    def execution_profile_clone_update(self, _: object, *, row_factory: Any) -> SimpleNamespace:  # noqa: ANN401
        """Return a profile with another way to make rows; here, that of all requests from now on."""
        self._session.row_factory = row_factory
        return SimpleNamespace(row_factory=row_factory, request_timeout=10.0, retry_policy=None)

    def execute_async(self, statement: Any, execution_profile: object = None, **_: object) -> Answered:  # noqa: ANN401
        """Execute at once; the profile, of which there is one, was heeded when it was made, and no limit passes."""
        del execution_profile
        answered = self._answered
        answered.query = statement
        answered.found = self._execute(statement)
        return answered


class WireSession(Session):
    """… of one that decodes frames by its protocol handler."""

    @property
    def client_protocol_handler(self) -> Any:  # noqa: ANN401 - as above
        """What decodes frames."""
        return self._session.client_protocol_handler

    @client_protocol_handler.setter
    def client_protocol_handler(self, handler: Any) -> None:  # noqa: ANN401 - as above
        self._session.client_protocol_handler = handler


def build(ctx: Any) -> dict[str, Callable[[], object]]:  # noqa: ANN401 - the yardstick's own
    """Return the operations over the session of a measurement."""
    decodes = hasattr(ctx.session, "client_protocol_handler")
    init_coodie(session=(WireSession if decodes else Session)(ctx.session), codec=decodes)
    item = Item(**values(0))
    twenty = [Item(**values(number)) for number in range(_BATCH)]
    given = values(0)
    key = {"tenant_id": _TENANT, "item_id": 1_000_000}

    def change_and_save() -> None:
        item.price, item.quantity = 21.5, 7
        item.save()

    def batch() -> None:
        with BatchQuery() as together:
            for each in twenty:
                each.save(batch=together)

    def chain() -> Any:  # noqa: ANN401 - a query
        return Item.find(tenant_id=_TENANT).filter(item_id__gte=1_000_000).order_by("-item_id").limit(20)

    def found() -> object:
        return Item.find(tenant_id=_TENANT).all()

    return {
        "build": lambda: Item(**given),
        "save": item.save,
        "build_save": lambda: Item(**given).save(),
        "mutate2_save": change_and_save,
        "insert_lwt": item.insert,
        "update2": lambda: item.update(price=21.5, quantity=7),
        "get_pk": lambda: Item.get(**key),
        "find_10": found,
        "find_100": found,
        "find_1000": found,
        "chain_build": chain,
        "chain_exec": lambda: chain().all(),
        "count": lambda: Item.find(tenant_id=_TENANT).count(),
        "batch20": batch,
        "delete": item.delete,
    }
