"""Transactions: what stands between BEGIN TRANSACTION and COMMIT TRANSACTION, and LET."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.relations import ReferenceComparison, ReferenceIsNull
from cql_builder.ast.statements import Let, Transaction
from cql_builder.dialects import features
from cql_builder.parser.clauses import whole_number
from cql_builder.parser.constraints import comparison_operator
from cql_builder.parser.lexer import END
from cql_builder.parser.names import table_name
from cql_builder.parser.references import at_row_reference, row_reference
from cql_builder.parser.relations import where_clause
from cql_builder.parser.rows import WRITES, select
from cql_builder.parser.selectors import selectable
from cql_builder.parser.terms import term

if TYPE_CHECKING:
    from cql_builder.ast.relations import ComparisonOperator, Relation
    from cql_builder.ast.statements import Delete, Insert, InsertJson, Select, Update
    from cql_builder.ast.terms import RowReference
    from cql_builder.parser.cursor import Cursor


def transaction(cursor: Cursor) -> Transaction:
    """Read what follows BEGIN TRANSACTION."""
    cursor.require(features.TRANSACTIONS, cursor.mark() - 1)
    cursor.in_transaction = True
    try:
        return _transaction(cursor)
    finally:
        cursor.in_transaction = False


def let(cursor: Cursor) -> Let:
    """Read what follows LET. The server's grammar has it outside of transactions too."""
    cursor.require(features.TRANSACTIONS, cursor.mark() - 1)
    name = cursor.word("a name, a word without quotes that is no keyword")
    cursor.expect("=", "(", "select")
    selection = () if cursor.accept("*") else cursor.comma_separated(lambda: selectable(cursor))
    cursor.expect("from")
    table = table_name(cursor)
    cursor.expect("where")
    where = where_clause(cursor)
    limit = whole_number(cursor) if cursor.accept("limit") else None
    cursor.expect(")")
    return Let(name, selection, table, where, limit)


def _transaction(cursor: Cursor) -> Transaction:
    reads: list[Let] = []
    while cursor.accept("let"):
        reads.append(let(cursor))
        cursor.expect(";")
    answer = _answer(cursor) if cursor.accept("select") else None
    conditions = _conditions(cursor) if cursor.accept("if") else ()
    updates: list[Insert | InsertJson | Update | Delete] = []
    while cursor.peek() in WRITES:
        read = WRITES[cursor.peek()]
        cursor.expect(cursor.peek())
        updates.append(read(cursor))
        cursor.expect(";")
    if conditions:
        cursor.expect("end", "if")
    cursor.expect("commit", "transaction")
    return Transaction(tuple(reads), answer, conditions, tuple(updates))


def _answer(cursor: Cursor) -> Select | tuple[RowReference, ...]:
    """Read the SELECT of a transaction: of a table, or of what was read before, which has no FROM."""
    answer = select(cursor) if _selects_from_table(cursor) else cursor.comma_separated(lambda: row_reference(cursor))
    cursor.expect(";")
    return answer


def _selects_from_table(cursor: Cursor) -> bool:
    ahead = 0
    while cursor.peek(ahead) not in {"from", ";", END}:
        ahead += 1
    return cursor.peek(ahead) == "from"


def _conditions(cursor: Cursor) -> tuple[Relation, ...]:
    conditions = [_condition(cursor)]
    while cursor.accept("and"):
        conditions.append(_condition(cursor))
    cursor.expect("then")
    return tuple(conditions)


def _condition(cursor: Cursor) -> ReferenceComparison | ReferenceIsNull:
    """Read one condition: a reference on one side, and on the other a term that has none."""
    if not at_row_reference(cursor):
        left = term(cursor)
        operator = _operator(cursor)
        if not at_row_reference(cursor):
            raise cursor.error("a row that the transaction has read")
        return ReferenceComparison(left, operator, row_reference(cursor))
    reference = row_reference(cursor)
    if cursor.accept("is"):
        negated = cursor.accept("not")
        cursor.expect("null")
        return ReferenceIsNull(reference, negated)
    return ReferenceComparison(reference, _operator(cursor), term(cursor))


def _operator(cursor: Cursor) -> ComparisonOperator:
    operator = comparison_operator(cursor)
    if operator is None:
        raise cursor.error("a comparison")
    return operator
