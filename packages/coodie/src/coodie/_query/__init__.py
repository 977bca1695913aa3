"""State → Request: what was asked for becomes CQL, once per shape, and values in its order on every call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coodie._deferred import deferring

if not TYPE_CHECKING:
    # Nobody who only defines models needs these.
    __getattr__ = deferring(
        __name__,
        "casting",
        "choosing",
        "explaining",
        "forms",
        "keywords",
        "nearest",
        "showing",
        "target",
    )
