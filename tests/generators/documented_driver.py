"""A driver that somebody else wrote against the documented contract, without its base class: what all of them share."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, cast

from coodie_drivers import AbstractDriver, register_driver, unregister_driver

if TYPE_CHECKING:
    from collections.abc import Generator


class DocumentedDriver:
    """Has what the contract demands; what it answers is for those derived from it to say."""

    default_keyspace = "ks"

    def execute(self, stmt: str, params: list[Any], *_: Any, **__: Any) -> list[dict[str, Any]]:
        raise NotImplementedError

    async def execute_async(self, stmt: str, params: list[Any], *_: Any, **__: Any) -> list[dict[str, Any]]:
        return self.execute(stmt, params)

    def sync_table(self, *_: Any, **__: Any) -> list[str]:
        return []

    async def sync_table_async(self, *_: Any, **__: Any) -> list[str]:
        return []

    def close(self) -> None: ...

    async def close_async(self) -> None: ...


D = TypeVar("D", bound=DocumentedDriver)


@contextmanager
def as_default(driver: D) -> Generator[D]:
    """The default connection, for a while."""
    register_driver("documented", cast("AbstractDriver", driver), default=True)
    yield driver
    unregister_driver("documented")
