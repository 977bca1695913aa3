"""Which options of a table or view must be said anew, and what they were."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cql_builder.dialects import DEFAULT_DIALECT
from cql_builder.dialects.options import TABLE_OPTIONS
from cql_builder.schema.losses import option_loss
from cql_builder.schema.option_defaults import OptionDefaults, defaults_of
from cql_builder.schema.options import complete_options, is_same_option, with_kept_entries

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cql_builder.dialects import Dialect
    from cql_builder.schema.steps import Safety

_SAFETIES: tuple[Safety, ...] = ("additive", "rewrite", "destructive")

_IGNORED = "extensions"
"""The option that Cassandra takes and makes nothing of (`TableAttributes`, up to 5.0.9): nothing can change it."""


class OptionRules(NamedTuple):
    """Which options are compared, and of which server they are.

    Attributes:
        keep: whether options that are not wanted stay as they are.
        dialect: the dialect of the server.
    """

    keep: bool = False
    dialect: Dialect = DEFAULT_DIALECT

    @property
    def defaults(self) -> OptionDefaults:
        """What the server adds."""
        return defaults_of(self.dialect.name)

    def is_lacking(self, option: str) -> bool:
        """Return whether an option is one of other servers alone; what nobody knows may be a vendor's own."""
        there = TABLE_OPTIONS.get(self.dialect.name)
        return there is not None and option not in there and any(option in known for known in TABLE_OPTIONS.values())


ALL_OPTIONS = OptionRules()
"""All options are compared, as Cassandra has them."""


class ChangedOptions(NamedTuple):
    """Options of one table or view that one step sets, with what they were.

    Attributes:
        safety: how safe it is to set them.
        reason: which they are, and what they lose.
        wanted: what they shall be.
        before: what they are; empty where that is not known of each.
    """

    safety: Safety
    reason: str
    wanted: dict[str, object]
    before: dict[str, object]


def changed_options(
    actual: Mapping[str, object], desired: Mapping[str, object], rules: OptionRules = ALL_OPTIONS
) -> Iterator[ChangedOptions]:
    """Yield the options to set with what they were: what loses nothing, what rewrites data, what loses something.

    An option that is not wanted goes back to its default, unless such options are kept: then entries of maps too, which
    are said again where another entry changes. One that the server lacks comes alone, so that it keeps no other from
    being set.

    >>> (step,) = changed_options({"gc_grace_seconds": 60}, {"comment": "x"})
    >>> step.safety, step.wanted, step.before
    ('additive', {'comment': 'x', 'gc_grace_seconds': 864000}, {'comment': '', 'gc_grace_seconds': 60})
    """
    keep, defaults = rules.keep, rules.defaults
    if keep:
        desired = {name: with_kept_entries(name, actual.get(name), value, defaults) for name, value in desired.items()}
    there, wanted = complete_options(actual, defaults), complete_options(desired, defaults)
    kept = defaults.configured
    names = [
        name
        for name in sorted(wanted)
        if name != "id"
        and (name != _IGNORED or rules.is_lacking(name))
        and (name in desired or not (keep or name in kept))
        and (name not in there or there[name] != wanted[name])
        and not (keep and name in there and is_same_option(name, there[name], desired[name]))
    ]
    had = [name for name in names if not rules.is_lacking(name)]
    for together in (had, *[[name] for name in names if name not in had]):
        for safety, reason, group in by_safety({name: (there.get(name), wanted[name]) for name in together}):
            known = all(name in there for name in group)
            before = {name: _said(name, actual, there, defaults) for name in group} if known else {}
            after = {name: _said(name, desired, wanted, defaults) for name in group}
            yield ChangedOptions(safety, reason, after, before)


def by_safety(changes: Mapping[str, tuple[object, object]]) -> Iterator[tuple[Safety, str, list[str]]]:
    """Yield the names of changed options in groups: how safe a group is, and which options with what they lose.

    >>> list(by_safety({"cdc": (True, False), "comment": ("", "x")}))[0]
    ('additive', 'comment', ['comment'])
    """
    losses = {name: option_loss(name, before, after) for name, (before, after) in changes.items()}
    for safety in _SAFETIES:
        group = [name for name, loss in losses.items() if loss.safety == safety]
        if group:
            said = [f"{name} ({losses[name].reason})" if losses[name].reason else name for name in group]
            yield safety, ", ".join(said), group


def unknown_options(actual: Mapping[str, object], desired: Mapping[str, object], rules: OptionRules) -> list[str]:
    """Return the options that are set and not wanted, and have no default that is known here."""
    known = {*desired, *rules.defaults.table, *rules.defaults.configured, "id"}
    return [] if rules.keep else [name for name in sorted(actual) if name not in known]


def _said(name: str, options: Mapping[str, object], complete: Mapping[str, object], defaults: OptionDefaults) -> object:
    if name in options:
        return options[name]
    # A default as short as it can be said, but for the one that depends on another option.
    return complete[name] if name == "bloom_filter_fp_chance" else defaults.table[name]
