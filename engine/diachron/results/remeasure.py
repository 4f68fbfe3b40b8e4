"""Polygons, facts and text of a result drawn anew with another threshold or minimum mapping unit; no model is asked."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import rasterio
import shapely
from pyproj import Transformer
from rasterio.crs import CRS
from shapely.geometry import Polygon

from diachron.errors import Cancelled, UnusableInput, WrongUsage
from diachron.model.card import ModelCard
from diachron.model.look import ANY, Look
from diachron.model.phrases import untested_phrases, with_phrases
from diachron.model.vocabulary import Vocabulary, load_vocabulary
from diachron.rasters.grid import Grid
from diachron.results.answer import Span, render
from diachron.results.changes_file import DecidedRow, read_decided, replace_undecided
from diachron.results.export import (
    ANSWER_FILE,
    LEVELS_FILE,
    Answer,
    InputRecord,
    Layers,
    Settings,
    change_fields,
    fact_json,
    in_output_crs,
)
from diachron.results.facts import Fact
from diachron.results.maps import Maps
from diachron.results.measures import fact_line, measure
from diachron.results.plain import plain_answer
from diachron.results.polygons import AreaMeasure, Change, default_minimum_area, draw_changes, minimum_pixels
from diachron.results.regions import within

CHANGES_FILE = "changes.gpkg"
HALF = 0.5
TOUCHING = 0.02
"""A smaller covered share is two outlines that meet."""
ATTEMPTS = 3


@dataclass(frozen=True)
class Kept:
    """A result folder as it was kept: ``value`` is answer.json; changes are drawn in ``output_crs``."""

    folder: Path
    value: dict[str, Any]
    look: Look
    maps: Maps
    grid: Grid
    output_crs: CRS | None
    vocabulary: Vocabulary

    @property
    def dates(self) -> tuple[str, ...]:
        """Return the date of each raster, "" where it is not known."""
        return tuple(each["date"] for each in self.value.get("inputs", ()))

    @property
    def drawn_with(self) -> tuple[float, float]:
        """Return threshold and minimum mapping unit of the changes as they are."""
        settings = self.value.get("settings") or {}
        area = settings.get("minimum_area", default_minimum_area(self.grid))
        return float(settings.get("threshold", HALF)), float(area)


def read_kept(folder: Path) -> Kept:
    """Read a result folder.

    Raises
    ------
    UnusableInput: it is none, its rasters are gone, or nothing was looked at.
    WrongUsage: it answers a question on one date's land cover, which has no changes to draw.
    """
    value = _read_answer(folder)
    look = _look(value["look"])
    if value["abstained"] or not look.is_change:
        raise WrongUsage("this answer has no changes to draw", str(folder), "ask what has changed")
    settings = value.get("settings") or {}
    vocabulary = load_vocabulary(Path(settings["vocabulary"]) if settings.get("vocabulary") else None)
    vocabulary = with_phrases(vocabulary, untested_phrases(look, vocabulary))
    try:
        maps, grid = _read_maps(folder, settings)
        crs = pyogrio.read_info(folder / CHANGES_FILE)["crs"]
    except (OSError, rasterio.errors.RasterioError, pyogrio.errors.DataSourceError) as error:
        raise UnusableInput("the result is not whole", str(folder), "ask the question again") from error
    return Kept(folder, value, look, maps, grid, CRS.from_user_input(crs) if crs else None, vocabulary)


def maps_time(folder: Path) -> int:
    """Return when a folder's maps were written, in nanoseconds, 0 where there are none."""
    path = folder / "change_probability.tif"
    return path.stat().st_mtime_ns if path.is_file() else 0


def remeasure(
    kept: Kept, threshold: float, minimum_area: float, cancelled: Callable[[], bool] = lambda: False
) -> dict[str, Any]:
    """Draw the changes of a result anew, write them and the answer into its folder, and return the answer (JSON).

    What a person has decided stays as that person saw it; new polygons that it mostly covers are left out. Facts are
    measured on all polygons but the rejected ones. The text keeps its words where they still hold.

    Raises
    ------
    WrongUsage: a threshold that is no probability, or an area below zero.
    UnusableInput: the folder cannot be written.
    Cancelled: ``cancelled`` said so; nothing was written.
    """
    check_settings(threshold, minimum_area)
    asked_of = within(kept.maps, kept.look.region)
    drawn = draw_changes(
        asked_of, kept.look, kept.vocabulary, kept.grid, threshold=threshold, minimum_area=minimum_area
    )
    drawn = _with_levels(drawn, kept)
    for _ in range(ATTEMPTS):
        if cancelled():
            raise Cancelled
        decided = read_decided(kept.folder / CHANGES_FILE)
        standing = _standing(decided, kept)
        fresh = _numbered(_beside(drawn, standing, kept.grid, minimum_area), {each.id for each in standing})
        counted = [each for each, row in zip(standing, decided, strict=True) if row.status != "rejected"]
        changes = sorted((*counted, *fresh), key=lambda change: -change.area)
        facts = measure(kept.look, changes, asked_of, kept.vocabulary, kept.grid, kept.dates)
        value = _answer_value(kept, facts, threshold, minimum_area)
        layers = Layers(None, tuple(fresh), kept.grid, kept.output_crs, kept.vocabulary)
        fields = change_fields(_provenance(value), layers)
        if replace_undecided(kept.folder / CHANGES_FILE, decided, fields, list(in_output_crs(layers))):
            _write_answer(kept.folder, value)
            return value
    raise UnusableInput("the changes are being decided on too fast", str(kept.folder), "try again in a moment")


