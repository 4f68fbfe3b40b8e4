"""What is worth knowing of a set of rasters before they are compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from diachron.rasters.registration import LEAST_CONFIDENCE, LEAST_SHIFT_PX, MOST_SHIFT_PX, Shift

Level = Literal["fine", "warning", "stop"]
MOST_RATIO = 2.0
LEAST_OVERLAP = 0.5
MOST_NODATA = 0.05
MOST_CLOUD = 0.02


@dataclass(frozen=True)
class Note:
    """One line of the preflight: what was found, and what to do about it ("" where all is fine)."""

    level: Level
    what: str
    advice: str = ""


@dataclass(frozen=True)
class Preflight:
    """Measures of rasters; each tuple has one value a raster, ``shift_px`` one for each date and the next.

    Parameters
    ----------
    overlap: share of the smallest raster (in the area) that all rasters cover, 0 to 1.
    gsd_m: metres on the ground per pixel, None where unknown.
    nodata_share: share of the grid, within the area, that holds no image, 0 to 1.
    cloud_share: share of the image that looks like cloud, 0 to 1.
    """

    overlap: float
    gsd_m: tuple[float | None, ...]
    shift_px: tuple[Shift, ...]
    nodata_share: tuple[float, ...]
    cloud_share: tuple[float, ...]
    notes: tuple[Note, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the preflight as ``answer.json`` and the protocol hold it."""
        return asdict(self)


def write_notes(measured: Preflight, grid_gsd_m: float | None) -> tuple[Note, ...]:
    """Return the lines that these measures deserve, in the order the dock shows them."""
    return (
        _overlap_note(measured.overlap),
        *_resolution_notes(measured.gsd_m, grid_gsd_m),
        *(_shift_note(shift, number, len(measured.shift_px)) for number, shift in enumerate(measured.shift_px, 1)),
        *_share_notes("no image", measured.nodata_share, MOST_NODATA, "these parts are left out of the answer"),
        *_share_notes(
            "perhaps cloud, snow or glare", measured.cloud_share, MOST_CLOUD, "changes found there may not be real"
        ),
    )


def _overlap_note(overlap: float) -> Note:
    if overlap >= LEAST_OVERLAP:
        return Note("fine", f"overlap {overlap:.0%}")
    return Note("warning", f"overlap {overlap:.0%}", "only the ground that all rasters show is compared")


def _resolution_notes(gsd_m: Sequence[float | None], grid_gsd_m: float | None) -> Iterator[Note]:
    known = [each for each in gsd_m if each]
    if len(known) < len(gsd_m) or grid_gsd_m is None:
        yield Note(
            "warning",
            "resolution unknown",
            "give the ground sample distance to have areas in square metres instead of pixels",
        )
        return
    text = "resolution " + " / ".join(f"{each:.2g} m" for each in known)
    if max(known) / min(known) > MOST_RATIO:
        yield Note("warning", text, f"all are compared at {grid_gsd_m:.2g} m: what is smaller in the finer one is lost")
    else:
        yield Note("fine", text)
    if not max(known) / MOST_RATIO <= grid_gsd_m <= max(known) * MOST_RATIO:
        yield Note(
            "warning", f"compared at {grid_gsd_m:.2g} m", f"the rasters' own {max(known):.2g} m would suit them better"
        )


def _shift_note(shift: Shift, number: int, count: int) -> Note:
    between = "" if count == 1 else f" between dates {number} and {number + 1}"
    text = f"shift{between} {shift.length_px:.1f} px"
    if shift.corrected:
        return Note("warning", f"{text}, corrected", "tall objects may still lean differently at each date")
    if shift.confidence < LEAST_CONFIDENCE:
        return Note("warning", f"shift{between} not measured", "check by eye that roads lie on each other")
    if shift.length_px > MOST_SHIFT_PX:
        return Note("warning", f"{text}, too large to correct", "georeference the rasters again")
    return Note("fine", text if shift.length_px > LEAST_SHIFT_PX else f"no shift{between}")


def _share_notes(what: str, shares: Sequence[float], most: float, advice: str) -> Iterator[Note]:
    for number, share in enumerate(shares, 1):
        if share > most:
            yield Note("warning", f"{what} in {share:.0%} of date {number}", advice)
        elif share >= 0.005:
            yield Note("fine", f"{what} in {share:.1%} of date {number}")
