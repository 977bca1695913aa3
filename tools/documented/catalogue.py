"""All documented features: of which document and section, and which of them show without a connection."""

from __future__ import annotations

from typing import NamedTuple

from documented import drivers, guides, overview, reference


class Document(NamedTuple):
    """One of the documents that define the public API.

    Attributes:
        number: what its file's name begins with.
        title: what it is called here.
        sections: the features of each section, each with the names and calls that stand for it there.
    """

    number: str
    title: str
    sections: dict[str, dict[str, tuple[str, ...]]]


DOCUMENTS = (
    Document("002", "Overview", overview.SECTIONS),
    Document("001", "Guide to reading and writing", guides.CRUD),
    Document("004", "Guide to counters", guides.COUNTERS),
    Document("000", "Reference of documents", reference.SECTIONS),
    Document("003", "Reference of drivers", drivers.SECTIONS),
)

AS_DOCUMENTED = "tests/docs/test_spec.py::test_it_is_as_documented"
IMPORTED = "tests/docs/test_spec_tables.py::test_documented_imports_work"

WITHOUT_NODE = {
    "a document is a Pydantic model": AS_DOCUMENTED,
    "counters have a base class": AS_DOCUMENTED,
    "views have a base class": AS_DOCUMENTED,
    "configuration of the model": AS_DOCUMENTED,
    "driver: an abstract base": AS_DOCUMENTED,
    "both kinds are imported alike": IMPORTED,
}
"""Features that show without a connection, and so with every adapter alike; with the test that shows each."""

ONE_WAY = {"connect: speculative_execution_policy": "an option of the connection: shown by blocking calls over it"}
"""Features that are shown in one way alone, and why that is enough."""

FEATURES = {feature for document in DOCUMENTS for features in document.sections.values() for feature in features}
"""The names of all features."""


def shown_by_cases(lines: dict[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """Give the features that each case of the conformance suite shows; `lines` are those of the contract."""
    found: dict[str, list[str]] = {}
    of_feature = {feature: [case for line in named for case in lines[line]] for feature, named in drivers.LINES.items()}
    for feature, cases in [*of_feature.items(), *drivers.CASES.items()]:
        for case in dict.fromkeys(cases):
            found.setdefault(case, []).append(feature)
    return found
