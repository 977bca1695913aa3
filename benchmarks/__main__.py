"""Run the measurements behind what the documentation claims: `python -m benchmarks [NAME …]`, all of them by default.

Each measurement is a module of this folder with a `main()` that prints what it found beside what is claimed, and gives
False where a claim does not hold. They compare in one run, so that what else the machine does hits both sides.
"""

from __future__ import annotations

import sys

from benchmarks import (
    acsylla_adapter,
    building,
    codec,
    defining,
    importing,
    mapper_node,
    node_start,
    parsing,
    real_node,
    rust_adapter,
)

MEASUREMENTS = {
    "acsylla_adapter": acsylla_adapter.main,
    "building": building.main,
    "codec": codec.main,
    "defining": defining.main,
    "importing": importing.main,
    "mapper_node": mapper_node.main,
    "parsing": parsing.main,
    "node_start": node_start.main,
    "real_node": real_node.main,
    "rust_adapter": rust_adapter.main,
}


def main(names: list[str]) -> int:
    """Run the named measurements; gives 1 where a claim does not hold, 2 for a name that is none."""
    unknown = [name for name in names if name not in MEASUREMENTS]
    if unknown:
        print(f"no measurement '{unknown[0]}'; there are: {', '.join(MEASUREMENTS)}", file=sys.stderr)
        return 2
    held = True
    for name in names or MEASUREMENTS:
        print(f"== {name}")
        held = MEASUREMENTS[name]() and held
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
