"""Fields of a view have the types of its table: others are refused when the view is defined."""

from __future__ import annotations

from typing import Annotated

import pytest

from coodie.exceptions import InvalidModelError
from coodie.fields import BigInt, ClusteringKey, PrimaryKey
from coodie.sync import Document, MaterializedView


class Crate(Document):
    id: Annotated[int, PrimaryKey()]
    weight: Annotated[int, BigInt()]
    town: str = ""

    class Settings:
        name = "crates_of_types"


def weighed_as_int() -> type[MaterializedView]:
    class CratesByWeight(MaterializedView):
        weight: Annotated[int, PrimaryKey()]
        id: Annotated[int, ClusteringKey()]

        class Settings:
            __base_table__ = "crates_of_types"

    return CratesByWeight


def test_a_field_of_another_type_is_refused() -> None:
    told = (
        r"CratesByWeight: field 'weight' is CQL int, and Crate\.weight is CQL bigint; a view has the types of its "
        "table, so write the same"
    )
    with pytest.raises(InvalidModelError, match=told):
        weighed_as_int()


def test_the_same_types_pass() -> None:
    class CratesByWeight(MaterializedView):
        weight: Annotated[int, PrimaryKey(), BigInt()]
        id: Annotated[int, ClusteringKey()]

        class Settings:
            __base_table__ = "crates_of_types"

    assert CratesByWeight.table_name() == "crates_by_weight"


def test_tables_that_are_not_for_sure_the_ones_are_not_compared() -> None:
    class Elsewhere(MaterializedView):
        weight: Annotated[int, PrimaryKey()]
        id: Annotated[int, ClusteringKey()]

        class Settings:
            keyspace = "other"
            __base_table__ = "crates_of_types"

    assert Elsewhere.table_name() == "elsewhere"
