"""The features of the reference of drivers, and which lines of the contract stand for them."""

from __future__ import annotations

EXECUTING = ("params", "consistency", "timeout", "fetch_size", "paging_state")
"""The options of `execute`; `execute_one` has the first three."""


def verbs(*, one: bool) -> dict[str, tuple[str, ...]]:
    """Give the features that each class of drivers is documented with."""
    found: dict[str, tuple[str, ...]] = {"driver: execute": ("execute", "execute(stmt)")}
    found |= {f"driver: execute({option})": (f"execute({option})",) for option in EXECUTING}
    if one:
        found["driver: execute_one"] = ("execute_one", "execute_one(stmt)", "execute_one(params)")
        found["driver: execute_one, with options"] = ("execute_one(consistency)", "execute_one(timeout)")
    found["driver: sync_table"] = ("sync_table", "sync_table(table)", "sync_table(keyspace)", "sync_table(cols)")
    for option in ("table_options", "dry_run", "drop_removed_indexes"):
        found[f"driver: sync_table({option})"] = (f"sync_table({option})",)
    found["driver: close"] = ("close",)
    return found


SECTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "AbstractDriver": {
        "driver: an abstract base": ("__mro__",),
        "driver: needs_row_validation": ("needs_row_validation",),
        **verbs(one=True),
    },
    "LazyDriver": {
        "lazy: connects on first use": ("__mro__", "(hosts)", "(keyspace)", "(kwargs)"),
        "lazy: ssl_context": ("(ssl_context)",),
        "lazy: execute": ("execute", "execute(stmt)", *(f"execute({option})" for option in EXECUTING)),
        "lazy: sync_table": (
            "sync_table",
            *(
                f"sync_table({option})"
                for option in ("table", "keyspace", "cols", "table_options", "dry_run", "drop_removed_indexes")
            ),
        ),
        "lazy: close": ("close",),
    },
    "functions": {
        "register_driver": (
            "register_driver",
            "register_driver(name)",
            "register_driver(driver)",
            "register_driver(default)",
        ),
        "get_driver": ("get_driver", "get_driver(name)"),
        "connect by hosts and keyspace": (
            "init_coodie",
            "init_coodie(hosts)",
            "init_coodie(keyspace)",
            "init_coodie_async",
            "init_coodie_async(hosts)",
            "init_coodie_async(keyspace)",
        ),
        "connect over a session": ("init_coodie(session)", "init_coodie_async(session)"),
        "connect with a driver type": ("init_coodie(driver_type)", "init_coodie_async(driver_type)"),
        "connect under a name": ("init_coodie(name)", "init_coodie_async(name)"),
        "connect: ssl_context": ("init_coodie(ssl_context)", "init_coodie_async(ssl_context)"),
        "connect: lazy": ("init_coodie(lazy)",),
        "connect: compression": ("init_coodie(compression)",),
        "connect: speculative_execution_policy": ("init_coodie(speculative_execution_policy)",),
        "connect: options of the client library": ("init_coodie(kwargs)", "init_coodie_async(kwargs)"),
        "connect: ssl_enabled, ssl_trusted_cert": (
            "init_coodie_async(ssl_enabled)",
            "init_coodie_async(ssl_trusted_cert)",
        ),
        "connect: ssl_cert, ssl_private_key": ("init_coodie_async(ssl_cert)", "init_coodie_async(ssl_private_key)"),
        "connect: ssl_verify_flags": ("init_coodie_async(ssl_verify_flags)",),
    },
    "CassandraDriver": {
        "driver: an abstract base": ("__mro__",),
        "CassandraDriver over a session": ("(session)", "(default_keyspace)"),
        **verbs(one=True),
    },
}

TABLES = ("test_a_table_is_made_once_and_then_left_alone",)
CHANGES = ("test_what_a_table_lacks_is_added_and_indexes_go_only_when_asked",)

CASES: dict[str, tuple[str, ...]] = {
    "driver: sync_table(dry_run)": TABLES,
    "driver: sync_table(drop_removed_indexes)": CHANGES,
}
"""Cases of the conformance suite that show a feature for which the contract has no line of its own."""

LINES: dict[str, tuple[str, ...]] = {
    "driver: execute": ("execute", "rows"),
    **{f"driver: execute({option})": (f"execute({option})",) for option in EXECUTING},
    "driver: execute_one": ("execute_one",),
    "driver: sync_table": ("sync_table",),
    "driver: close": ("close",),
    "lazy: connects on first use": ("connecting: lazily",),
}
"""The lines of the contract whose cases show a feature."""
