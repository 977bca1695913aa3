"""The dialects of Apache Cassandra, by version."""

from __future__ import annotations

from cql_builder.dialects import features
from cql_builder.dialects.dialect import Dialect
from cql_builder.dialects.functions import WITH_UNDERSCORES, WITHOUT_UNDERSCORES
from cql_builder.dialects.keywords import RESERVED, UNRESERVED

_IN_4_0 = frozenset(
    {
        features.ACCESS_TO_DATACENTERS,
        features.ARITHMETIC,
        features.COLLECTION_SELECTOR,
        features.CUSTOM_TYPE,
        features.DROP_COMPACT_STORAGE,
        features.EMPTY_COLUMN_NAME,
        features.INDEX_EXPRESSION,
        features.MBEANS,
        features.REPLACE_IF_NOT_EXISTS,
        features.SHORTHAND_ASSIGNMENT,
        features.SLICE,
        features.TOKEN_IN_WRITE,
        features.TRIGGERS,
        features.TYPE_HINT_SELECTOR,
    }
)
_IN_4_1 = _IN_4_0 | {
    features.ALL_TABLES_IN_KEYSPACE,
    features.CAST_TERM,
    features.CONTAINS_CONDITION,
    features.GROUP_BY_EXPRESSION,
    features.HASHED_PASSWORD,
    features.HASHED_PASSWORD_OF_USER,
    features.IF_EXISTS_ON_ALTER,
    features.IF_NOT_EXISTS_ON_ADD,
    features.SEVERAL_PERMISSIONS,
    features.TIME_FLOOR,
}
_IN_5_0 = _IN_4_1 | {
    features.ACCESS_FROM_CIDRS,
    features.COLLECTION_FUNCTIONS,
    features.DIMENSION_BELOW_ONE,
    features.IDENTITIES,
    features.INDEX_CLASS,
    features.MASKING,
    features.MASKING_FUNCTIONS,
    features.MASKING_PERMISSIONS,
    features.MATH_FUNCTIONS,
    features.MAXWRITETIME,
    features.NEAREST,
    features.SIMILARITY_FUNCTIONS,
    features.VECTOR,
    features.WRITETIME_OF_PART,
}
_IN_6_0 = _IN_5_0 | {
    features.BETWEEN,
    features.COMMENT_ON,
    features.CONSTRAINTS,
    features.COPY_TABLE,
    features.GENERATED_PASSWORD,
    features.GENERATED_ROLE,
    features.INDEX_HINTS,
    features.KEYWORD_AS_USER,
    features.LIST_SUPERUSERS,
    features.NOT_CONTAINS,
    features.NOT_EQUAL,
    features.NOT_IN,
    features.SECURITY_LABEL,
    features.TRANSACTIONS,
    features.TUPLE_NOT_IN,
}

CASSANDRA_4_0 = Dialect("cassandra-4.0", RESERVED["4.0"], _IN_4_0, UNRESERVED["4.0"], WITHOUT_UNDERSCORES)
CASSANDRA_4_1 = Dialect("cassandra-4.1", RESERVED["4.1"], _IN_4_1, UNRESERVED["4.1"], WITHOUT_UNDERSCORES)
CASSANDRA_5_0 = Dialect("cassandra-5.0", RESERVED["5.0"], _IN_5_0, UNRESERVED["5.0"], WITH_UNDERSCORES)
CASSANDRA_6_0 = Dialect("cassandra-6.0", RESERVED["6.0"], _IN_6_0, UNRESERVED["6.0"], WITH_UNDERSCORES)
