"""Diachron: ask two rasters of one place what has changed."""

from __future__ import annotations

from typing import Any


def classFactory(iface: Any) -> Any:
    """Return the plugin; QGIS calls this when it loads the package."""
    from .plugin import DiachronPlugin

    return DiachronPlugin(iface)
