"""The flags of the Java that runs a node: those it does not start without, and those that make it quick and small."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from coodie_drivers.testing.local.releases import Release

# Cassandra reaches into these packages of Java; without the exports it dies at start. The list is the one of
# `conf/jvm17-server.options` in Cassandra's own distribution, and does for Java 21 as well.
_EXPORTED = {
    "java.base": ("jdk.internal.misc", "jdk.internal.ref", "sun.nio.ch", "java.lang.ref"),
    "java.management.rmi": ("com.sun.jmx.remote.internal.rmi",),
    "java.rmi": ("sun.rmi.registry", "sun.rmi.server", "sun.rmi.transport", "sun.rmi.transport.tcp"),
    "java.sql": ("java.sql",),
    "jdk.unsupported": ("sun.misc",),
}
_OPENED = {
    "java.base": (
        "java.lang",
        "java.lang.module",
        "java.lang.reflect",
        "java.io",
        "java.nio",
        "java.util",
        "java.util.concurrent",
        "java.util.concurrent.atomic",
        "jdk.internal.loader",
        "jdk.internal.math",
        "jdk.internal.misc",
        "jdk.internal.module",
        "jdk.internal.ref",
        "jdk.internal.reflect",
        "jdk.internal.util.jar",
        "sun.nio.ch",
        "sun.security.x509",
    ),
    "jdk.management": ("com.sun.management.internal",),
}
_JAVA_WITHOUT_SECURITY_MANAGER = 18


def required_flags(java_major: int) -> list[str]:
    """The flags without which Cassandra does not start on this Java."""
    flags = [f"--add-exports={module}/{name}=ALL-UNNAMED" for module, names in _EXPORTED.items() for name in names]
    flags += [f"--add-opens={module}/{name}=ALL-UNNAMED" for module, names in _OPENED.items() for name in names]
    flags.append("-Djdk.attach.allowAttachSelf=true")
    if java_major >= _JAVA_WITHOUT_SECURITY_MANAGER:
        # From Java 18 on a program may no longer install one unless it is told so (JEP 411); user functions need it.
        flags.append("-Djava.security.manager=allow")
    return flags


def agent_flags(agent: Path) -> list[str]:
    """The flags that load the Java agent by which Cassandra 4.1 measures objects; without it, 4.1 dies at start."""
    # Java makes and takes a class-data archive beside an agent only where it is told so.
    archiving = ["-XX:+UnlockDiagnosticVMOptions", "-XX:+AllowArchivingWithJavaAgent"]
    return [f"-javaagent:{agent}", *archiving]


def waiting_flags() -> list[str]:
    """The flags that spare a node of a test the waits for other nodes that are not there."""
    return [
        "-Dcassandra.skip_wait_for_gossip_to_settle=0",
        "-Dcassandra.ring_delay_ms=0",
        "-Dcassandra.superuser_setup_delay_ms=0",
        "-Dcassandra.shutdown_announce_in_ms=0",
    ]


def company_flags(nodes: int) -> list[str]:
    """The flags that a node needs beyond those of a single one, for it is not alone; they come behind the others."""
    if nodes == 1:
        return []
    return [
        # A node whose token is not known yet is forgotten after this time: at once, if it is 0.
        "-Dcassandra.ring_delay_ms=5000",
        # Where the others do not answer yet, the set-up of the first user is tried again after this time: without a
        # pause, a node is so busy with it that it does not find the others.
        "-Dcassandra.superuser_setup_delay_ms=500",
    ]


def quick_flags(release: Release) -> list[str]:
    """The flags that make a node start early, answer schema statements early, and stay small."""
    return [
        # The second compiler pays only after minutes; without it the start takes two thirds of the work.
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        # Cassandra locks its memory where it may, so what the heap starts with is what the node occupies. It grows with
        # the tables: the tests of this project, with thousands, need 400 MB.
        "-Xms64m",
        "-Xmx1g",
        "-Xss512k",
        "-XX:-UsePerfData",
        # Nobody asks a node of a test by JMX, where each table would have two hundred names: a sixth of its making.
        "-Dorg.apache.cassandra.disable_mbean_registration=true",
        "-Djava.net.preferIPv4Stack=true",
        f"-Dcassandra.memtable.row_overhead_size={release.row_overhead}",
        "-Dcassandra.auth_bcrypt_gensalt_log2_rounds=4",
        *waiting_flags(),
    ]


def careless_flags() -> list[str]:
    """The flags of a node that need not survive its machine.

    Changes of the schema stay off the disk (5 to 10 times quicker), and what is written there, whenever a table is
    emptied or dropped, is not waited for: a sixth of the processor's time of such a statement.
    """
    return ["-Dcassandra.unsafesystem=true", "-Dcassandra.skip_sync=true"]
