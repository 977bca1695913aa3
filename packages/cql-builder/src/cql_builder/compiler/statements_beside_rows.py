"""Which renderer writes a statement that is no single query or batch on rows; loaded when the first one comes."""

from __future__ import annotations

from cql_builder.compiler.access import ROLE_STATEMENT
from cql_builder.compiler.definitions import KEYSPACE_STATEMENT
from cql_builder.compiler.descriptions import DESCRIPTION_STATEMENT
from cql_builder.compiler.indexes import INDEX_STATEMENT
from cql_builder.compiler.permissions import PERMISSION_STATEMENT
from cql_builder.compiler.programs import PROGRAM_STATEMENT
from cql_builder.compiler.rendering import Rule
from cql_builder.compiler.service_levels import SERVICE_LEVEL_STATEMENT
from cql_builder.compiler.tables import TABLE_STATEMENT
from cql_builder.compiler.transactions import TRANSACTION

STATEMENT_BESIDE_ROWS = Rule(
    "a statement",
    {
        **TRANSACTION,
        **KEYSPACE_STATEMENT,
        **TABLE_STATEMENT,
        **INDEX_STATEMENT,
        **PROGRAM_STATEMENT,
        **ROLE_STATEMENT,
        **PERMISSION_STATEMENT,
        **DESCRIPTION_STATEMENT,
        **SERVICE_LEVEL_STATEMENT,
    },
)
