"""A question about rasters, and what can be said against it before anything heavy is done."""

from __future__ import annotations

import math
import shutil
from dataclasses import dataclass
from pathlib import Path

from diachron.errors import UnusableInput, WrongUsage
from diachron.model.look import Look
from diachron.rasters.preflight import Preflight
from diachron.rasters.stack import Stack
from diachron.results.export import check_output

LANGUAGES = ("en", "fr")
LONGEST_QUESTION = 2000


@dataclass(frozen=True)
class AskRequest:
    """A question about rasters, the earliest first.

    Parameters
    ----------
    out: the folder to write. area: a vector file, ``xmin,ymin,xmax,ymax`` or WKT in the last raster's CRS.
    gsd: metres per pixel. dates: one a raster, or none. vocabulary: a file, None for the default one.
    language: of the answer, None for the question's. threshold: change probability, None for the model's own.
    look: a reading that the person corrected; the model then does not read the question.
    minimum_area: minimum mapping unit in m², or in pixels where nothing tells metres; None for the usual one.
    normalise: bring the colours of each date to the last's.
    """

    rasters: tuple[str, ...]
    question: str
    out: Path
    dates: tuple[str, ...] = ()
    area: str | None = None
    gsd: float | None = None
    vocabulary: str | None = None
    language: str | None = None
    threshold: float | None = None
    look: Look | None = None
    minimum_area: float | None = None
    normalise: bool = False


def check_request(request: AskRequest) -> None:
    """Check what can be checked without opening a raster or loading a model.

    Raises
    ------
    WrongUsage: an option that makes no sense. UnusableInput: the question or the output folder cannot be used.
    """
    check_question(request.question)
    if len(request.rasters) < 2:
        given = ", ".join(request.rasters)
        raise WrongUsage("one raster is not enough", given, "give one for each of two dates or more")
    if request.dates and len(request.dates) != len(request.rasters):
        counts = f"{len(request.dates)} for {len(request.rasters)} rasters"
        raise WrongUsage("each raster has one date", counts, "give as many dates as rasters, or none")
    if request.gsd is not None and not (math.isfinite(request.gsd) and request.gsd > 0):
        raise WrongUsage("the ground sample distance is no length", f"{request.gsd}", "give metres per pixel, above 0")
    if request.threshold is not None and not 0 < request.threshold < 1:
        raise WrongUsage("the threshold is no probability", f"{request.threshold}", "give one between 0 and 1")
    if request.minimum_area is not None and not (math.isfinite(request.minimum_area) and request.minimum_area >= 0):
        raise WrongUsage("the minimum mapping unit is no area", f"{request.minimum_area}", "give square metres")
    check_language(request.language)
    check_output(request.out)


def check_question(question: str) -> None:
    """Refuse a question without words or of absurd length.

    Raises
    ------
    UnusableInput: it is one of those.
    """
    if not any(character.isalnum() for character in question):
        raise UnusableInput("the question is empty", "--question", "ask something, such as 'What changed?'")
    if len(question) > LONGEST_QUESTION:
        found = f"{len(question):,} characters, at most {LONGEST_QUESTION:,} are read"
        raise UnusableInput("the question is too long", found, "ask it in a sentence or two")


def check_language(language: str | None) -> None:
    """Refuse a language that no answer can be written in.

    Raises
    ------
    WrongUsage: it is one of those.
    """
    if language is not None and language not in LANGUAGES:
        raise WrongUsage(f"no language {language!r}", advice=f"use one of {', '.join(LANGUAGES)}")


def check_preflight(preflight: Preflight) -> None:
    """Stop where the preflight says so.

    Raises
    ------
    UnusableInput: a note is a stop.
    """
    for note in preflight.notes:
        if note.level == "stop":
            raise UnusableInput(note.what, "the rasters", note.advice)


def check_room(out: Path, stack: Stack) -> None:
    """Refuse early what would fail late: the probability, the class maps and their certainty need about a byte a pixel
    each.

    Raises
    ------
    UnusableInput: the disk has not that much left.
    """
    needed = stack.grid.width * stack.grid.height * (1 + 2 * len(stack.dates))
    folder = out.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < needed:
        sizes = f"{needed / 1e6:,.1f} MB are needed, {free / 1e6:,.1f} MB are free"
        advice = "free some space or name another disk"
        raise UnusableInput(f"no room is left for the result ({sizes})", str(out), advice)
