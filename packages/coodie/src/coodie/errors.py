"""The mapper's own errors, standing below the ones that every layer shares.

```
CoodieError
├── ConfigurationError
│   └── InvalidModelError            a model cannot be a table as it is written
├── InvalidQueryError
│   ├── UnknownNameError             a keyword that names no field, or a lookup that does not exist
│   ├── GuardrailExceededError       a query that would hold or read more than is sensible
│   ├── InvalidRequestError          the server refused it, see `coodie_drivers.errors`
│   │   └── BatchTooLargeError       a batch has more bytes than the server takes
│   ├── InvalidCursorError           a cursor of pages that is none of the query, or has expired
│   └── InvalidValueError            a value that its field or column cannot hold; a ValueError too
├── InvalidRowError                  a row holds what its model cannot
├── InvalidRowsError                 several of them, where a query gathers them
├── FieldNotLoadedError              a field that a document's query left out; an AttributeError too
├── StaleDocumentError               somebody else has written the document since it was read
├── ConditionFailedError             what was to be created exists, or a condition did not hold
├── BulkWriteError                   some rows were written, and one was not; in `coodie.results`
├── DocumentNotFound                 `get()` found no row
└── MultipleDocumentsFound           `get()` or `find_one()` found more than one row
```

The other half of the tree (`DriverError` and what stands below it) is drawn in `coodie_drivers.errors`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from coodie_drivers.errors import ConfigurationError, CoodieError, InvalidQueryError, InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def may_be_applied(error: BaseException) -> bool:
    """Whether a write that ended so may have changed something: all but what says that it is certain may have.

    A task that was cancelled, a signal, or another library's error, says nothing of it.
    """
    return getattr(error, "outcome", "unknown") != "not_applied"


class InvalidModelError(ConfigurationError):
    """A model cannot be a table as it is written.

    Attributes:
        model: the model's name.
    """

    def __init__(self, model: str, problem: str) -> None:
        """Say which model it is and what to change."""
        super().__init__(f"{model}: {problem}")
        self.model = model


class UnknownNameError(InvalidQueryError):
    """A keyword that names no field, or a lookup that does not exist.

    Attributes:
        name: what was written.
        suggestion: the known name that is closest to it, if one is close.
    """

    def __init__(self, where: str, what: str, name: str, known: Iterable[str]) -> None:
        """Name what was written, the closest known name, or all of them when none is close."""
        from difflib import get_close_matches  # noqa: PLC0415 - an error needs it, an import of the package does not

        choices = list(known)
        written = _as_written(name)
        close = get_close_matches(name if isinstance(cast("object", name), str) else written, choices, n=1)
        self.name = name
        self.suggestion = close[0] if close else None
        hint = f"did you mean '{close[0]}'?" if close else f"known: {', '.join(map(repr, choices))}"
        super().__init__(f"{where} has no {what} {written}; {hint}")


def _as_written(name: object) -> str:
    try:
        return repr(name)
    except ValueError:  # Python writes no int of more than 4,300 digits
        return f"of this kind, which is {type(name).__name__}"


class GuardrailExceededError(InvalidQueryError):
    """A query would hold or read more than is sensible without having been asked to."""


class BatchTooLargeError(InvalidRequestError):
    """A batch has more bytes than the server takes; nothing of it was applied.

    The limit is `batch_size_fail_threshold` in the server's cassandra.yaml, 50 KiB unless it is set. To write many rows
    there is `save_many()` of a query, which bounds what is under way and needs no batch.
    """


class DistantTimestampWarning(UserWarning):
    """A write is told to have happened at a time that is hardly meant; it is written all the same, for servers take it.

    That is a time in seconds or milliseconds, one before 1970, such as -1, and one that is more than a day ahead.
    """


class InvalidCursorError(InvalidQueryError):
    """A cursor of pages, or the position of a scan, that is none of the query; nothing was sent.

    Attributes:
        expired: whether it was one, and is too old.
    """

    def __init__(self, problem: str, *, expired: bool = False) -> None:
        """Say what is wrong; the text itself is not repeated, it comes from anybody."""
        super().__init__(problem)
        self.expired = expired


class InvalidValueError(InvalidQueryError, ValueError):
    """A value that its field or column cannot hold; nothing was sent.

    Attributes:
        model: the model's name.
        field: the field's name.
        path: the place in the field's value, such as `tags[3]`; the field's name where it is the value as a whole.
    """

    def __init__(self, model: str, field: str, problem: str, place: str = "") -> None:
        """Name the field, the place in its value and the problem; the value itself is not repeated, it may be a secret.

        `place` is what follows the field's name to get there, such as `[3]`.
        """
        super().__init__(f"{model}.{field}{place}: {problem}")
        self.model = model
        self.field = field
        self.path = f"{field}{place}"


class InvalidRowError(CoodieError):
    """A row holds what its model cannot: written by other code, or before the model changed.

    Attributes:
        model: the model's name.
        field: the field's name; empty where a validator of the whole model refused the row, or no field is known.
        key: the primary key of the row by field, as the driver returned it, to find the row by; empty where it is not
            known.
    """

    def __init__(self, model: str, field: str, problem: str, key: Mapping[str, object] | None = None) -> None:
        """Name the field and the problem; values are not repeated in the sentence, they may be secrets."""
        where = "; the attribute key of this error says which row it is" if key else ""
        super().__init__(f"{model}{'.' if field else ''}{field}: {problem}{where}")
        self.model = model
        self.field = field
        self.key = dict(key or {})


class InvalidRowsError(CoodieError):
    """Rows hold what their model cannot, and the query gathered them: `validate(on_invalid="collect")`.

    Attributes:
        model: the model's name.
        errors: what is wrong with each of them, with the primary key of its row.
        items: what the query has found besides; empty where it was iterated over.
    """

    def __init__(self, model: str, errors: list[InvalidRowError], items: list[Any]) -> None:
        """Count the rows, and repeat the first error."""
        many = f"{len(errors):,} rows" if len(errors) > 1 else "1 row"
        super().__init__(
            f"{model}: {many} cannot be read; the attribute errors has each, and items what was found besides; the "
            f"first: {errors[0]}"
        )
        self.model = model
        self.errors = errors
        self.items = items


class FieldNotLoadedError(CoodieError, AttributeError):
    """A field of a document that was fetched without it.

    Attributes:
        model: the model's name.
        field: the field's name.
    """

    def __init__(self, model: str, field: str) -> None:
        """Name the field and how to get it."""
        super().__init__(
            f"{model}.{field} was not fetched: only(), defer() or distinct() left it out; leave them out, name the "
            "field in only() or distinct(), or assign to it"
        )
        self.model = model
        self.field = field


class StaleDocumentError(CoodieError):
    """Somebody else has written a document since it was read; nothing was written.

    It may have been a write of its own that was not answered, which the sentence says then.

    Attributes:
        model: the model's name.
        existing: what the row has by field, as far as the server told; empty where the row is gone.
    """

    def __init__(
        self,
        model: str,
        existing: Mapping[str, object],
        *,
        is_new: bool = False,
        forgotten: bool = False,
        in_doubt: bool = False,
    ) -> None:
        """Name the model and what to do; a document that is new was read from no row, or has forgotten it."""
        by = "by somebody else, or by a write of its own that was not answered," if in_doubt else "by somebody else"
        what = f"has been written {by} since it was read" if existing else "is no longer there"
        own = ", perhaps by a write of its own that was not answered" if in_doubt else ""
        what = f"was not read from the row that it is written to, which exists already{own}" if is_new else what
        what = f"was pickled or deleted since it was read, and its row exists{own}" if forgotten else what
        super().__init__(f"this {model} {what}, and nothing was written; read it again and make the change anew")
        self.model = model
        self.existing = dict(existing)


class ConditionFailedError(CoodieError):
    """What was to be created exists, or the condition of a write did not hold; nothing was written.

    Attributes:
        model: the model's name; None where a result was asked, which does not know it.
        existing: the values of the row that is there, by field; empty where there is none.
    """

    def __init__(self, model: str | None, existing: Mapping[str, object], there: str | None = None) -> None:
        """Name the model, and another one whose row is there; values are not repeated, they may be secrets."""
        what = "the condition of a write did not hold" if model is None else f"this {model} exists already"
        if there is not None:
            what = f"no {model} but a {there} has this key"
        super().__init__(f"{what}, and nothing was written; the attribute existing has the row's values")
        self.model = model
        self.existing = dict(existing)


class DocumentNotFound(CoodieError):  # noqa: N818 - a documented name
    """`get()` found no matching row.

    Attributes:
        model: the model's name.
        fields: the names of the fields that were asked for.
    """

    def __init__(self, model: str, fields: Iterable[str] = ()) -> None:
        """Name the model and the fields; their values are not repeated."""
        self.model = model
        self.fields = tuple(fields)
        asked = f" with the given {', '.join(map(repr, self.fields))}" if self.fields else ""
        super().__init__(f"no {model}{asked}")


class MultipleDocumentsFound(CoodieError):  # noqa: N818 - a documented name
    """`get()` or `find_one()` found more than one row.

    Attributes:
        model: the model's name.
        fields: the names of the fields that were asked for.
    """

    def __init__(self, model: str, fields: Iterable[str] = ()) -> None:
        """Name the model and the fields; their values are not repeated."""
        self.model = model
        self.fields = tuple(fields)
        asked = f" with the given {', '.join(map(repr, self.fields))}" if self.fields else ""
        super().__init__(f"more than one {model}{asked}; give the whole primary key, or use find(...)")
