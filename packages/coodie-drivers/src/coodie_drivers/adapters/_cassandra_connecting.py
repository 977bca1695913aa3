"""Connecting and adopting sessions with the package `cassandra`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters._cassandra_balancing import keep_orders_apart
from coodie_drivers.adapters._cassandra_core import CassandraDriver
from coodie_drivers.adapters._cassandra_errors import reason_of
from coodie_drivers.adapters._cassandra_exit import close_at_exit, give_up_at_exit
from coodie_drivers.adapters._cassandra_library import (
    application_info,
    cluster,
    connection,
    errors,
    policies,
    query,
)
from coodie_drivers.adapters._cassandra_logins import Logins, logging_in, logins_of
from coodie_drivers.adapters._cassandra_names import verify_names
from coodie_drivers.adapters._cassandra_options import check_options, check_policy, taken_by_library
from coodie_drivers.adapters._cassandra_reaching import GivenUpError, Reach, abandonable
from coodie_drivers.adapters._cassandra_replies import reading_handler, reads_fast
from coodie_drivers.adapters._cassandra_room import telling
from coodie_drivers.adapters._cassandra_timers import sharing_timers
from coodie_drivers.adapters._cassandra_unreachable import Stated, is_final, is_unopened, unresolved
from coodie_drivers.adapters._cassandra_unreadable import surviving_preparing
from coodie_drivers.blocking import in_thread
from coodie_drivers.config import check_datacenter
from coodie_drivers.errors import ClusterUnavailableError, ConfigurationError, CoodieError, DriverErrorFacts
from coodie_drivers.reaching import NOT_RESOLVED, check_descriptors

if TYPE_CHECKING:
    from collections.abc import Collection

    from coodie_drivers.config import ConnectionConfig, Host

_SET_HERE: Final = frozenset(
    {
        "self",
        "application_info",
        "cloud",
        "compression",
        "connect_timeout",
        "contact_points",
        "execution_profiles",
        "port",
        "scylla_cloud",
        "ssl_context",
        "ssl_options",
    }
)
"""Arguments of the library's `Cluster` that follow from the connection's record, or would contradict it."""


_RECONNECTING: Final = (0.02, 2.0)
"""Seconds before the library connects anew, at first and at most.

With its own one second a cluster of one node answers nothing for as long after each connection that breaks, and with
its own ten minutes a node that was away for long is back that much too late.
"""

_LONGS: Final = 2**64
"""How many numbers the eight bytes of a timestamp can tell apart."""

_DESCRIPTORS: Final = 3
"""File descriptors without which the library cannot connect; libev, which it may use, then ends the process."""

_NOTHING_SENT: Final[DriverErrorFacts] = {"outcome": "not_applied", "retryable": True, "attempts": 0}


def option_names() -> Collection[str]:
    """Return the names of `Cluster`'s arguments that users may give to `init_coodie`."""
    return frozenset(taken_by_library()) - _SET_HERE


def recognizes(session: object) -> bool:
    """Return whether this is, or behaves as, a session of the library."""
    return all(hasattr(session, name) for name in ("execute_async", "prepare", "cluster"))


def adopt(session: Any, default_keyspace: str | None, *, codec: bool = False) -> CassandraDriver:
    """Return a driver over a session that belongs to somebody else.

    With `codec` the session's protocol handler is replaced, once. Whoever else uses the session gets the rows that the
    library would have made, and made by it.

    Raises:
        ConfigurationError: if the session has a protocol handler of its own, that reads rows in a way of its own.
    """
    if codec and not reads_fast(session.client_protocol_handler):
        handler = reading_handler(session.client_protocol_handler)
        if not reads_fast(handler):
            raise ConfigurationError(
                "codec=True needs a session with the library's usual client_protocol_handler, compiled, and without "
                "column encryption: leave codec out"
            )
        session.client_protocol_handler = handler
    return CassandraDriver(session, default_keyspace, codec=codec)


def connect(config: ConnectionConfig) -> CassandraDriver:
    """Connect and return a driver; when connecting fails, nothing stays open.

    Raises:
        ClusterUnavailableError: if no host could be reached within `connect_timeout`; says for each one why.
        ConfigurationError: if the library refuses an argument.
    """
    return _reached(config, _way(config))


