"""One row of a batch from its rasters to its record: what a worker does."""

from __future__ import annotations

import os
import socket
import time
import traceback
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyogrio
import rasterio
from rasterio.crs import CRS
from shapely.geometry import box

from diachron.ask import ask
from diachron.cluster.manifest import Row
from diachron.cluster.record import Record
from diachron.errors import Cancelled, DiachronError
from diachron.model.look import Look
from diachron.rasters.area import to_crs
from diachron.rasters.ground import ground_sample_distance
from diachron.request import AskRequest
from diachron.results.export import Answer

if TYPE_CHECKING:
    from diachron.model.interpreter import Interpreter

DEGREES = CRS.from_user_input("OGC:CRS84")


@dataclass(frozen=True)
class Asked:
    """What a batch asks of every row: the fields are those of `AskRequest`; ``out`` holds the rows' folders."""

    question: str
    out: Path
    language: str | None = None
    threshold: float | None = None
    vocabulary: str | None = None
    look: Look | None = None
    normalise: bool = False

    def request(self, row: Row) -> AskRequest:
        """Return the question as it is asked of one row."""
        return AskRequest(
            row.rasters, self.question, self.out / row.id, dates=row.dates, area=row.area, gsd=row.gsd,
            vocabulary=self.vocabulary, language=self.language, threshold=self.threshold, look=self.look,
            normalise=self.normalise,
        )  # fmt: skip


def answer_row(row: Row, asked: Asked, interpreter: Interpreter) -> Record:
    """Answer one row into its folder; whatever goes wrong with it becomes its record, for the batch goes on.

    Raises
    ------
    Cancelled: the person stopped the batch.
    """
    begun_s = time.monotonic()
    try:
        record = _record(row, ask(asked.request(row), interpreter), asked.out / row.id)
    except Cancelled:
        raise
    except DiachronError as error:
        record = failed(row, error.line())
    except Exception as error:
        record = failed(row, unforeseen(error))
    return replace(record, seconds=round(time.monotonic() - begun_s, 2), worker=f"{socket.gethostname()}:{os.getpid()}")


def failed(row: Row, error: str) -> Record:
    """Return the record of a row that has no answer; the reason becomes one line."""
    return Record(row.id, row.key, "failed", error=" ".join(error.split()))


def unforeseen(error: Exception) -> str:
    """Return one line on an error that nobody foresaw: what, and the file and line of ours it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "diachron" in frame.filename] or list(frames)
    place = f" at {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    return f"unforeseen {type(error).__name__}{place}: {error}"


def _record(row: Row, answer: Answer, folder: Path) -> Record:
    first = {fact.kind: fact for fact in reversed(answer.facts)}
    count, area = first.get("count"), first.get("area")
    footprint, gsd_m = _ground(folder / "change_probability.tif")
    return Record(
        row.id, row.key, "abstained" if answer.abstained else "done", text=answer.text, task=answer.look.task,
        count=None if count is None else int(count.value),
        area=None if area is None else float(area.value), unit="" if area is None else area.unit,
        changes=_polygons(folder / "changes.gpkg"), gsd_m=gsd_m, footprint=footprint,
        model=f"{answer.model.name} {answer.model.version}",
    )  # fmt: skip


def _ground(path: Path) -> tuple[str, float | None]:
    """Return a map's outline as WKT in degrees and its metres per pixel; "" and None where it is not on the ground."""
    if not path.is_file():
        return "", None
    with rasterio.open(path) as dataset:
        if dataset.crs is None:
            return "", None
        gsd_m = ground_sample_distance(dataset.crs, dataset.transform, dataset.width / 2, dataset.height / 2)
        return to_crs(box(*dataset.bounds), dataset.crs, DEGREES).wkt, round(gsd_m, 4)


def _polygons(path: Path) -> int:
    return int(pyogrio.read_info(path, layer="changes", force_feature_count=True)["features"])
