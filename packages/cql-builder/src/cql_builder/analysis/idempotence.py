"""Whether a statement may be sent twice."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cql_builder.analysis.arguments import require_statement
from cql_builder.analysis.statements import is_conditional
from cql_builder.analysis.walking import walk
from cql_builder.ast.access import ListPermissions, ListRoles, ListSuperusers, ListUsers
from cql_builder.ast.clauses import Add, Assign, Subtract, UsingTimestamp
from cql_builder.ast.descriptions import DescribeGroup, DescribeKeyspace, DescribeNamed
from cql_builder.ast.names import ColumnName
from cql_builder.ast.service_levels import ListAttachedServiceLevels, ListEffectiveServiceLevel, ListServiceLevels
from cql_builder.ast.statements import Batch, Delete, Insert, InsertJson, Select, Transaction, Update
from cql_builder.ast.terms import (
    Bind,
    BlobLiteral,
    BooleanLiteral,
    DurationLiteral,
    Element,
    Field,
    FloatLiteral,
    FunctionCall,
    ListLiteral,
    MapLiteral,
    SetLiteral,
    StringLiteral,
    TupleLiteral,
    TypeHint,
    UserTypeLiteral,
    UuidLiteral,
)
from cql_builder.ast.types import CustomType, ListType, NativeType, UserType

if TYPE_CHECKING:
    from cql_builder.ast.clauses import Assignment
    from cql_builder.ast.node import Node
    from cql_builder.ast.statements import Statement
    from cql_builder.ast.terms import Selectable, Term

_ONLY_READ = (
    Select,
    DescribeGroup,
    DescribeKeyspace,
    DescribeNamed,
    ListPermissions,
    ListRoles,
    ListUsers,
    ListSuperusers,
    ListServiceLevels,
    ListAttachedServiceLevels,
    ListEffectiveServiceLevel,
)
_NO_LIST_INDEX = (
    BlobLiteral,
    BooleanLiteral,
    DurationLiteral,
    FloatLiteral,
    ListLiteral,
    MapLiteral,
    SetLiteral,
    StringLiteral,
    TupleLiteral,
    UserTypeLiteral,
    UuidLiteral,
)
"""Literals that are the key of a map where they name an element: a list is numbered."""

_NOW = re.compile(r"(?:^|[:@\\])\s*now\s*(?:$|[:@\\])", re.IGNORECASE)
"""The present moment where a timestamp is wanted, alone or as a part of `'now:1'`, which is a tuple or composite."""

_JSON_NOW = re.compile(r'[":@]now[\\":@]|\\u', re.IGNORECASE)
"""What may be that string in a JSON text, or in one that a string of it holds: letters can be escaped."""


def is_idempotent(tree: Statement) -> bool:
    """Return whether running it twice surely leaves what running it once does.

    False where the tree alone cannot tell: `c = c + ?` may be a set or a counter, `DELETE l[?]` a map or a list. What
    changes the schema, truncates, is conditional or calls a function while it writes is not idempotent: `now()` and
    `uuid()` differ each time, and so may a user's own, which may have the name of a native one. So does the string
    'now' where a timestamp is wanted, in the JSON of a marker too.

    A list that replaces another twice with one timestamp has its elements twice (CASSANDRA-11368), and drivers send a
    timestamp beside the statement, the same one when they retry. So no statement is idempotent that gives a column a
    list, in JSON too; nor, with USING TIMESTAMP, one that gives it a marker. Without, a marker is taken for no list:
    whoever sends the values knows their types, and has to count lists as what is not idempotent.

    Raises:
        ArgumentError: if it is no statement's tree.

    >>> from cql_builder import col, update
    >>> is_idempotent(update("t").set(name="x").where(col("id") == 1).tree)
    True
    >>> is_idempotent(update("t").set(col("n").increment()).where(col("id") == 1).tree)
    False
    """
    require_statement(tree, "is_idempotent")
    if isinstance(tree, _ONLY_READ):
        return True
    if isinstance(tree, Transaction):
        return not tree.updates
    if not isinstance(tree, Insert | InsertJson | Update | Delete | Batch) or is_conditional(tree):
        return False
    if any(_differs_each_time(node) for node in walk(tree)):
        return False
    if not isinstance(tree, Batch):
        return _leaves_the_same(tree, timestamped=_has_timestamp(tree))
    timestamped = _has_timestamp(tree)
    return tree.kind != "counter" and all(
        _leaves_the_same(statement, timestamped=timestamped or _has_timestamp(statement))
        for statement in tree.statements
    )


def _differs_each_time(node: Node) -> bool:
    # Cassandra and ScyllaDB read the string 'now', in any case, as the present moment where a timestamp is wanted.
    kind = type(node)
    return kind is FunctionCall or (kind is StringLiteral and _is_now(node))


def _is_now(node: Node) -> bool:
    return isinstance(node, StringLiteral) and _NOW.search(node.text) is not None


def _has_timestamp(tree: Insert | InsertJson | Update | Delete | Batch) -> bool:
    return any(isinstance(option, UsingTimestamp) for option in tree.using)


def _leaves_the_same(tree: Insert | InsertJson | Update | Delete, *, timestamped: bool) -> bool:
    if isinstance(tree, Insert):
        return not any(_may_double(value, timestamped=timestamped) for value in tree.values)
    if isinstance(tree, InsertJson):
        return _is_same_json(tree.json)
    if isinstance(tree, Update):
        return all(_may_be_assigned_twice(assignment, timestamped=timestamped) for assignment in tree.assignments)
    return all(_may_be_named_twice(target) for target in tree.targets)


def _is_same_json(json: Term) -> bool:
    return isinstance(json, StringLiteral) and "[" not in json.text and _JSON_NOW.search(json.text) is None


def _without_parentheses(term: Selectable) -> Selectable:
    """Return what stands in parentheses: a tuple of one is, to the server, that one wherever no tuple is wanted."""
    while isinstance(term, TupleLiteral) and len(term.elements) == 1:
        term = term.elements[0]
    return term


def _may_double(given: Selectable, *, timestamped: bool) -> bool:
    """Return whether a value may be a list that stands twice in its column when it is written twice."""
    value = _without_parentheses(given)
    if isinstance(value, TypeHint):
        hinted = _without_parentheses(value.term)
        if isinstance(value.type, ListType):
            return True
        # A Java class may be that of a list; a literal behind it, or behind a type of one's own, is what it is.
        if isinstance(value.type, CustomType) and isinstance(hinted, Bind):
            return True
        if isinstance(value.type, CustomType | UserType) and isinstance(hinted, ListLiteral | TypeHint):
            return _may_double(hinted, timestamped=timestamped)
        return timestamped and not isinstance(value.type, NativeType)
    if isinstance(value, ListLiteral):
        return bool(value.elements)
    return timestamped and isinstance(value, Bind)


def _may_be_assigned_twice(assignment: Assignment, *, timestamped: bool) -> bool:
    if isinstance(assignment, Assign):
        # What an element or a field holds is frozen: lists in it are written as one value.
        if isinstance(assignment.target, ColumnName) and _may_double(assignment.value, timestamped=timestamped):
            return False
        return _may_be_named_twice(assignment.target)
    if isinstance(assignment, Add):
        return isinstance(assignment.value, SetLiteral | MapLiteral)
    # What is taken out of a list, set or map is gone the second time; what is taken from a counter is not.
    return isinstance(assignment, Subtract) and isinstance(assignment.value, ListLiteral | SetLiteral | MapLiteral)


def _may_be_named_twice(target: ColumnName | Element | Field) -> bool:
    """Return whether the target is surely the same the second time: an element of a list has moved by then."""
    return isinstance(target, ColumnName | Field) or isinstance(_without_parentheses(target.key), _NO_LIST_INDEX)
