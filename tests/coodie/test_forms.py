"""What rows become and which fields are fetched: what one step says, no later one passes over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from coodie.exceptions import FieldNotLoadedError, InvalidQueryError
from coodie.fields import ClusteringKey, PrimaryKey, Static
from coodie.sync import Document
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Post(Document):
    room: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    topic: Annotated[str, Static()] = ""
    text: str = ""
    likes: int = 0

    class Settings:
        keyspace = "ks"


class Brief(BaseModel):
    text: str = ""
    likes: int = 0


POSTS: Any = Post.find(room="a")

REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "only after values_list": (
        lambda: POSTS.values_list("text").only("likes"),
        r"^only\(\) of Post chooses the fields of documents.* behind values_list\(\); leave one of them out",
    ),
    "defer after values_list": (lambda: POSTS.values_list("text").defer("likes"), r"^defer\(\) of Post chooses"),
    "only after into": (lambda: POSTS.into(Brief).only("likes"), r"behind into\(\); leave one of them out"),
    "only after select_token": (lambda: POSTS.select_token().only("likes"), r"call only\(\) before it"),
    "what only leaves out": (
        lambda: POSTS.only("text").values_list("likes"),
        r"^values_list\(\) fetches Post\.likes, which only\(\) or defer\(\) leaves out; leave one of them out",
    ),
    "what defer leaves out": (lambda: POSTS.defer("text").values_list("text"), r"fetches Post\.text, which only"),
    "into more than only": (lambda: POSTS.only("text").into(Brief), r"^into\(Brief\) fetches Post\.likes, which only"),
    "values_list after into": (lambda: POSTS.into(Brief).values_list("text"), r"goes with no into\(\)"),
    "into after values_list": (lambda: POSTS.values_list("text").into(Brief), r"goes with no values_list\(\)"),
    "into after select_token": (lambda: POSTS.select_token().into(Brief), r"goes with no select_token\(\)"),
    "select_token after into": (lambda: POSTS.into(Brief).select_token(), r"goes with no into\(\)"),
    "a value and a token": (
        lambda: POSTS.values_list("text", flat=True).select_token(),
        r"goes with no values_list\(flat=True\)",
    ),
    "cast of what values_list leaves out": (
        lambda: POSTS.values_list("text").cast("likes", "text").all(),
        r"^cast\(\) converts Post\.likes, which is not among the fields that are fetched; name it in values_list\(\)",
    ),
    "values_list that leaves out what is cast": (
        lambda: POSTS.cast("likes", "text").values_list("text", flat=True).first(),
        r"^cast\(\) converts Post\.likes, which",
    ),
    "cast of what only leaves out": (
        lambda: POSTS.only("text").cast("likes", "text").json(),
        r"^cast\(\) converts Post\.likes, .* in only\(\) before json\(\), or leave cast\(\) out$",
    ),
    "a token and a value": (
        lambda: POSTS.select_token().values_list("text", flat=True),
        r"^values_list\(flat=True\) goes with no select_token\(\)",
    ),
    "distinct after only": (lambda: POSTS.only("topic").distinct(), r"goes with no only\(\) or defer\(\)"),
    "distinct fields twice": (
        lambda: POSTS.values_list("room").distinct("topic"),
        r"what is fetched is said by values_list\(\) already; write distinct\(\)",
    ),
    "distinct rows": (lambda: POSTS.values_list("text").distinct().all(), r"^distinct\(\): Post\.text is neither part"),
    "distinct models": (lambda: POSTS.into(Brief).distinct().all(), r"^distinct\(\): Post\.text is neither part"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_would_pass_over_a_step_is_refused(case: str, driver: ScriptedDriver) -> None:
    call, sentence = REFUSED[case]
    with pytest.raises(InvalidQueryError, match=sentence):
        call()
    assert driver.requests == []


GROUPED: dict[str, tuple[Callable[[Any], Any], str]] = {
    "count": (lambda query: query.count(), r'aggregate\(n="count\(\*\)"\) gives the figure of each group$'),
    "sum": (lambda query: query.sum("likes"), r'aggregate\(n="sum\(\.\.\.\)"\)'),
    "exists": (lambda query: query.exists(), r"; leave it out, or use all\(\), first\(\), a loop or aggregate\(\)"),
    "values_list": (lambda query: query.values_list("number"), r" before it; call values_list\(\) first"),
    "into": (lambda query: query.into(Brief), r" before it; call into\(\) first"),
    "group_by": (lambda query: query.group_by("number"), r" before it; name all fields in one group_by\(\)"),
    "update": (lambda query: query.update(text=""), r"leave it out"),
    "json": (lambda query: query.json(), r"leave it out"),
    "scan": (lambda query: query.scan(), r"leave it out"),
}


@pytest.mark.parametrize("method", GROUPED)
def test_what_groups_have_not_is_refused_by_name(method: str, driver: ScriptedDriver) -> None:
    call, sentence = GROUPED[method]
    with pytest.raises(InvalidQueryError, match=rf"^{method}\(\) of Post takes no group_by\(\).*{sentence}"):
        call(POSTS.group_by("room", "number"))
    assert not hasattr(POSTS.group_by("room"), method)
    assert driver.requests == []


def test_what_no_query_has_groups_have_not(driver: ScriptedDriver) -> None:
    grouped = POSTS.group_by("room", "number")
    with pytest.raises(AttributeError, match="object has no attribute 'cuont'"):
        _ = grouped.cuont
    with pytest.raises(AttributeError, match="object has no attribute '_secret'"):
        _ = grouped._secret  # noqa: SLF001 - what the test is about
    POSTS.values_list("number").group_by("room", "number").all()
    assert driver.requests[-1].statement.cql.startswith(
        "SELECT number FROM ks.post WHERE room = ? GROUP BY room, number"
    )


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        (POSTS.only("text").values_list(), "room, number, text"),
        (POSTS.only("text").values_list("text", "room"), "text, room"),
        (POSTS.defer("text").values_list(), "room, number, topic, likes"),
        (POSTS.defer("text").defer("likes"), "room, number, topic"),
        (POSTS.only("text", "likes").defer("text"), "room, number, likes"),
        (POSTS.only("text", "likes").into(Brief), "text, likes, room, number"),
        (POSTS.only("text").select_token(), "room, number, text, token(room) AS partition_token"),
        (POSTS.values_list("text").select_token(), "text, token(room) AS partition_token"),
        (POSTS.select_token().values_list("text"), "text, token(room) AS partition_token"),
        (POSTS.select_token().distinct(), "DISTINCT room, token(room) AS partition_token"),
        (POSTS.distinct("topic").select_token(), "DISTINCT room, topic, token(room) AS partition_token"),
        (POSTS.values_list("topic").distinct(), "DISTINCT topic"),
        (POSTS.values_list("room", flat=True).distinct(), "DISTINCT room"),
    ],
)
def test_steps_that_go_together(query: Any, columns: str, driver: ScriptedDriver) -> None:
    query.all()
    assert driver.requests[-1].statement.cql == f"SELECT {columns} FROM ks.post WHERE room = ?"


def test_a_field_that_is_not_there_says_what_may_have_left_it_out(script: Callable[..., ScriptedDriver]) -> None:
    script(Reply([("hall",)], ("room",)))
    (found,) = Post.find().distinct().all()
    with pytest.raises(
        FieldNotLoadedError,
        match=r"^Post\.text was not fetched: only\(\), defer\(\) or distinct\(\) left it out; leave them out, name the "
        r"field in only\(\) or distinct\(\), or assign to it$",
    ):
        _ = found.text
