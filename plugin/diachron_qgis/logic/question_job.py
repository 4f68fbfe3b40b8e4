"""A question as the engine takes it: from what was asked, what is set, and the set that it is of."""

from __future__ import annotations

from ..link.engine import AskJob
from ..link.protocol import Look
from .conversation import Entry
from .question_sets import find_set
from .settings import read_settings


def question_job(entry: Entry, rasters: tuple[str, ...], gsd: float | None, look: Look | None) -> AskJob:
    """Return a question's job; ``gsd`` in metres per pixel, ``look`` a corrected reading.

    The minimum mapping unit is the set's, else the one of the settings, else the engine's own.
    """
    settings, wanted = read_settings(), find_set(entry.wanted)
    least = settings.asked_area() if wanted is None or wanted.minimum_area is None else wanted.minimum_area
    return AskJob(
        rasters, entry.question, entry.folder, dates=entry.dates, area=entry.area, gsd=gsd, look=look,
        language=settings.language, threshold=wanted.threshold if wanted else None, minimum_area=least,
    )  # fmt: skip
