"""The drivers, under the documented import path; they are a package of their own, `coodie_drivers`."""

from __future__ import annotations

from coodie_drivers import (
    AbstractDriver,
    LazyDriver,
    get_driver,
    init_coodie,
    init_coodie_async,
    register_driver,
    set_default,
    unregister_driver,
)

__all__ = [
    "AbstractDriver",
    "LazyDriver",
    "get_driver",
    "init_coodie",
    "init_coodie_async",
    "register_driver",
    "set_default",
    "unregister_driver",
]
