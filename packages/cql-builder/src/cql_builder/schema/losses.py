"""What a change of options, replication or masks can lose: how safe it is, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cql_builder.ast.names import FunctionName
from cql_builder.builder.literals import is_mapping
from cql_builder.schema.meanings import mask_function
from cql_builder.schema.options import normal_replication

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cql_builder.ast.tables import Mask
    from cql_builder.schema.steps import Safety


class Loss(NamedTuple):
    """How safe a change is, and what it loses or takes; no sentence where there is nothing to say."""

    safety: Safety
    reason: str = ""


HARMLESS = frozenset(
    {
        "additional_write_policy",
        "bloom_filter_fp_chance",
        "caching",
        "comment",
        "dclocal_read_repair_chance",
        "max_index_interval",
        "memtable_flush_period_in_ms",
        "min_index_interval",
        "read_repair_chance",
        "speculative_retry",
    }
)
"""Options that change how fast a table is, or what is said about it, and nothing else."""

_SWITCHED_OFF = {
    "allow_auto_snapshot": "a dropped or emptied table leaves no snapshot any more",
    "cdc": "what is written from now on is missing for whoever reads the change log",
    "incremental_backups": "what is written from now on is missing in the backups",
}
_LOWERED = {
    "crc_check_chance": "broken data may be read as if it were not",
    "gc_grace_seconds": "what was deleted may come back where a node missed the deletion; finish a repair before",
}
_UNCHECKED = "deleted rows may come back"
_HIDING = frozenset({FunctionName("mask_default", "system"), FunctionName("mask_null", "system")})


def option_loss(name: str, before: object, after: object) -> Loss:  # noqa: PLR0911 - one for each kind of option
    """Return how safe it is to change an option of a table, from one value to another as both are meant.

    What is not known here counts as destructive.

    >>> option_loss("gc_grace_seconds", 864000, 0).safety, option_loss("gc_grace_seconds", 0, 864000).safety
    ('destructive', 'additive')
    """
    if name in HARMLESS:
        return Loss("additive")
    if name in _SWITCHED_OFF:
        return (
            Loss("additive")
            if after is True or _is_newly_on(before, after)
            else Loss("destructive", _SWITCHED_OFF[name])
        )
    if name in _LOWERED:
        return Loss("destructive", _LOWERED[name]) if _is_lower(after, before) else Loss("additive")
    if name == "default_time_to_live":
        # 0 stands for no end.
        sooner = after != 0 and (before == 0 or _is_lower(after, before))
        return (
            Loss("destructive", "rows written from now on end by themselves, or sooner") if sooner else Loss("additive")
        )
    if name == "read_repair":
        weaker = after != "BLOCKING"
        return Loss("destructive", "a quorum may read older data after newer") if weaker else Loss("additive")
    if name == "compaction":
        return _compaction_loss(before, after)
    if name == "compression":
        return Loss("rewrite")
    if name == "memtable":
        return Loss("rewrite", "all that is in memory is written to files")
    return Loss("destructive", f"what {name!r} keeps safe is not known here")


def replication_loss(before: Mapping[str, object], after: Mapping[str, object]) -> Loss:
    """Return how safe it is to replicate a keyspace otherwise.

    >>> one, other = ({"class": "NetworkTopologyStrategy", "dc1": number} for number in (1, 3))
    >>> replication_loss(one, other).safety, replication_loss(other, one).safety
    ('rewrite', 'destructive')
    """
    there, wanted = normal_replication(before), normal_replication(after)
    if there.pop("class", None) != wanted.pop("class", None):
        reason = (
            "which nodes have what may change, and is not known here: rows may be missing until a repair has moved"
            " them, and are lost where their nodes are cleaned up before"
        )
        return Loss("destructive", f"{reason}; run a full repair before and after, and only then a cleanup")
    fewer = [name for name, factor in there.items() if not _is_covered(factor, wanted.get(name))]
    more = [name for name, factor in wanted.items() if not _is_covered(factor, there.get(name))]
    filling = "a rebuild in a new datacenter, then a full repair; until then, reads may miss rows"
    if not fewer:
        return Loss("rewrite", f"new replicas ({', '.join(more)}) have nothing until they are filled: run {filling}")
    going = f"replicas go away ({', '.join(fewer)}), with what only they have: run a full repair before"
    if not more:
        return Loss("destructive", f"{going}, and a cleanup afterwards")
    coming = f"first add the new ones ({', '.join(more)}) and keep the others: run {filling}"
    return Loss("destructive", f"{going}; {coming}; take replicas away after that")


def mask_loss(before: Mask | None, after: Mask | None, keyspace: str) -> Loss:
    """Return how safe it is to mask a column otherwise.

    >>> from cql_builder.ast import Mask
    >>> mask_loss(None, Mask(), "ks").safety, mask_loss(Mask(), None, "ks").safety
    ('additive', 'destructive')
    """
    if before is None:
        return Loss("additive")
    if after is None:
        return Loss("destructive", "whoever may read the table sees what is in the column")
    if mask_function(after, keyspace) in _HIDING:
        return Loss("additive")
    return Loss("destructive", "another mask may show more of what is in the column")


def _compaction_loss(before: object, after: object) -> Loss:
    if is_mapping(before) and is_mapping(after):
        unsafe, careful = "unsafe_aggressive_sstable_expiration", "only_purge_repaired_tombstones"
        if after.get(unsafe) == "true" != before.get(unsafe) or before.get(careful) == "true" != after.get(careful):
            return Loss("destructive", _UNCHECKED)
    return Loss("rewrite")


def _is_newly_on(before: object, after: object) -> bool:
    """Return whether ScyllaDB's change log, which has several settings, is on and was not."""
    if not is_mapping(after) or after.get("enabled") != "true":
        return False
    return not is_mapping(before) or before.get("enabled") != "true"


def _is_lower(one: object, other: object) -> bool:
    """Return whether a number is below another; what is no number may be."""
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one < other
    return True


def _is_covered(factor: object, other: object) -> bool:
    """Return whether a replication factor is the other one, or less than it."""
    if factor == other:
        return True
    texts = str(factor), "0" if other is None else str(other)
    return all(text.isdecimal() for text in texts) and int(texts[0]) <= int(texts[1])
