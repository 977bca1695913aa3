"""Renderers of transactions and of what they read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast import relations, statements, terms
from cql_builder.compiler.assignments import WRITTEN, row_reference
from cql_builder.compiler.clauses import required_where
from cql_builder.compiler.literals import WHOLE_NUMBER
from cql_builder.compiler.names import bare_word, qualified_name
from cql_builder.compiler.queries import MODIFICATION, select
from cql_builder.compiler.relations import operator
from cql_builder.compiler.rendering import Rule
from cql_builder.compiler.selectors import SELECTOR
from cql_builder.dialects.features import TRANSACTIONS

if TYPE_CHECKING:
    from cql_builder.compiler.rendering import Rendering


def _let(node: statements.Let, rendering: Rendering) -> str:
    rendering.require(TRANSACTIONS)
    name = bare_word(node.name, "the name of a row that LET reads", rendering)
    selection = SELECTOR.join(node.selection, rendering) or "*"
    text = f"LET {name} = (SELECT {selection} FROM {qualified_name(node.table, rendering)}"
    text += required_where(node.where, rendering)
    return f"{text})" if node.limit is None else f"{text} LIMIT {WHOLE_NUMBER.text(node.limit, rendering)})"


def _transaction(node: statements.Transaction, rendering: Rendering) -> str:
    rendering.require(TRANSACTIONS)
    rendering.in_transaction = True
    text = f"BEGIN TRANSACTION {''.join([f'{_let(read, rendering)}; ' for read in node.reads])}"
    text += _answer(node, rendering)
    if node.conditions:
        text += f"IF {_CONDITION.join(node.conditions, rendering, ' AND ')} THEN "
    text += "".join([f"{MODIFICATION.text(update, rendering)}; " for update in node.updates])
    return f"{text}{'END IF ' if node.conditions else ''}COMMIT TRANSACTION"


def _answer(node: statements.Transaction, rendering: Rendering) -> str:
    if node.answer is None:
        return ""
    if isinstance(node.answer, statements.Select):
        return f"{select(node.answer, rendering)}; "
    rendering.require_some(node.answer, "what SELECT answers", "name what was read, or leave the answer out")
    return f"SELECT {', '.join([row_reference(answer, rendering) for answer in node.answer])}; "


def _comparison(node: relations.ReferenceComparison, rendering: Rendering) -> str:
    read = [side for side in (node.left, node.right) if isinstance(side, terms.RowReference)]
    if len(read) != 1:
        rendering.refuse("a condition of a transaction compares what was read with a term, or a term with it")
    left, right = WRITTEN.text(node.left, rendering), WRITTEN.text(node.right, rendering)
    return f"{left} {operator(node.operator, rendering)} {right}"


def _is_null(node: relations.ReferenceIsNull, rendering: Rendering) -> str:
    return f"{row_reference(node.reference, rendering)} IS {'NOT ' if node.negated else ''}NULL"


_CONDITION = Rule(
    "a condition of a transaction",
    {relations.ReferenceComparison: _comparison, relations.ReferenceIsNull: _is_null},
)
TRANSACTION = Rule("a statement", {statements.Let: _let, statements.Transaction: _transaction})
