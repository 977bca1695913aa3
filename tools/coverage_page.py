"""Writes `docs/reference/coverage.md` from reports of pytest; `./dev test --coverage-page` calls it when all passed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from documented.page import NOT_SHOWN, Evidence, page

PAGE = "docs/reference/coverage.md"


def main() -> int:
    """Run the command line; return 1 when a feature was not shown with an adapter, and no reason was given."""
    parser = argparse.ArgumentParser(description="Write the page of documented features from reports of pytest.")
    parser.add_argument("reports", type=Path, nargs="+", help="in the form of JUnit")
    parser.add_argument("--file", type=Path, default=Path(__file__).resolve().parent.parent / PAGE)
    options = parser.parse_args()
    evidence = Evidence()
    for report in options.reports:
        evidence.read(report)
    written = page(evidence)
    options.file.write_text(written, "utf-8")
    print(f"wrote {PAGE}")
    lacking = [line.split("|")[1].strip() for line in written.splitlines() if f"| {NOT_SHOWN} |" in line]
    for feature in dict.fromkeys(lacking):
        print(f"{NOT_SHOWN} with every adapter: {feature}", file=sys.stderr)
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
