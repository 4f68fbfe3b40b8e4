"""The plugin's name and version, as metadata.txt has them."""

from __future__ import annotations

import configparser
from functools import lru_cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


@lru_cache(maxsize=1)
def _general() -> dict[str, str]:
    """Return metadata.txt's fields: it lies in the package of an installed plugin, at the top of a checkout."""
    parser = configparser.ConfigParser(interpolation=None)
    for path in (PACKAGE / "metadata.txt", PACKAGE.parents[1] / "metadata.txt"):
        if path.is_file():
            parser.read(path, encoding="utf-8")
            return dict(parser["general"])
    return {}


def name() -> str:
    """Return the plugin's name."""
    return _general().get("name", "Diachron")


def version() -> str:
    """Return the plugin's version."""
    return _general().get("version", "")


def resource(*parts: str) -> Path:
    """Return a shared file (icons, styles, i18n): in the package when installed, in the repository in a checkout."""
    installed = PACKAGE.joinpath(*parts)
    if installed.exists():
        return installed
    root = PACKAGE.parents[1]
    return root.joinpath(*parts) if parts[:1] == ("i18n",) else root.joinpath("resources", *parts)
