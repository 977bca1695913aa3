"""Which process this is: what acsylla's threads serve is of no use in a forked child, which has none of them."""

from __future__ import annotations

import gc
import os


class Process:
    """This process.

    Attributes:
        number: its number, looked up again in a forked child alone.
    """

    number = os.getpid()

    @classmethod
    def forked(cls) -> None:
        """Take note that this is a forked child now."""
        cls.number = os.getpid()
        gc.freeze()  # among what waits to be collected may be sessions of the parent, which have ended: see `Session`


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=Process.forked)
