"""Bounds that servers set, for whoever has to know them before there is a statement."""

from __future__ import annotations

MAX_TTL = 20 * 365 * 24 * 60 * 60
"""The longest time to live in seconds, 20 years (`Attributes.MAX_TTL` in Cassandra)."""
