"""What the proxy itself stumbles over."""

from __future__ import annotations

from coodie_drivers.testing.errors import NodeError


class BrokenStreamError(NodeError):
    """One side of a connection sent bytes that are no frames; the proxy cuts that connection."""
