"""Setting an engine up from the dock: progress, log, failure and stop, with short commands in the place of pip's."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

PYTHON = "/usr/bin/python3"


@pytest.fixture
def card(qtbot, qgis_new_project, tmp_path, monkeypatch):
    """Return a card whose private environment lies in a temporary folder, and a wheel to set up."""
    from diachron_qgis.gui.setup_card import SetupCard
    from diachron_qgis.link import installer

    monkeypatch.setattr(installer, "private_environment", lambda: tmp_path / "profile" / "engine")
    card = SetupCard()
    qtbot.addWidget(card)
    card.show()
    yield card
    card.close_down()


@pytest.fixture
def wheel(tmp_path) -> Path:
    path = tmp_path / "diachron-0.1.0-py3-none-any.whl"
    path.write_bytes(b"")
    return path


def steps(monkeypatch, *commands: str) -> None:
    from diachron_qgis.link.installer import Installer

    plan = [(f"Step {number}", 10 * number, [PYTHON, "-c", code]) for number, code in enumerate(commands, 1)]
    monkeypatch.setattr(Installer, "_plan", lambda self: plan)


def test_the_plan_makes_a_private_environment_and_checks_it(card, wheel, tmp_path):
    from diachron_qgis.link.installer import Installer

    commands = [command for _, _, command in Installer(wheel)._plan()]
    assert commands[0][-2:] == ["venv", str(tmp_path / "profile" / "engine")]
    assert commands[2][-1] == str(wheel)
    assert commands[3][-1] == "doctor" and str(tmp_path / "profile") in commands[3][0]


def test_steps_run_one_after_another_with_their_output_in_the_log(card, wheel, qtbot, monkeypatch):
    steps(monkeypatch, "print('made')", "import sys; print('installed', file=sys.stderr)")
    with qtbot.waitSignal(card.ready, timeout=15_000):
        card.install(wheel)
        assert card.stop.isVisible() and not card.set_up.isVisible() and card.log.isVisible()
    assert card.log.toPlainText().split() == ["made", "installed"]
    assert card.text.text() == "The engine is set up"
    assert card.set_up.isVisible() and not card.stop.isVisible()


def test_a_step_that_fails_is_named_and_can_be_tried_again(card, wheel, qtbot, monkeypatch):
    steps(monkeypatch, "print('made')", "import sys; print('no network'); sys.exit(1)", "print('never')")
    card.install(wheel)
    qtbot.waitUntil(card.set_up.isVisible, timeout=15_000)
    assert card.text.text() == "Step 2 failed; the log says why"
    assert "no network" in card.log.toPlainText() and "never" not in card.log.toPlainText()


def test_stopping_ends_the_step_and_takes_the_environment_away(card, wheel, qtbot, monkeypatch, tmp_path):
    steps(monkeypatch, "import time; print('begun', flush=True); time.sleep(60)", "print('never')")
    environment = tmp_path / "profile" / "engine"
    environment.mkdir(parents=True)
    card.install(wheel)
    qtbot.waitUntil(lambda: "begun" in card.log.toPlainText(), timeout=15_000)
    card.stop.click()
    assert card.set_up.isVisible() and "Stopped" in card.text.text()
    qtbot.waitUntil(lambda: not environment.exists(), timeout=15_000)
    assert "never" not in card.log.toPlainText()


def test_what_is_no_wheel_is_refused(card, tmp_path):
    (tmp_path / "notes.txt").write_text("")
    card.install(tmp_path / "notes.txt")
    assert "wheel" in card.text.text() and card.set_up.isVisible()


def test_the_python_that_makes_the_environment_runs(card):
    from diachron_qgis.link.installer import system_python

    told = subprocess.run(
        [system_python(), "-c", "import sys; print(sys.version_info >= (3, 11))"], capture_output=True
    )
    assert told.stdout.strip() == b"True"


def test_torch_is_pinned_as_the_engine_pins_it(card, wheel):
    from building.environments import torch_requirement
    from diachron_qgis.link.installer import Installer

    assert Installer(wheel)._plan()[1][2][-1] == torch_requirement()
