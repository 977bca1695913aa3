"""The names that are used of the package `scylla`, the client library scylladb-rs-driver.

Its stubs say nothing of the values it carries: here, at the edge, each name becomes `Any`, and nothing else imports the
library.
"""

from __future__ import annotations

from typing import Any

import scylla.batch as _batch
import scylla.cluster.metadata as _metadata
import scylla.enums as _enums
import scylla.errors as _errors
import scylla.execution_profile as _execution_profile
import scylla.policies.authenticator_provider as _authenticator_provider
import scylla.policies.load_balancing as _load_balancing
import scylla.policies.retry_policy as _retry_policy
import scylla.policies.timestamp_generator as _timestamp_generator
import scylla.results as _results
import scylla.session as _session
import scylla.session_builder as _session_builder
import scylla.statement as _statement
import scylla.tls as _tls
import scylla.value as _value

balancing_policies: Any = _load_balancing
batches: Any = _batch
enums: Any = _enums
errors: Any = _errors
logins: Any = _authenticator_provider
metadata: Any = _metadata
"""The classes of the column types."""

profiles: Any = _execution_profile
results: Any = _results
retry_policies: Any = _retry_policy
sessions: Any = _session
session_builder: Any = _session_builder
statements: Any = _statement
timestamps: Any = _timestamp_generator
tls: Any = _tls
values: Any = _value
