"""`Product.DoesNotExist`: of each model its own error, one of the general ones."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Annotated

import pytest

from coodie import aio
from coodie.exceptions import DocumentNotFound
from coodie.fields import PrimaryKey
from coodie.sync import Document, MaterializedView

if TYPE_CHECKING:
    from coodie_drivers.testing.scripted import ScriptedDriver


class Product(Document):
    id: Annotated[int, PrimaryKey()]


class Book(Product):
    pass


class Shelf(Document):
    id: Annotated[int, PrimaryKey()]


class AsyncProduct(aio.Document):
    id: Annotated[int, PrimaryKey()]


class Base(Document):
    class Settings:
        abstract = True


class OfBoth(Book, Base):
    pass


def test_get_raises_the_models_own(driver: ScriptedDriver) -> None:
    with pytest.raises(Product.DoesNotExist, match=r"^no Product with the given 'id'$") as caught:
        Product.get(id=1)
    assert type(caught.value) is Product.DoesNotExist
    assert isinstance(caught.value, DocumentNotFound)
    assert (caught.value.model, caught.value.fields) == ("Product", ("id",))
    assert not isinstance(caught.value, Shelf.DoesNotExist)
    assert len(driver.requests) == 1


@pytest.mark.usefixtures("driver")
async def test_get_raises_it_awaited_too() -> None:
    with pytest.raises(AsyncProduct.DoesNotExist):
        await AsyncProduct.get(id=1)


def test_they_are_derived_as_the_models_are() -> None:
    assert issubclass(Book.DoesNotExist, Product.DoesNotExist)
    assert Book.DoesNotExist is Book.DoesNotExist
    assert Book(id=1).DoesNotExist is Book.DoesNotExist
    assert issubclass(OfBoth.DoesNotExist, (Book.DoesNotExist, Base.DoesNotExist))
    for base in (Document, aio.Document, MaterializedView):
        assert base.DoesNotExist is DocumentNotFound
    assert (Book.DoesNotExist.__qualname__, Book.DoesNotExist.__module__) == ("Book.DoesNotExist", __name__)
    assert "DoesNotExist" not in Product.model_fields


def test_they_travel_between_processes() -> None:
    error = Book.DoesNotExist("Book", ["id"])
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301 - of its own
        assert type(again) is Book.DoesNotExist
        assert (str(again), again.model, again.fields) == (str(error), "Book", ("id",))
