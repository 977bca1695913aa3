"""What defining models costs, against what Pydantic itself spends on models of the same fields: without a clock."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - Pydantic looks it up
import gc
import sys
from itertools import count
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import pytest
from benchmarks.defining import MODELS, define
from pydantic import BaseModel, Field, create_model

from coodie import aio, sync
from coodie.fields import PrimaryKey
from coodie.usertype import UserType

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType


def define_type(base: type[BaseModel]) -> type[BaseModel]:
    """Define a user type."""

    class Address(base):  # type: ignore[misc, valid-type]  # as above
        street: str
        number: int
        floor: int | None = None
        since: dt.datetime
        names: list[str] = Field(default_factory=list)

    return Address


_lengths = count(1)


def define_strange(base: type[BaseModel]) -> type[BaseModel]:
    """Define a model with an annotation that no other has: its texts are of a length of their own."""
    text = Annotated[str, Field(max_length=next(_lengths))]

    fields: dict[str, Any] = dict.fromkeys(("a", "b", "c", "d"), (text, ...))
    return create_model("Told", __base__=base, id=(Annotated[UUID, PrimaryKey()], ...), **fields)


def calls_of(define_one: Callable[[type[BaseModel]], object], base: type[BaseModel]) -> int:
    """Count the functions that defining so many models calls, those in C too."""
    define_one(base)
    count = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        del frame, argument
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    gc.disable()  # whoever has asked to be called when there is garbage would be counted
    sys.setprofile(note)
    try:
        for _ in range(MODELS):
            define_one(base)
    finally:
        sys.setprofile(before)
        gc.enable()
    return count


@pytest.mark.parametrize("base", [sync.Document, aio.Document])
def test_defining_documents_costs_little_more_than_pydantic_does(base: type[BaseModel]) -> None:
    ratio = calls_of(define, base) / calls_of(define, BaseModel)
    assert ratio <= 1.4, f"a document takes {ratio:.2f} times the calls of a plain model"


def test_annotations_that_no_other_model_has_cost_little_more() -> None:
    ratio = calls_of(define_strange, sync.Document) / calls_of(define_strange, BaseModel)
    assert ratio <= 1.5, f"a document takes {ratio:.2f} times the calls of a plain model"


def test_defining_user_types_costs_little_more_than_pydantic_does() -> None:
    ratio = calls_of(define_type, UserType) / calls_of(define_type, BaseModel)
    assert ratio <= 1.5, f"a user type takes {ratio:.2f} times the calls of a plain model"
