"""The engine's version, which ``metadata.txt`` alone holds."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path


def engine_version() -> str:
    """Return the installed package's version, or in a source tree that was never installed the one it holds."""
    try:
        return installed_version("diachron")
    except PackageNotFoundError:
        metadata = Path(__file__).parents[2] / "metadata.txt"
        found = re.search(r"(?m)^version=(\S+)$", metadata.read_text(encoding="utf-8")) if metadata.is_file() else None
        return found[1] if found else "unknown"