def check_settings(threshold: float, minimum_area: float) -> None:
    """Refuse settings that make no sense.

    Raises
    ------
    WrongUsage: they are such.
    """
    if not 0 < threshold < 1:
        raise WrongUsage("the threshold is no probability", f"{threshold}", "give one between 0 and 1")
    if not 0 <= minimum_area < float("inf"):
        raise WrongUsage("the minimum mapping unit is no area", f"{minimum_area}", "give 0 or more")


# -- polygons ---------------------------------------------------------------------------------


def _with_levels(drawn: tuple[Change, ...], kept: Kept) -> tuple[Change, ...]:
    """Return changes with the levels of damage that were looked at when the question was asked."""
    path = kept.folder / LEVELS_FILE
    if not path.is_file():
        return drawn
    from diachron.damage import with_levels

    levels = _read_band(path)
    damage = Maps(kept.maps.change, (levels, levels), kept.maps.valid)
    return with_levels(drawn, damage, kept.look, kept.vocabulary, kept.grid)


def _standing(decided: Sequence[DecidedRow], kept: Kept) -> list[Change]:
    """Return what a person has decided as changes in the grid's CRS."""
    measure_area = AreaMeasure(kept.grid)
    changes = []
    for row, polygon in zip(decided, _on_grid([each.polygon for each in decided], kept), strict=True):
        area = measure_area(polygon) if row.area_m2 is None else row.area_m2
        step = kept.dates[:-1].index(row.date_from) if row.date_from in kept.dates[:-1] else 0
        changes.append(
            Change(
                row.id, row.source, row.target, area, measure_area.unit, row.confidence, polygon,
                damage=row.damage, step=step,
            )
        )  # fmt: skip
    return changes


def _on_grid(polygons: Sequence[Polygon], kept: Kept) -> list[Polygon]:
    crs, grid = kept.output_crs, kept.grid
    if grid.crs is None or crs is None or grid.crs == crs:
        return list(polygons)
    transformer = Transformer.from_crs(crs.to_wkt(), grid.crs.to_wkt(), always_xy=True)
    return [shapely.transform(each, transformer.transform, interleaved=False) for each in polygons]


def _beside(drawn: Sequence[Change], standing: Sequence[Change], grid: Grid, minimum_area: float) -> list[Change]:
    """Return the drawn changes without what decided ones cover: those covered by half are left out, others cut."""
    if not standing:
        return list(drawn)
    outlines = [shapely.make_valid(each.polygon) for each in standing]
    tree = shapely.STRtree(outlines)
    least = minimum_pixels(grid, minimum_area) * abs(grid.transform.a * grid.transform.e)
    measure_area = AreaMeasure(grid)
    left = []
    for change in drawn:
        near = tree.query(change.polygon, predicate="intersects")
        covering = shapely.union_all([outlines[each] for each in near]) if len(near) else None
        share = 0.0 if covering is None else change.polygon.intersection(covering).area / change.polygon.area
        if share < TOUCHING:
            left.append(change)
        elif share < HALF:
            rest = _largest(change.polygon.difference(covering))
            if rest is not None and rest.area >= least:
                left.append(replace(change, polygon=rest, area=measure_area(rest)))
    return left


def _largest(shape: shapely.Geometry) -> Polygon | None:
    parts = [part for part in getattr(shape, "geoms", [shape]) if isinstance(part, Polygon)]
    return max(parts, key=lambda part: part.area, default=None)


def _numbered(changes: Sequence[Change], taken: set[int]) -> list[Change]:
    """Number changes from 1, passing over the numbers of those that stay."""
    free = (number for number in range(1, len(changes) + len(taken) + 1) if number not in taken)
    return [replace(change, id=number) for change, number in zip(changes, free, strict=False)]


# -- the text ---------------------------------------------------------------------------------


