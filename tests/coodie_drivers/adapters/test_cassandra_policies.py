"""Policies of the client library that are given to `init_coodie`: what is none is refused before the network."""

from __future__ import annotations

from typing import Any

import pytest

from coodie_drivers import ConfigurationError, init_coodie
from coodie_drivers.errors import ClusterUnavailableError

policies = pytest.importorskip("cassandra.policies", reason="needs scylla-driver or cassandra-driver")

pytestmark = pytest.mark.adapter


@pytest.mark.parametrize("wrong", [object(), 7, policies.ConstantSpeculativeExecutionPolicy])
def test_what_is_no_policy_of_speculative_execution_is_refused(wrong: object) -> None:
    with pytest.raises(ConfigurationError, match="speculative_execution_policy must be a policy of the client library"):
        init_coodie(hosts=["127.0.0.1:1"], speculative_execution_policy=wrong)


@pytest.mark.parametrize("name", ["default_retry_policy", "reconnection_policy"])
@pytest.mark.parametrize("wrong", [object(), 7, "RetryPolicy"])
def test_what_is_no_policy_is_refused(name: str, wrong: object) -> None:
    options: dict[str, Any] = {name: wrong}
    with pytest.raises(ConfigurationError, match=f"{name} must be a policy of the client library, such as cassandra"):
        init_coodie(hosts=["127.0.0.1:1"], **options)


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"idle_heartbeat_interval": "30"}, "idle_heartbeat_interval takes seconds, a number from 0, not str"),
        ({"idle_heartbeat_timeout": "30"}, "idle_heartbeat_timeout takes seconds, a number from 0, not str"),
        ({"idle_heartbeat_interval": True}, "idle_heartbeat_interval takes seconds, a number from 0, not bool"),
        ({"idle_heartbeat_interval": -1}, "idle_heartbeat_interval takes seconds, a number from 0, not -1"),
        ({"idle_heartbeat_interval": float("nan")}, "idle_heartbeat_interval takes seconds, a number from 0, not nan"),
        ({"max_schema_agreement_wait": "2"}, "max_schema_agreement_wait takes a number, not str"),
        ({"executor_threads": True}, "executor_threads takes a number, not bool"),
    ],
)
def test_what_is_no_number_is_refused_where_the_library_counts(options: dict[str, Any], fault: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{fault}$"):
        init_coodie(hosts=["127.0.0.1:1"], **options)


@pytest.mark.parametrize(
    "options",
    [
        {"idle_heartbeat_interval": 0, "idle_heartbeat_timeout": 0.5, "topology_event_refresh_window": -1},
        {"default_retry_policy": policies.FallthroughRetryPolicy()},
        {"reconnection_policy": policies.ConstantReconnectionPolicy(1.0)},
        {},
    ],
)
def test_what_the_library_takes_is_taken(options: dict[str, Any]) -> None:
    with pytest.raises(ClusterUnavailableError):
        init_coodie(hosts=["127.0.0.1:1"], **options)
