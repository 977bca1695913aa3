"""The driver that connects on first use, under the documented import path."""

from __future__ import annotations

from coodie_drivers import LazyDriver

__all__ = ["LazyDriver"]
