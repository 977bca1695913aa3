"""How fast statements are parsed, beside sqlglot, which reads most of CQL as if it were SQL.

Both parse all statements of a corpus that both accept, one text at a time, in turn. Claimed: at least five times
sqlglot's rate, and at least 8,000 statements a second on one core.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path

from benchmarks.timing import judge, seconds_each

from cql_builder import parse_cql
from cql_builder.errors import CqlSyntaxError

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "cql_statements.jsonl"
RATIO_CLAIM, RATE_CLAIM = 0.2, 8000


def main() -> bool:
    """Measure, print, and tell whether the claims hold."""
    if not CORPUS.exists():
        print(f"not measured: the corpus is not at ../shared/corpus/{CORPUS.name}, beside the project")
        return True
    import sqlglot  # noqa: PLC0415 - the other measurements do without it
    from sqlglot.errors import SqlglotError  # noqa: PLC0415
    from sqlglot.expressions import Command  # noqa: PLC0415

    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)

    texts: list[str] = []
    for line in CORPUS.read_text(encoding="utf-8").splitlines():
        text = json.loads(line)["cql"]
        try:
            parse_cql(text)
            # What sqlglot does not understand it keeps as a text and calls a command.
            if isinstance(sqlglot.parse_one(text), Command):
                continue
        except (CqlSyntaxError, SqlglotError):
            continue
        texts.append(text)

    def theirs() -> None:
        for text in texts:
            sqlglot.parse_one(text)

    def ours() -> None:
        for text in texts:
            parse_cql(text)

    times = seconds_each({"sqlglot": theirs, "cql_builder": ours}, repeats=1)
    for name, seconds in times.items():
        print(f"{name:12}{len(texts) / seconds:10,.0f} statements a second ({len(texts)} of the corpus)")
    fast = judge("time to sqlglot's", times["cql_builder"] / times["sqlglot"], RATIO_CLAIM)
    return judge("time to what is claimed", times["cql_builder"] * RATE_CLAIM / len(texts), 1) and fast
