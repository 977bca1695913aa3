"""A view names the table that it is made of, and what stands for the name is refused with the way out."""

from __future__ import annotations

from typing import Annotated, ClassVar

import pytest

from coodie.exceptions import InvalidModelError
from coodie.fields import ClusteringKey, PrimaryKey
from coodie.sync import Document, MaterializedView


class Product(Document):
    id: Annotated[int, PrimaryKey()]
    name: str = ""

    class Settings:
        name = "goods"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (Product, r"is the name of the table that the view is made of; write Product\.table_name\(\)$"),
        (int, r'is the name of the table that the view is made of; write "products", in letters'),
        (5, r"is the name of the table"),
        ("my table", r"is the name of the table"),
        (None, r"a view needs its table; set Settings\.__base_table__"),
    ],
)
def test_the_table_of_a_view_is_said_by_its_name(given: object, sentence: str) -> None:
    with pytest.raises(InvalidModelError, match=sentence):

        class Wrong(MaterializedView):  # pyright: ignore[reportUnusedClass] - it cannot even be made
            name: Annotated[str, PrimaryKey()]
            id: Annotated[int, ClusteringKey()]

            Settings: ClassVar[type] = type("Settings", (), {"__base_table__": given})


def test_the_table_of_a_view_may_be_asked_of_its_model() -> None:
    class Seen(MaterializedView):
        name: Annotated[str, PrimaryKey()]
        id: Annotated[int, ClusteringKey()]

        class Settings:
            __base_table__ = Product.table_name()

    assert Seen.table_name() == "seen"
