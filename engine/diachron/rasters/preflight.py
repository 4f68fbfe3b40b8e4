"""What is worth knowing of a set of rasters before they are compared."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from diachron.rasters.normalisation import Radiometry
from diachron.rasters.registration import LEAST_CONFIDENCE, LEAST_SHIFT_PX, MOST_SHIFT_PX, Shift

Level = Literal["fine", "warning", "stop"]
SUBJECTS = ("overlap", "resolution", "crs", "dates", "shift", "radiometry", "nodata", "cloud")
MENDS = ("area_overlap", "set_gsd", "swap_dates")
"""Compare the overlap alone; ask for the ground sample distance; exchange the images."""
MOST_RATIO = 2.0
LEAST_OVERLAP = 0.5
MOST_NODATA = 0.05
MOST_CLOUD = 0.02


@dataclass(frozen=True)
class Note:
    """One line of the preflight: what was found, and what to do about it ("" where all is fine).

    ``about`` is what was looked at: one of `SUBJECTS`; ``mend`` what would mend it where a program can do it for the
    person: one of `MENDS`, "" where none can.
    """

    level: Level
    what: str
    advice: str = ""
    about: str = ""
    mend: str = ""


@dataclass(frozen=True)
class Preflight:
    """Measures of rasters; each tuple has one value a raster, ``shift_px`` one for each date and the next.

    Parameters
    ----------
    overlap: share of the smallest raster (in the area) that all rasters cover, 0 to 1.
    gsd_m: metres on the ground per pixel, None where unknown.
    nodata_share: share of the grid, within the area, that holds no image, 0 to 1.
    cloud_share: share of the image that looks like cloud, 0 to 1.
    radiometry: how the colours of each date but the last differ from the last's.
    """

    overlap: float
    gsd_m: tuple[float | None, ...]
    shift_px: tuple[Shift, ...]
    nodata_share: tuple[float, ...]
    cloud_share: tuple[float, ...]
    notes: tuple[Note, ...] = ()
    radiometry: tuple[Radiometry, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the preflight as ``answer.json`` and the protocol hold it."""
        return asdict(self)


def with_dates(preflight: Preflight, dates: Sequence[str]) -> Preflight:
    """Return a preflight with a line on the dates (ISO 8601, as precise as known) that a person gives the rasters."""
    note = _dates_note(dates)
    return preflight if note is None else replace(preflight, notes=(*preflight.notes, note))


def write_notes(
    measured: Preflight, grid_gsd_m: float | None, crs: Sequence[str | None] = (), normalised: bool = False
) -> tuple[Note, ...]:
    """Return the lines that these measures deserve, in the order the dock shows them; ``normalised``: colours were to
    be brought together.
    """
    return (
        _overlap_note(measured.overlap),
        *_resolution_notes(measured.gsd_m, grid_gsd_m),
        *_crs_notes(crs),
        *(_shift_note(shift, number, len(measured.shift_px)) for number, shift in enumerate(measured.shift_px, 1)),
        *(_radiometry_notes(measured.radiometry) if normalised else ()),
        *_share_notes("nodata", measured.nodata_share, MOST_NODATA),
        *_share_notes("cloud", measured.cloud_share, MOST_CLOUD),
    )


def _dates_note(dates: Sequence[str]) -> Note | None:
    known = [date for date in dates if date]
    if len(known) < 2 or len(known) < len(dates):
        return None
    text = "dates " + " › ".join(known)
    # ISO dates of different precision compare by the part that both have.
    pairs = [(first[: len(second)], second[: len(first)]) for first, second in itertools.pairwise(known)]
    if any(first > second for first, second in pairs):
        return Note("warning", text, "the later image comes first: exchange them", "dates", "swap_dates")
    if any(first == second for first, second in pairs):
        return Note("warning", text, "both images have the same date: check which is the earlier", "dates")
    return Note("fine", text, about="dates")


def _crs_notes(crs: Sequence[str | None]) -> Iterator[Note]:
    if not crs:
        return
    names = [_crs_name(each) for each in crs]
    if None in crs:
        yield Note("warning", "no CRS", "the images must show the same ground, edge to edge", "crs")
    elif len(set(names)) == 1:
        yield Note("fine", f"CRS {names[0]}", about="crs")
    else:
        yield Note("fine", f"CRS {' / '.join(names)}, laid on one grid", about="crs")


