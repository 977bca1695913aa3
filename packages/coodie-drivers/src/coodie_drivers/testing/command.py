"""The command line: `start`, `stop` and look at a node that is served, or `run` a program against one of its own."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
from typing import TYPE_CHECKING

from coodie_drivers.errors import CoodieError
from coodie_drivers.testing import serving
from coodie_drivers.testing.errors import SourceMissingError
from coodie_drivers.testing.local.access import SUPERUSER
from coodie_drivers.testing.local.addresses import CQL_PORT, LOOPBACK, PORTS
from coodie_drivers.testing.local.entries import Facts, running_clusters
from coodie_drivers.testing.local.releases import DEFAULT_VERSION, RELEASES, find_release
from coodie_drivers.testing.local.wishes import MOST_NODES
from coodie_drivers.testing.programs import run_to_end
from coodie_drivers.testing.progress import answer, say
from coodie_drivers.testing.sources import HOSTS_VARIABLE, cluster_for_tests

if TYPE_CHECKING:
    from collections.abc import Sequence

_VERSIONS = f"the Cassandra version, one of {' or '.join(RELEASES)}"
FAILED, NO_SOURCE, NOT_RUN, INTERRUPTED = 1, 3, 127, 130


def main(arguments: Sequence[str] | None = None, *, program: str = "python -m coodie_drivers.testing") -> int:
    """Run one command; gives the exit code.

    It is 0, or 1 for a failure, 3 where there is nothing to start a node with, 130 after Ctrl-C; with `run` it is
    that of the program.

    Args:
        arguments: the command and its options; by default those of this process.
        program: the name under which it was called, for the help and for refusals.
    """
    wanted = _parser(program).parse_args(arguments)
    try:
        return int(wanted.command(wanted))
    except SourceMissingError as error:
        say(str(error))
        return NO_SOURCE
    except CoodieError as error:
        say(str(error))
        return FAILED
    except KeyboardInterrupt:
        say("interrupted")
        return INTERRUPTED


def _start(wanted: argparse.Namespace) -> int:
    version = find_release(wanted.version)[1]
    served = Facts(
        wanted.host, wanted.port, version, wanted.durable, nodes=wanted.nodes, tls=wanted.tls, auth=wanted.auth
    )
    if not serving.serve(served):
        say("it runs already")
    certificates = serving.served_certificates(wanted.host, wanted.port)
    if certificates is not None:
        say(f"certificates: {certificates} (trust authority.pem; show client.pem with client.key)")
    if served.auth:
        say(f"login: {' with the password '.join(SUPERUSER)}")
    answer(",".join(f"{host}:{served.port}" for host in served.hosts))
    return 0


def _stop(wanted: argparse.Namespace) -> int:
    if not serving.stop_serving(wanted.host, wanted.port):
        say(f"no node is served at {wanted.host}:{wanted.port}")
    return 0


def _status(_wanted: argparse.Namespace) -> int:
    running = running_clusters()
    for cluster in running:
        facts = cluster.facts
        kept = "durable" if facts.durable else "not durable"
        owner = "served until it is stopped" if facts.detached else "ends with the process that started it"
        where = ",".join(f"{host}:{facts.port}" for host in facts.hosts)
        answer(f"{where}  {facts}  {kept}  {owner}  {cluster.home}")
    if not running:
        say("no node runs")
    return 0 if running else FAILED


def _logs(wanted: argparse.Namespace) -> int:
    log = serving.served_log(wanted.host, wanted.port)
    answer("\n".join(log.text.splitlines()[-wanted.lines :]))
    if not log.is_running:
        gone = "no node runs there any more, and nobody stopped it; this is its last log"
        say(f"{wanted.host}:{wanted.port}: {gone}")
    return 0


def _run(wanted: argparse.Namespace) -> int:
    program = wanted.program[1:] if wanted.program[:1] == ["--"] else wanted.program
    if program and shutil.which(program[0]) is None:
        say(f"'{program[0]}' could not be run: it is not there, or not executable; no node was started")
        return NOT_RUN
    with cluster_for_tests(wanted.version) as cluster:
        say(str(cluster))
        if not program:
            answer(f"{cluster.hosts[0]}:{cluster.port}")
            return _wait_for_interrupt()
        addresses = ",".join(
            f"[{host}]:{cluster.port}" if ":" in host else f"{host}:{cluster.port}" for host in cluster.hosts
        )
        environment = os.environ | {HOSTS_VARIABLE: addresses}
        try:
            return run_to_end(program, environment)
        except OSError as error:
            say(f"'{program[0]}' could not be run: {error.strerror}")
            return NOT_RUN


def _wait_for_interrupt() -> int:
    say("Ctrl-C ends it")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        signal.pause()
    except KeyboardInterrupt:
        say("")
    return 0


def _port(text: str) -> int:
    if text.isdecimal() and int(text) in PORTS:
        return int(text)
    message = f"'{text}' is no port; a port is a whole number from {PORTS.start} to {PORTS.stop - 1}"
    raise argparse.ArgumentTypeError(message)


def _add_start_options(start: argparse.ArgumentParser) -> None:
    start.add_argument("--version", default=DEFAULT_VERSION, help=f"{_VERSIONS} (default: %(default)s)")
    start.add_argument("--durable", action="store_true", help="keep the data over stop and start, and over crashes")
    counts = range(1, MOST_NODES + 1)
    start.add_argument(
        "--nodes", type=int, choices=counts, default=1, help="how many, at this address and those that follow it"
    )
    start.add_argument(
        "--tls",
        nargs="?",
        choices=("server", "mutual"),
        const="server",
        default="",
        help="take encrypted connections alone; with `mutual`, from clients with a certificate",
    )
    start.add_argument("--auth", action="store_true", help=f"ask for a login ({'/'.join(SUPERUSER)})")
    start.set_defaults(command=_start)


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=program, description="A Cassandra node for development and tests.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    address = argparse.ArgumentParser(add_help=False)
    address.add_argument("--host", default=LOOPBACK, help="the address (default: %(default)s)")
    address.add_argument("--port", type=_port, default=CQL_PORT, help="the port for clients (default: %(default)s)")

    start = commands.add_parser(
        "start", parents=[address], help="serve a cluster in the background and print its address"
    )
    _add_start_options(start)
    stop = commands.add_parser("stop", parents=[address], help="end a cluster that is served")
    stop.set_defaults(command=_stop)
    status = commands.add_parser("status", help="list what runs; exit code 1 when nothing does")
    status.set_defaults(command=_status)
    logs = commands.add_parser(
        "logs", parents=[address], help="print the last lines of the log of a node that is served, or that crashed"
    )
    logs.add_argument("--lines", type=int, default=100, help="how many (default: %(default)s)")
    logs.set_defaults(command=_logs)
    run = commands.add_parser(
        "run",
        help=f"run a program with {HOSTS_VARIABLE} set to a node of its own; without a program, have one until Ctrl-C",
    )
    run.add_argument("--version", default=None, help=f"{_VERSIONS} (default: {DEFAULT_VERSION})")
    run.add_argument(
        "program",
        nargs=argparse.REMAINDER,
        help="the program and its arguments; without it, the node is there until Ctrl-C",
    )
    run.set_defaults(command=_run)
    return parser
