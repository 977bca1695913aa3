"""From an installation and an address to a started node: its files are written, its process is started."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coodie_drivers.testing.local.configuration import NodeFiles, kept_name, write_configuration
from coodie_drivers.testing.local.process import NodePlan, NodeProcess

if TYPE_CHECKING:
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
    """

    installation: Installation
    address: Address
    files: NodeFiles
    durable: bool
    flags: list[str]
    grace: float = 0.0


def launched(launch: Launch, entry: Entry) -> NodeProcess:
    """The node of `launch` as a started process that belongs to `entry`; it does not answer yet."""
    # Data is bound to the name of the cluster that wrote it: a node refuses that of another one.
    name = kept_name(launch.files) or f"coodie-{entry.name}"
    write_configuration(launch.files, name, launch.address, durable=launch.durable)
    plan = NodePlan(
        command=launch.installation.command(launch.files, launch.flags),
        files=launch.files,
        address=launch.address,
        cluster_name=name,
        version=launch.installation.version,
        grace=launch.grace,
        jars=launch.installation.jars.place,
    )
    return NodeProcess(plan, entry)
