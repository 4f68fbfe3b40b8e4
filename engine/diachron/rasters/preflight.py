"""What is worth knowing of a set of rasters before they are compared."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from diachron.rasters.registration import LEAST_CONFIDENCE, Shift

Level = Literal["fine", "warning", "stop"]


@dataclass(frozen=True)
class Note:
    """One line of the preflight: what was found, and what to do about it ("" where nothing need be done)."""

    level: Level
    what: str
    advice: str = ""


@dataclass(frozen=True)
class Preflight:
    """Measures of a set of rasters; tuples have one value a raster, ``shift_px`` one a pair of consecutive dates.

    ``overlap`` is the share of the smallest raster that all cover; shares are 0 to 1; ``gsd_m`` metres per pixel, None where unknown.
    """

    overlap: float
    gsd_m: tuple[float | None, ...]
    shift_px: tuple[Shift, ...]
    nodata_share: tuple[float, ...]
    cloud_share: tuple[float, ...]
    notes: tuple[Note, ...]

    def as_json(self) -> dict[str, object]:
        """Return the preflight as ``answer.json`` and the protocol hold it."""
        return asdict(self)


def cloud_share(image: NDArray[np.uint8], valid: NDArray[np.bool_]) -> float:
    """Return the share of valid pixels of an overview (uint8 [3, h, w]) that look like cloud: bright, grey and smooth.

    Conservative: roofs and roads are bright too, but not smooth over many pixels.
    """
    if not valid.any():
        return 0.0
    values = image.astype(np.float32)
    bright = values.min(axis=0) > 200
    grey = values.max(axis=0) - values.min(axis=0) < 25
    rows, columns = np.gradient(values.mean(axis=0))
    cloud = _eroded(bright & grey & (np.hypot(rows, columns) < 8) & valid, 3)
    return float(cloud.sum() / valid.sum())


def _eroded(mask: NDArray[np.bool_], times: int) -> NDArray[np.bool_]:
    for _ in range(times):
        inner = mask.copy()
        inner[1:] &= mask[:-1]
        inner[:-1] &= mask[1:]
        inner[:, 1:] &= mask[:, :-1]
        inner[:, :-1] &= mask[:, 1:]
        mask = inner
    return mask


def notes(
    overlap: float, gsd_m: tuple[float | None, ...], shifts: tuple[Shift, ...], nodata: tuple[float, ...], clouds: tuple[float, ...]
) -> tuple[Note, ...]:
    """Return the notes that these measures deserve, in the order of the dock."""
    return (
        _overlap_note(overlap),
        _resolution_note(gsd_m),
        *(_shift_note(shift) for shift in shifts),
        *(_share_note(f"no data in raster {n}", share, 0.05) for n, share in enumerate(nodata, 1) if share > 0.001),
        *(_share_note(f"perhaps cloud in raster {n}", share, 0.02) for n, share in enumerate(clouds, 1) if share > 0.005),
    )


def _overlap_note(overlap: float) -> Note:
    return Note("fine" if overlap > 0.5 else "warning", f"overlap {overlap:.0%}", "" if overlap > 0.5 else "check that both show the same place")


def _resolution_note(gsd_m: tuple[float | None, ...]) -> Note:
    known = [value for value in gsd_m if value]
    if len(known) < len(gsd_m):
        return Note("warning", "resolution unknown", "areas are in pixels unless a ground sample distance is given")
    text = " / ".join(f"{value:.2g} m" for value in known)
    if max(known) / min(known) > 2:
        return Note("warning", f"resolution {text}", "the finer raster is reduced to the coarser one")
    return Note("fine", f"resolution {text}")


def _shift_note(shift: Shift) -> Note:
    length = float(np.hypot(shift.dx_px, shift.dy_px))
    if shift.corrected:
        return Note("warning", f"shift {length:.1f} px, corrected")
    if shift.confidence < LEAST_CONFIDENCE:
        return Note("warning", "shift between the dates could not be measured", "check the alignment by eye")
    return Note("fine", f"shift {length:.1f} px") if length < 1 else Note("warning", f"shift {length:.1f} px, not corrected")


def _share_note(what: str, share: float, limit: float) -> Note:
    return Note("warning" if share > limit else "fine", f"{what}: {share:.1%}")
