from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from coodie_drivers.testing.errors import JarsError, MavenMissingError
from coodie_drivers.testing.local.jars import check_jars, fetched_jars
from coodie_drivers.testing.local.java import Java

if TYPE_CHECKING:
    from collections.abc import Callable

    Programs = Callable[[str, str], Path]

JAVA = Java(Path("/opt/jdk/bin/java"), "17.0.9", "a build", "PATH")
NAMES = ("zstd-jni-1.jar", "cassandra-all-5.0.9.jar", "chronicle-queue-5.jar", "chronicle-wire-2.jar", "antlr-3.jar")
# A zip file's end, as every jar has it; 18 zeros follow its mark.
WHOLE = r"printf 'PK\005\006" + r"\0" * 18 + "'"
FETCH = f"mkdir lib; for jar in {' '.join(NAMES)}; do {WHOLE} > lib/$jar; done"
FETCHING_PROGRAM = """
from pathlib import Path
from coodie_drivers.testing.local.jars import fetched_jars
from coodie_drivers.testing.local.java import Java
print(len(fetched_jars("5.0.9", Java(Path("java"), "17.0.9", "", "PATH")).class_path.split(":")))
"""


def counted(tmp_path: Path, script: str) -> str:
    return f"echo called >> '{tmp_path / 'calls'}'\n{script}"


def calls(tmp_path: Path) -> int:
    log = tmp_path / "calls"
    return len(log.read_text(encoding="utf-8").splitlines()) if log.exists() else 0


def left_in(cache: Path) -> list[str]:
    return sorted(path.name for path in (cache / "cassandra").rglob("*"))


def test_the_jars_are_fetched_once(programs: Programs, cache: Path, tmp_path: Path) -> None:
    programs("mvn", counted(tmp_path, FETCH))
    first = fetched_jars("5.0.9", JAVA)
    assert first == fetched_jars("5.0.9", JAVA)
    assert calls(tmp_path) == 1
    assert first.place == cache / "cassandra" / "5.0.9" / "lib"


def test_a_full_cache_needs_no_maven(programs: Programs, cache: Path) -> None:
    maven = programs("mvn", FETCH)
    fetched_jars("5.0.9", JAVA)
    maven.unlink()
    assert fetched_jars("5.0.9", JAVA).place.is_relative_to(cache)


@pytest.mark.usefixtures("cache")
def test_a_jar_that_names_others_comes_behind_them(programs: Programs) -> None:
    programs("mvn", FETCH)
    paths = fetched_jars("5.0.9", JAVA).class_path.split(os.pathsep)
    assert [Path(path).name for path in paths] == [
        "antlr-3.jar",
        "cassandra-all-5.0.9.jar",
        "zstd-jni-1.jar",
        "chronicle-wire-2.jar",
        "chronicle-queue-5.jar",
    ]


@pytest.mark.usefixtures("cache")
def test_maven_is_asked_for_this_version_and_runs_on_the_found_java(programs: Programs, tmp_path: Path) -> None:
    programs("mvn", f"cat pom.xml > '{tmp_path / 'pom'}'; echo $JAVA_HOME $@ > '{tmp_path / 'asked'}'; {FETCH}")
    fetched_jars("5.0.5", JAVA)
    assert "<version>5.0.5</version>" in (tmp_path / "pom").read_text(encoding="utf-8")
    asked = (tmp_path / "asked").read_text(encoding="utf-8").split()
    assert asked[0] == "/opt/jdk"
    assert asked[-1] == "-DoutputDirectory=lib"


def test_no_maven_says_where_the_jars_would_be(programs: Programs, cache: Path) -> None:
    programs("java", "exit 1")
    with pytest.raises(MavenMissingError) as missing:
        fetched_jars("5.0.9", JAVA)
    assert str(missing.value) == (
        f"the jars of Cassandra 5.0.9 are not in '{cache / 'cassandra' / '5.0.9' / 'lib'}' and no `mvn` is on PATH to"
        " fetch them; install Apache Maven (`mvn`; it is needed once for each Cassandra version)"
    )


def test_a_maven_that_fails_is_quoted_and_leaves_nothing(
    programs: Programs, cache: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    programs("mvn", f"{FETCH}; echo 'Downloading from central: a'; echo '[ERROR] no route to host'; exit 1")
    with pytest.raises(JarsError) as failed:
        fetched_jars("5.0.9", JAVA)
    assert failed.value.output == "[ERROR] no route to host"
    assert "~/.m2/settings.xml" in str(failed.value)
    assert left_in(cache) == ["5.0.9"]
    assert "no route" not in "".join(capfd.readouterr())


def test_a_maven_that_brings_something_else_is_a_failure(programs: Programs, cache: Path) -> None:
    programs("mvn", f"mkdir lib; {WHOLE} > lib/other.jar; echo done")
    with pytest.raises(JarsError, match="done"):
        fetched_jars("5.0.9", JAVA)
    assert left_in(cache) == ["5.0.9"]


@pytest.mark.parametrize("jar", ["antlr-3.jar", "cassandra-all-5.0.9.jar"])
def test_a_jar_that_is_cut_short_has_all_fetched_anew(
    programs: Programs, cache: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], jar: str
) -> None:
    programs("mvn", counted(tmp_path, FETCH))
    place = fetched_jars("5.0.9", JAVA).place
    (place / jar).write_bytes((place / jar).read_bytes()[:10])
    assert fetched_jars("5.0.9", JAVA).damage() == ""
    assert calls(tmp_path) == 2
    assert left_in(cache) == sorted(["5.0.9", "lib", *NAMES])
    said = f"the jars in '{place}' are damaged ('{jar}': cut short), so they are fetched anew\n"
    assert said in capfd.readouterr().err


