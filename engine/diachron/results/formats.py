"""A result folder in the formats that other programs take: all of a file, or nothing."""

from __future__ import annotations

import importlib.util
import json
import math
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError

from diachron.errors import Failed, UnusableInput, WrongUsage
from diachron.model.vocabulary import Vocabulary, load_vocabulary
from diachron.recipe import read_recipe
from diachron.results.export import ANSWER_FILE, GEOPACKAGE, RECIPE_FILE
from diachron.results.transitions import matrix_of_changes, matrix_of_maps

STATUSES = ("proposed", "accepted", "rejected", "edited")
NOT_REJECTED = ("proposed", "accepted", "edited")
SUFFIXES = {
    "gpkg": ".gpkg", "geoparquet": ".parquet", "flatgeobuf": ".fgb", "geojson": ".geojson", "shapefile": ".shp",
    "cog": "", "csv": ".csv", "xlsx": ".xlsx", "recipe": ".json",
}  # fmt: skip
SHAPEFILE_BYTES = (1 << 31) - 1
SHAPEFILE_NAME, SHAPEFILE_TEXT = 10, 254
LAYER = "changes"
_ARROW = {"O": "string", "f": "float64", "i": "int64", "u": "int64", "b": "bool_"}


@dataclass(frozen=True)
class Exported:
    """The files that were written, and what a person is to know of them, a sentence each."""

    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChangeTable:
    """The changes of a result as they stand now: ``fields`` by name, ``geometry`` WKB; ``crs`` WKT or None."""

    fields: dict[str, NDArray]
    geometry: NDArray
    crs: str | None

    def __len__(self) -> int:
        return len(self.geometry)

    def where(self, kept: NDArray[np.bool_]) -> ChangeTable:
        """Return some of the changes."""
        return ChangeTable({name: values[kept] for name, values in self.fields.items()}, self.geometry[kept], self.crs)


@dataclass(frozen=True)
class Result:
    """A result folder as it is read for an export."""

    folder: Path
    answer: dict[str, Any]
    changes: ChangeTable

    @property
    def language(self) -> str:
        """Return the answer's language."""
        return str(self.answer["language"])

    @property
    def gsd_m(self) -> float | None:
        """Return the metres a pixel of the maps, None where unknown."""
        return (self.answer.get("settings") or {}).get("gsd_m")

    def vocabulary(self) -> Vocabulary:
        """Return the classes that the question was asked with."""
        named = (self.answer.get("settings") or {}).get("vocabulary")
        return load_vocabulary(Path(named) if named else None)

    def class_maps(self) -> list[Path]:
        """Return the land-cover maps, the earliest first; none where the engine abstained."""
        return sorted(self.folder.glob("classes_*.tif"), key=lambda path: int(path.stem.rpartition("_")[2]))


def export_result(folder: Path, format: str, out: Path, statuses: Sequence[str] = ()) -> Exported:
    """Write a result in one format.

    Parameters
    ----------
    format: a key of `SUFFIXES`. out: the file to write, or for ``cog`` a folder; what is there is overwritten.
    statuses: which changes to take, by what a person decided; none for all but the rejected ones.

    Raises
    ------
    WrongUsage: no such format or status. UnusableInput: no result, or it cannot be written in this format or there.
    """
    if format not in SUFFIXES:
        raise WrongUsage(f"no format {format!r}", advice=f"use one of {', '.join(SUFFIXES)}")
    unknown = next((each for each in statuses if each not in STATUSES), None)
    if unknown is not None:
        raise WrongUsage(f"no status {unknown!r}", advice=f"use one of {', '.join(STATUSES)}")
    if SUFFIXES[format] and out.suffix.lower() != SUFFIXES[format]:
        out = out.with_name(out.name + SUFFIXES[format])
    result = read_result(folder, statuses or NOT_REJECTED)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as draft:
            notes = _WRITERS[format](result, Path(draft) / out.name)
            files = _put_in_place(Path(draft), out)
    except (OSError, DataSourceError, DataLayerError) as error:
        advice = "name a place that you may write to, with room for it"
        raise UnusableInput("the export cannot be written", str(out), advice) from error
    return Exported(tuple(files), tuple(notes))


