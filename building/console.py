"""What the person at the terminal sees, and how commands are run."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from building.places import ROOT

Word = str | Path


class Stop(Exception):
    """The work cannot go on; the message says what, where and what to do next."""


def say(text: str) -> None:
    """Print one line of progress at once, so that it stands in order beside the output of child processes."""
    print(f"== {text}", flush=True)


def run(
    command: Sequence[Word],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path = ROOT,
) -> int:
    """Run a command in the open and return its exit status; ``environment`` is added to the present one."""
    words = [str(word) for word in command]
    try:
        return subprocess.run(words, cwd=folder, env={**os.environ, **(environment or {})}).returncode
    except FileNotFoundError:
        print(f"{words[0]}: not found", file=sys.stderr, flush=True)
        return 127


def run_logged(command: Sequence[Word], log: Path, *, environment: Mapping[str, str] | None = None) -> None:
    """Run a command with its output in a log; show the log's end and stop when it fails."""
    words = [str(word) for word in command]
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as stream:
        stream.write(f"$ {shlex.join(words)}\n")
        stream.flush()
        status = subprocess.run(
            words, cwd=ROOT, env={**os.environ, **(environment or {})}, stdout=stream, stderr=subprocess.STDOUT
        ).returncode
    if status:
        ending = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-25:])
        print(ending, file=sys.stderr, flush=True)
        raise Stop(f"{shlex.join(words[:4])} ... ended with status {status}; the whole log is in {log}")


def output_of(command: Sequence[Word]) -> str:
    """Return what a command prints, or an empty text when it fails or does not exist."""
    try:
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout
