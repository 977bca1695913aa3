"""Speculative execution as each client library takes it."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def policy_of(driver_type: str, seconds: float) -> Any:
    """The policy of a client library that asks one more node when there is no answer after so many seconds."""
    if driver_type == "acsylla":
        return import_module("acsylla").SpeculativeExecutionPolicy(
            constant_delay_ms=int(seconds * 1_000), max_speculative_executions=1
        )
    if driver_type == "rust":
        module = import_module("scylla.policies.speculative_execution")
        return module.SimpleSpeculativeExecutionPolicy(seconds, 1)
    return import_module("cassandra.policies").ConstantSpeculativeExecutionPolicy(seconds, 1)