def read_result(folder: Path, statuses: Sequence[str]) -> Result:
    """Read a result folder; a layer without a status has proposals alone.

    Raises
    ------
    UnusableInput: it is none.
    """
    try:
        answer = json.loads((folder / ANSWER_FILE).read_text(encoding="utf-8"))
        meta, _, geometry, values = pyogrio.raw.read(folder / "changes.gpkg", layer=LAYER)
    except (OSError, ValueError, DataSourceError, DataLayerError) as error:
        advice = "name a folder that `diachron ask` has written"
        raise UnusableInput("that is no result", str(folder), advice) from error
    fields = dict(zip([str(name) for name in meta["fields"]], values, strict=True))
    changes = ChangeTable(fields, geometry, meta["crs"])
    status = fields.get("status", np.array(["proposed"] * len(changes), object))
    return Result(folder, answer, changes.where(np.isin(status.astype(str), list(statuses))))


def _put_in_place(draft: Path, out: Path) -> list[Path]:
    """Move what was written to where it is wanted; a folder's files join those that are there."""
    if (draft / out.name).is_dir():
        out.mkdir(exist_ok=True)
        draft, place = draft / out.name, out
    else:
        place = out.parent
    written = sorted(draft.iterdir())
    for file in written:
        os.replace(file, place / file.name)
    return [place / file.name for file in written]


# -- one writer a format ----------------------------------------------------------------------


def _write_vector(result: Result, out: Path, driver: str, **options: str) -> list[str]:
    changes = result.changes
    pyogrio.raw.write(
        out, changes.geometry, list(changes.fields.values()), list(changes.fields), layer=LAYER, driver=driver,
        geometry_type="Polygon", crs=changes.crs, promote_to_multi=False, **options,
    )  # fmt: skip
    return []


def _write_geojson(result: Result, out: Path) -> list[str]:
    if result.changes.crs is None:
        _write_vector(result, out, "GeoJSON")
        return ["GeoJSON is always longitude and latitude; these rasters have no place, so its numbers are pixels"]
    _write_vector(result, out, "GeoJSON", RFC7946="YES")
    return ["GeoJSON is always longitude and latitude (WGS 84), as RFC 7946 has it"]


def _write_shapefile(result: Result, out: Path) -> list[str]:
    changes = result.changes
    names = _short_names(list(changes.fields))
    texts = {name: values for name, values in changes.fields.items() if values.dtype == object}
    cut = sum(len(str(text).encode()) > SHAPEFILE_TEXT for values in texts.values() for text in values)
    empty = sum(int(np.isnan(values).sum()) for values in changes.fields.values() if values.dtype.kind == "f")
    outlines = sum(len(each) for each in changes.geometry)
    records = len(changes) * (SHAPEFILE_TEXT * len(texts) + 24 * len(changes.fields))
    if max(outlines, records) > SHAPEFILE_BYTES:
        advice = "use GeoPackage or FlatGeobuf"
        raise UnusableInput("a Shapefile holds 2 GB at most; these changes are more", str(out), advice)
    short = {names[name]: values for name, values in changes.fields.items()}
    _write_vector(
        replace(result, changes=ChangeTable(short, changes.geometry, changes.crs)), out, "ESRI Shapefile",
        ENCODING="UTF-8",
    )  # fmt: skip
    renamed = ", ".join(f"{name} is {short}" for name, short in names.items() if name != short)
    notes = [f"Shapefile has field names of 10 characters: {renamed}"] if renamed else []
    notes += [f"Shapefile cuts texts at 254 bytes: {cut} of them"] if cut else []
    return notes + ([f"Shapefile has no NULL: {empty} unknown numbers may be read as 0"] if empty else [])


def _short_names(names: Sequence[str]) -> dict[str, str]:
    """Return a name of at most ten characters for each, all different."""
    short: dict[str, str] = {}
    for name in names:
        candidate, number = name[:SHAPEFILE_NAME], 1
        while candidate in short.values():
            candidate = f"{name[: SHAPEFILE_NAME - 1 - len(str(number))]}_{number}"
            number += 1
        short[name] = candidate
    return short


def _write_geoparquet(result: Result, out: Path) -> list[str]:
    if importlib.util.find_spec("pyarrow") is None:
        advice = "run: pip install 'diachron[geoparquet]' in the engine's environment"
        raise Failed("GeoParquet needs the package pyarrow", "the engine's environment", advice)
    from pyproj import CRS

    from diachron.cluster.geoparquet import Batch, write_geoparquet

    changes = result.changes
    types = {name: _ARROW[values.dtype.kind] for name, values in changes.fields.items()}
    columns = {name: _or_none(values) for name, values in changes.fields.items()}
    batch = Batch(columns, shapely.from_wkb(changes.geometry).tolist())
    write_geoparquet(out, types, [batch], CRS(changes.crs) if changes.crs else None)
    return []


