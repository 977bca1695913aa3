from __future__ import annotations

from typing import cast

import pytest

from coodie_drivers.errors import ConfigurationError
from coodie_drivers.testing import LocalCluster


@pytest.mark.parametrize(("asked", "version"), [("5.0", "5.0.9"), ("5.0.5", "5.0.5"), ("5.0.0-rc2", "5.0.0-rc2")])
def test_a_version_of_a_known_line_can_be_asked_for(asked: str, version: str) -> None:
    assert LocalCluster(asked).version == version


@pytest.mark.parametrize("asked", ["4.1.10", "6.0", "5", "latest", "5.0.9; rm -rf /", ""])
def test_another_version_is_refused_with_those_that_can_be_started(asked: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        LocalCluster(asked)
    assert str(refused.value).startswith(f"Cassandra '{asked}' cannot be started here, only 5.0.x; ")


@pytest.mark.parametrize(("asked", "told"), [(5, "5 is of type int"), (5.0, "5.0 is of type float")])
def test_a_version_that_is_no_text_is_refused(asked: object, told: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        LocalCluster(cast("str", asked))
    assert str(refused.value) == f"a Cassandra version is text, such as '5.0.9', and {told}"


def test_a_directory_needs_a_durable_cluster() -> None:
    with pytest.raises(ConfigurationError, match="pass durable=True, or no directory"):
        LocalCluster(directory="somewhere")
