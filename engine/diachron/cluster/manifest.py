"""A batch's manifest: a CSV with the rasters of one place a row."""

from __future__ import annotations

import csv
import hashlib
import io
import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from pathlib import Path

from diachron.errors import UnusableInput

REQUIRED = ("id", "before", "after")
RESERVED = {"con", "prn", "aux", "nul", "summary.parquet", "changes.parquet", "batch.jsonl"}
"""Names that an id may not have: files that a batch writes, and devices that Windows takes for files."""
_ID = re.compile(r"\w(?:[\w .+@=-]{0,98}[\w+@=-])?")
_FURTHER = re.compile(r"after_(\d+)")


@dataclass(frozen=True)
class Row:
    """One place: rasters, oldest first, one date for each ("" where not given), metres per pixel and area where given.

    ``id`` is the name of the folder that its answer gets: it cannot lead out of the batch's own.
    """

    id: str
    rasters: tuple[str, ...]
    dates: tuple[str, ...]
    gsd: float | None = None
    area: str | None = None

    @property
    def key(self) -> str:
        """A digest of all that the row says: an answer to a row that was changed since is not its answer."""
        return hashlib.sha256(repr(astuple(self)).encode()).hexdigest()[:16]


def read_manifest(path: Path) -> tuple[Row, ...]:
    """Read a manifest: columns ``id``, ``before`` and ``after``, and where wanted ``after_2``, ``after_3`` ... for
    further dates, ``before_date``, ``after_date``, ``after_2_date`` ..., ``gsd`` (metres per pixel) and ``area``.
    Other columns are passed over.

    Paths are relative to the manifest's folder, or where nothing is there to the present one. Whether the rasters can
    be used is seen when they are opened.

    Raises
    ------
    UnusableInput: no table that can be read, a column that is missing, an id that cannot name a folder or comes twice,
    a row without its rasters or with a length that is none; the message names the line.
    """
    table = csv.DictReader(io.StringIO(_text(path)), delimiter=_delimiter(path), skipinitialspace=True)
    columns = [name.strip() for name in table.fieldnames or ()]
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        advice = f"the first line names the columns: {', '.join(REQUIRED)}"
        raise UnusableInput(f"the manifest has no column {', '.join(missing)}", str(path), advice)
    table.fieldnames = columns
    rows = tuple(_rows(table, path))
    if not rows:
        raise UnusableInput("the manifest has no rows", str(path), "give an id and two rasters a line")
    return rows


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableInput("the manifest cannot be read", str(path), "name a CSV file in UTF-8") from error


def _delimiter(path: Path) -> str:
    """Return what the first line is divided by: spreadsheets of half of Europe write semicolons."""
    first = _text(path).partition("\n")[0]
    return ";" if first.count(";") > first.count(",") else ","


def _rows(table: csv.DictReader[str], path: Path) -> Iterator[Row]:
    seen: dict[str, int] = {}
    try:
        for values in table:
            where = f"{path}, line {table.line_num}"
            cells = {name: (value or "").strip() for name, value in values.items() if isinstance(name, str)}
            if not any(cells.values()):
                continue
            row = _row(cells, path.parent, where)
            name = unicodedata.normalize("NFC", row.id).casefold()
            if name in seen:
                raise UnusableInput(f"the id {row.id!r} is that of line {seen[name]} too", where, "give each its own")
            seen[name] = table.line_num
            yield row
    except csv.Error as error:
        raise UnusableInput(f"the manifest is no CSV table ({error})", str(path), "save it as CSV again") from error


def _row(cells: Mapping[str, str], folder: Path, where: str) -> Row:
    check_id(cells["id"], where)
    further = sorted((name for name in cells if _FURTHER.fullmatch(name)), key=lambda name: int(name[6:]))
    names = ["before", "after", *(name for name in further if cells[name])]
    empty = [name for name in names if not cells[name]]
    if empty:
        raise UnusableInput(f"the row has no raster {empty[0]!r}", where, "give a path")
    rasters = tuple(_located(cells[name], folder) for name in names)
    dates = tuple(cells.get(f"{name}_date", "") for name in names)
    return Row(cells["id"], rasters, dates, _gsd(cells.get("gsd", ""), where), cells.get("area") or None)


def check_id(id: str, where: str) -> None:
    """Refuse an id that cannot safely name a folder.

    Raises
    ------
    UnusableInput: it is empty, over 100 characters, leads elsewhere, or is a name that has another use.
    """
    if not _ID.fullmatch(id) or id.casefold() in RESERVED:
        advice = "use letters, digits, spaces and _ - . + @ =, beginning with a letter or digit"
        raise UnusableInput(f"the id {id[:100]!r} cannot name a folder", where, advice)


def _located(text: str, folder: Path) -> str:
    """Return a raster's path seen from here; what is absolute, or GDAL's own way to name a raster, stays as it is."""
    path = folder / text
    return str(path) if not text.startswith("/") and path.exists() else text


def _gsd(text: str, where: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise UnusableInput(f"the gsd {text!r} is no length", where, "give metres per pixel, above 0")
    return value
