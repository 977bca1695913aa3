from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from coodie_drivers.errors import ConfigurationError
from coodie_drivers.testing import LocalCluster

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("asked", "version"),
    [
        ("5.0", "5.0.9"),
        ("5.0.5", "5.0.5"),
        ("5.0.0-rc2", "5.0.0-rc2"),
        ("4.1", "4.1.10"),
        ("6.0", "6.0-alpha2"),
        ("6.0-alpha2", "6.0-alpha2"),
    ],
)
def test_a_version_of_a_known_line_can_be_asked_for(asked: str, version: str) -> None:
    assert LocalCluster(asked).version == version


@pytest.mark.parametrize("asked", ["4.0.19", "6.1", "5", "latest", "5.0.9; rm -rf /", ""])
def test_another_version_is_refused_with_those_that_can_be_started(asked: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        LocalCluster(asked)
    assert str(refused.value).startswith(f"Cassandra '{asked}' cannot be started here, only 5.0.x, 4.1.x, 6.0.x; ")


@pytest.mark.parametrize(("asked", "told"), [(5, "5 is of type int"), (5.0, "5.0 is of type float")])
def test_a_version_that_is_no_text_is_refused(asked: object, told: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        LocalCluster(cast("str", asked))
    assert str(refused.value) == f"a Cassandra version is text, such as '5.0.9', and {told}"


def test_a_directory_needs_a_durable_cluster() -> None:
    with pytest.raises(ConfigurationError, match="pass durable=True, or no directory"):
        LocalCluster(directory="somewhere")


@pytest.mark.parametrize("nodes", [0, 4, -1, True, "3"])
def test_a_cluster_has_one_to_three_nodes(nodes: object) -> None:
    with pytest.raises(ConfigurationError) as refused:
        LocalCluster(nodes=cast("int", nodes))
    assert str(refused.value) == f"nodes is {nodes!r}; a cluster has 1 to 3 nodes"


@pytest.mark.parametrize("tls", ["server", "", None, 2])
def test_tls_is_one_of_three(tls: object) -> None:
    with pytest.raises(ConfigurationError) as refused:
        LocalCluster(tls=cast("bool", tls))
    assert str(refused.value).startswith(f"tls is {tls!r}; it is False, True, or 'mutual'")


@pytest.mark.parametrize("ask", [LocalCluster.kill, LocalCluster.pause, LocalCluster.resume, LocalCluster.restart])
@pytest.mark.parametrize(
    ("nodes", "number", "known"),
    [(1, 1, "0 is its only node"), (3, 3, "its nodes are 0 to 2"), (3, -1, "its nodes are 0 to 2")],
)
def test_a_node_that_is_not_there_is_refused(
    ask: Callable[[LocalCluster, int], None], nodes: int, number: int, known: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        ask(LocalCluster(nodes=nodes), number)
    assert str(refused.value) == f"there is no node {number} in this cluster; {known}"


def test_a_login_is_told_where_there_is_one() -> None:
    asking, open_to_all = LocalCluster(auth=True), LocalCluster()
    assert (asking.username, asking.password) == ("cassandra", "cassandra")
    assert (open_to_all.username, open_to_all.password) == (None, None)
