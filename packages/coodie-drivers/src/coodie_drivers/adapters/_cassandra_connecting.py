"""Connecting and adopting sessions with the package `cassandra`."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters._cassandra_core import CassandraDriver
from coodie_drivers.adapters._cassandra_errors import reasons_of
from coodie_drivers.adapters._cassandra_library import auth, cluster, errors, policies, query
from coodie_drivers.blocking import in_thread
from coodie_drivers.errors import ClusterUnavailableError, ConfigurationError, DriverErrorFacts

if TYPE_CHECKING:
    from collections.abc import Collection

    from coodie_drivers.config import ConnectionConfig

_SET_HERE: Final = frozenset(
    {
        "self",
        "cloud",
        "compression",
        "contact_points",
        "execution_profiles",
        "port",
        "scylla_cloud",
        "ssl_context",
        "ssl_options",
    }
)
"""Arguments of the library's `Cluster` that follow from the connection's record, or would contradict it."""


_NOTHING_SENT: Final[DriverErrorFacts] = {"outcome": "not_applied", "retryable": True, "attempts": 0}


def option_names() -> Collection[str]:
    """Return the names of `Cluster`'s arguments that users may give to `init_coodie`."""
    return frozenset(inspect.signature(cluster.Cluster.__init__).parameters) - _SET_HERE


def recognizes(session: object) -> bool:
    """Return whether this is, or behaves as, a session of the library."""
    return all(hasattr(session, name) for name in ("execute_async", "prepare", "cluster"))


def adopt(session: Any, default_keyspace: str | None) -> CassandraDriver:
    """Return a driver over a session that belongs to somebody else."""
    return CassandraDriver(session, default_keyspace)


def connect(config: ConnectionConfig) -> CassandraDriver:
    """Connect and return a driver; when connecting fails, nothing stays open.

    Raises:
        ClusterUnavailableError: if no host could be reached; says for each one why.
        ConfigurationError: if the library refuses an argument.
    """
    opened = _cluster(config)
    try:
        session = opened.connect()
        session.default_fetch_size = config.fetch_size
        session.add_request_init_listener(_stamp_batch)
    except cluster.NoHostAvailable as error:
        opened.shutdown()
        raise ClusterUnavailableError(reasons_of(error.errors), **_NOTHING_SENT) from error
    except BaseException:
        opened.shutdown()
        raise
    return CassandraDriver(session, config.keyspace, owns_session=True)


async def connect_async(config: ConnectionConfig) -> CassandraDriver:
    """Connect without blocking the event loop and return a driver.

    Raises:
        ClusterUnavailableError: if no host could be reached; says for each one why.
        ConfigurationError: if the library refuses an argument.
    """
    return await in_thread(lambda: connect(config), abandoned=CassandraDriver.close)


def _cluster(config: ConnectionConfig) -> Any:
    options = dict(config.options)
    profile = _profile(config, options)
    if config.username is not None:
        options["auth_provider"] = auth.PlainTextAuthProvider(config.username, config.password)
    if config.compression is not None:
        options["compression"] = config.compression
    if config.ssl_context is not None:
        options["ssl_context"] = config.ssl_context
    try:
        return cluster.Cluster(
            contact_points=[(host.address, host.port) for host in config.hosts],
            port=config.hosts[0].port,
            execution_profiles={cluster.EXEC_PROFILE_DEFAULT: profile},
            **options,
        )
    except errors.UnresolvableContactPoints as error:
        reasons = {str(host): "the name could not be resolved" for host in config.hosts}
        raise ClusterUnavailableError(reasons, **_NOTHING_SENT) from error
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"the client library refuses an argument: {error}") from error


def _profile(config: ConnectionConfig, options: dict[str, Any]) -> Any:
    """Return what holds for each request; takes out of `options` what the library wants to have there."""
    policy = {name: options.pop(name, None) for name in ("load_balancing_policy", "default_retry_policy")}
    for name, given in policy.items():
        if isinstance(given, type):
            raise ConfigurationError(f"{name} must be an object, not a class: {given.__name__}(...)")
    chosen: dict[str, Any] = {
        "load_balancing_policy": policy["load_balancing_policy"] or cluster.default_lbp_factory(),
        "retry_policy": policy["default_retry_policy"] or policies.RetryPolicy(),
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


def _stamp_batch(future: Any) -> None:
    """Set a batch's own timestamp, for which the library has no argument, in the message about to be sent."""
    timestamp = getattr(future.query, "batch_timestamp", None)
    if timestamp is not None:
        future.message.timestamp = timestamp
