"""What an installer finds for each extra, and that it never takes a stranger's package for one of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from devtools.environments import ROOT, uv
from devtools.failures import DevError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.bare

LIBRARIES = {"scylla-driver", "cassandra-driver", "acsylla", "scylladb-rs-driver"}


def resolved(requirements: list[str], folder: Path, python: str = "3.12") -> set[str]:
    wanted = folder / "wanted.in"
    wanted.write_text("\n".join(requirements), "utf-8")
    printed = uv(
        "resolving", ["pip", "compile", "--no-header", "--no-annotate", "--python-version", python, str(wanted)]
    )
    return {line.partition("==")[0].partition(" @")[0].strip() for line in printed.splitlines()}


def with_extra(wheels: dict[str, Path], extra: str) -> list[str]:
    siblings = [str(wheels["cql-builder"]), str(wheels["coodie-drivers"])]
    return [f"coodie[{extra}] @ {wheels['coodie'].as_uri()}", *siblings]


@pytest.mark.parametrize(
    ("extra", "brought"),
    [
        ("scylla", {"scylla-driver"}),
        ("cassandra", {"cassandra-driver"}),
        ("acsylla", {"acsylla"}),
        ("rust", {"scylladb-rs-driver"}),
        ("cli", set[str]()),
        ("all", {"scylla-driver", "acsylla", "scylladb-rs-driver"}),
    ],
)
def test_each_extra_brings_its_client_libraries_and_no_other(
    wheels: dict[str, Path], tmp_path: Path, extra: str, brought: set[str]
) -> None:
    found = resolved(with_extra(wheels, extra), tmp_path)
    assert found & LIBRARIES == brought
    assert ("typer" in found) == (extra in {"cli", "all"})


@pytest.mark.parametrize("extra", ["rust", "all"])
def test_the_rust_library_is_left_out_where_it_does_not_exist(
    wheels: dict[str, Path], tmp_path: Path, extra: str
) -> None:
    assert "scylladb-rs-driver" not in resolved(with_extra(wheels, extra), tmp_path, python="3.10")


@pytest.mark.parametrize(
    ("alone", "missing"),
    [("coodie", "coodie-drivers==2.0.0"), ("coodie-drivers", "cql-builder==2.0.0")],
)
def test_without_its_siblings_on_hand_resolution_fails(
    wheels: dict[str, Path], tmp_path: Path, alone: str, missing: str
) -> None:
    with pytest.raises(DevError) as caught:
        resolved([str(wheels[alone])], tmp_path)
    if "dns" in caught.value.problem or "connect" in caught.value.problem:
        pytest.skip("the package index, which holds strangers of these names, cannot be reached")
    assert missing in caught.value.problem.replace(" ", "")
    assert "unsatisfiable" in caught.value.problem


def test_an_environment_with_both_owners_of_the_package_cassandra_is_refused() -> None:
    with pytest.raises(DevError) as caught:
        uv(
            "resolving both",
            ["export", "--quiet", "--group", "scylla", "--group", "cassandra", "--directory", str(ROOT)],
        )
    assert "incompatible" in caught.value.problem
