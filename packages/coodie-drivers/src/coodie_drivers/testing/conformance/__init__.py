"""The conformance suite: what an adapter has to do, as test cases to subclass.

Write a test module with a class that derives from `DriverConformance` and names the driver type; pytest, with the
plugin of this package, does the rest. Every case runs on a real node, by the synchronous and by the asynchronous
methods.

```python
from coodie_drivers.testing.conformance import DriverConformance

class TestMine(DriverConformance):
    driver_type = "mine"
    exceptions = {"test_the_server_may_warn": "the library has no way to the server's warnings"}
```
"""

from __future__ import annotations

from coodie_drivers.testing.conformance.answers import AnswerCases, BatchCases
from coodie_drivers.testing.conformance.closing import ClosingCases
from coodie_drivers.testing.conformance.concurrency import ConcurrencyCases, EventLoopCases
from coodie_drivers.testing.conformance.life import ForkCases, LifeCases
from coodie_drivers.testing.conformance.native_types import NativeTypeCases
from coodie_drivers.testing.conformance.nested_types import NestedTypeCases, VectorCases
from coodie_drivers.testing.conformance.paging import PagingCases
from coodie_drivers.testing.conformance.refusals import RefusalCases
from coodie_drivers.testing.conformance.statements import StatementCases
from coodie_drivers.testing.conformance.tables import TableCases

__all__ = [
    "AnswerCases",
    "BatchCases",
    "ClosingCases",
    "ConcurrencyCases",
    "DriverConformance",
    "EventLoopCases",
    "ForkCases",
    "LifeCases",
    "NativeTypeCases",
    "NestedTypeCases",
    "PagingCases",
    "RefusalCases",
    "StatementCases",
    "TableCases",
    "VectorCases",
]


class DriverConformance(
    AnswerCases,
    BatchCases,
    RefusalCases,
    PagingCases,
    NativeTypeCases,
    NestedTypeCases,
    VectorCases,
    StatementCases,
    TableCases,
    ConcurrencyCases,
    EventLoopCases,
    LifeCases,
    ClosingCases,
    ForkCases,
):
    """All cases."""