@pytest.mark.usefixtures("cache")
def test_a_cache_without_cassandra_itself_is_fetched_anew(programs: Programs, tmp_path: Path) -> None:
    programs("mvn", counted(tmp_path, FETCH))
    (fetched_jars("5.0.9", JAVA).place / "cassandra-all-5.0.9.jar").unlink()
    assert "cassandra-all-5.0.9.jar" in fetched_jars("5.0.9", JAVA).class_path
    assert calls(tmp_path) == 2


def test_damaged_jars_and_no_maven_name_the_folder(programs: Programs, jars: Path) -> None:
    programs("java", "exit 1")
    (jars / "zstd-jni-1.jar").write_bytes(b"PK")
    for ask in (lambda: check_jars("5.0.9"), lambda: fetched_jars("5.0.9", JAVA)):
        with pytest.raises(MavenMissingError) as missing:
            ask()
        assert str(missing.value).startswith(
            f"the jars of Cassandra 5.0.9 are not whole in '{jars}' ('zstd-jni-1.jar': cut short) and no `mvn` is on"
            " PATH to fetch them; install Apache Maven"
        )


def test_damaged_jars_that_maven_brings_are_not_taken(programs: Programs, cache: Path) -> None:
    programs("mvn", f"{FETCH}; echo x > lib/antlr-3.jar; echo done")
    with pytest.raises(JarsError) as failed:
        fetched_jars("5.0.9", JAVA)
    assert str(failed.value) == (
        "Maven brought damaged jars of Cassandra 5.0.9 ('antlr-3.jar': cut short); delete them from its own cache,"
        " ~/.m2/repository, and start again (nothing half is left behind). Maven's last lines:\ndone"
    )
    assert left_in(cache) == ["5.0.9"]


@pytest.mark.usefixtures("cache")
def test_maven_runs_on_the_found_java_where_java_home_has_none(
    programs: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs("mvn", f"echo $JAVA_HOME > '{tmp_path / 'asked'}'; {FETCH}")
    programs("java", "exit 0")
    monkeypatch.setenv("JAVA_HOME", "/no/such/jdk")
    fetched_jars("5.0.9", replace(JAVA, passed_over="JAVA_HOME is '/no/such/jdk'"))
    assert (tmp_path / "asked").read_text(encoding="utf-8") == "/opt/jdk\n"


@pytest.mark.usefixtures("cache")
def test_progress_counts_what_is_downloaded(programs: Programs, capfd: pytest.CaptureFixture[str]) -> None:
    lines = ["Downloaded from central: http://a/b.jar (1 kB)", "Downloaded from central: http://a/b.pom (1 kB)"]
    programs("mvn", "\n".join(f"echo '{line}'" for line in lines) + f"\n{FETCH}")
    fetched_jars("5.0.9", JAVA)
    told = capfd.readouterr().err.splitlines()
    assert told[0] == "fetching Cassandra 5.0.9 through Maven …"
    assert told[-1].endswith(" s, 1 jars downloaded")


def test_an_interrupted_fetch_leaves_nothing_half(programs: Programs, cache: Path, tmp_path: Path) -> None:
    programs("mvn", f"mkdir lib; echo x > lib/cassandra-all-5.0.9.jar; echo x > '{tmp_path / 'half'}'; sleep 30")
    fetching = subprocess.Popen([sys.executable, "-c", FETCHING_PROGRAM], start_new_session=True)
    wait_for((tmp_path / "half").exists)
    os.killpg(fetching.pid, signal.SIGKILL)
    fetching.wait()
    assert not (cache / "cassandra" / "5.0.9" / "lib").exists()

    programs("mvn", FETCH)
    assert len(fetched_jars("5.0.9", JAVA).class_path.split(os.pathsep)) == len(NAMES)
    assert left_in(cache) == sorted(["5.0.9", "lib", *NAMES])


@pytest.mark.usefixtures("cache")
def test_two_processes_fetch_once(programs: Programs, tmp_path: Path) -> None:
    programs("mvn", counted(tmp_path, f"sleep 0.5; {FETCH}"))
    command = [sys.executable, "-c", FETCHING_PROGRAM]
    fetching = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) for _ in range(2)]
    assert [process.communicate()[0] for process in fetching] == [b"5\n", b"5\n"]
    assert calls(tmp_path) == 1


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
