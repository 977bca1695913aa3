"""What an import costs, beside pydantic's: each in a fresh process, in turn, the bytecode cached.

Claimed: what builds statements on rows costs at most half of `import pydantic`; the mapper beyond pydantic at most as
much again. Both packages load a name's module when it is asked for, so the names that programs use are imported here.
"""

from __future__ import annotations

import os
import subprocess
import sys
from statistics import median

from benchmarks.timing import judge

ROUNDS = 15
BUILDER_CLAIM, MAPPER_CLAIM = 0.5, 1.0
PROGRAM = """
import sys, time
began = time.perf_counter()
{statement}
print(time.perf_counter() - began)
"""
STATEMENTS = {
    "pydantic": "import pydantic; pydantic.BaseModel",
    "cql_builder": "from cql_builder import col, delete_from, insert_into, select, update",
    "pydantic, then coodie": "import pydantic; pydantic.BaseModel; from coodie import Document, init_coodie",
}


def main() -> bool:
    """Measure, print, and tell whether the claims hold."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    taken: dict[str, list[float]] = {name: [] for name in STATEMENTS}
    for round_ in range(ROUNDS + 1):
        for name, statement in STATEMENTS.items():
            program = PROGRAM.format(statement=statement)
            done = subprocess.run(
                [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
            )
            if round_:
                taken[name].append(float(done.stdout))
    times = {name: median(seconds) for name, seconds in taken.items()}
    for name, seconds in times.items():
        print(f"{name:24}{seconds * 1e3:8.1f} ms")
    builder = judge("cql_builder to pydantic", times["cql_builder"] / times["pydantic"], BUILDER_CLAIM)
    beyond = times["pydantic, then coodie"] - times["pydantic"]
    return judge("coodie beyond pydantic to pydantic", beyond / times["pydantic"], MAPPER_CLAIM) and builder
