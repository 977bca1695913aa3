"""From an installation and an address to a started node: its files are written, its process is started."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coodie_drivers.testing.local.access import Access
from coodie_drivers.testing.local.configuration import NodeFiles, NodeSettings, kept_name, write_configuration
from coodie_drivers.testing.local.process import NodePlan, NodeProcess

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie_drivers.testing.certificates import Identity
    from coodie_drivers.testing.local.addresses import Address
    from coodie_drivers.testing.local.entries import Entry
    from coodie_drivers.testing.local.installation import Installation


@dataclass(frozen=True)
class Launch:
    """How one node is to be started.

    Attributes:
        installation: what it runs on.
        address: where it listens.
        files: where its files lie.
        durable: whether what it acknowledged is on the disk.
        flags: the flags of Java beyond the required ones.
        grace: how many seconds it has to end by itself; 0 kills it at once.
        number: which of its cluster's nodes it is.
        seeds: the nodes by which it finds the others.
        token: where its part of the ring ends.
        access: how clients get in.
    """

    installation: Installation
    address: Address
    files: NodeFiles
    durable: bool
    flags: list[str]
    grace: float = 0.0
    number: int = 0
    seeds: Sequence[Address] = ()
    token: int = 0
    access: Access = field(default_factory=Access)


def launched(launch: Launch, entry: Entry, shown: Identity | None = None) -> NodeProcess:
    """The node of `launch` as a started process that belongs to `entry`; it does not answer yet.

    Args:
        launch: how it is to be started.
        entry: the entry of its cluster.
        shown: what it shows to clients, where it speaks TLS.
    """
    # Data is bound to the name of the cluster that wrote it: a node refuses that of another one.
    name = kept_name(launch.files) or f"coodie-{entry.name}"
    settings = NodeSettings(
        cluster_name=name,
        address=launch.address,
        durable=launch.durable,
        switches=launch.installation.release.switches,
        seeds=launch.seeds,
        token=launch.token,
        access=launch.access.settings(launch.files.home, shown),
    )
    write_configuration(launch.files, settings)
    plan = NodePlan(
        command=launch.installation.command(launch.files, launch.flags),
        files=launch.files,
        address=launch.address,
        cluster_name=name,
        version=launch.installation.version,
        grace=launch.grace,
        jars=launch.installation.jars.place,
        number=launch.number,
        access=launch.access,
    )
    return NodeProcess(plan, entry)
