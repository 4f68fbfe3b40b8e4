"""The tables that a batch ends with: a row for each place, and every polygon of them all."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from pyproj import CRS, Transformer

from diachron.cluster.geoparquet import Batch, write_geoparquet
from diachron.cluster.manifest import Row
from diachron.cluster.record import Record

SUMMARY_FILE, CHANGES_FILE = "summary.parquet", "changes.parquet"
LAYER_FILE = "changes.gpkg"
DEGREES = CRS.from_user_input("OGC:CRS84")
_SUMMARY = {
    "id": "string", "status": "string", "text": "string", "error": "string", "task": "string", "count": "int64",
    "area": "float64", "unit": "string", "changes": "int64", "gsd_m": "float64", "model": "string",
    "seconds": "float64", "worker": "string", "before": "string", "after": "string",
}  # fmt: skip
_TYPES = {"i": "int64", "u": "int64", "f": "float64"}
"""Arrow's names for NumPy's kinds of numbers."""
WAITING = "waiting"
"""Status of a row that nobody has worked on yet."""


def write_summary(out: Path, rows: Sequence[Row], records: Mapping[str, Record]) -> None:
    """Write ``summary.parquet``: what became of each row, in the manifest's order, with its outline in degrees.

    Raises
    ------
    UnusableInput: the folder cannot be written.
    """
    values = [_summary_row(row, records.get(row.id)) for row in rows]
    columns = {name: [each[name] for each in values] for name in _SUMMARY}
    outlines = [shapely.from_wkt(each["footprint"]) if each["footprint"] else None for each in values]
    write_geoparquet(out / SUMMARY_FILE, _SUMMARY, [Batch(columns, outlines)], DEGREES)


def _summary_row(row: Row, record: Record | None) -> dict[str, Any]:
    known = record if record is not None and record.key == row.key else Record(row.id, row.key, WAITING)
    return {**asdict(known), "before": row.rasters[0], "after": row.rasters[-1]}


def write_changes(path: Path, folders: Iterable[tuple[str, Path]], crs: CRS | None) -> None:
    """Write the polygons of many answers as one table, brought to one CRS.

    Parameters
    ----------
    folders: an id for each answer (column ``place``), and its folder. crs: None where the only answer has none.

    Raises
    ------
    UnusableInput: the folder cannot be written.
    """
    files = [(id, folder / LAYER_FILE) for id, folder in folders if (folder / LAYER_FILE).is_file()]
    if not files:
        path.unlink(missing_ok=True)
        return
    about = pyogrio.read_info(files[0][1], layer="changes")
    kinds = zip(about["fields"].tolist(), about["dtypes"], strict=True)
    types = {"place": "string", **{name: _TYPES.get(np.dtype(kind).kind, "string") for name, kind in kinds}}
    write_geoparquet(path, types, _changes(files, tuple(types), crs), crs)


def changes_crs(folder: Path) -> CRS | None:
    """Return the CRS that an answer's polygons are drawn in."""
    text = pyogrio.read_info(folder / LAYER_FILE, layer="changes")["crs"]
    return CRS.from_user_input(text) if text else None


def _changes(files: Iterable[tuple[str, Path]], names: Sequence[str], crs: CRS | None) -> Iterator[Batch]:
    """Yield the changes of each file; those without a place on the ground only where no CRS is wanted."""
    for id, path in files:
        meta, _, geometry, fields = pyogrio.raw.read(path, layer="changes")
        own = CRS.from_user_input(meta["crs"]) if meta["crs"] else None
        if (own is None) != (crs is None):
            continue
        shapes = list(shapely.from_wkb(geometry))
        if own is not None and crs is not None and own != crs:
            to = Transformer.from_crs(own, crs, always_xy=True)
            shapes = [shapely.transform(each, to.transform, interleaved=False) for each in shapes]
        found = {"place": [id] * len(shapes)}
        found |= {name: _known(values) for name, values in zip(meta["fields"], fields, strict=True)}
        yield Batch({name: found.get(name, [None] * len(shapes)) for name in names}, shapes)


def _known(values: np.ndarray) -> list[Any]:
    """Return values as Python has them, None for what is not a number."""
    return [None if isinstance(value, float) and math.isnan(value) else value for value in values.tolist()]
