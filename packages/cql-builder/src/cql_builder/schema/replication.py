"""How a keyspace is replicated: what two replications mean, and what ALTER KEYSPACE makes of one.

The rules are those of `NetworkTopologyStrategy.prepareOptions` of Cassandra 4.0 to 6.0: the server never keeps
`replication_factor` for that strategy, but writes a factor for each datacenter instead; ALTER KEYSPACE writes it for
those datacenters only that had none before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.schema.options import normal_replication

if TYPE_CHECKING:
    from collections.abc import Mapping

FACTOR = "replication_factor"
"""What stands for all datacenters that are not named."""

_BY_DATACENTER = "NetworkTopologyStrategy"
_NONE = "0"


def replication_meaning(replication: Mapping[str, object]) -> dict[str, object]:
    """Return a replication without what goes without saying: a factor that all have, a datacenter that has none.

    >>> replication_meaning({"class": "NetworkTopologyStrategy", "replication_factor": 3, "a": "3", "b": 0})
    {'b': '0', 'class': 'NetworkTopologyStrategy', 'replication_factor': '3'}
    """
    normal = normal_replication(replication)
    if normal.get("class") != _BY_DATACENTER:
        return normal
    common = normal.get(FACTOR, _NONE)
    return {name: value for name, value in normal.items() if name in {"class", FACTOR} or value != common}


def is_same_replication(actual: Mapping[str, object], desired: Mapping[str, object]) -> bool:
    """Return whether a keyspace is replicated as wanted; a strategy without factors is wanted with those it has.

    >>> there = {"class": "NetworkTopologyStrategy", "a": "3", "b": "3"}
    >>> is_same_replication(there, {"class": "NetworkTopologyStrategy", "replication_factor": 3})
    True
    """
    there, wanted = replication_meaning(actual), replication_meaning(desired)
    if there == wanted:
        return True
    if there.get("class") != wanted.get("class"):
        return False
    if list(wanted) == ["class"]:
        return True
    factors = datacenters(actual)
    if wanted["class"] != _BY_DATACENTER or FACTOR in there or not factors:
        return False
    named = datacenters(desired)
    common = wanted.get(FACTOR, _NONE)
    return all(factors.get(name, _NONE) == named.get(name, common) for name in {*factors, *named})


def datacenters(replication: Mapping[str, object]) -> dict[str, object]:
    """Return the factors of the datacenters that a replication names."""
    normal = normal_replication(replication)
    if normal.get("class") != _BY_DATACENTER:
        return {}
    return {name: value for name, value in normal.items() if name not in {"class", FACTOR}}


def said_to_alter(actual: Mapping[str, object], desired: Mapping[str, object]) -> dict[str, object] | None:
    """Return what ALTER KEYSPACE must say to reach a replication; None where nobody knows the datacenters to name.

    >>> there = {"class": "NetworkTopologyStrategy", "a": "1"}
    >>> said_to_alter(there, {"class": "NetworkTopologyStrategy", "replication_factor": 3})
    {'class': 'NetworkTopologyStrategy', 'replication_factor': 3, 'a': 3}
    """
    there, wanted = normal_replication(actual), normal_replication(desired)
    if FACTOR not in wanted or {there.get("class"), wanted.get("class")} != {_BY_DATACENTER}:
        return dict(desired)
    known = datacenters(actual)
    if there.get(FACTOR, wanted[FACTOR]) != wanted[FACTOR] or not (known or FACTOR in there):
        return None
    return {**desired, **{name: desired[FACTOR] for name in known if name not in desired}}


def altered(before: Mapping[str, object], said: Mapping[str, object]) -> dict[str, object]:
    """Return the replication after ALTER KEYSPACE, or after CREATE KEYSPACE of one that was empty before.

    >>> before = {"class": "NetworkTopologyStrategy", "a": "1"}
    >>> altered(before, {"class": "NetworkTopologyStrategy", "replication_factor": 3})
    {'a': '1', 'class': 'NetworkTopologyStrategy', 'replication_factor': 3}
    """
    there, wanted = normal_replication(before), normal_replication(said)
    if there.get("class") != wanted.get("class"):
        return dict(said)
    if list(wanted) == ["class"]:
        return {**before, **said}
    if wanted["class"] != _BY_DATACENTER or FACTOR not in wanted:
        return dict(said)
    # The datacenters that an earlier factor stands for keep it.
    common = {FACTOR: there[FACTOR]} if FACTOR in there else {}
    return {**datacenters(before), **said, **common}
