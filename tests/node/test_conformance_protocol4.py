"""Values over version 4 of the protocol, the last that ScyllaDB speaks: there each answer is compressed by itself."""

from __future__ import annotations

import pytest

from coodie_drivers.testing.conformance import NativeTypeCases, NestedTypeCases, VectorCases

pytestmark = [pytest.mark.node]


class TestScyllaProtocol4(NativeTypeCases, NestedTypeCases, VectorCases):
    driver_type = "scylla"
    arguments = {"protocol_version": 4}  # compressed where lz4 is installed, as it is with the wheel of scylla-driver
