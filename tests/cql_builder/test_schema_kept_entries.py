"""Entries of options that nobody wants otherwise stay where options are kept, also where others of their map change."""

from __future__ import annotations

import pytest

from cql_builder.schema import apply, diff_schema, schema_from_cql

TABLE = "CREATE TABLE t (id int PRIMARY KEY);"
LEVELED = "'class': 'LeveledCompactionStrategy'"


@pytest.mark.parametrize(
    ("option", "there", "wanted", "said"),
    [
        (
            "compaction",
            f"{{{LEVELED}, 'max_threshold': '32', 'sstable_size_in_mb': '80', 'log_all': 'true'}}",
            f"{{{LEVELED}, 'log_all': 'false', 'tombstone_threshold': '0.5'}}",
            f"{{{LEVELED}, 'log_all': 'false', 'tombstone_threshold': '0.5', 'sstable_size_in_mb': '80'}}",
        ),
        (
            "compaction",
            "{'class': 'LeveledCompactionStrategy', 'enabled': 'false', 'sstable_size_in_mb': '80'}",
            "{'class': 'org.apache.cassandra.db.compaction.LeveledCompactionStrategy'}",
            "{'class': 'org.apache.cassandra.db.compaction.LeveledCompactionStrategy', 'sstable_size_in_mb': '80'}",
        ),
        (
            "compaction",
            f"{{{LEVELED}, 'sstable_size_in_mb': '80', 'log_all': 'true'}}",
            "{'class': 'SizeTieredCompactionStrategy'}",
            "{'class': 'SizeTieredCompactionStrategy'}",
        ),
        (
            "compression",
            "{'class': 'ZstdCompressor', 'chunk_length_in_kb': '64', 'compression_level': '5'}",
            "{'sstable_compression': 'ZstdCompressor', 'chunk_length_kb': 32}",
            "{'sstable_compression': 'ZstdCompressor', 'chunk_length_kb': 32, 'compression_level': '5'}",
        ),
        (
            "compression",
            "{'class': 'ZstdCompressor', 'compression_level': '5'}",
            "{'enabled': 'false'}",
            "{'enabled': 'false'}",
        ),
        (
            "caching",
            "{'keys': 'ALL', 'rows_per_partition': 'NONE'}",
            "{'rows_per_partition': '10'}",
            "{'rows_per_partition': '10', 'keys': 'ALL'}",
        ),
    ],
)
def test_entries_that_are_kept_are_said_beside_those_that_change(
    option: str, there: str, wanted: str, said: str
) -> None:
    before, after = [schema_from_cql(TABLE[:-1] + f" WITH {option} = {given}", "ks") for given in (there, wanted)]
    (step,) = diff_schema(before, after, keep_options=True)
    assert step.cql == f"ALTER TABLE ks.t WITH {option} = {said}"
    changed = apply(before, [step])
    assert changed is not None
    assert diff_schema(changed, after, keep_options=True) == ()
    assert diff_schema(before, after)[-1].cql == f"ALTER TABLE ks.t WITH {option} = {wanted}"


def test_a_change_that_keeps_what_was_unsafe_is_none() -> None:
    careful = f"{{{LEVELED}, 'only_purge_repaired_tombstones': 'true'}}"
    before = schema_from_cql(TABLE[:-1] + f" WITH compaction = {careful}", "ks")
    after = schema_from_cql(TABLE[:-1] + f" WITH compaction = {{{LEVELED}, 'sstable_size_in_mb': '80'}}", "ks")
    assert [step.safety for step in diff_schema(before, after)] == ["destructive"]
    assert [step.safety for step in diff_schema(before, after, keep_options=True)] == ["rewrite"]
