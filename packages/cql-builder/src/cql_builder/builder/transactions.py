"""`transaction()`: what is read, and what is written on which conditions, all at one moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, overload

from cql_builder.ast.relations import ReferenceComparison, ReferenceIsNull
from cql_builder.ast.statements import Insert, InsertJson, Let, Select, Transaction
from cql_builder.ast.terms import Alias, Element, Field, RowReference
from cql_builder.builder.batches import checked_writes
from cql_builder.builder.clauses import checked_condition, refuse_none
from cql_builder.builder.columns import column_name
from cql_builder.builder.comparisons import ComparisonOperators
from cql_builder.builder.names import checked_name
from cql_builder.builder.parts import Condition, Part, as_term, is_part, nodes_of, values_of
from cql_builder.builder.select import SelectBuilder
from cql_builder.builder.statement import StatementBuilder
from cql_builder.builder.update import changes_counters
from cql_builder.errors import (
    ArgumentError,
    MissingClauseError,
    RepeatedClauseError,
    StatementError,
    suggestion,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

    from typing_extensions import Self

    from cql_builder.ast.relations import ComparisonOperator
    from cql_builder.ast.terms import Selectable
    from cql_builder.builder.batches import Write
    from cql_builder.builder.columns import Column


class ReadPart(Part[RowReference]):
    """A row that a transaction has read, or something in it; it can be null."""

    __slots__ = ()

    if not TYPE_CHECKING:  # a type checker must keep refusing these operators

        def __add__(self, other: object) -> NoReturn:
            """Refuse: only a column that is written can be computed of it."""
            raise StatementError(
                "row()", 'CQL computes nothing of what was read; add it to a column: set(n=col("n") + row(…).column(…))'
            )

        __sub__ = __mul__ = __truediv__ = __mod__ = __radd__ = __rmul__ = __rsub__ = __rtruediv__ = __rmod__ = __add__

        def __neg__(self) -> NoReturn:
            """Refuse, as above."""
            self.__add__(0)

    def is_null(self) -> Condition:
        """Return the condition `… IS NULL`: of a row, that there is none."""
        return Condition(ReferenceIsNull(self.node), self.values)

    def is_not_null(self) -> Condition:
        """Return the condition `… IS NOT NULL`: of a row, that there is one."""
        return Condition(ReferenceIsNull(self.node, negated=True), self.values)


class ReadRow(ReadPart):
    """A row that a transaction has read. Made by `row`."""

    __slots__ = ()

    def column(self, name: str | Column) -> ReadValue:
        """Return what the row has in a column.

        Raises:
            ArgumentError: if it is no column.
        """
        return ReadValue(RowReference(self.node.row, column_name(name, "row().column()")))


class ReadValue(ComparisonOperators, ReadPart):
    """What a row has that a transaction has read, to compare, answer or write it."""

    __slots__ = ()

    def __getitem__(self, key: object) -> ReadValue:
        """Return the element of a map under a key, or of a list at an index."""
        term, values = as_term(key, "an element")
        return ReadValue(RowReference(self.node.row, Element(self._selection(), term)), self.values + values)

    def field(self, name: str) -> ReadValue:
        """Return a field of a user-defined type.

        Raises:
            ArgumentError: if the name is no str.
        """
        checked = checked_name(name, "field()", "the name of a field")
        return ReadValue(RowReference(self.node.row, Field(self._selection(), checked)), self.values)

    def _selection(self) -> Selectable:
        if self.node.selection is None:
            raise StatementError("row()", "name a column with column(...) first")
        return self.node.selection

    def _compare(self, operator: ComparisonOperator, value: object) -> Condition:
        if is_part(value) and isinstance(value.node, RowReference):
            raise StatementError(operator, "what was read is compared with a value, not with what was read too")
        term, values = as_term(value, operator)
        return Condition(ReferenceComparison(self.node, operator, term), self.values + values)


class TransactionBuilder(StatementBuilder):
    """A transaction. Made by `transaction`."""

    kind: ClassVar[str] = "TRANSACTION"
    _reads: tuple[Part[Let], ...] = ()
    _answer: SelectBuilder | tuple[ReadValue | ReadRow, ...] | None = None
    _conditions: tuple[Condition, ...] = ()
    _writes: tuple[Write, ...] = ()

    def let(self, name: str, read: SelectBuilder) -> Self:
        """Read a row and give it a name, after those read before.

        Raises:
            StatementError: if the name is none or there already, or the SELECT has more than columns, a table, WHERE
                and LIMIT.
        """
        if name in [before.node.name for before in self._reads]:
            raise RepeatedClauseError(self.kind, f"LET {checked_name(name, self.kind, 'the name of a row')}")
        return self._with(_reads=(*self._reads, _let(checked_name(name, self.kind, "the name of a row"), read)))

    def answer(self, *answers: SelectBuilder | ReadValue | ReadRow) -> Self:
        """Answer with a SELECT, or with what was read by name.

        Raises:
            StatementError: if there is no answer, one before, or a SELECT beside other answers.
        """
        if self._answer is not None:
            raise RepeatedClauseError(self.kind, "SELECT")
        if len(answers) == 1 and isinstance(answers[0], SelectBuilder):
            return self._with(_answer=answers[0])
        for each in answers:
            if not isinstance(each, ReadValue | ReadRow):
                raise ArgumentError(self.kind, "answer()", "one SELECT, or what was read as row(…)", each)
        if not answers:
            raise MissingClauseError(self.kind, "the answer", "answer() takes one SELECT, or what was read as row(…)")
        return self._with(_answer=answers)

    @overload
    def if_(self, condition: Condition, /) -> Self: ...
    @overload
    def if_(self, condition: Condition, /, *more: Condition) -> Self: ...
    def if_(self, *conditions: Condition) -> Self:
        """Write only where all conditions hold for what was read.

        Conditions given before hold on.

        Raises:
            StatementError: if nothing is given, or one is no condition on `row(…)`.
        """
        refuse_none(conditions, self.kind, "IF")
        checked = tuple([checked_condition(condition, self.kind, "if_()") for condition in conditions])
        for condition in checked:
            if not isinstance(condition.node, ReferenceComparison | ReferenceIsNull):
                raise StatementError(self.kind, 'IF compares what was read, such as row("r").column("a") == 1')
        return self._with(_conditions=self._conditions + checked)

    def then(self, *writes: Write) -> Self:
        """Write this, after what was given before.

        Raises:
            ArgumentError: if one is no INSERT, UPDATE or DELETE.
        """
        return self._with(_writes=self._writes + checked_writes(writes, self.kind))

    @property
    def tree(self) -> Transaction:
        """The statement as a tree, markers where values stand.

        Raises:
            StatementError: if there is nothing to do, a row is named that was not read, or the server refuses a write.
        """
        if self._answer is None and not self._writes:
            raise MissingClauseError(self.kind, "what to do", "give answer(...) or then(...)")
        if self._conditions and not self._writes:
            raise MissingClauseError(self.kind, "THEN", "say with then(...) what is written")
        if any(map(changes_counters, self._writes)):
            raise StatementError(self.kind, "counters cannot be written in one; write them in a batch of their own")
        writes = tuple([write.tree for write in self._writes])
        for write in writes:
            if write.if_not_exists if isinstance(write, Insert | InsertJson) else write.if_exists or write.conditions:
                raise StatementError(self.kind, "what is written has no IF of its own; put it into transaction().if_()")
        self._refuse_unread([_reference(condition.node) for condition in self._conditions])
        return Transaction(nodes_of(self._reads), self._answered(), nodes_of(self._conditions), writes)

    @property
    def params(self) -> tuple[object, ...]:
        """What the markers stand for, in the order of the text."""
        answer = self._answer
        answered = answer.params if isinstance(answer, SelectBuilder) else values_of(answer or ())
        written = [value for write in self._writes for value in write.params]
        return (*values_of(self._reads), *answered, *values_of(self._conditions), *written)

    def _answered(self) -> Select | tuple[RowReference, ...] | None:
        if isinstance(self._answer, tuple):
            references = nodes_of(self._answer)
            self._refuse_unread(references)
            return references
        return None if self._answer is None else self._answer.tree

    def _refuse_unread(self, references: Sequence[RowReference]) -> None:
        read = [part.node.name for part in self._reads]
        for reference in references:
            if reference.row not in read:
                hint = suggestion(reference.row, read)
                raise StatementError(self.kind, f"no row {reference.row!r} was read{hint}; read it with let(...)")


def transaction() -> TransactionBuilder:
    """Return a transaction of reads and writes of any rows: Cassandra 6.0.

    It takes place as if nothing else happened meanwhile.

    >>> from cql_builder import col, row, select, transaction, update
    >>> stock = select("left").from_("shop.stock").where(col("id") == 7)
    >>> sold = update("shop.stock").set(left=col("left") - 1).where(col("id") == 7)
    >>> sale = transaction().let("stock", stock).if_(row("stock").column("left") > 0).then(sold)
    >>> sale.compile("cassandra-6.0").cql[:77]
    'BEGIN TRANSACTION LET stock = (SELECT left FROM shop.stock WHERE id = ?); IF '
    >>> sale.params
    (7, 0, 1, 7)
    """
    return TransactionBuilder()


def row(name: str) -> ReadRow:
    """Return a row that a transaction has read under this name.

    What is in it can be compared, answered and written.

    Raises:
        ArgumentError: if the name is no str.

    >>> from cql_builder import col, row, select, transaction
    >>> read = select("a").from_("t").where(col("id") == 7)
    >>> transaction().let("r", read).answer(row("r").column("a")).compile("cassandra-6.0")
    Compiled('BEGIN TRANSACTION LET r = (SELECT a FROM t WHERE id = ?); SELECT r.a; COMMIT TRANSACTION', 1 values)
    """
    return ReadRow(RowReference(checked_name(name, "row()", "the name of a row")))


def _let(name: str, read: object) -> Part[Let]:
    if not isinstance(read, SelectBuilder):
        raise ArgumentError(TransactionBuilder.kind, "let()", "a SELECT", read)
    tree = read.tree
    if tree.table is None or not tree.where:
        raise MissingClauseError("LET", "WHERE", "name the row with where(...)")
    selection: list[Selectable] = []
    for selected in tree.selection:
        if isinstance(selected, Alias):
            raise StatementError("LET", "what is selected has no other name there; leave as_(...) out")
        selection.append(selected)
    if tree != Select(tree.selection, tree.table, tree.where, limit=tree.limit):
        raise StatementError("LET", "it selects with FROM, WHERE and LIMIT alone; leave the other clauses out")
    return Part(Let(name, tuple(selection), tree.table, tree.where, tree.limit), read.params)


def _reference(node: object) -> RowReference:
    if isinstance(node, ReferenceIsNull):
        return node.reference
    if isinstance(node, ReferenceComparison) and isinstance(node.left, RowReference):
        return node.left
    raise ArgumentError(TransactionBuilder.kind, "if_()", 'conditions such as row("r").column("a") == 1', node)
