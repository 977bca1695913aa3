"""What is said of an order names the step that asked for it, and the one that it does not go with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie.exceptions import InvalidQueryError, InvalidValueError
from coodie.fields import ClusteringKey, Indexed, PrimaryKey, Vector, VectorIndex
from coodie.sync import Document

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Photo(Document):
    album: Annotated[str, PrimaryKey()]
    taken: Annotated[int, ClusteringKey()]
    kind: Annotated[str, Indexed()] = ""
    spot: Annotated[list[float], Vector(2), VectorIndex()] = [1.0, 0.0]


def near() -> Any:
    return Photo.find().order_by_ann("spot", [1.0, 0.0]).limit(2)


def nearest() -> Any:
    return Photo.find().order_by_ann("spot", [1.0, 0.0])


def album() -> Any:
    return Photo.find(album="a")


BESIDE = (
    r"^Photo: {} does not go with order_by_ann\(\), whose rows come by how near they are; leave one of them out, or {}$"
)
TURNED = BESIDE.format(r"reverse\(\)", r"turn the list that all\(\) returns")
SORTED = BESIDE.format(r"order_by\(\)", r"sort the list that all\(\) returns")
SENTENCES: dict[str, tuple[Callable[[], Any], str]] = {
    "nearest, turned": (lambda: nearest().reverse().limit(2).all(), TURNED),
    "turned, nearest": (lambda: Photo.find().reverse().order_by_ann("spot", [1.0, 0.0]).limit(2).all(), TURNED),
    "nearest, turned twice": (lambda: nearest().reverse().reverse().limit(2).all(), TURNED),
    "nearest, sorted": (lambda: near().order_by("taken").all(), SORTED),
    "nearest, sorted and turned": (lambda: nearest().order_by("taken").reverse().limit(2).all(), SORTED),
    "nearest, turned and sorted": (lambda: nearest().reverse().order_by("kind").limit(2).all(), SORTED),
    "nearest of each partition": (
        lambda: near().per_partition_limit(1).all(),
        r"^Photo: per_partition_limit\(\) does not go with order_by_ann\(\); leave one of them out, or choose from the",
    ),
    "turned, by an index": (
        lambda: Photo.find(kind="k").reverse().per_partition_limit(1).all(),
        r"per_partition_limit\(\) does not go with reverse\(\), which the server cannot do; give the partition key, or",
    ),
    "sorted, by an index": (
        lambda: Photo.find(kind="k").order_by("taken").per_partition_limit(1).all(),
        r"per_partition_limit\(\) does not go with order_by\(\) of 'taken', which the server cannot do; give the part",
    ),
    "turned and updated": (lambda: album().reverse().update(kind="k"), r"^update\(\) of Photo takes no reverse\(\);"),
    "sorted and updated": (lambda: album().order_by("taken").update(kind="k"), r"of Photo takes no order_by\(\);"),
    "turned texts": (
        lambda: Photo.find(kind="k").reverse().json(),
        r"the server cannot sort the JSON texts as reverse\(\) says; give the partition key",
    ),
}


@pytest.mark.parametrize("case", SENTENCES)
def test_a_sentence_names_the_steps_that_were_written(case: str, driver: ScriptedDriver) -> None:
    call, sentence = SENTENCES[case]
    with pytest.raises(InvalidQueryError, match=sentence):
        call()
    assert driver.requests == []


def test_an_explanation_names_the_step_that_sorts() -> None:
    assert Photo.find(kind="k").reverse().explain().why[-1].startswith("reverse(): sorted here, after every")
    assert album().reverse().explain().why[-1].startswith("reverse(): the order in which the rows lie")
    assert album().order_by("-taken").explain().why[-1].startswith("order_by(): the order in which the rows lie")
    assert Photo.find(kind="k").order_by("taken").explain().why[-1].startswith("order_by('taken'): sorted here")


@pytest.mark.parametrize("vector", [{1.0, 2.0}, frozenset((1.0, 2.0))])
def test_a_set_is_no_vector(vector: Any, driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidValueError, match=r"^Photo\.spot: a vector is a list of floats, not (frozen)?set$"):
        Photo.find().order_by_ann("spot", vector)
    ordered: Any = {1.0: None, 2.0: None}.keys()
    Photo.find().order_by_ann("spot", ordered).limit(1).all()
    assert list(driver.requests[-1].params) == [[1.0, 2.0], 1]
