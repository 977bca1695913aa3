"""`python -m coodie_drivers.testing`: a node from the command line."""

from __future__ import annotations

import sys

from coodie_drivers.testing.command import main

if __name__ == "__main__":
    sys.exit(main())
