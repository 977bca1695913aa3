"""What verbs answer with, as types of Pydantic: a web API can name them as its responses."""

from __future__ import annotations

import json
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, TypeAdapter

from coodie.errors import InvalidRowError
from coodie.fields import PrimaryKey
from coodie.results import LWTResult, PagedResult, WriteResult
from coodie.sync import Document


class Member(Document):
    id: Annotated[int, PrimaryKey()]
    name: str = ""


class Answer(BaseModel):
    page: PagedResult[Member]


STATE = b"\xff\x00\xfe+?"

ANSWERS: list[tuple[Any, Any, dict[str, Any]]] = [
    (
        PagedResult[Member],
        PagedResult([Member(id=1, name="Ada")], STATE),
        {"data": [{"id": 1, "name": "Ada"}], "paging_state": "_wD-Kz8=", "invalid": []},
    ),
    (PagedResult[Member], PagedResult([]), {"data": [], "paging_state": None, "invalid": []}),
    (PagedResult[tuple[int, str]], PagedResult([(1, "a")]), {"data": [[1, "a"]], "paging_state": None, "invalid": []}),
    (LWTResult, LWTResult(applied=False, existing={"name": "Ada"}), {"applied": False, "existing": {"name": "Ada"}}),
    (
        WriteResult,
        WriteResult(applied=True, written=3),
        {"applied": True, "existing": {}, "written": 3, "rejected": []},
    ),
    (
        Answer,
        Answer(page=PagedResult([Member(id=2)], STATE)),
        {"page": {"data": [{"id": 2, "name": ""}], "paging_state": "_wD-Kz8=", "invalid": []}},
    ),
]


@pytest.mark.parametrize(("kind", "answer", "written"), ANSWERS)
def test_answers_are_written_as_json_and_read_again(kind: Any, answer: Any, written: dict[str, Any]) -> None:
    adapter = TypeAdapter[Any](kind)
    text = adapter.dump_json(answer)
    assert json.loads(text) == written
    read = adapter.validate_json(text)
    if kind is PagedResult[Member]:
        assert (read.data, read.paging_state, list(read.invalid)) == (answer.data, answer.paging_state, [])
    assert adapter.dump_json(read) == text
    assert adapter.validate_python(answer) is answer


@pytest.mark.parametrize("kind", [PagedResult[Member], LWTResult, WriteResult])
@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_answers_have_a_json_schema(kind: Any, mode: Any) -> None:
    described = TypeAdapter[Any](kind).json_schema(mode=mode)
    assert described["type"] == "object"
    if kind is PagedResult[Member]:
        assert described["properties"]["data"]["items"] == {"$ref": "#/$defs/Member"}
        assert described["properties"]["invalid"]["type"] == "array"


def test_rows_that_could_not_be_read_are_told_by_their_sentences() -> None:
    error = InvalidRowError("Member", "name", "is no text", {"id": 1})
    page: PagedResult[Member] = PagedResult([], None, [error])
    adapter = TypeAdapter(PagedResult[Member])
    assert json.loads(adapter.dump_json(page))["invalid"] == [str(error)]
    assert adapter.dump_python(page)["invalid"] == [error]


def test_a_page_of_other_items_is_refused() -> None:
    with pytest.raises(ValueError, match=r"data\.0\.id"):
        TypeAdapter(PagedResult[Member]).validate_python({"data": [{"id": "no number"}]})


def test_a_page_may_be_made_by_the_name_of_its_type() -> None:
    page = PagedResult[Member]([Member(id=1)], STATE)
    assert page == PagedResult([Member(id=1)], STATE)
    assert (list(page), page.has_more) == ([Member(id=1)], True)
