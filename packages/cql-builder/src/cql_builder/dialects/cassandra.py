"""The dialects of Apache Cassandra, by version."""

from __future__ import annotations

from cql_builder.dialects.dialect import CONTAINS_CONDITION, VECTOR, Dialect
from cql_builder.dialects.reserved_words import BY_VERSION

CASSANDRA_4_0 = Dialect("cassandra-4.0", BY_VERSION["4.0"], frozenset())
CASSANDRA_4_1 = Dialect("cassandra-4.1", BY_VERSION["4.1"], {CONTAINS_CONDITION})
CASSANDRA_5_0 = Dialect("cassandra-5.0", BY_VERSION["5.0"], {CONTAINS_CONDITION, VECTOR})
CASSANDRA_6_0 = Dialect("cassandra-6.0", BY_VERSION["6.0"], CASSANDRA_5_0.features)
