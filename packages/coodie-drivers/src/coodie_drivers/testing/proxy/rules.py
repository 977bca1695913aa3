"""Which messages something is done with: by kind, by the statement's text, by node, by count and by chance."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from coodie_drivers.arguments import seconds_fault
from coodie_drivers.errors import ConfigurationError
from coodie_drivers.spelling import did_you_mean
from coodie_drivers.testing.errors import NodeError
from coodie_drivers.testing.proxy.actions import Action
from coodie_drivers.testing.proxy.messages import OPCODES

if TYPE_CHECKING:
    from collections.abc import Collection
    from types import TracebackType

    from typing_extensions import Self

    from coodie_drivers.testing.proxy.actions import Direction

When = Callable[[int], bool]
"""Whether a rule acts upon the first, the second, … of the messages that match it."""

EXECUTIONS = frozenset({"QUERY", "EXECUTE", "BATCH"})
"""The messages by which statements are run: what a rule is about that names no others."""


def always() -> When:
    """Every message that matches."""
    return lambda _: True


def nth(*numbers: int) -> When:
    """The messages of these numbers among those that match, the first being 1.

    >>> [number for number in range(1, 10) if nth(2, 5)(number)]
    [2, 5]
    """
    return _counted(lambda number: number in numbers, *numbers)


def first(count: int) -> When:
    """The first `count` of the messages that match."""
    return _counted(lambda number: number <= count, count)


def every(step: int) -> When:
    """Each message whose number is a multiple of `step`.

    >>> [number for number in range(1, 10) if every(3)(number)]
    [3, 6, 9]
    """
    return _counted(lambda number: number % step == 0, step)


def sometimes(probability: float, *, seed: int = 0) -> When:
    """Each message with this probability; the same seed draws the same numbers.

    Raises:
        ConfigurationError: the probability is not from 0 to 1.
    """
    if not _is_probability(probability):
        message = f"{probability!r} is no probability; it is a number from 0 to 1"
        raise ConfigurationError(message)
    draw = random.Random(seed)  # noqa: S311 - drawn again in every run, as it must be
    return lambda _: draw.random() < probability


class Passing(NamedTuple):
    """What a rule is asked about.

    Attributes:
        direction: whether it goes to the node or comes from it.
        opcode: the request's kind, also where its reply passes; `EVENT` for an event.
        text: the statement's text, or what the event tells.
        host: the address of the proxy that it passes.
    """

    direction: Direction
    opcode: str
    text: str
    host: str


class Rule:
    """An action, the messages that it is for, and how often it was done; in a `with` block, for its length.

    Attributes:
        action: what is done.
        seen: how many messages matched so far.
        hits: how many of them were acted upon.
    """

    def __init__(self, rules: Rules, action: Action, matches: Callable[[Passing], bool], when: When) -> None:
        """Rules are made by `Rules.add`."""
        self.action = action
        self.seen = 0
        self.hits = 0
        self._rules = rules
        self._matches = matches
        self._when = when
        self._changed = threading.Condition()

    def __enter__(self) -> Self:
        """Give the rule itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the rule away."""
        self.remove()

    def __repr__(self) -> str:
        return f"<Rule {self.action.name}: {self.hits} hits>"

    def remove(self) -> None:
        """Take the rule away; twice is fine."""
        self._rules.remove(self)

    def wait(self, hits: int = 1, *, timeout: float = 10.0) -> None:
        """Wait until the rule has acted `hits` times.

        Raises:
            ConfigurationError: `hits` is no number of times, or `timeout` none of seconds.
            NodeError: it did not within `timeout` seconds.
        """
        _check_count(hits, "the times that a rule acts are counted")
        fault = seconds_fault(timeout, least="from 0")
        if fault is not None:
            message = f"the timeout of wait takes seconds, a number {fault}"
            raise ConfigurationError(message)
        with self._changed:
            if not self._changed.wait_for(lambda: self.hits >= hits, timeout):
                message = (
                    f"the rule {self.action.name} acted {self.hits} times within {timeout:g} s, not {hits} times; "
                    f"{self.seen} messages matched it"
                )
                raise NodeError(message)

    def acts_on(self, passing: Passing) -> bool:
        """Whether the rule acts upon this message, which is counted."""
        if passing.direction != self.action.direction or not self._matches(passing):
            return False
        with self._changed:
            self.seen += 1
            if not self._when(self.seen):
                return False
            self.hits += 1
            self._changed.notify_all()
        return True


class Rules:
    """The rules of a proxy, in the order in which they were added; may be changed at any time from any thread."""

    def __init__(self) -> None:
        """Start without rules."""
        self._lock = threading.Lock()
        self._rules: tuple[Rule, ...] = ()
        self._hosts: tuple[str, ...] = ()

    def of_hosts(self, hosts: Collection[str]) -> None:
        """Take note of the addresses of the proxies, which alone a rule may be for from now on."""
        self._hosts = tuple(hosts)

    def __len__(self) -> int:
        return len(self._rules)

    def add(
        self,
        action: Action,
        *,
        opcode: str | Collection[str] | None = None,
        text: str | re.Pattern[str] | None = None,
        host: str | None = None,
        when: When | None = None,
    ) -> Rule:
        """Add a rule, behind those that are there; the first one that acts upon a message is the only one to do so.

        Args:
            action: what is done.
            opcode: for which requests, or their replies: `PREPARE`, `STARTUP`, …, or `EVENT`; by default those by
                which statements are run, `QUERY`, `EXECUTE` and `BATCH`.
            text: only where the statement's text contains this, or the expression is found in it. A statement that
                was prepared through the proxy has its text when it is executed, too.
            host: only at the proxy of this address.
            when: only for some of the messages that match: `nth(2)`, `first(3)`, `every(10)`, `sometimes(0.1)`.

        Raises:
            ConfigurationError: there is no such opcode, no proxy at `host` where the proxies have been started, or an
                argument is none of what it takes.
        """
        _check_rule(action, text, host, when)
        if host is not None and self._hosts and host not in self._hosts:
            there = f"{did_you_mean(host, self._hosts)}; there are {', '.join(self._hosts)}"
            message = f"no proxy is at '{host}'{there}"
            raise ConfigurationError(message)
        opcodes = EXECUTIONS if opcode is None else known_opcodes(opcode)

        def matches(passing: Passing) -> bool:
            if passing.opcode not in opcodes or host not in {None, passing.host}:
                return False
            if isinstance(text, re.Pattern):
                return text.search(passing.text) is not None
            return text is None or text in passing.text

        rule = Rule(self, action, matches, when or always())
        with self._lock:
            self._rules = (*self._rules, rule)
        return rule

    def remove(self, rule: Rule) -> None:
        """Take a rule away; one that is not there is fine."""
        with self._lock:
            self._rules = tuple([other for other in self._rules if other is not rule])

    def clear(self) -> None:
        """Take all rules away."""
        with self._lock:
            self._rules = ()

    def action_on(self, passing: Passing) -> Action | None:
        """The action of the first rule that acts upon a message."""
        return next((rule.action for rule in self._rules if rule.acts_on(passing)), None)


def _check_rule(action: object, text: object, host: object, when: object) -> None:
    """Refuse what would fail where messages pass, where a client would take it for a lost connection.

    Raises:
        ConfigurationError: names the argument and what it takes.
    """
    refused: str | None = None
    if not isinstance(action, Action):
        called = f": call it, {getattr(action, '__name__', 'drop_reply')}()" if callable(action) else ""
        refused = f"action takes what drop_reply() and the like return, not {type(action).__name__}{called}"
    elif text is not None and not isinstance(text, str) and not _is_expression_of_text(text):
        refused = f"text takes a str, or an expression of one, not {type(text).__name__}"
    elif host is not None and not isinstance(host, str):
        refused = f"host takes one of the proxy's hosts, not {type(host).__name__}"
    elif when is not None and not callable(when):
        refused = f"when takes what nth(2), first(3) and the like return, not {type(when).__name__}"
    if refused is not None:
        raise ConfigurationError(refused)


def _is_expression_of_text(text: object) -> bool:
    written: object = getattr(text, "pattern", None)
    return isinstance(text, re.Pattern) and isinstance(written, str)


def known_opcodes(wanted: str | Collection[str]) -> frozenset[str]:
    """Return the names of requests as a set.

    Raises:
        ConfigurationError: there is no such opcode; names the one that may have been meant.
    """
    names = {wanted} if isinstance(wanted, str) else set(wanted)
    known = OPCODES.values()
    for name in sorted(names.difference(known)):
        message = f"there is no opcode '{name}'{did_you_mean(name.upper(), known)}; there are {', '.join(known)}"
        raise ConfigurationError(message)
    return frozenset(names)


def _is_probability(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1


def _counted(when: When, *numbers: int) -> When:
    for number in numbers:
        _check_count(number, "messages are counted")
    return when


def _check_count(number: object, what: str) -> None:
    """Refuse what nothing can be counted by.

    Raises:
        ConfigurationError: says what it takes.
    """
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        message = f"{what}, an int from 1, not {number!r}"
        raise ConfigurationError(message)
