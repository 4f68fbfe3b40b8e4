"""``build.py test``: every check as a step, all of them run, a table, and pytest's own summary as the last line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from building.console import run, say
from building.environments import set_up_engine, set_up_qgis_tests
from building.machine import TO_RUN_QGIS, TO_TEST, install
from building.places import ENGINE_ENVIRONMENT, ROOT, executable

Runner = Callable[..., int]
NO_TESTS_COLLECTED = 5
SUMMARY = re.compile(r"^=*\s*(?:\d+ \w+|no tests ran).* in [\d.]+s")

OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}
OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen", "PYTEST_QT_API": "pyqt5", "QT_LOGGING_RULES": "*.debug=false"}


@dataclass(frozen=True)
class Step:
    """One check: its name, the command, and what the command's environment adds."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """How one step ended; ``summary`` is pytest's last line, without its rule, or empty."""

    name: str
    status: int
    seconds: float
    summary: str = ""

    @property
    def word(self) -> str:
        """Return ``ok``, ``empty`` (pytest found no test) or ``FAILED``."""
        if self.status == NO_TESTS_COLLECTED:
            return "empty"
        return "ok" if self.status == 0 else "FAILED"


def test(*, quick: bool) -> int:
    """Set up what is missing, run every step, print the table, and return the exit status."""
    if not quick:
        install({**TO_RUN_QGIS, **TO_TEST})
    python = set_up_engine()
    steps = static_steps(python) + unit_steps(python, quick=quick)
    if not quick:
        steps += full_steps(python, set_up_qgis_tests())
    return run_steps(steps)


def static_steps(python: Path) -> list[Step]:
    """Return the checks that read the code without running it."""
    plugin = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "plugin").rglob("*")) if _is_source(path)]
    mypy = (str(python), "-m", "mypy")
    return [
        Step("ruff", (str(python), "-m", "ruff", "check", "--quiet", ".")),
        Step("mypy, house", (*mypy, "build.py", "building", "demo/demo.py")),
        Step("mypy, engine", (*mypy, "engine/diachron")),
        Step("mypy, plugin", (*mypy, "plugin/diachron_qgis")),
        Step("bandit, plugin", (str(python), "-m", "bandit", "-q", "-c", "pyproject.toml", "-r", "plugin")),
        Step("secrets, plugin", (str(executable(ENGINE_ENVIRONMENT, "detect-secrets-hook")), *plugin, "metadata.txt")),
    ]


def unit_steps(python: Path, *, quick: bool) -> list[Step]:
    """Return the tests that need neither QGIS nor weights."""
    chosen = ("-m", "not slow") if quick else ()
    return [Step("tests/unit", _pytest(python, "tests/unit", *chosen), OFFLINE)]


def full_steps(python: Path, qgis_python: Path) -> list[Step]:
    """Return the tests on real imagery, in QGIS, and in the desktop with the real engine (last)."""
    folders = [("tests/real", python, OFFLINE), ("tests/qgis", qgis_python, OFFLINE | OFFSCREEN)]
    folders.append(("tests/desktop", python, OFFLINE))
    return [Step(name, _pytest(at, name), extra) for name, at, extra in folders if (ROOT / name).is_dir()]


def run_steps(steps: Sequence[Step], runner: Runner = run) -> int:
    """Run every step, whatever the others did; print the table and then the last step's summary line."""
    outcomes = []
    for step in steps[:-1]:
        outcomes.append(_timed(step, runner))
    last, held_back = _last(steps[-1])
    outcomes.append(last)
    print(table(outcomes), flush=True)
    if held_back:
        print(held_back, flush=True)
    return 1 if any(outcome.word == "FAILED" for outcome in outcomes) else 0


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the steps with their times, one a line."""
    width = max(len(outcome.name) for outcome in outcomes)
    lines = [f"   {outcome.name:<{width}}  {outcome.word:<6}  {outcome.seconds:7.1f} s" for outcome in outcomes]
    total = sum(outcome.seconds for outcome in outcomes)
    failed = sum(outcome.word == "FAILED" for outcome in outcomes)
    return "\n".join(["", *lines, f"   {len(outcomes)} steps in {total:.0f} s, {failed} failed", ""])


def _timed(step: Step, runner: Runner) -> Outcome:
    say(step.name)
    start = time.monotonic()
    status = runner(step.command, environment=step.environment)
    return Outcome(step.name, status, time.monotonic() - start)


def _last(step: Step) -> tuple[Outcome, str]:
    """Run the last step in the open, but hold back its summary line until the table has been printed."""
    say(step.name)
    start = time.monotonic()
    held_back = ""
    child = subprocess.Popen(
        step.command,
        cwd=ROOT,
        env={**os.environ, **step.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    assert child.stdout is not None
    for line in child.stdout:
        if held_back:
            sys.stdout.write(held_back)
            held_back = ""
        if SUMMARY.match(re.sub(r"\x1b\[[\d;]*m", "", line)):
            held_back = line
        else:
            sys.stdout.write(line)
        sys.stdout.flush()
    status = child.wait()
    return Outcome(step.name, status, time.monotonic() - start), held_back.rstrip("\n")


def _pytest(python: Path, folder: str, *more: str) -> tuple[str, ...]:
    return (str(python), "-m", "pytest", folder, *more)


def _is_source(path: Path) -> bool:
    return path.is_file() and path.suffix not in {".pyc", ".png", ".qm"}
