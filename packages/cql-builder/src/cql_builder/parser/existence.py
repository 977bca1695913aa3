"""IF EXISTS and IF NOT EXISTS, as statements on definitions have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cql_builder.dialects import Feature
    from cql_builder.parser.cursor import Cursor


def if_exists(cursor: Cursor, feature: Feature | None = None) -> bool:
    """Read IF EXISTS where it stands, and say whether it did; a feature is what a dialect needs for it."""
    if not cursor.at("if"):
        return False
    if feature is not None:
        cursor.require(feature)
    cursor.expect("if", "exists")
    return True


def if_not_exists(cursor: Cursor, feature: Feature | None = None) -> bool:
    """Read IF NOT EXISTS where it stands, and say whether it did; a feature is what a dialect needs for it."""
    if not cursor.at("if"):
        return False
    if feature is not None:
        cursor.require(feature)
    cursor.expect("if", "not", "exists")
    return True
