"""The features of the reference of documents, class by class."""

from __future__ import annotations


def verb(name: str, *options: str, more: tuple[str, ...] = ()) -> dict[str, tuple[str, ...]]:
    """Give the features of a verb: itself, and each of its options."""
    return {name: (name, *more), **{f"{name}: {option}": (f"{name}({option})",) for option in options}}


WRITTEN = ("ttl", "timestamp", "consistency", "timeout")

SECTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "Document": {
        "a document is a Pydantic model": ("__mro__",),
        "configuration of the model": ("model_config",),
        "make the table": ("sync_table",),
        "make the table again": (),
        "sync_table: add columns": (),
        "sync_table: dry_run": ("sync_table(dry_run)",),
        "sync_table: drop_removed_indexes": ("sync_table(drop_removed_indexes)",),
        "settings: name": ("table_name",),
        "drop_table": ("drop_table",),
        "truncate": ("truncate",),
        **verb("save", *WRITTEN, "batch"),
        **verb("save_json", *WRITTEN),
        **verb("insert", *WRITTEN, "batch"),
        **verb(
            "delete_columns",
            "timestamp",
            "consistency",
            "timeout",
            "batch",
            "collection_elements",
            more=("delete_columns(column_names)",),
        ),
        **verb("delete", "if_exists", "if_conditions", "timestamp", "consistency", "timeout", "batch"),
        "delete: if_conditions with operators": ("__ne", "__gt", "__in"),
        "update: fields": ("update", "update(kwargs)"),
        "update: if_conditions": ("update(if_conditions)",),
        "update: if_exists": ("update(if_exists)",),
        "update: ttl": ("update(ttl)",),
        "update: add to a set": (),
        "update: remove from a set": (),
        "get": ("get", "get(kwargs)"),
        "error: not found": (),
    },
    "CounterDocument": {
        "counters have a base class": ("__mro__",),
        "configuration of the model": ("model_config",),
        "counters: save is refused": (
            "save",
            "save(ttl)",
            "save(timestamp)",
            "save(consistency)",
            "save(timeout)",
        ),
        "counters: insert is refused": (
            "insert",
            "insert(ttl)",
            "insert(timestamp)",
            "insert(consistency)",
            "insert(timeout)",
        ),
        "counters: increment": ("increment", "increment(field_deltas)"),
        "counters: increment several at once": (".increment(view_count, unique_visitors)",),
        "counters: decrement": ("decrement", "decrement(field_deltas)", ".decrement(view_count)"),
    },
    "MaterializedView": {
        "views have a base class": ("__mro__",),
        "configuration of the model": ("model_config",),
        "view: base table": ("__base_table__",),
        "view: columns": ("__view_columns__",),
        "view: all columns unless said otherwise": (),
        "view: condition": ("__where_clause__",),
        "view: condition unless said otherwise": (),
        "view: clustering order": ("__clustering_order__",),
        "view: sync_view": ("sync_view",),
        "view: drop_view": ("drop_view",),
        "view: save is refused": ("save", "save(kwargs)"),
        "view: insert is refused": ("insert", "insert(kwargs)"),
        "view: delete is refused": ("delete", "delete(kwargs)", "__ne", "__gt", "__in"),
        "view: update is refused": ("update", "update(kwargs)"),
    },
}
