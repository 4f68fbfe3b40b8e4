"""What the machine itself must have: QGIS, a virtual screen, fonts. Installed by apt, explained elsewhere."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from building.console import Stop, Word, output_of, run, say

SYSTEM_PYTHON = Path("/usr/bin/python3")
QGIS_PYTHON_NAME = "DIACHRON_QGIS_PYTHON"
"""The variable of the environment that names the Python of another QGIS."""

Runner = Callable[[Sequence[Word]], int]
Query = Callable[[Sequence[Word]], str]

TO_RUN_QGIS: Mapping[str, str] = {
    "qgis": "the desktop that the demo and the desktop test drive",
    "python3-qgis": "QGIS from Python, for the plugin's tests",
    "python3-venv": "private Python environments, so that the system's Python is left alone",
    "xvfb": "a screen for machines that have none",
    "xauth": "lets QGIS onto that screen",
    "fonts-dejavu-core": "letters on that screen",
    "poppler-utils": "reads the reports' PDF in the tests",
}
TO_TEST: Mapping[str, str] = {
    "g++": "compiles the fused step of decoding, which a test compares with the plain one",
    "python3-dev": "Python's headers, which that compiling needs",
    "postgresql-postgis": "a database server that the tests start for themselves, in a folder of their own",
}
TO_TRANSLATE: Mapping[str, str] = {
    "qttools5-dev-tools": "lrelease compiles the translations",
}

ELSEWHERE = """\
This machine has no apt, so nothing was installed. Install by hand, then run the same command again:
  Windows  QGIS from qgis.org (the network installer, 3.22 or newer) and Python 3.11 or newer from python.org.
           The engine: py -3.11 build.py setup --engine
           The plugin: py -3.11 build.py package, then in QGIS: Plugins > Install from ZIP.
  macOS    QGIS from qgis.org and Python 3.11 or newer (python.org or Homebrew).
           The engine: python3 build.py setup --engine
           The plugin: python3 build.py package, then in QGIS: Plugins > Install from ZIP.
  Linux    your distribution's packages for: {packages}.
In QGIS, the Diachron dock asks for the engine's program: .venv/bin/diachron (.venv\\Scripts\\diachron.exe).
"""


def missing(packages: Mapping[str, str], query: Query = output_of) -> list[str]:
    """Return the Debian packages that are not installed, in the order given."""
    absent = []
    for package in packages:
        status = query(["dpkg-query", "--show", "--showformat=${db:Status-Status}", package])
        if status != "installed":
            absent.append(package)
    return absent


def install(
    packages: Mapping[str, str],
    *,
    query: Query = output_of,
    runner: Runner | None = None,
    which: Callable[[str], str | None] = shutil.which,
    is_root: bool | None = None,
) -> list[str]:
    """Install by apt the packages that are missing, and return their names.

    Nothing is asked: apt runs non-interactively, as root or through sudo, without recommended packages.
    """
    if which("apt-get") is None:
        if which("qgis") and which("xvfb-run"):
            return []
        raise Stop(ELSEWHERE.format(packages=", ".join(packages)))
    absent = missing(packages, query)
    if not absent:
        return []
    say("installing Debian packages that are missing:")
    for package in absent:
        print(f"   {package:<20} {packages[package]}", flush=True)
    prefix = _as_root(which, os.geteuid() == 0 if is_root is None else is_root, absent)
    go = runner or run
    if go([*prefix, "apt-get", "update", "--quiet"]):
        say("apt-get update failed; going on with the package lists that are there")
    command = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "--yes", "--quiet"]
    if go([*command, "-o=Dpkg::Use-Pty=0", "--no-install-recommends", *absent]):
        raise Stop(f"apt-get could not install {', '.join(absent)}; its messages are above")
    return absent


def _as_root(which: Callable[[str], str | None], is_root: bool, absent: list[str]) -> list[str]:
    if is_root:
        return []
    if which("sudo"):
        return ["sudo"]
    raise Stop(f"these need root and there is no sudo; run as root: apt-get install {' '.join(absent)}")


def qgis_python() -> Path:
    """Return the Python that QGIS's own bindings are built for: the system's, or one that the user names."""
    named = other_qgis_python()
    python = named or SYSTEM_PYTHON
    if output_of([python, "-c", "import qgis.core; print('yes')"]):
        return python
    remedy = f"{QGIS_PYTHON_NAME} must name one that can" if named else "install python3-qgis"
    raise Stop(f"{python} cannot import qgis.core; {remedy}")


def other_qgis_python() -> Path | None:
    """Return the Python that ``DIACHRON_QGIS_PYTHON`` names, None where it names none."""
    named = os.environ.get(QGIS_PYTHON_NAME)
    return Path(named).absolute() if named else None


def engine_python() -> Path:
    """Return the Python to make the engine's environment from: this one, out of any environment it runs in."""
    base = getattr(sys, "_base_executable", None) or sys.executable
    for candidate in (Path(base), SYSTEM_PYTHON):
        if output_of([candidate, "-c", "import sys, venv, ensurepip; print(sys.version_info >= (3, 11))"]) == "True\n":
            return candidate
    raise Stop("no Python 3.11 or newer with venv was found; on Debian: apt-get install python3-venv")
