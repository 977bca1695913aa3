"""Which options of a table or view must be said anew, and what they were."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cql_builder.schema.losses import option_loss
from cql_builder.schema.option_defaults import TABLE_DEFAULTS
from cql_builder.schema.options import complete_options

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cql_builder.schema.steps import Safety

_SAFETIES: tuple[Safety, ...] = ("additive", "rewrite", "destructive")


class ChangedOptions(NamedTuple):
    """Options of one table or view that one step sets, with what they were.

    Attributes:
        safety: how safe it is to set them.
        reason: which they are, and what they lose.
        wanted: what they shall be.
        before: what they are.
    """

    safety: Safety
    reason: str
    wanted: dict[str, object]
    before: dict[str, object]


def changed_options(
    actual: Mapping[str, object], desired: Mapping[str, object], *, keep: bool
) -> Iterator[ChangedOptions]:
    """Yield the options to set with what they were: what loses nothing, what rewrites data, what loses something.

    An option that is not wanted goes back to its default, unless such options are kept.

    >>> (step,) = changed_options({"gc_grace_seconds": 60}, {"comment": "x"}, keep=False)
    >>> step.safety, step.wanted, step.before
    ('additive', {'comment': 'x', 'gc_grace_seconds': 864000}, {'comment': '', 'gc_grace_seconds': 60})
    """
    there, wanted = complete_options(actual), complete_options(desired)
    names = [
        name
        for name in sorted(wanted)
        if name != "id" and (name in desired or not keep) and (name not in there or there[name] != wanted[name])
    ]
    for safety, reason, group in by_safety({name: (there.get(name), wanted[name]) for name in names}):
        before = {name: _said(name, actual, there) for name in group if name in there}
        yield ChangedOptions(safety, reason, {name: _said(name, desired, wanted) for name in group}, before)


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


def unknown_options(actual: Mapping[str, object], desired: Mapping[str, object]) -> list[str]:
    """Return the options that are set and not wanted, and have no default that is known here."""
    return [name for name in sorted(actual) if name not in desired and name not in TABLE_DEFAULTS and name != "id"]


def _said(name: str, options: Mapping[str, object], complete: Mapping[str, object]) -> object:
    if name in options:
        return options[name]
    # A default as short as it can be said, but for the one that depends on another option.
    return complete[name] if name == "bloom_filter_fp_chance" else TABLE_DEFAULTS[name]
