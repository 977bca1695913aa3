"""What users give for the arguments of the library's `Cluster`, checked where the library takes anything.

A text in place of seconds, as an environment variable has them, would end the thread of the heartbeat, and nobody would
notice any more that a node has gone silent.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters._cassandra_library import cluster
from coodie_drivers.arguments import seconds_fault
from coodie_drivers.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_POLICIES: Final = {
    "default_retry_policy": (("on_read_timeout", "on_write_timeout", "on_unavailable"), "RetryPolicy()"),
    "reconnection_policy": (("new_schedule",), "ConstantReconnectionPolicy(delay=1.0, max_attempts=None)"),
    "speculative_execution_policy": (("new_plan",), "ConstantSpeculativeExecutionPolicy(delay=0.1, max_attempts=1)"),
}
"""What the library asks of its policies, and one of each."""

_HEARTBEAT: Final = ("idle_heartbeat_interval", "idle_heartbeat_timeout")


def taken_by_library() -> Collection[str]:
    """Return the names of the arguments of `Cluster`."""
    return _parameters().keys()


def check_options(options: Mapping[str, Any]) -> None:
    """Refuse what is no number where the library counts with one, and what is no policy.

    Raises:
        ConfigurationError: names the argument and what it takes.
    """
    for name, parameter in _parameters().items():
        given = options.get(name)
        if given is None or type(parameter.default) not in {int, float}:
            continue
        fault = seconds_fault(given, least="from 0") if name in _HEARTBEAT else None
        if fault is not None:
            raise ConfigurationError(f"{name} takes seconds, a number {fault}")
        if isinstance(given, bool) or not isinstance(given, (int, float)):
            raise ConfigurationError(f"{name} takes a number, not {type(given).__name__}")
    for name in ("load_balancing_policy", "default_retry_policy"):
        if isinstance(options.get(name), type):
            raise ConfigurationError(f"{name} must be an object, not a class: {options[name].__name__}(...)")
    for name in ("default_retry_policy", "reconnection_policy"):
        if not isinstance(options.get(name), type):  # of classes the library says so itself
            check_policy(name, options.get(name))


def check_policy(name: str, given: Any) -> None:
    """Refuse what is no policy of the library, or like one; None is none.

    Raises:
        ConfigurationError: says what is.
    """
    asked, example = _POLICIES[name]
    if given is None or (not isinstance(given, type) and all(hasattr(given, each) for each in asked)):
        return
    kind = given.__name__ if isinstance(given, type) else type(given).__name__
    raise ConfigurationError(
        f"{name} must be a policy of the client library, such as cassandra.policies.{example}, not {kind}"
    )


def _parameters() -> Mapping[str, inspect.Parameter]:
    return inspect.signature(cluster.Cluster.__init__).parameters
