"""Writing a result folder: all of it, or nothing."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError
from rasterio._err import CPLE_BaseError
from rasterio.crs import CRS
from rasterio.errors import RasterioError

from diachron.errors import UnusableInput
from diachron.model.card import ModelCard
from diachron.model.look import Look
from diachron.model.vocabulary import Vocabulary
from diachron.rasters.cog import Pieces, as_probability, write_cog
from diachron.rasters.grid import Grid
from diachron.rasters.preflight import Preflight
from diachron.rasters.reprojection import to_crs_all
from diachron.results.answer import Span
from diachron.results.facts import Fact
from diachron.results.maps import Maps
from diachron.results.polygons import Change
from diachron.results.sequences import trajectory_words

ANSWER_FILE = "answer.json"
LEVELS_FILE = "damage_levels.tif"
DRAFT = ".draft"
ABANDONED_S = 3600
WRITERS = 2
RECIPE_FILE = "recipe.json"
GEOPACKAGE = "1.2"
"""The version of the format that QGIS 3.22's GDAL reads without a warning."""


@dataclass(frozen=True)
class InputRecord:
    """One raster as it was used; ``gsd_m`` metres per pixel, None where unknown."""

    path: str
    date: str
    crs: str
    gsd_m: float | None
    width: int
    height: int


@dataclass(frozen=True)
class Settings:
    """What polygons were drawn with.

    ``threshold`` is that of the change probability, ``minimum_area`` the minimum mapping unit in ``unit`` ("m2" or
    "px"), ``gsd_m`` that of the common grid, None where unknown; ``vocabulary`` the classes' file, "" for the default.
    """

    threshold: float
    minimum_area: float
    unit: str
    gsd_m: float | None
    vocabulary: str


@dataclass(frozen=True)
class Answer:
    """Everything that ``answer.json`` holds; ``timings`` are seconds a stage."""

    question: str
    language: str
    look: Look
    text: str
    spans: tuple[Span, ...]
    facts: tuple[Fact, ...]
    abstained: bool
    reason: str
    preflight: Preflight | None
    model: ModelCard
    inputs: tuple[InputRecord, ...]
    timings: dict[str, float]
    settings: Settings

    def as_json(self) -> dict[str, object]:
        """Return the answer as docs/CONTRACT.md has it."""
        card = self.model
        return {
            "question": self.question, "language": self.language, "look": self.look.as_json(), "text": self.text,
            "spans": [asdict(span) for span in self.spans],
            "facts": [fact_json(fact) for fact in self.facts],
            "abstained": self.abstained, "reason": self.reason,
            "preflight": self.preflight.as_json() if self.preflight else None,
            "model": {"name": card.name, "version": card.version, "adapter": card.adapter, "licence": card.licence},
            "inputs": [asdict(each) for each in self.inputs],
            "timings": {stage: round(seconds, 3) for stage, seconds in self.timings.items()},
            "settings": asdict(self.settings),
        }  # fmt: skip


@dataclass(frozen=True)
class Layers:
    """The layers of an answer: maps and changes on ``grid``, to be written with changes in ``output_crs``.

    ``maps`` is None where the engine abstained before it looked; there are then no rasters to write. ``levels`` are the
    levels of damage, uint8 [H, W] of the damage vocabulary's ids, None where none were looked for.
    """

    maps: Maps | None
    changes: tuple[Change, ...]
    grid: Grid
    output_crs: CRS | None
    vocabulary: Vocabulary
    levels: NDArray[np.uint8] | None = None


def check_output(out: Path) -> None:
    """Prove that a result can be put at ``out``.

    Raises
    ------
    UnusableInput: it is a file, a folder with other things in it, or cannot be written.
    """
    if out.exists() and not out.is_dir():
        raise UnusableInput("the output is a file, not a folder", str(out), "name a folder")
    if out.is_dir() and any(out.iterdir()) and not (out / ANSWER_FILE).is_file():
        raise UnusableInput("the output folder holds other files", str(out), "name a new or an empty folder")
    parent = _first_existing(out.absolute())
    if not os.access(parent, os.W_OK | os.X_OK):
        raise UnusableInput("the output folder cannot be written", str(out), "name one that you may write to")
    with writing(out), tempfile.TemporaryFile(dir=parent):
        pass


