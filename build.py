#!/usr/bin/env python3
"""Set up, show, test and package Diachron. Standard library only.

python3 build.py demo      see QGIS answer questions about a pair of images with known truth
python3 build.py test      run every check
"""

from __future__ import annotations

import os
import sys

if sys.version_info < (3, 11):
    if os.path.realpath(sys.executable) != os.path.realpath("/usr/bin/python3") and os.path.exists("/usr/bin/python3"):
        os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])
    sys.exit("build.py needs Python 3.11 or newer; this is " + sys.version.split()[0])

import argparse
from pathlib import Path

from building import environments, machine, packaging, testing, translation
from building.console import Stop, run, say
from building.places import ENGINE_ENVIRONMENT, ROOT, executable


def main(arguments: list[str] | None = None) -> int:
    """Do one command and return its exit status."""
    options = parser().parse_args(arguments)
    try:
        return int(options.go(options))
    except Stop as reason:
        print(f"build.py: {reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("build.py: stopped", file=sys.stderr)
        return 130


def parser() -> argparse.ArgumentParser:
    """Return the command line: one sub-command a job."""
    top = argparse.ArgumentParser(prog="build.py", description=(__doc__ or "").splitlines()[0])
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    setup = commands.add_parser("setup", help="install what is missing: QGIS and a screen by apt, Python by pip")
    setup.add_argument("--engine", action="store_true", help="the engine's environment alone, without QGIS")
    setup.set_defaults(go=lambda options: set_up(engine_only=options.engine))

    demo = commands.add_parser("demo", help="set up, then see QGIS answer questions about images with known truth")
    demo.add_argument("--show", action="store_true", help="show the window, and leave it open")
    demo.set_defaults(go=lambda options: show(keep=options.show))

    test = commands.add_parser("test", help="set up, then run every check")
    test.add_argument("--quick", action="store_true", help="linters and fast unit tests alone, without QGIS")
    test.set_defaults(go=lambda options: testing.test(quick=options.quick))

    package = commands.add_parser("package", help="write the plugin's zip and the engine's wheel into dist/")
    package.set_defaults(go=lambda options: packaging.package())

    i18n = commands.add_parser("i18n", help="collect and compile the plugin's translations")
    i18n.set_defaults(go=lambda options: translation.translate())
    return top


def set_up(*, engine_only: bool) -> int:
    """Make the environments, and install what they need from the system."""
    if not engine_only:
        machine.install(machine.TO_RUN_QGIS)
    environments.set_up_engine()
    if not engine_only:
        environments.set_up_qgis_tests()
    say(f"ready: {executable(ENGINE_ENVIRONMENT, 'diachron').relative_to(ROOT)}")
    return 0


def show(*, keep: bool) -> int:
    """Drive the real desktop through the demo."""
    set_up(engine_only=False)
    command: list[str | Path] = [executable(ENGINE_ENVIRONMENT, "python"), "-m", "demo.demo"]
    return run([*command, "--show"] if keep else command)


if __name__ == "__main__":
    sys.exit(main())
