"""Where the engine's data files are: in the repository's ``resources``, or in the installed wheel."""

from __future__ import annotations

from pathlib import Path

_IN_WHEEL = Path(__file__).resolve().parent / "resources_data"
_IN_REPOSITORY = Path(__file__).resolve().parents[2] / "resources"


def resource(name: str) -> Path:
    """Return the path of a file or folder of ``resources`` (it need not exist)."""
    root = _IN_WHEEL if _IN_WHEEL.is_dir() else _IN_REPOSITORY
    return root / name
