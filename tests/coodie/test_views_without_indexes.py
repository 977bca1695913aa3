"""No server makes an index of a view: its own markers are refused, and those of shared fields are the table's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from coodie.exceptions import InvalidModelError, InvalidQueryError, InvalidRequestError
from coodie.fields import ClusteringKey, Indexed, PrimaryKey, Static, Vector, VectorIndex
from coodie.sync import Document, MaterializedView

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Shared(BaseModel):
    weight: Annotated[int, Indexed()] = 0
    label: Annotated[str, Indexed(using="sai")] = ""
    spot: Annotated[list[float], Vector(2), VectorIndex()] = [0.0, 1.0]


class Crate(Shared, Document):
    id: Annotated[int, PrimaryKey()]
    town: str = ""

    class Settings:
        name = "indexed_crates"


class CrateByTown(Shared, MaterializedView):
    town: Annotated[str, PrimaryKey()]
    id: Annotated[int, ClusteringKey()]

    class Settings:
        __base_table__ = "indexed_crates"


@pytest.mark.parametrize(
    ("annotation", "marker"),
    [
        (Annotated[int, Indexed()], r"Indexed\(\)"),
        (Annotated[int, Indexed(using="sai")], r"Indexed\(\)"),
        (Annotated[list[float], Vector(2), VectorIndex()], r"VectorIndex\(\)"),
    ],
)
@pytest.mark.parametrize("abstract", [False, True])
def test_a_marker_of_the_views_own_is_refused(annotation: Any, marker: str, abstract: bool) -> None:
    names: dict[str, Any] = {"town": Annotated[str, PrimaryKey()], "what": annotation}
    settings = type("Settings", (), {"__base_table__": "t", "abstract": abstract, "__qualname__": "Wrong.Settings"})
    told = rf"Wrong: field 'what' is marked {marker}, and no view has an index; leave it out, and mark the field so in"
    with pytest.raises(InvalidModelError, match=told):
        type(
            "Wrong",
            (MaterializedView,),
            {"__module__": __name__, "__qualname__": "Wrong", "__annotations__": names, "Settings": settings},
        )


def test_of_a_base_that_is_a_view_too() -> None:
    def define() -> type[MaterializedView]:
        class Base(MaterializedView):
            weight: Annotated[int, Indexed()] = 0

        return Base

    with pytest.raises(InvalidModelError, match="Base: field 'weight' is marked Indexed"):
        define()


def test_an_index_of_shared_fields_is_the_tables(
    driver: ScriptedDriver, refused: Callable[[Callable[[], object], str], None]
) -> None:
    assert Crate.find(weight=2).explain().access == "index"
    Crate.find(label="x").all()
    with pytest.raises(InvalidQueryError, match=r"CrateByTown: no key serves 'weight'; give the partition key "):
        CrateByTown.find(weight=2).all()
    way_out = r"mark the field Indexed\(\) in the model of its table 'indexed_crates', and query that, or call \."
    refused(lambda: CrateByTown.find(label="x").all(), way_out)
    refused(lambda: CrateByTown.find(label__like="x%").all(), "no view has an index, which __like needs in Cassandra")
    refused(
        lambda: CrateByTown.find().order_by_ann("spot", [1.0, 1.0]).limit(1).all(),
        r"CrateByTown\.spot has no index .* no view has one, so mark the field VectorIndex\(\) in the model of",
    )
    CrateByTown.find(town="York", weight=2).all()
    assert "ALLOW FILTERING" in driver.requests[-1].statement.cql
    assert len(driver.requests) == 2


def test_what_the_server_refuses_names_the_table(script: Callable[..., ScriptedDriver]) -> None:
    refusal = "LIKE restriction is only supported on properly indexed columns. label LIKE ? is not valid."
    script(InvalidRequestError(refusal))
    with pytest.raises(InvalidRequestError, match=r"no view has an index; mark the field .* its table 'indexed_cra"):
        CrateByTown.find(label__like="x%").allow_filtering().all()


def test_no_view_has_static_columns() -> None:
    def define() -> type[MaterializedView]:
        class Wrong(MaterializedView):
            town: Annotated[str, PrimaryKey()]
            id: Annotated[int, ClusteringKey()]
            weight: Annotated[int, Static()] = 0

            class Settings:
                __base_table__ = "t"

        return Wrong

    with pytest.raises(InvalidModelError, match=r"field 'weight' is Static\(\), which no view can have; leave the fie"):
        define()
