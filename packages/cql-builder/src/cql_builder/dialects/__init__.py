"""The dialects of CQL as data: what each server version reserves and has."""

from __future__ import annotations

from cql_builder.dialects.dialect import Dialect
from cql_builder.dialects.features import Feature
from cql_builder.dialects.registry import DEFAULT_DIALECT, DIALECTS, DialectName, find_dialect, require_feature

__all__ = ["DEFAULT_DIALECT", "DIALECTS", "Dialect", "DialectName", "Feature", "find_dialect", "require_feature"]
