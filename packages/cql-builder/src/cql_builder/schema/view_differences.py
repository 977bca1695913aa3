"""What lies between the materialized views of two keyspaces, in groups of steps."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cql_builder.ast.indexes import AlterMaterializedView, DropMaterializedView
from cql_builder.schema.creation import view_creation
from cql_builder.schema.option_differences import changed_options
from cql_builder.schema.options import option_trees
from cql_builder.schema.steps import executable
from cql_builder.schema.table_differences import droppable_columns
from cql_builder.schema.views import selected_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cql_builder.schema.catalog import Catalog
    from cql_builder.schema.option_differences import OptionRules
    from cql_builder.schema.steps import Step
    from cql_builder.schema.views import ViewSchema


def view_drops(actual: Catalog, desired: Catalog) -> Iterator[Step]:
    """Yield the steps that drop views which are not wanted, or must be made anew."""
    for name, view in actual.views.items():
        back = view_creation(view, actual.tables.get(view.table))
        if name not in desired.views:
            reason = f"view {name!r} of table {view.table!r} is not wanted"
            yield executable(DropMaterializedView(view.view_name), "destructive", reason, back)
            continue
        reason = _why_anew(view, actual, desired)
        if reason:
            yield executable(DropMaterializedView(view.view_name), "rewrite", reason, back)


def view_changes(actual: Catalog, desired: Catalog, rules: OptionRules) -> Iterator[Step]:
    """Yield the steps that create views and change the options of those that stay."""
    for name, view in desired.views.items():
        before = actual.views.get(name)
        drop = DropMaterializedView(view.view_name)
        creation = view_creation(view, desired.tables.get(view.table))
        if before is None:
            yield executable(creation, "additive", f"there is no view {name!r}", drop)
            continue
        anew = _why_anew(before, actual, desired)
        if anew:
            yield executable(creation, "rewrite", anew, drop)
            continue
        for changed in changed_options(before.options, view.options, rules):
            tree = AlterMaterializedView(view.view_name, option_trees(changed.wanted))
            back = [AlterMaterializedView(view.view_name, option_trees(changed.before))] if changed.before else []
            reason = f"other options of view {name!r} are wanted: {changed.reason}"
            yield executable(tree, changed.safety, reason, *back)


def _why_anew(view: ViewSchema, actual: Catalog, desired: Catalog) -> str:
    """Return why a view must be dropped and made again; empty where it need not be."""
    other = replace(desired.views[view.name], options={})
    if replace(view, options={}) != other:
        differing = ", ".join([what for what, of in _DIFFERENCES if of(view) != of(other)])
        return f"view {view.name!r} is wanted otherwise ({differing}) and is made anew"
    table, wanted = actual.tables.get(view.table), desired.tables.get(view.table)
    if table is not None and wanted is not None and droppable_columns(table, wanted):
        return f"view {view.name!r} is made anew: no column of a table that has views can be dropped"
    return ""


_DIFFERENCES: Final[tuple[tuple[str, Callable[[ViewSchema], object]], ...]] = (
    ("table", lambda view: view.table),
    ("partition key", lambda view: view.partition_key),
    ("clustering key or its order", lambda view: view.clustering_key),
    ("columns", lambda view: frozenset(selected_columns(view))),
    ("conditions", lambda view: frozenset(view.where)),
)
"""What views of one name may differ in, besides their options."""