def _way(config: ConnectionConfig) -> Reach:
    return Reach(config.connect_timeout)


def _reached(config: ConnectionConfig, reach: Reach) -> CassandraDriver:
    give_up_at_exit(reach)
    driver = reach.result_of(lambda: _opened(config, reach), CassandraDriver.close)
    if driver is None:
        raise _unavailable(config, reach)
    return driver


def _opened(config: ConnectionConfig, reach: Reach) -> CassandraDriver:
    check_descriptors(config.hosts, _DESCRIPTORS)
    opened = _cluster(config)
    keep_orders_apart(opened)
    try:
        if config.ssl_context is not None and config.ssl_context.check_hostname:
            verify_names(opened, config.hosts)
        reach.lead(opened)
        session = opened.connect()
        session.default_fetch_size = config.fetch_size
        # What is prepared has this limit, whatever the execution profile says, and the public name refuses to be set.
        session._default_timeout = config.request_timeout  # noqa: SLF001 - the same in both libraries
        session.client_protocol_handler = reading_handler(session.client_protocol_handler)
        session.add_request_init_listener(_stamp_batch)
        session.submit = _never_dropping(session.submit)
        reach.arrived()
    except GivenUpError:
        opened.shutdown()
        raise _unavailable(config, reach, unresolved(config.hosts)) from None
    except BaseException as error:
        known = _datacenters_of(opened)
        opened.shutdown()
        if isinstance(error, cluster.NoHostAvailable):
            check_datacenter(config.datacenter, known)
        if isinstance(error, Exception):
            raise _translated(error, config, reach) from error
        raise
    close_at_exit(opened)
    return CassandraDriver(
        session, config.keyspace, owns_session=True, codec=True, connect_anew=lambda: connect(config)
    )


def _translated(error: Exception, config: ConnectionConfig, reach: Reach) -> CoodieError:
    if isinstance(error, cluster.NoHostAvailable):
        return _unavailable(config, reach, unresolved(config.hosts), error)
    if isinstance(error, errors.DriverException):
        return ClusterUnavailableError({str(host): reason_of(error) for host in config.hosts}, **_NOTHING_SENT)
    return ConfigurationError(f"the client library cannot use an argument: {type(error).__name__}: {error}")


def _unavailable(
    config: ConnectionConfig, reach: Reach, unknown: Collection[Host] = (), told: Any = None
) -> ClusterUnavailableError:
    """Return the error that says of each host why it could not be used."""
    found: dict[str, BaseException | None] = reach.failures()
    for failure in found.values():
        if isinstance(failure, ConfigurationError):  # what a function for credentials raised
            raise failure
    listed: Any = getattr(told, "errors", None)
    if hasattr(listed, "items"):  # it is a list of addresses when only the pools could not be filled
        found.update({host: error for host, error in listed.items() if found.get(host) is None})
    version = config.options.get("protocol_version")
    stated = Stated(reach.seconds, encrypted=config.ssl_context is not None, login=_logs_in(config), version=version)
    late = config.late_login()  # while it is awaited, the library opens no connection
    reasons = {host: late if late and is_unopened(error) else stated.reason(error) for host, error in found.items()}
    if not found:
        reasons = {str(host): f"the name was not resolved within {reach.seconds:g} s" for host in config.hosts}
    reasons.update({str(host): NOT_RESOLVED for host in unknown})
    facts = _NOTHING_SENT.copy()
    facts["retryable"] = not found or not all(is_final(error) for error in found.values())
    return ClusterUnavailableError(reasons, **facts)


def _datacenters_of(opened: Any) -> set[str]:
    return {host.datacenter for host in opened.metadata.all_hosts() if host.datacenter}


def _logs_in(config: ConnectionConfig) -> bool:
    return config.username is not None or config.credentials is not None or "auth_provider" in config.options


async def connect_async(config: ConnectionConfig) -> CassandraDriver:
    """Connect without blocking the event loop and return a driver.

    Raises:
        ClusterUnavailableError: if no host could be reached; says for each one why.
        ConfigurationError: if the library refuses an argument.
    """
    reach = _way(config)
    try:
        return await in_thread(lambda: _reached(config, reach), abandoned=CassandraDriver.close, long=True)
    except BaseException:
        reach.give_up()
        raise


