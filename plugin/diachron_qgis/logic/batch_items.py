"""What a batch asks about: the pairs of a folder, or of a manifest (CSV, or STAC items in GeoJSON)."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qgis.PyQt.QtCore import QCoreApplication

RASTERS = {".tif", ".tiff", ".jp2", ".vrt", ".png", ".jpg", ".jpeg", ".img", ".asc"}
SIDES = ({"before", "avant", "pre", "a", "t1", "1"}, {"after", "apres", "après", "post", "b", "t2", "2"})
_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:[-_]?(0[1-9]|1[0-2])(?:[-_]?(0[1-9]|[12]\d|3[01]))?)?(?!\d)")
_PLACE_KEYS = ("grid:code", "mgrs:grid_zone", "tile", "place")


class NoBatch(ValueError):
    """There is nothing to ask about; the message says what, where and what to do."""


@dataclass(frozen=True)
class BatchItem:
    """The rasters of one place, the earliest first, with a date each ("" where not known); ``gsd`` m a pixel."""

    id: str
    rasters: tuple[str, ...]
    dates: tuple[str, ...]
    gsd: float | None = None


def batch_items(source: Path) -> tuple[BatchItem, ...]:
    """Return the places of a folder or manifest, in the order of their names.

    A folder has either two folders in it, ``before`` and ``after`` (or ``avant`` and ``apres``, ``pre`` and ``post``,
    ``A`` and ``B``) with files of the same names, or files of one name but for that word or a date:
    ``lyon_2018.tif``, ``lyon_2023.tif``. A manifest is a CSV with the columns ``id``, ``before``, ``after`` and where
    wanted ``before_date``, ``after_date``, ``gsd``; or a FeatureCollection of STAC items: each with the assets
    ``before`` and ``after``, or one raster each, those of a place (``grid:code``, else the same ``bbox``) put in the
    order of their ``datetime``.

    Raises
    ------
    NoBatch: it is none of these, or holds no pair.
    """
    if source.is_dir():
        items = _of_two_folders(source) or _of_one_folder(source)
    elif source.suffix.lower() == ".csv":
        items = _of_table(source)
    else:
        items = _of_stac(source)
    if not items:
        raise NoBatch(_tr("No pair of rasters was found in {0}; see the help for how they are named").format(source))
    ids = [item.id.casefold() for item in items]
    twice = next((item.id for item in items if ids.count(item.id.casefold()) > 1), None)
    if twice is not None:
        raise NoBatch(_tr("The id {0} comes twice in {1}; give each place its own").format(twice, source))
    return tuple(items)


# -- folders ----------------------------------------------------------------------------------


def _of_two_folders(folder: Path) -> list[BatchItem]:
    found: list[dict[str, Path]] = [{}, {}]
    for inner in sorted(each for each in folder.iterdir() if each.is_dir()):
        for side, names in zip(found, SIDES):
            if inner.name.casefold() in names and not side:
                side.update((path.stem, path) for path in _rasters_in(inner))
    before, after = found
    return [_pair(stem, before[stem], after[stem]) for stem in sorted(before) if stem in after]


def _of_one_folder(folder: Path) -> list[BatchItem]:
    places: dict[str, list[tuple[str, Path]]] = {}
    for path in _rasters_in(folder):
        place, moment = _place_and_moment(path.stem)
        if moment:
            places.setdefault(place, []).append((moment, path))
    items = []
    for place, dated in sorted(places.items()):
        dated.sort()
        if len(dated) > 1:
            paths = tuple(str(path) for _, path in dated)
            items.append(BatchItem(place, paths, tuple(_date_of(Path(path).stem) for path in paths)))
    return items


def _rasters_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in RASTERS and path.is_file())


def _place_and_moment(stem: str) -> tuple[str, str]:
    """Return a file name without its date or side, and what tells when ("" where nothing does)."""
    date = _DATE.search(stem)
    if date is not None:
        return _clean(stem[: date.start()] + stem[date.end() :]), "-".join(part for part in date.groups() if part)
    words = re.split(r"[ _.-]+", stem)
    for number, word in enumerate(words):
        for order, names in enumerate(SIDES):
            if word.casefold() in names and len(words) > 1:
                return _clean("_".join(words[:number] + words[number + 1 :])), str(order)
    return stem, ""


def _clean(place: str) -> str:
    return re.sub(r"[ _.-]+", "_", place).strip("_") or "place"


def _date_of(stem: str) -> str:
    date = _DATE.search(stem)
    return "-".join(part for part in date.groups() if part) if date is not None else ""


def _pair(id: str, before: Path, after: Path) -> BatchItem:
    return BatchItem(id, (str(before), str(after)), ("", ""))


# -- manifests --------------------------------------------------------------------------------


def _of_table(path: Path) -> list[BatchItem]:
    text = _read(path)
    first = text.partition("\n")[0]
    rows = list(csv.DictReader(text.splitlines(), delimiter=";" if first.count(";") > first.count(",") else ","))
    items = []
    for number, row in enumerate(rows, 2):
        cells = {str(name).strip(): (value or "").strip() for name, value in row.items() if isinstance(value, str)}
        if not cells.get("id") or not cells.get("before") or not cells.get("after"):
            text = _tr("Line {0} of {1} has no id, before or after; the first line names these columns")
            raise NoBatch(text.format(number, path))
        rasters = tuple(_located(cells[name], path.parent) for name in ("before", "after"))
        dates = tuple(cells.get(name, "") for name in ("before_date", "after_date"))
        items.append(BatchItem(_folder_name(cells["id"]), rasters, dates, _length(cells.get("gsd", ""))))
    return items


def _of_stac(path: Path) -> list[BatchItem]:
    try:
        values = json.loads(_read(path))
        features = values["features"]
        pairs = [each for each in (_item_pair(item, path.parent) for item in features) if each is not None]
        return sorted(pairs or _series(features, path.parent), key=lambda item: item.id)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        text = _tr("{0} is no CSV and no collection of STAC items; give one of them")
        raise NoBatch(text.format(path)) from error


def _item_pair(item: Mapping[str, Any], folder: Path) -> BatchItem | None:
    """Return an item that has both rasters as its assets."""
    assets = {str(key).casefold(): asset for key, asset in item["assets"].items()}
    sides = [next((assets[key] for key in assets if key in names), None) for names in SIDES]
    if sides[0] is None or sides[1] is None:
        return None
    rasters = tuple(_located(asset["href"], folder) for asset in sides if asset)
    dates = tuple(_day(asset.get("datetime")) for asset in sides if asset)
    return BatchItem(_folder_name(str(item["id"])), rasters, dates, _gsd_of(item))


def _series(features: Iterable[Mapping[str, Any]], folder: Path) -> list[BatchItem]:
    """Return items of one raster each as series: those of one place in the order of their time."""
    places: dict[str, list[tuple[str, str, Mapping[str, Any]]]] = {}
    for item in features:
        href = _raster_href(item["assets"])
        if href is not None:
            moment = str(item["properties"].get("datetime") or "")
            places.setdefault(_place_of(item), []).append((moment, _located(href, folder), item))
    items = []
    for place, dated in places.items():
        dated.sort(key=lambda each: each[:2])
        if len(dated) > 1:
            paths = tuple(href for _, href, _ in dated)
            days = tuple(_day(moment) for moment, _, _ in dated)
            items.append(BatchItem(_folder_name(place), paths, days, _gsd_of(dated[0][2])))
    return items


def _place_of(item: Mapping[str, Any]) -> str:
    properties = item["properties"]
    named = next((str(properties[key]) for key in _PLACE_KEYS if properties.get(key)), None)
    return named or "_".join(f"{float(value):.4f}" for value in item.get("bbox") or ())


def _raster_href(assets: Mapping[str, Any]) -> str | None:
    """Return an item's raster: the asset called ``visual`` or ``data``, one with that role, else any image file."""
    for key in ("visual", "data"):
        if key in assets:
            return str(assets[key]["href"])
    for asset in assets.values():
        roles = asset.get("roles") or ()
        if {"visual", "data"} & set(roles) or Path(str(asset["href"])).suffix.lower() in RASTERS:
            return str(asset["href"])
    return None


def _gsd_of(item: Mapping[str, Any]) -> float | None:
    # A place on the ground tells the pixel's size itself; what a catalogue says of it is often rounded.
    return None if item.get("bbox") or item.get("geometry") else _length(str(item["properties"].get("gsd") or ""))


def _day(moment: object) -> str:
    return str(moment or "")[:10]


def _located(text: str, folder: Path) -> str:
    """Return a path seen from a manifest's folder; what is absolute, or an address, stays as it is."""
    path = folder / text.removeprefix("./")
    return str(path.resolve()) if path.exists() else text


def _folder_name(id: str) -> str:
    """Return an id as the name of its result's folder: it cannot lead out of the batch's own."""
    return re.sub(r"[^\w .+@=-]+", "_", id).strip(" ._") or "place"


def _length(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value > 0 else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise NoBatch(_tr("{0} cannot be read; name a folder, a CSV or a GeoJSON file").format(path)) from error


def _tr(text: str) -> str:
    return QCoreApplication.translate("Diachron", text)
