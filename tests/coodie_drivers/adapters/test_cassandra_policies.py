"""Policies of the client library that are given to `init_coodie`: what is none is refused before the network."""

from __future__ import annotations

import pytest

from coodie_drivers import ConfigurationError, init_coodie

policies = pytest.importorskip("cassandra.policies", reason="needs scylla-driver or cassandra-driver")

pytestmark = pytest.mark.adapter


@pytest.mark.parametrize("wrong", [object(), 7, policies.ConstantSpeculativeExecutionPolicy])
def test_what_is_no_policy_of_speculative_execution_is_refused(wrong: object) -> None:
    with pytest.raises(ConfigurationError, match="speculative_execution_policy must be a policy of the client library"):
        init_coodie(hosts=["127.0.0.1:1"], speculative_execution_policy=wrong)