def _answer_value(kept: Kept, facts: Sequence[Fact], threshold: float, minimum_area: float) -> dict[str, Any]:
    value, language = kept.value, kept.value["language"]
    told = value.get("told") or _told(value)
    template = told["text"] if _still_holds(told, facts) else plain_answer(kept.look, facts, language, kept.vocabulary)
    text, spans = render(template, facts, language, kept.vocabulary)
    unit = "px" if kept.grid.gsd_m is None else "m2"
    vocabulary = (value.get("settings") or {}).get("vocabulary", "")
    settings = Settings(threshold, minimum_area, unit, kept.grid.gsd_m, vocabulary)
    return value | {
        "text": text, "spans": [asdict(each) for each in spans], "facts": [fact_json(each) for each in facts],
        "settings": asdict(settings), "told": told,
    }  # fmt: skip


def _told(value: dict[str, Any]) -> dict[str, Any]:
    """Return an answer as it was written: its text with a token for each number, and the lines of its facts."""
    parts, last = [], 0
    for span in sorted(value["spans"], key=lambda each: each["start"]):
        parts += [value["text"][last : span["start"]], f"<fact_{span['fact']}>"]
        last = span["end"]
    parts.append(value["text"][last:])
    return {"text": "".join(parts), "lines": [fact_line(_fact(each)) for each in value["facts"]]}


def _still_holds(told: dict[str, Any], facts: Sequence[Fact]) -> bool:
    """Say whether a text may stand: each fact that it points at is of the same classes, and still none, one or many."""
    lines = {line.split(" ", 1)[0]: line for line in told["lines"]}
    now = {f"<fact_{fact.id}>": fact_line(fact) for fact in facts}
    pointed = [token for token in lines if token in told["text"]]
    return bool(pointed) and all(now.get(token) == lines[token] for token in pointed)


# -- the folder -------------------------------------------------------------------------------


def _read_answer(folder: Path) -> dict[str, Any]:
    path = folder / ANSWER_FILE
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        if not {"look", "text", "spans", "facts", "abstained", "language"} <= set(value):
            raise ValueError("fields are missing")
    except (OSError, ValueError, TypeError) as error:
        raise UnusableInput("this folder holds no answer", str(folder), "name the folder of a question") from error
    return dict(value)


def _write_answer(folder: Path, value: dict[str, Any]) -> None:
    draft = folder / f".{ANSWER_FILE}"
    draft.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    os.replace(draft, folder / ANSWER_FILE)


def _read_maps(folder: Path, settings: dict[str, Any]) -> tuple[Maps, Grid]:
    with rasterio.open(folder / "change_probability.tif") as file:
        probability = file.read(1)
        crs, transform = file.crs, file.transform
    gsd_m = settings.get("gsd_m") or (abs(transform.a) if crs else None)
    valid = probability >= 0
    change = np.where(valid, np.rint(probability.clip(0, 1) * 254), 0).astype(np.uint8)
    classes, certainty, steps = (tuple(map(_read_band, _numbered_files(folder, name))) for name in _DATED)
    steps = tuple(np.rint(each.clip(0, 1) * 254).astype(np.uint8) for each in steps)
    height, width = change.shape
    return Maps(change, classes, valid, certainty, steps), Grid(crs, transform, width, height, gsd_m)


_DATED = ("classes", "certainty", "change_probability")


def _numbered_files(folder: Path, name: str) -> list[Path]:
    """Return ``name_1.tif``, ``name_2.tif`` ... in the order of their numbers."""
    found = {path.stem[len(name) + 1 :]: path for path in folder.glob(f"{name}_*.tif")}
    return [found[number] for number in sorted(filter(str.isdigit, found), key=int)]


def _read_band(path: Path) -> np.ndarray:
    with rasterio.open(path) as file:
        return np.asarray(file.read(1))


def _look(value: dict[str, Any]) -> Look:
    return Look(
        value["task"], source=tuple(value["from"]) or (ANY,), target=tuple(value["to"]) or (ANY,),
        classes=tuple(value["classes"]), date=value["date"], reason=value["reason"], region=value.get("region") or "",
    )  # fmt: skip


def _fact(value: dict[str, Any]) -> Fact:
    return Fact(
        value["id"], value["kind"], value["from"], value["to"], value["value"], value["unit"], tuple(value["features"])
    )


def _provenance(value: dict[str, Any]) -> Answer:
    """Return an answer as far as the fields of its changes need it."""
    model = value["model"]
    card = ModelCard(model["name"], model["version"], model["adapter"], model["licence"], (), 0.5, 0, 0, 0.0, {})
    return Answer(
        question=value["question"], language=value["language"], look=_look(value["look"]), text=value["text"],
        spans=tuple(Span(**each) for each in value["spans"]), facts=tuple(map(_fact, value["facts"])),
        abstained=False, reason="", preflight=None, model=card,
        inputs=tuple(InputRecord(**each) for each in value["inputs"]), timings=value["timings"],
        settings=Settings(**value["settings"]),
    )  # fmt: skip
