"""Which messages a rule acts upon, and how often."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import ConfigurationError
from coodie_drivers.testing.errors import NodeError
from coodie_drivers.testing.proxy import (
    FaultProxy,
    Rules,
    Traffic,
    answer,
    corrupt_length,
    delay_reply,
    delay_request,
    drop_reply,
    drop_request,
    every,
    first,
    nth,
    server_error,
    short_page,
    sometimes,
)
from coodie_drivers.testing.proxy.rules import Passing

if TYPE_CHECKING:
    from collections.abc import Callable


def request(text: str = "", opcode: str = "EXECUTE", host: str = "127.0.0.1") -> Passing:
    return Passing("request", opcode, text, host)


def acted(rules: Rules, passing: Passing, times: int = 1) -> list[bool]:
    return [rules.action_on(passing) is not None for _ in range(times)]


def test_a_rule_is_about_statements_that_are_run() -> None:
    rules = Rules()
    rules.add(drop_request())
    acts = {name for name in ("QUERY", "EXECUTE", "BATCH", "PREPARE", "OPTIONS") if rules.action_on(request("", name))}
    assert acts == {"QUERY", "EXECUTE", "BATCH"}
    assert rules.action_on(Passing("reply", "QUERY", "", "")) is None


def test_a_rule_is_about_the_messages_that_it_names() -> None:
    rules = Rules()
    rules.add(drop_request(), opcode=("PREPARE", "OPTIONS"))
    rules.add(drop_request(), text="INSERT INTO t")
    rules.add(drop_request(), text=re.compile(r"^delete\b", re.IGNORECASE))
    rules.add(drop_request(), text="TRUNCATE", host="127.0.0.2")
    assert acted(rules, request("", "PREPARE")) == [True]
    assert acted(rules, request("INSERT INTO t (a) VALUES (?)")) == [True]
    assert acted(rules, request("insert into t (a) VALUES (?)")) == [False]
    assert acted(rules, request("DELETE FROM t")) == [True]
    assert acted(rules, request("SELECT delete FROM t")) == [False]
    assert acted(rules, request("TRUNCATE t")) == [False]
    assert acted(rules, request("TRUNCATE t", host="127.0.0.2")) == [True]


@pytest.mark.parametrize(
    ("when", "numbers"),
    [(nth(2), [2]), (nth(1, 4), [1, 4]), (first(3), [1, 2, 3]), (every(2), [2, 4, 6]), (None, [1, 2, 3, 4, 5, 6])],
)
def test_a_rule_acts_by_count(when: Callable[[int], bool] | None, numbers: list[int]) -> None:
    rules = Rules()
    rule = rules.add(drop_request(), text="x", when=when)
    acted(rules, request("other"), 3)
    assert [number for number, acts in enumerate(acted(rules, request("x"), 6), 1) if acts] == numbers
    assert (rule.seen, rule.hits) == (6, len(numbers))


def test_a_rule_acts_by_chance_the_same_way_every_time() -> None:
    def drawn(seed: int) -> list[bool]:
        rules = Rules()
        rules.add(drop_request(), when=sometimes(0.2, seed=seed))
        return acted(rules, request(), 1_000)

    assert drawn(7) == drawn(7) != drawn(8)
    assert 150 < sum(drawn(7)) < 250


def test_only_the_first_rule_that_acts_does() -> None:
    rules = Rules()
    earlier = rules.add(drop_request(), when=nth(1))
    later = rules.add(corrupt_length(direction="request"))
    names = [action.name for action in (rules.action_on(request()) for _ in range(3)) if action]
    assert names == ["drop_request", "corrupt_length", "corrupt_length"]
    assert (earlier.seen, earlier.hits, later.seen, later.hits) == (3, 1, 2, 2)


def test_rules_go_when_they_are_told_to() -> None:
    rules = Rules()
    with rules.add(drop_request()) as rule:
        assert acted(rules, request()) == [True]
    assert acted(rules, request()) == [False]
    rule.remove()
    rules.add(drop_request())
    rules.add(drop_reply())
    assert len(rules) == 2
    rules.clear()
    assert (len(rules), rule.hits) == (0, 1)


def test_a_rule_can_be_waited_for() -> None:
    rules = Rules()
    rule = rules.add(drop_request(), text="x", when=nth(3))
    acting = threading.Thread(target=acted, args=(rules, request("x"), 4))
    acting.start()
    rule.wait(timeout=10)
    acting.join()
    with pytest.raises(
        NodeError, match=r"drop_request acted 1 times within 0\.01 s, not 2 times; 4 messages matched it"
    ):
        rule.wait(2, timeout=0.01)


def test_rules_change_while_messages_pass() -> None:
    rules = Rules()
    ended = threading.Event()
    always = rules.add(drop_request(), text="x")

    def pass_messages() -> None:
        while not ended.is_set():
            rules.action_on(request("x"))

    passing = threading.Thread(target=pass_messages)
    passing.start()
    for _ in range(300):
        with rules.add(drop_request(), text="y"):
            pass
    ended.set()
    passing.join()
    assert always.hits == always.seen > 0
    assert len(rules) == 1


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="there is no opcode 'execute'; did you mean 'EXECUTE'"):
        Rules().add(drop_request(), opcode="execute")
    with pytest.raises(ConfigurationError, match=r"1\.5 is no probability"):
        sometimes(1.5)
    with pytest.raises(ConfigurationError, match="'x' is no probability"):
        sometimes("x")  # type: ignore[arg-type]  # shown: it is refused at run time too
    with pytest.raises(ConfigurationError, match=r"use empty_page\(\)"):
        short_page(0)
    with pytest.raises(ConfigurationError, match="no room for the length -1"):
        corrupt_length(-1)


@pytest.mark.parametrize(
    ("action", "arguments", "reason"),
    [
        (drop_reply, {}, r"not function: call it, drop_reply\(\)"),
        ("drop_reply", {}, r"action takes what drop_reply\(\) and the like return, not str"),
        (drop_reply(), {"text": 5}, "text takes a str, or an expression of one, not int"),
        (drop_reply(), {"text": b"x"}, "text takes a str, or an expression of one, not bytes"),
        (drop_reply(), {"text": re.compile(b"x")}, "text takes a str, or an expression of one, not Pattern"),
        (drop_reply(), {"host": 7}, "host takes one of the proxy's hosts, not int"),
        (drop_reply(), {"when": 3}, r"when takes what nth\(2\), first\(3\) and the like return, not int"),
    ],
)
def test_a_rule_that_would_fail_where_messages_pass_is_refused(
    action: Any, arguments: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        Rules().add(action, **arguments)


@pytest.mark.parametrize("make", [first, every, nth])
@pytest.mark.parametrize("number", [0, "x", 1.5, True, None])
def test_messages_are_counted_from_1(make: Callable[[Any], object], number: Any) -> None:
    with pytest.raises(ConfigurationError, match="messages are counted, an int from 1, not"):
        make(number)


@pytest.mark.parametrize(
    ("hits", "timeout", "reason"),
    [
        ("x", 1, "the times that a rule acts are counted, an int from 1, not 'x'"),
        (0, 1, "the times that a rule acts are counted, an int from 1, not 0"),
        (1, "x", "the timeout of wait takes seconds, a number from 0, not str"),
    ],
)
def test_waiting_takes_a_number_of_times_and_seconds(hits: Any, timeout: Any, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        Rules().add(drop_request()).wait(hits, timeout=timeout)


@pytest.mark.parametrize("error", ["x", 0x1001, None])
def test_an_answer_takes_an_error(error: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"answer takes what overloaded\(\) and the like return, not "):
        answer(error)


def test_an_answer_takes_an_error_and_not_what_makes_one() -> None:
    making: Any = server_error
    with pytest.raises(ConfigurationError, match=r"not function: call it, server_error\(\)"):
        answer(making)


def test_a_rule_is_for_a_proxy_that_there_is() -> None:
    rules = Rules()
    rules.add(drop_request(), host="127.0.0.9")  # before the proxies are started nobody knows where they will be
    rules.of_hosts(["127.0.0.1", "127.0.0.2"])
    rules.add(drop_request(), host="127.0.0.2")
    with pytest.raises(ConfigurationError, match=r"no proxy is at '127\.0\.0\.3'.*; there are 127\.0\.0\.1, 127"):
        rules.add(drop_request(), host="127.0.0.3")


@pytest.mark.parametrize("rows", ["x", 1.5, True])
def test_a_page_has_a_number_of_rows(rows: Any) -> None:
    with pytest.raises(ConfigurationError, match="rows is none"):
        short_page(rows)


@pytest.mark.parametrize("delay", [delay_request, delay_reply])
@pytest.mark.parametrize("seconds", ["x", -1, float("nan"), True])
def test_a_delay_takes_seconds(delay: Any, seconds: Any) -> None:
    with pytest.raises(ConfigurationError, match="a delay takes seconds, a number from 0"):
        delay(seconds)


def test_traffic_of_no_kind_is_not_looked_for() -> None:
    with pytest.raises(ConfigurationError, match="there is no opcode 'EXEC'; did you mean 'EXECUTE'"):
        Traffic().requests("EXEC")


def test_a_proxy_stands_before_a_cluster() -> None:
    with pytest.raises(ConfigurationError, match="what has hosts and port, not str"):
        FaultProxy("127.0.0.1")  # type: ignore[arg-type]  # shown: it is refused at run time too
