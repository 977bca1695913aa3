"""The Pydantic side: the base class of all models, and how values are taken out of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coodie._deferred import deferring

if not TYPE_CHECKING:
    # Needed when the first model is defined.
    __getattr__ = deferring(
        __name__,
        "families",
        "views",
    )
