"""The contract of all drivers, under the documented import path."""

from __future__ import annotations

from coodie_drivers import AbstractDriver

__all__ = ["AbstractDriver"]
