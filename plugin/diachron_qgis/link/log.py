"""The engine's stderr, kept in a log that does not grow without end."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from qgis.core import QgsApplication

LARGEST_BYTES = 1_000_000


def log_file() -> Path:
    """Return the path of the engine's log."""
    return Path(QgsApplication.qgisSettingsDirPath()) / "diachron" / "engine.log"


def engine_log() -> logging.Logger:
    """Return the logger that writes the engine's stderr, three files of a megabyte at most."""
    logger = logging.getLogger("diachron.engine")
    if not logger.handlers:
        log_file().parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(log_file(), maxBytes=LARGEST_BYTES, backupCount=2, encoding="utf-8", delay=True)
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
    return logger
