"""`./dev check`: everything that reads the code without running the tests, side by side."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING

from devtools.environments import ROOT, Environment, program_environ
from devtools.progress import Finished, Progress, run

if TYPE_CHECKING:
    from concurrent.futures import Future

LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"

# Name and arguments of the environment's Python; the slow ones first, so that they begin first.
CHECKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("types, pyright", ("-m", "pyright")),
    ("types, mypy", ("-m", "mypy")),
    ("lint, ruff", ("-m", "ruff", "check", "--quiet", ".")),
    ("format, ruff", ("-m", "ruff", "format", "--check", "--quiet", ".")),
    ("import contracts", ("-c", LINT_IMPORTS, "--no-logo")),
    ("import rules", ("tools/import_rules.py",)),
    ("sizes", ("tools/sizes.py",)),
    ("public docstrings", ("-m", "interrogate", "-vv", "--omit-covered-files", "packages", "tools")),
    ("spelling", ("-m", "codespell_lib")),
    ("generated shells", ("tools/sync_shells.py", "--check")),
    ("public names", ("tools/public_api.py", "--check")),
    ("reference", ("tools/reference.py", "--check")),
    ("pins", ("tools/pins.py", "--check")),
)


def check(environment: Environment) -> int:
    """Run every check, also after one has failed; return 1 when one did."""
    environ = program_environ(environment, PYRIGHT_PYTHON_IGNORE_WARNINGS="1", NO_COLOR="1")
    waiting = [name for name, _ in CHECKS]
    failed: list[tuple[str, Finished]] = []
    with ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 2)) as pool:
        runs: dict[Future[Finished], str] = {
            pool.submit(run, [environment.python, *arguments], ROOT, environ): name for name, arguments in CHECKS
        }
        with Progress(lambda: f"waiting for {', '.join(waiting)}"):
            for future in as_completed(runs):
                name, finished = runs[future], future.result()
                waiting.remove(name)
                print(f"{'FAILED' if finished.status else 'ok':6}  {name:18} {finished.seconds:6.1f} s", flush=True)
                if finished.status:
                    failed.append((name, finished))
    for name, finished in failed:
        print(f"\n--- {name}\n{finished.output.strip()}")
    if failed:
        print(f"\n{len(failed)} of {len(CHECKS)} checks failed: {', '.join(name for name, _ in failed)}")
        print("→ mend what stands above; `./dev python -m ruff check --fix` and `… ruff format` do the mechanical part")
        return 1
    print(f"all {len(CHECKS)} checks passed")
    return 0