def _crs_name(crs: str | None) -> str:
    """Return a CRS as a person reads it: its code, or the name that its WKT begins with."""
    if not crs:
        return "none"
    return crs.split('"')[1] if '"' in crs else crs


def _overlap_note(overlap: float) -> Note:
    if overlap >= LEAST_OVERLAP:
        return Note("fine", f"overlap {overlap:.0%}", about="overlap")
    advice = "only the ground that all rasters show is compared"
    return Note("warning", f"overlap {overlap:.0%}", advice, "overlap", "area_overlap")


def _resolution_notes(gsd_m: Sequence[float | None], grid_gsd_m: float | None) -> Iterator[Note]:
    known = [each for each in gsd_m if each]
    if len(known) < len(gsd_m) or grid_gsd_m is None:
        yield Note(
            "warning",
            "resolution unknown",
            "give the ground sample distance to have areas in square metres instead of pixels",
            "resolution",
            "set_gsd",
        )
        return
    text = "resolution " + " / ".join(f"{each:.2g} m" for each in known)
    if max(known) / min(known) > MOST_RATIO:
        advice = f"all are compared at {grid_gsd_m:.2g} m: what is smaller in the finer one is lost"
        yield Note("warning", text, advice, "resolution")
    else:
        yield Note("fine", text, about="resolution")
    if not max(known) / MOST_RATIO <= grid_gsd_m <= max(known) * MOST_RATIO:
        advice = f"the rasters' own {max(known):.2g} m would suit them better"
        yield Note("warning", f"compared at {grid_gsd_m:.2g} m", advice, "resolution", "set_gsd")


def _shift_note(shift: Shift, number: int, count: int) -> Note:
    between = "" if count == 1 else f" between dates {number} and {number + 1}"
    text = f"shift{between} {shift.length_px:.1f} px"
    if shift.corrected:
        left = "" if shift.residual_px is None else f" to {shift.residual_px:.1f} px"
        advice = "tall objects may still lean differently at each date"
        return Note("warning", f"{text}, corrected{left}", advice, "shift")
    if shift.confidence < LEAST_CONFIDENCE:
        return Note("warning", f"shift{between} not measured", "check by eye that roads lie on each other", "shift")
    if shift.length_px > MOST_SHIFT_PX:
        return Note("warning", f"{text}, too large to correct", "georeference the rasters again", "shift")
    return Note("fine", text if shift.length_px > LEAST_SHIFT_PX else f"no shift{between}", about="shift")


def _radiometry_notes(radiometry: Sequence[Radiometry]) -> Iterator[Note]:
    for number, each in enumerate(radiometry, 1):
        if each.corrected:
            gain, offset = (" / ".join(format(value, how) for value in values)
                            for values, how in ((each.gain, ".2f"), (each.offset, "+.0f")))  # fmt: skip
            what = f"colours of date {number} brought to the last date's: gain {gain}, offset {offset}"
            yield Note("fine", what, about="radiometry")
        elif each.found:
            yield Note("fine", f"colours of date {number} agree with the last date's", about="radiometry")
        else:
            advice = "too little of the ground looks the same in both to compare their colours"
            yield Note("fine", f"colours of date {number} left as they are", advice, "radiometry")


def _share_notes(about: str, shares: Sequence[float], most: float) -> Iterator[Note]:
    what, advice, nothing = {
        "nodata": ("no image", "these parts are left out of the answer", "no gaps"),
        "cloud": ("perhaps cloud, snow or glare", "changes found there may not be real", "no cloud"),
    }[about]
    if shares and all(share < 0.005 for share in shares):
        yield Note("fine", nothing, about=about)
    for number, share in enumerate(shares, 1):
        if share > most:
            yield Note("warning", f"{what} in {share:.0%} of date {number}", advice, about)
        elif share >= 0.005:
            yield Note("fine", f"{what} in {share:.1%} of date {number}", about=about)
