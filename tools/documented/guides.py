"""The features of the guides: of reading and writing documents, and of counters."""

from __future__ import annotations

CRUD: dict[str, dict[str, tuple[str, ...]]] = {
    "Setup": {
        "connect by hosts and keyspace": ("init_coodie(hosts, keyspace)",),
        "a key that makes itself": ("PrimaryKey()", "Field(default_factory)"),
        "secondary index": ("Indexed()",),
        "make the table": (".sync_table()",),
    },
    "Create": {
        "construct and save": ("Task(title, status, priority)", ".save()"),
        "save: overwrites": (),
        "insert": ("Task(title)", ".insert()"),
        "save: ttl": (".save(ttl)",),
        "insert: ttl": (".insert(ttl)",),
    },
    "Read": {
        "get": (".get(id)",),
        "error: not found": (),
        "find_one": (".find_one(id)",),
        "find": (".find(status).all()",),
        "query: a chain of all": (".find(status).filter(priority__gte).order_by(…).limit(…).allow_filtering().all()",),
        "query: count": (".find(status).count()",),
        "query: iteration": (".find(status)",),
    },
    "Update": {
        "get": (".get(id)",),
        "update: fields": (".update(status, assignee)",),
        "update: ttl": (".update(ttl, status)",),
        "update: if_exists": (".update(if_exists, status)",),
        "update: if_conditions": (".update(if_conditions, status)",),
        "update: add to a set": (".update(add__tags)",),
        "update: remove from a set": (".update(remove__tags)",),
        "update: append to a list": (),
        "update: append a single value": (".update(append__comments)",),
        "update: prepend a single value": (".update(prepend__comments)",),
    },
    "Delete": {
        "get": (".get(id)",),
        "delete": (".delete()",),
        "delete: if_exists": (".delete(if_exists)",),
        "query: delete": (".find(status).delete()",),
    },
    "Counter Operations": {
        "counters: a table of them": ("PrimaryKey()", "Counter()", ".sync_table()"),
        "counters: increment": ("PageHits(url)", ".increment(hits)"),
        "counters: decrement": (".decrement(hits)",),
        "counters: save is refused": (),
        "counters: insert is refused": (),
    },
}

COUNTERS: dict[str, dict[str, tuple[str, ...]]] = {
    "Defining a Counter Document": {
        "counters: a table of them": ("PrimaryKey()", "Counter()", ".sync_table()"),
        "settings: name": (),
        "connect by hosts and keyspace": ("init_coodie(hosts, keyspace)",),
    },
    "Increment": {
        "counters: increment": ("PageHits(url)", ".increment(views)"),
        "counters: increment several at once": (".increment(views, unique_visitors)",),
    },
    "Decrement": {"counters: decrement": (".decrement(views)",)},
    "Reading Counter Values": {
        "counters: get": (".get(url)",),
        "counters: find": (),
    },
    "Restrictions": {
        "counters: save is refused": (),
        "counters: insert is refused": (),
        "counters: every other field is one": (),
        "counters: none beside other fields": (),
        "counters: no time to live": (),
    },
}