def write_folder(out: Path, answer: Answer, layers: Layers | None, recipe: Mapping[str, object] | None = None) -> None:
    """Write answer, layers and recipe to ``out``; they appear there together or not at all.

    They are written beside it first, then renamed; a former result is put aside until that has worked.

    Raises
    ------
    UnusableInput: no permission, or no room.
    """
    check_output(out)
    out = out.absolute()
    with writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        _sweep(out.parent)
        draft = Path(tempfile.mkdtemp(prefix=f".{out.name}-", suffix=DRAFT, dir=out.parent))
    try:
        with writing(out):
            draft.chmod(0o755)
            if layers is not None:
                _write_layers(draft, answer, layers)
            for name, values in ((RECIPE_FILE, recipe), (ANSWER_FILE, answer.as_json())):
                if values is not None:
                    text = json.dumps(values, ensure_ascii=False, indent=1)
                    (draft / name).write_text(text + "\n", encoding="utf-8")
            _put_in_place(draft, out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Take away the drafts of runs that were killed: nobody has written to them for an hour."""
    for draft in folder.glob(f".*{DRAFT}"):
        if time.time() - draft.stat().st_mtime > ABANDONED_S:
            shutil.rmtree(draft, ignore_errors=True)


def _put_in_place(draft: Path, out: Path) -> None:
    old = draft.with_name(draft.name + ".old")
    if out.exists():
        os.replace(out, old)
    try:
        os.replace(draft, out)
    except OSError:
        if old.exists():
            os.replace(old, out)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _write_layers(folder: Path, answer: Answer, layers: Layers) -> None:
    maps, grid, vocabulary = layers.maps, layers.grid, layers.vocabulary
    write_changes(folder / "changes.gpkg", answer, layers)
    if maps is None:
        return
    colours = {each.id: each.colour for each in vocabulary.classes}
    names = {each.id: vocabulary.display(each.name, answer.language) for each in vocabulary.classes}
    # Most of the time goes to compression, in which a file keeps one core busy.
    with ThreadPoolExecutor(WRITERS, thread_name_prefix="write") as pool:

        def write(name: str, values: NDArray | Pieces, **more: Any) -> Future[None]:
            return pool.submit(write_cog, folder / name, values, grid, **more)

        files = [write("change_probability.tif", as_probability(maps.change, maps.valid), nodata=-1.0)]
        for number, step in enumerate(maps.steps, 1):
            files.append(write(f"change_probability_{number}.tif", as_probability(step, maps.valid), nodata=-1.0))
        for number, certainty in enumerate(maps.certainty, 1):
            files.append(write(f"certainty_{number}.tif", np.asarray(certainty), nodata=255))
        for number, classes in enumerate(maps.classes, 1):
            values = np.asarray(classes)
            files.append(write(f"classes_{number}.tif", values, nodata=0, colours=colours, categories=names))
        if layers.levels is not None:
            files.append(write(LEVELS_FILE, np.asarray(layers.levels), nodata=0))
        for each in files:
            each.result()


def write_changes(path: Path, answer: Answer, layers: Layers) -> None:
    """Write the changes as a GeoPackage layer ``changes``, polygons in the after raster's CRS."""
    fields = change_fields(answer, layers)
    geometry = np.array([shapely.to_wkb(each) for each in in_output_crs(layers)], dtype=object)
    pyogrio.raw.write(
        path, geometry, list(fields.values()), list(fields), layer="changes", driver="GPKG", geometry_type="Polygon",
        crs=layers.output_crs.to_wkt() if layers.output_crs else None, VERSION=GEOPACKAGE,
    )  # fmt: skip


def change_fields(answer: Answer, layers: Layers) -> dict[str, np.ndarray]:
    """Return the fields of the changes, each with one value a change, in the order of docs/CONTRACT.md."""
    changes, vocabulary, language = layers.changes, layers.vocabulary, answer.language
    dates = [each.date for each in answer.inputs] or ["", ""]
    card = answer.model

    def same(value: str) -> np.ndarray:
        return _text([value] * len(changes))

    return {
        "id": np.array([each.id for each in changes], np.int32),
        "from_class": _text(each.source for each in changes),
        "to_class": _text(each.target for each in changes),
        "area_m2": np.array([each.area if each.unit == "m2" else np.nan for each in changes], np.float64),
        "confidence": np.array([each.confidence for each in changes], np.float64),
        "caption": _text(each.caption or caption(each, language, vocabulary) for each in changes),
        "damage": _text(each.damage for each in changes),
        "question": same(answer.question),
        "date_from": _text(dates[each.step] for each in changes),
        "date_to": _text(dates[each.step + 1] for each in changes),
        "model": same(f"{card.name} {card.version}"),
        "status": same("proposed"),
        "note": same(""),
        "decided_by": same(""),
        "decided_at": same(""),
        "from_probability": _numbers(each.source_probability for each in changes),
        "to_probability": _numbers(each.target_probability for each in changes),
        "adapter": same(card.adapter),
        "licence": same(card.licence),
        "trajectory": _text(_trajectory(each, dates, language, vocabulary) for each in changes),
    }


def caption(change: Change, language: str, vocabulary: Vocabulary) -> str:
    """Return a change in a few words, such as "herbaceous became building"; the French words agree with any class."""
    source, target = (vocabulary.display(name, language) for name in (change.source, change.target))
    return f"d'abord {source}, puis {target}" if language == "fr" else f"{source} became {target}"


def _trajectory(change: Change, dates: Sequence[str], language: str, vocabulary: Vocabulary) -> str:
    return trajectory_words(change.trajectory or (change.source, change.target), language, vocabulary, dates)


def in_output_crs(layers: Layers) -> list[shapely.Polygon]:
    """Return the outlines of the changes in the output's CRS."""
    polygons = np.array([change.polygon for change in layers.changes], dtype=object)
    return list(to_crs_all(polygons, layers.grid.crs, layers.output_crs))


def fact_json(fact: Fact) -> dict[str, object]:
    """Return a fact as ``answer.json`` holds it."""
    return {
        "id": fact.id, "kind": fact.kind, "from": fact.source, "to": fact.target,
        "value": fact.value, "unit": fact.unit, "features": list(fact.features),
    }  # fmt: skip


def _text(values: Sequence[str] | Iterator[str]) -> np.ndarray:
    return np.array(list(values), dtype=object)


def _numbers(values: Iterable[float | None]) -> np.ndarray:
    return np.array([np.nan if each is None else each for each in values], np.float64)


def _first_existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path


@contextmanager
def writing(out: Path) -> Iterator[None]:
    """Turn what a full or closed disk answers into words for a person."""
    try:
        yield
    except UnusableInput as error:
        # What a writer says of its file lies in the draft, which a person never sees.
        raise UnusableInput(error.what, str(out), error.advice) from error
    except PermissionError as error:
        raise UnusableInput(
            "the output folder cannot be written", str(out), "name one that you may write to"
        ) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise UnusableInput(
                "no room is left for the result", str(out), "free some space or name another disk"
            ) from error
        raise UnusableInput(
            f"the result cannot be written ({error.strerror or error})", str(out), "name another folder"
        ) from error
    except (RasterioError, CPLE_BaseError, DataSourceError, DataLayerError, FeatureError) as error:
        # GDAL's own words name tables and blocks; once the folder could be made, they come to a disk that is full.
        advice = "free some space or name another folder"
        raise UnusableInput("the result cannot be written", str(out), advice) from error