def _cluster(config: ConnectionConfig) -> Any:
    options = dict(config.options)
    profile = _profile(config, options)
    options["connect_timeout"] = config.connect_timeout
    options.setdefault("reconnection_policy", policies.ExponentialReconnectionPolicy(*_RECONNECTING, max_attempts=None))
    if config.username is not None or config.credentials is not None:
        options["auth_provider"] = logins_of(config)
    elif hasattr(options.get("auth_provider"), "new_authenticator"):
        options["auth_provider"] = Logins(options["auth_provider"].new_authenticator)
    if config.application_name is not None and application_info is not None:
        options["application_info"] = application_info.ApplicationInfo(application_name=config.application_name)
    if config.compression is not None:
        options["compression"] = _compression(config.compression)
    if config.ssl_context is not None:
        options["ssl_context"] = config.ssl_context
    connection_class = options.get("connection_class", cluster.Cluster.connection_class)
    connection_class = surviving_preparing(logging_in(connection_class))
    options["connection_class"] = abandonable(sharing_timers(telling(connection_class)))
    try:
        return cluster.Cluster(
            contact_points=[(host.address, host.port) for host in config.hosts],
            port=config.hosts[0].port,
            execution_profiles={cluster.EXEC_PROFILE_DEFAULT: profile},
            **options,
        )
    except errors.UnresolvableContactPoints as error:
        reasons = {str(host): NOT_RESOLVED for host in config.hosts}
        raise ClusterUnavailableError(reasons, **_NOTHING_SENT) from error
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"the client library cannot use an argument: {error}") from error


def _compression(wanted: str | bool) -> str | bool:  # noqa: FBT001 - it is what the option takes
    installed = connection.locally_supported_compressions
    if isinstance(wanted, str) and wanted not in installed:
        there = ", ".join(map(repr, installed)) or "none: install lz4, for instance"
        raise ConfigurationError(f"compression {wanted!r} is not installed; installed are {there}")
    return wanted


def _profile(config: ConnectionConfig, options: dict[str, Any]) -> Any:
    """Return what holds for each request; takes out of `options` what the library wants to have there."""
    check_options(options)
    check_policy("speculative_execution_policy", config.speculative_execution_policy)
    balancing, retrying = (options.pop(name, None) for name in ("load_balancing_policy", "default_retry_policy"))
    chosen: dict[str, Any] = {
        "load_balancing_policy": balancing or _balancing(config.datacenter),
        "retry_policy": retrying or policies.RetryPolicy(),
        "request_timeout": config.request_timeout,
        "row_factory": query.tuple_factory,
        "speculative_execution_policy": config.speculative_execution_policy,
    }
    levels = errors.ConsistencyLevel.name_to_value
    if config.consistency is not None:
        chosen["consistency_level"] = levels[config.consistency]
    if config.serial_consistency is not None:
        chosen["serial_consistency_level"] = levels[config.serial_consistency]
    return cluster.ExecutionProfile(**chosen)


def _balancing(datacenter: str | None) -> Any:
    if datacenter is None:
        return cluster.default_lbp_factory()
    return policies.TokenAwarePolicy(policies.DCAwareRoundRobinPolicy(local_dc=datacenter))


def _never_dropping(submit: Any) -> Any:
    """Return a `submit` for a session that ends the requests of a session that has been shut down.

    What a request has still to do, cassandra-driver then drops without a word, and whoever waits for it, a PREPARE for
    instance, would wait until its time is over. Done after all, it finds no connection, and the request fails.
    """

    def submitted(work: Any, *arguments: Any, **options: Any) -> Any:
        handed_over = submit(work, *arguments, **options)
        if handed_over is None and isinstance(getattr(work, "__self__", None), cluster.ResponseFuture):
            work(*arguments, **options)
        return handed_over

    return submitted


def _stamp_batch(future: Any) -> None:
    """Set a batch's own timestamp, for which the library has no argument, in the message about to be sent.

    The protocol has a signed number there, and the library writes one without a sign: the same bytes, told otherwise.
    """
    timestamp = getattr(future.query, "batch_timestamp", None)
    if timestamp is not None:
        future.message.timestamp = timestamp % _LONGS
