"""build.py's own parts, with a fake apt and fake steps."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest

from building import environments, machine, packaging, places, testing
from building.console import Stop, run_logged

PACKAGES = {"qgis": "the desktop", "xvfb": "a screen"}


class FakeApt:
    """Answers dpkg-query from a set, and records what apt-get is asked to do."""

    def __init__(self, installed: set[str], fails_at: str = "") -> None:
        self.installed = installed
        self.fails_at = fails_at
        self.commands: list[list[str]] = []

    def query(self, command):
        return "installed" if command[-1] in self.installed else ""

    def run(self, command) -> int:
        words = [str(word) for word in command]
        self.commands.append(words)
        return 100 if self.fails_at in words else 0

    def install(self, *, programs: set[str], is_root: bool) -> list[str]:
        return machine.install(
            PACKAGES,
            query=self.query,
            runner=self.run,
            which=lambda name: f"/usr/bin/{name}" if name in programs else None,
            is_root=is_root,
        )


def test_apt_is_left_alone_when_nothing_is_missing(capsys):
    apt = FakeApt({"qgis", "xvfb"})
    assert apt.install(programs={"apt-get"}, is_root=True) == []
    assert apt.commands == []
    assert capsys.readouterr().out == ""


def test_apt_installs_what_is_missing_and_says_why(capsys):
    apt = FakeApt({"qgis"})
    assert apt.install(programs={"apt-get"}, is_root=True) == ["xvfb"]
    update, install = apt.commands
    assert update[:2] == ["apt-get", "update"]
    assert install[-2:] == ["--no-install-recommends", "xvfb"]
    assert "DEBIAN_FRONTEND=noninteractive" in install
    assert "a screen" in capsys.readouterr().out


def test_apt_goes_through_sudo_for_other_users():
    apt = FakeApt(set())
    apt.install(programs={"apt-get", "sudo"}, is_root=False)
    assert all(command[0] == "sudo" for command in apt.commands)


def test_without_root_and_sudo_the_command_to_type_is_given():
    with pytest.raises(Stop, match="apt-get install qgis xvfb"):
        FakeApt(set()).install(programs={"apt-get"}, is_root=False)


def test_a_failed_update_is_no_reason_to_stop_but_a_failed_install_is():
    FakeApt(set(), fails_at="update").install(programs={"apt-get"}, is_root=True)
    with pytest.raises(Stop, match="could not install qgis, xvfb"):
        FakeApt(set(), fails_at="install").install(programs={"apt-get"}, is_root=True)


def test_where_apt_is_not_the_person_is_told_what_to_do():
    with pytest.raises(Stop) as stop:
        FakeApt(set()).install(programs=set(), is_root=False)
    for word in ("Windows", "macOS", "qgis.org", "build.py setup --engine", "qgis, xvfb"):
        assert word in str(stop.value)


def test_where_apt_is_not_but_qgis_and_a_screen_are_the_work_goes_on():
    assert FakeApt(set()).install(programs={"qgis", "xvfb-run"}, is_root=False) == []


def test_each_package_of_the_real_lists_says_what_it_is_for():
    for package, reason in {**machine.TO_RUN_QGIS, **machine.TO_TRANSLATE}.items():
        assert package.strip() and reason.strip()


def test_an_environment_is_made_once_and_again_when_its_recipe_changes(tmp_path):
    made = []

    def install(base: Path, folder: Path) -> None:
        made.append(base)
        python = places.executable(folder, "python")
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch()

    for recipe in ("one", "one", "two"):
        environments._set_up(tmp_path / "env", recipe, lambda: Path("python3"), install)
    assert len(made) == 2


def test_an_environment_whose_making_failed_is_made_again(tmp_path):
    def fail(base: Path, folder: Path) -> None:
        raise Stop("no network")

    with pytest.raises(Stop):
        environments._set_up(tmp_path, "one", lambda: Path("python3"), fail)
    assert not (tmp_path / environments.STAMP).exists()


def python_that(path: Path, does: str) -> str:
    path.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_the_tests_in_qgis_take_the_python_that_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("DIACHRON_QGIS_PYTHON", python_that(tmp_path / "python", "echo yes"))
    assert machine.qgis_python() == tmp_path / "python"


def test_a_named_python_without_qgis_is_refused_by_name(tmp_path, monkeypatch):
    monkeypatch.setenv("DIACHRON_QGIS_PYTHON", python_that(tmp_path / "python", "exit 1"))
    with pytest.raises(Stop, match=r"/python cannot import qgis\.core; DIACHRON_QGIS_PYTHON must"):
        machine.qgis_python()


def test_another_qgis_has_an_environment_of_its_own_made_again_for_another_python(tmp_path, monkeypatch):
    made = []

    def install(base: Path, folder: Path) -> None:
        made.append((base.name, folder.name))
        python = places.executable(folder, "python")
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch()

    monkeypatch.setattr(environments, "_install_qgis_tests", install)
    monkeypatch.setattr(environments, "OTHER_QGIS_ENVIRONMENT", tmp_path / "other")
    for name in ("a", "a", "b"):
        monkeypatch.setenv("DIACHRON_QGIS_PYTHON", python_that(tmp_path / name, "echo yes"))
        assert environments.set_up_qgis_tests() == places.executable(tmp_path / "other", "python")
    assert made == [("a", "other"), ("b", "other")]


def test_torch_is_pinned_to_one_release():
    assert environments.torch_requirement().startswith("torch==")


def test_a_failed_command_shows_the_end_of_its_log_and_names_it(tmp_path, capsys):
    log = tmp_path / "setup.log"
    with pytest.raises(Stop, match="setup.log"):
        run_logged([sys.executable, "-c", "print('disk full'); raise SystemExit(3)"], log)
    assert "disk full" in capsys.readouterr().err


def python_step(name: str, code: str) -> testing.Step:
    return testing.Step(name, (sys.executable, "-c", code))


def test_all_steps_run_and_one_failure_fails_the_whole(capfd):
    steps = [python_step("bad", "raise SystemExit(1)"), python_step("good", "print('hello')")]
    steps.append(python_step("last", "print('== 3 passed in 0.12s ==')"))
    assert testing.run_steps(steps) == 1
    lines = capfd.readouterr().out.splitlines()
    assert "hello" in lines
    assert any("bad" in line and "FAILED" in line for line in lines)
    assert any("3 steps" in line and "1 failed" in line for line in lines)
    assert lines[-1] == "== 3 passed in 0.12s =="


def test_pytest_finding_no_test_is_told_apart_from_failing(capfd):
    steps = [python_step("nothing", f"raise SystemExit({testing.NO_TESTS_COLLECTED})"), python_step("last", "")]
    assert testing.run_steps(steps) == 0
    assert "empty" in capfd.readouterr().out


def test_the_last_step_is_shown_whole_when_it_prints_no_summary(capfd):
    assert testing.run_steps([python_step("last", "print('usage: pytest'); raise SystemExit(4)")]) == 1
    assert "usage: pytest" in capfd.readouterr().out


@pytest.mark.parametrize(
    "line",
    [
        "== 3 passed in 0.12s ==",
        "=== 1 failed, 2 passed, 1 skipped in 61.20s (0:01:01) ===",
        "== no tests ran in 0.01s ==",
        "2 passed in 1.00s",
    ],
)
def test_pytests_summary_line_is_recognised(line):
    assert testing.SUMMARY.match(line)
    assert not testing.SUMMARY.match("== short test summary info ==")


def test_the_zip_is_the_same_twice(tmp_path):
    first, second = tmp_path / "1", tmp_path / "2"
    first.mkdir()
    second.mkdir()
    assert packaging.write_plugin_zip(first).read_bytes() == packaging.write_plugin_zip(second).read_bytes()


def test_the_zip_refuses_files_that_no_plugin_may_hold(tmp_path, monkeypatch):
    plugin = tmp_path / "diachron_qgis"
    plugin.mkdir()
    (plugin / "fast.so").write_bytes(b"\x7fELF")
    monkeypatch.setattr(packaging, "PLUGIN", plugin)
    with pytest.raises(Stop, match=r"fast\.so"):
        packaging.write_plugin_zip(tmp_path)
    assert not list(tmp_path.glob("*.zip"))


def test_the_zip_refuses_to_grow_big(tmp_path, monkeypatch):
    monkeypatch.setattr(packaging, "MOST_BYTES", 100)
    with pytest.raises(Stop, match="over 100 bytes"):
        packaging.write_plugin_zip(tmp_path)


def test_the_wheel_carries_the_engine_its_command_and_the_resources(tmp_path):
    with zipfile.ZipFile(packaging.build_wheel(tmp_path)) as stream:
        names = set(stream.namelist())
        entry_points = stream.read(f"diachron-{places.version()}.dist-info/entry_points.txt").decode()
    assert "diachron/errors.py" in names
    assert "diachron = diachron.cli:main" in entry_points
    carried = {name.removeprefix("diachron/resources_data/") for name in names}
    files = (path for path in places.RESOURCES.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    assert {path.relative_to(places.RESOURCES).as_posix() for path in files} <= carried
    assert not [name for name in names if "qgis" in name]


def test_the_zip_is_named_after_the_version_in_metadata(tmp_path):
    archive = packaging.write_plugin_zip(tmp_path)
    assert archive.name == f"diachron_qgis-{places.version()}.zip"
    with zipfile.ZipFile(archive) as stream:
        assert b"version=" + places.version().encode() in stream.read("diachron_qgis/metadata.txt")
