"""Whatever names and values users pass on, a result comes or a documented error, and the CQL that is meant is sent."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.coodie.intended import Inputs, hold
from tests.coodie.public_verbs import CALLS, Clicks, Form, Thing, forms

from coodie.exceptions import CoodieError
from coodie_drivers import register_driver, unregister_driver
from coodie_drivers.messages import BatchRequest, Reply
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from coodie_drivers.messages import Request


pytestmark = pytest.mark.filterwarnings("ignore:timestamp takes microseconds:coodie.errors.DistantTimestampWarning")

FIELDS = [*Thing.model_fields, *Clicks.model_fields]
PARTS = ["gt", "gte", "in", "contains", "contains_key", "like", "token__gt", "ne", "isnull", "add", "remove", "append"]
ATTACKS = ['id"', "id; DROP TABLE ks.things", "id = 1 OR id", "id--", "id/*", "1=1", "", "__", "id__", "__class__", "ÿ"]
TEXTS = st.one_of(st.sampled_from(ATTACKS), st.text(max_size=12))
ODD_NAMES = st.one_of(
    st.tuples(st.sampled_from(FIELDS), st.sampled_from([*PARTS, *ATTACKS])).map("__".join),
    st.tuples(st.sampled_from(PARTS), st.sampled_from(FIELDS)).map("__".join),
    TEXTS,
)
WORDS = ["QUORUM", "LOCAL_ONE", "unlogged", "logged", "skip", "collect", "null", "tenant_1", "place", "clicks"]
NAMES = st.booleans().flatmap(lambda fits: st.sampled_from([*FIELDS, *WORDS]) if fits else ODD_NAMES)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    TEXTS,
    st.binary(max_size=4),
    st.uuids(),
    st.datetimes(),
)
ODD_VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3), st.tuples(inner, inner)
    ),
    max_leaves=6,
)
FITTING = st.one_of(
    st.integers(1, 9),
    st.booleans(),
    st.sampled_from(["count(*)", "sum(size)", "max(place)", "min(name)", "text", "double", "int", b"state", None]),
    st.lists(TEXTS, min_size=1, max_size=3),
    st.sampled_from(
        [[1.0, 0.5], (0, 1.0), [(1, "x"), (2, "id;")], [{1}], [1], [1, "x", "y"], {"name": "x"}, {"size__gt": 1}]
    ),
)
VALUES = st.booleans().flatmap(lambda fits: FITTING if fits else ODD_VALUES)

NUMBERS, SOME = st.integers(-9, 9), st.lists(TEXTS, max_size=2)
WELL: dict[str, st.SearchStrategy[Any]] = {
    "id": NUMBERS,
    "id__in": st.lists(NUMBERS, max_size=2),
    "id__token__gt": NUMBERS,
    "place": TEXTS,
    "place__in": SOME,
    "place__gte": TEXTS,
    "name": TEXTS,
    "name__in": SOME,
    "name__ne": TEXTS,
    "size": st.floats(width=32),
    "size__lt": NUMBERS,
    "key": st.uuids(),
    "tags": st.sets(TEXTS, max_size=2),
    "tags__contains": TEXTS,
    "add__tags": SOME,
    "tags__remove": TEXTS,
    "append__lines": st.lists(NUMBERS, max_size=2),
    "lines__setindex": st.tuples(st.integers(0, 3), NUMBERS),
    "notes": st.dictionaries(TEXTS, NUMBERS, max_size=2),
    "put__notes": st.dictionaries(TEXTS, NUMBERS, max_size=2),
    "notes__contains_key": TEXTS,
    "spot": st.just([0.5, 1.0]),
    "page": TEXTS,
    "clicks": NUMBERS,
}
"""Keywords, each with values that fit it: what is sent then has values that may be CQL."""

ODD_KEYWORDS = st.dictionaries(NAMES, VALUES, max_size=3)
WELL_KEYWORDS = st.lists(st.sampled_from([*WELL]), max_size=3, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: WELL[name] for name in names})
)
KEYWORDS = st.booleans().flatmap(lambda fits: WELL_KEYWORDS if fits else ODD_KEYWORDS)

UNCHECKED = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
EXAMPLES, MANY = 15, 100_000

Sent = list[tuple[str, Any]]
"""Texts, each with its values; None for those of one that was only shown."""


def texts_of(request: Request | BatchRequest) -> Sent:
    """The texts of a request with their values."""
    parts = request.parts if isinstance(request, BatchRequest) else [(request.statement, request.params)]
    return [(statement.cql, params) for statement, params in parts]


class Applying(ScriptedDriver):
    """Says of each condition that it holds."""

    def send(self, request: Request | BatchRequest) -> Reply:
        """Remember a request and answer it."""
        super().send(request)
        conditional = any(" IF " in cql for cql, _ in texts_of(request))
        return Reply([(True,)], ("[applied]",), None, True) if conditional else Reply()


@pytest.fixture
def both() -> Iterator[tuple[Applying, tuple[Form, Form]]]:
    """The default connection, and both forms of the mapper."""
    driver, loop = Applying(), asyncio.new_event_loop()
    register_driver("applying", driver, default=True)
    yield driver, forms(loop)
    unregister_driver("applying")
    loop.close()


def attempt(form: Form, method: str, inputs: Inputs, driver: Applying) -> tuple[str, Sent]:
    """Call a method; what became of it, and what was sent."""
    driver.requests.clear()
    answer: Any = None
    became = "done"
    try:
        answer = form.run(CALLS[method][0](form, *inputs))
    except (CoodieError, ValidationError) as error:
        became = type(error).__name__
    except IndexError:
        if method != "place":
            raise
        became = "IndexError"
    except TypeError as error:
        if "argument" not in str(error):  # Python's own, of a keyword that is an option, or is none
            raise
        became = "TypeError"
    sent: Sent = [(answer.cql, None)] if method == "explain" and answer is not None else []
    for request in driver.requests:
        sent += texts_of(request)
    return became, sent


def hold_both(method: str, inputs: Inputs, driver: Applying, both: tuple[Form, Form]) -> None:
    """Hold what both forms send to what the call means, and to each other."""
    meaning = CALLS[method][1]
    if not meaning.keyspaces:
        meaning = meaning._replace(keyspaces=frozenset({inputs.name}))
    (became, sent), (then, also) = (attempt(form, method, inputs, driver) for form in both)
    assert became == then
    assert sorted(cql for cql, _ in sent) == sorted(cql for cql, _ in also)
    for cql, params in (*sent, *also):
        hold(cql, params, meaning, inputs)


def tried(method: str, examples: int, both: tuple[Applying, tuple[Form, Form]]) -> Callable[[], None]:
    """Try a method with this many inputs."""

    @settings(max_examples=examples, suppress_health_check=UNCHECKED, deadline=None)
    @given(KEYWORDS, NAMES, VALUES)
    def held(keywords: dict[str, Any], name: str, value: Any) -> None:
        hold_both(method, Inputs(keywords, name, value), *both)

    return held


@pytest.mark.parametrize("method", CALLS)
def test_no_input_leads_to_another_error_or_to_other_cql(method: str, both: tuple[Applying, tuple[Form, Form]]) -> None:
    tried(method, EXAMPLES, both)()


@pytest.mark.long
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("method", CALLS)
def test_no_input_of_many_does(method: str, both: tuple[Applying, tuple[Form, Form]]) -> None:
    tried(method, MANY, both)()
