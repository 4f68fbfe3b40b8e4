"""The changes of a result that a person works on: what was decided is read, what was not is replaced, at once.

The file may be open in QGIS: everything is one transaction of SQLite, beside which others go on reading.
"""

from __future__ import annotations

import math
import sqlite3
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import Polygon

from diachron.errors import UnusableInput

LAYER = "changes"
PATIENCE_S = 5.0
"""How long another program may hold the file."""
_ENVELOPE_BYTES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}


@dataclass(frozen=True)
class DecidedRow:
    """A change that a person has decided on or noted something of; ``polygon`` in the file's CRS, ``area_m2`` None
    where it has no size.
    """

    fid: int
    id: int
    source: str
    target: str
    area_m2: float | None
    confidence: float
    status: str
    polygon: Polygon
    date_from: str = ""
    damage: str = ""


def read_decided(path: Path) -> tuple[DecidedRow, ...]:
    """Return the changes that a person has touched.

    Raises
    ------
    UnusableInput: the file cannot be read, or has no layer of changes.
    """
    with _opened(path) as database:
        return _decided(database)


def replace_undecided(
    path: Path, decided: Sequence[DecidedRow], fields: Mapping[str, Iterable[Any]], polygons: Sequence[Polygon]
) -> bool:
    """Put changes in the place of those that nobody has touched, all of them or none.

    Parameters
    ----------
    decided: what `read_decided` returned. fields: one value a change, by name; those that the file lacks are left out.
    polygons: in the file's CRS.

    Returns
    -------
    False, and nothing is written, where a person has decided something else in the meantime.

    Raises
    ------
    UnusableInput: the file cannot be written, or another program holds it.
    """
    with _opened(path) as database:
        database.execute("BEGIN IMMEDIATE")
        if _decided(database) != tuple(decided):
            database.execute("ROLLBACK")
            return False
        kept = ",".join(str(each.fid) for each in decided)
        database.execute(f'DELETE FROM "{LAYER}" WHERE fid NOT IN ({kept})')
        _insert(database, fields, polygons)
        database.execute("COMMIT")
        return True


def _insert(database: sqlite3.Connection, fields: Mapping[str, Iterable[Any]], polygons: Sequence[Polygon]) -> None:
    column, srs_id = database.execute(
        "SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?", (LAYER,)
    ).fetchone()
    there = _columns(database)
    names = [name for name in fields if name in there]
    marks = ", ".join("?" for _ in range(len(names) + 1))
    quoted = ", ".join(f'"{name}"' for name in (*names, column))
    blobs = (_blob(each, srs_id) for each in polygons)
    rows = zip(*(map(_plain, fields[name]) for name in names), blobs, strict=True)
    database.executemany(f'INSERT INTO "{LAYER}" ({quoted}) VALUES ({marks})', rows)


def _decided(database: sqlite3.Connection) -> tuple[DecidedRow, ...]:
    there = _columns(database)
    if "status" not in there:
        return ()
    (column,) = database.execute(
        "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", (LAYER,)
    ).fetchone()
    more = ", ".join(name if name in there else "''" for name in ("date_from", "damage"))
    noted = " OR note <> ''" if "note" in there else ""
    found = database.execute(
        f'SELECT fid, id, from_class, to_class, area_m2, confidence, status, "{column}", {more} '
        f"FROM \"{LAYER}\" WHERE status NOT IN ('', 'proposed'){noted} ORDER BY fid"
    )
    return tuple(_row(values) for values in found)


def _row(values: Sequence[Any]) -> DecidedRow:
    fid, id, source, target, area, confidence, status, blob, date_from, damage = values
    polygon = shapely.from_wkb(_wkb(blob))
    return DecidedRow(
        fid, id or fid, source or "other", target or "other", area, confidence or 0.0, status or "proposed", polygon,
        date_from or "", damage or "",
    )  # fmt: skip


def _columns(database: sqlite3.Connection) -> set[str]:
    columns = {row[1] for row in database.execute(f'PRAGMA table_info("{LAYER}")')}
    if not columns:
        raise sqlite3.DatabaseError(f"no layer {LAYER}")
    return columns


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    if not path.is_file():
        raise UnusableInput("the result has no changes", str(path), "ask the question again")
    try:
        with closing(sqlite3.connect(path, timeout=PATIENCE_S, isolation_level=None)) as database:
            # What the triggers of a GeoPackage's spatial index call (OGC 12-128r18, annex F.3).
            for place, name in enumerate(("ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY")):
                database.create_function(name, 1, lambda blob, at=place: _envelope(blob)[at], deterministic=True)
            database.create_function("ST_IsEmpty", 1, lambda blob: int(blob is None), deterministic=True)
            yield database
    except sqlite3.Error as error:
        advice = "finish what another program does with it, or ask the question again"
        raise UnusableInput(f"the changes cannot be drawn anew ({error})", str(path), advice) from error


def _blob(polygon: Polygon, srs_id: int) -> bytes:
    """Return a polygon as a GeoPackage holds it: header with envelope, then little-endian WKB."""
    left, bottom, right, top = polygon.bounds
    header = struct.pack("<2sBBi4d", b"GP", 0, 0b011, srs_id, left, right, bottom, top)
    return header + shapely.to_wkb(polygon, byte_order=1)


def _envelope(blob: bytes) -> tuple[float, float, float, float]:
    """Return left, right, bottom and top of a geometry that `_blob` made."""
    left, right, bottom, top = struct.unpack_from("<4d", blob, 8)
    return left, right, bottom, top


def _wkb(blob: bytes) -> bytes:
    return blob[8 + _ENVELOPE_BYTES[(blob[3] >> 1) & 0b111] :]


def _plain(value: Any) -> Any:
    """Return a value as SQLite takes it; what is not a number is NULL."""
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and math.isnan(value) else value
