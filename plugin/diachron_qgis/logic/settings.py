"""What a person has set for Diachron in QGIS: read and written in one place."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

from qgis.PyQt.QtCore import QSettings

PREFIX = "diachron/"
LANGUAGES = ("", "en", "fr")
DEVICES = ("auto", "cpu", "cuda")
MOST_THREADS = 256
LARGEST_MARGIN_M = 5000.0
LARGEST_UNIT_M2 = 1_000_000.0


@dataclass(frozen=True)
class Settings:
    """The settings, each under its name in the group ``diachron`` of QGIS's own settings.

    ``engine`` is a program and ``results_folder`` a folder, "" for what is found by itself; ``language`` of answers, ""
    for the question's own; ``review_margin_m`` metres of ground shown around a proposal; ``minimum_area_m2`` the
    minimum mapping unit of questions (pixels where no size is known), 0 for what suits the resolution; ``device`` one
    of `DEVICES`; ``threads`` of the processor, 0 for as many as were measured to be the fastest.
    """

    engine: str = ""
    results_folder: str = ""
    language: str = ""
    review_margin_m: float = 20.0
    minimum_area_m2: float = 0.0
    device: str = "auto"
    threads: int = 0

    def engine_arguments(self) -> list[str]:
        """Return the arguments with which the engine is started."""
        return ["serve"] if self.device == "auto" else ["serve", "--device", self.device]

    def asked_area(self) -> float | None:
        """Return the minimum mapping unit as a question takes it, None for what suits the resolution."""
        return self.minimum_area_m2 or None


def read_settings() -> Settings:
    """Return what is set; what is missing, or cannot be used, is as nobody had set it."""
    stored, plain = QSettings(), Settings()
    names = ("engine", "results_folder", "language", "device")
    texts = {name: str(stored.value(PREFIX + name) or "") for name in names}
    return Settings(
        engine=texts["engine"],
        results_folder=texts["results_folder"],
        language=texts["language"] if texts["language"] in LANGUAGES else plain.language,
        review_margin_m=_number(stored.value(PREFIX + "review_margin_m"), LARGEST_MARGIN_M, plain.review_margin_m),
        minimum_area_m2=_number(stored.value(PREFIX + "minimum_area_m2"), LARGEST_UNIT_M2, plain.minimum_area_m2),
        device=texts["device"] if texts["device"] in DEVICES else plain.device,
        threads=int(_number(stored.value(PREFIX + "threads"), MOST_THREADS, plain.threads)),
    )


def write_settings(settings: Settings) -> None:
    """Keep settings; what is as nobody had set it is taken away, so that a later default reaches everybody."""
    stored = QSettings()
    for field in fields(Settings):
        value = getattr(settings, field.name)
        if value == field.default:
            stored.remove(PREFIX + field.name)
        else:
            stored.setValue(PREFIX + field.name, value)


def _number(value: Any, largest: float, plain: float) -> float:
    """Return a stored number from 0 to ``largest``, the plain one where it is none."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return plain
    return number if math.isfinite(number) and 0 <= number <= largest else plain
