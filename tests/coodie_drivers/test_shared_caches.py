"""What threads share, while they take turns at every step: caches keep their bounds, and mistake nothing for another.

A Python without the global lock lets threads run at the same time; one with it is told here to change between them as
often as it can.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier
from typing import TYPE_CHECKING, TypeVar

import pytest

from coodie_drivers import get_driver, register_driver, statement_of, unregister_driver
from coodie_drivers.statements import StatementCache
from coodie_drivers.testing.scripted import ScriptedDriver
from cql_builder import col, parse_cql, select
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

THREADS, ROUNDS = 16, 1_000


@pytest.fixture(autouse=True)
def turns_at_every_step() -> Iterator[None]:
    """Have threads take turns after a microsecond."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def by_all(work: Callable[[int], T]) -> list[T]:
    """Do some work in all threads, begun at the same time; the number says in which one."""
    together = Barrier(THREADS)

    def begun(number: int) -> T:
        together.wait(30)
        return work(number)

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(begun, range(THREADS)))


def test_each_gets_the_statement_of_its_own_text_and_no_more_are_kept_than_may_be() -> None:
    cache = StatementCache(lambda cql: [cql], capacity=8)
    most: list[int] = []

    def work(number: int) -> list[str]:
        chosen, wrong = Random(number), list[str]()  # noqa: S311 - any texts will do
        for _ in range(ROUNDS):
            cql = f"text {chosen.randrange(24)}"
            held = cache.ready(cql) or cache.get(cql)
            if held != [cql]:
                wrong.append(cql)
            if not chosen.randrange(10):
                cache.forget(cql, held)
            most.append(len(cache))
        return wrong

    assert by_all(work) == [[]] * THREADS
    assert 0 < max(most) <= 8
    assert [cache.get(f"text {number}") for number in range(24)] == [[f"text {number}"] for number in range(24)]


def test_texts_are_described_as_what_they_are() -> None:
    kinds = {"SELECT a FROM": StatementKind.SELECT, "DELETE FROM": StatementKind.DELETE}

    def work(number: int) -> bool:
        texts = [(f"{words} t{each % 60} WHERE k = ?", kind) for each in range(ROUNDS) for words, kind in kinds.items()]
        Random(number).shuffle(texts)  # noqa: S311 - any order will do
        return all(statement_of(text).cql == text and statement_of(text).kind is kind for text, kind in texts)

    assert all(by_all(work))


def test_statements_compile_and_parse_as_they_would_alone() -> None:
    def text_of(number: int) -> str:
        wanted = [col(f"c{each}") == each for each in range(number % 5 + 1)]
        return select("a").from_(f"t{number % 7}").where(*wanted).limit(3).compile().cql

    alone = [text_of(number) for number in range(35)]
    trees = [parse_cql(text) for text in alone]

    def work(number: int) -> bool:
        order = list(range(35))
        Random(number).shuffle(order)  # noqa: S311 - any order will do
        return all(text_of(each) == alone[each] and parse_cql(alone[each]) == trees[each] for each in order)

    assert all(by_all(work))


def test_names_of_drivers_are_given_to_one_each(registry: None) -> None:
    def work(number: int) -> bool:
        for each in range(ROUNDS // 50):
            name, driver = f"driver {number}-{each}", ScriptedDriver()
            register_driver(name, driver)
            if get_driver(name) is not driver or unregister_driver(name) is not driver:
                return False
        return True

    assert all(by_all(work))