def _or_none(values: NDArray) -> list[Any]:
    return [None if isinstance(each, float) and math.isnan(each) else each for each in values.tolist()]


def _copy_cogs(result: Result, out: Path) -> list[str]:
    """Copy the rasters, which are COGs already, with the category names beside them."""
    if not result.class_maps():
        raise UnusableInput("this answer has no rasters", str(result.folder), "the question was not answered")
    out.mkdir()
    for path in [*result.class_maps(), result.folder / "change_probability.tif"]:
        for each in (path, path.with_name(path.name + ".aux.xml")):
            if each.is_file():
                shutil.copyfile(each, out / each.name)
    return []


def _write_csv(result: Result, out: Path) -> list[str]:
    """Write the transition matrix of the changes."""
    _write_table(out, "CSV", "transitions", _matrix_columns(result))
    return []


def _write_workbook(result: Result, out: Path) -> list[str]:
    """Write the transition matrix of the changes as one sheet, that of the land-cover maps as another."""
    titles = {"en": ("Transitions", "Land cover"), "fr": ("Transitions", "Occupation du sol")}[result.language]
    # GDAL takes a folder with .xlsx in its name, as a draft's has, for a workbook.
    with tempfile.TemporaryDirectory(prefix="diachron-") as folder:
        draft = Path(folder) / "book.xlsx"
        _write_table(draft, "XLSX", titles[0], _matrix_columns(result))
        maps = result.class_maps()
        if len(maps) > 1:
            whole = matrix_of_maps(maps[0], maps[-1], result.gsd_m)
            _write_table(draft, "XLSX", titles[1], whole.columns(result.language), append=True)
        shutil.move(draft, out)
    return []


def _matrix_columns(result: Result) -> dict[str, NDArray]:
    vocabulary, language = result.vocabulary(), result.language
    areas, unit = areas_of(result)
    pairs = list(zip(result.changes.fields["from_class"], result.changes.fields["to_class"], strict=True))
    matrix = matrix_of_changes(pairs, areas, unit)
    return matrix.columns(language, {name: vocabulary.display(name, language) for name in matrix.names})


def areas_of(result: Result) -> tuple[NDArray[np.float64], str]:
    """Return the area of each change and its unit: geodesic m², or pixels where nothing tells metres."""
    areas = result.changes.fields["area_m2"].astype(np.float64)
    if not len(areas) or not np.isnan(areas).all():
        return np.nan_to_num(areas), "m2"
    import rasterio

    with rasterio.open(result.folder / "change_probability.tif") as dataset:
        pixel = abs(dataset.transform.a * dataset.transform.e)
    return shapely.area(shapely.from_wkb(result.changes.geometry)) / pixel, "px"


def _write_table(out: Path, driver: str, layer: str, columns: dict[str, NDArray], *, append: bool = False) -> None:
    pyogrio.raw.write(
        out, None, list(columns.values()), list(columns), layer=layer, driver=driver, geometry_type=None, append=append
    )


def _write_recipe(result: Result, out: Path) -> list[str]:
    """Write the recipe with the threshold and minimum mapping unit that the polygons were last drawn with."""
    recipe = read_recipe(result.folder / RECIPE_FILE)
    settings = result.answer.get("settings") or {}
    recipe = replace(
        recipe,
        threshold=settings.get("threshold", recipe.threshold),
        minimum_area=settings.get("minimum_area", recipe.minimum_area),
    )
    out.write_text(json.dumps(recipe.as_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return []


_WRITERS: dict[str, Callable[[Result, Path], list[str]]] = {
    "gpkg": lambda result, out: _write_vector(result, out, "GPKG", VERSION=GEOPACKAGE),
    "geoparquet": _write_geoparquet,
    "flatgeobuf": lambda result, out: _write_vector(result, out, "FlatGeobuf"),
    "geojson": _write_geojson,
    "shapefile": _write_shapefile,
    "cog": _copy_cogs,
    "csv": _write_csv,
    "xlsx": _write_workbook,
    "recipe": _write_recipe,
}
