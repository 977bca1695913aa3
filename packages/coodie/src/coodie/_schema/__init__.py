"""What a model's annotations say about its table, read once per class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coodie._deferred import deferring

if not TYPE_CHECKING:
    # Needed when the first model is defined.
    __getattr__ = deferring(
        __name__,
        "build",
        "columns",
        "declared",
        "families",
        "settings",
    )
