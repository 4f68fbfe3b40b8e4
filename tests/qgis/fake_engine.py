"""An engine that speaks the protocol and looks at nothing: it writes a small real result folder.

DIACHRON_FAKE chooses what ``ask`` does: ``answer``, ``slow`` (until cancelled), ``deaf`` (slow, and no cancel is
heard), ``crash``, or ``error``. DIACHRON_FAKE_CHANGES is how many changes an answer has where it is not 3.
"""

from __future__ import annotations

import json
import math
import os
import queue
import sys
import threading
import time
from pathlib import Path

from osgeo import gdal, ogr, osr

VOCABULARY = [
    {"id": 1, "name": "building", "fr": "bâtiment", "colour": "#db0e9a", "groups": ["built"]},
    {"id": 10, "name": "herbaceous", "fr": "herbacé", "colour": "#55ff00", "groups": ["vegetation"]},
]
COUNT = int(os.environ.get("DIACHRON_FAKE_CHANGES", "3"))
IDS = list(range(1, COUNT + 1))
TEXT = f"{COUNT} new buildings cover 300 m²."
FACTS = [
    {"id": 1, "kind": "count", "from": "any", "to": "building", "value": COUNT, "unit": "", "features": IDS},
    {"id": 2, "kind": "area", "from": "any", "to": "building", "value": 300.0, "unit": "m2", "features": IDS},
]
SPANS = [
    {"start": 0, "end": len(str(COUNT)), "fact": 1},
    {"start": TEXT.index("300 m"), "end": len(TEXT) - 1, "fact": 2},
]
LOOK = {"task": "count", "from": ["any"], "to": ["building"], "classes": [], "date": "both", "reason": ""}
PREFLIGHT = {"overlap": 1.0, "notes": [{"level": "fine", "what": "overlap 100%", "advice": ""}]}
MANY_CLASSES = ("building", "herbaceous", "bare soil", "water", "coniferous", "deciduous", "vineyard", "pool", "other")
cancelled: set[str] = set()
TOLD_PARTS = 25
PART_POINTS = 4000
"""So many points a part of early outlines has at the most."""


def say(id: str | None, event: str, **values: object) -> None:
    print(json.dumps({"id": id, "event": event, **values}), flush=True)


def write_folder(folder: Path, raster: str, answer: dict) -> None:
    folder.mkdir(parents=True)
    source = gdal.Open(raster)
    for name, kind in (
        ("change_probability", gdal.GDT_Float32),
        ("classes_1", gdal.GDT_Byte),
        ("classes_2", gdal.GDT_Byte),
    ):
        dataset = gdal.GetDriverByName("GTiff").Create(
            str(folder / f"{name}.tif"), source.RasterXSize, source.RasterYSize, 1, kind
        )
        dataset.SetGeoTransform(source.GetGeoTransform())
        dataset.SetProjection(source.GetProjection())
        dataset.GetRasterBand(1).Fill(10 if kind == gdal.GDT_Byte else 0.2)
        dataset = None
    write_changes(folder / "changes.gpkg", source)
    (folder / "answer.json").write_text(json.dumps(answer))


def write_changes(path: Path, source: gdal.Dataset) -> None:
    if COUNT > 3:
        sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
        from proposal_layers import write_proposals

        pairs = [(source, target) for source in MANY_CLASSES for target in MANY_CLASSES if source != target]
        write_proposals(path, COUNT, transitions=pairs)
        return
    left, step, _, top, _, down = source.GetGeoTransform()
    system = osr.SpatialReference(wkt=source.GetProjection())
    store = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
    layer = store.CreateLayer("changes", system, ogr.wkbPolygon)
    fields = {
        "id": ogr.OFTInteger,
        "from_class": ogr.OFTString,
        "to_class": ogr.OFTString,
        "area_m2": ogr.OFTReal,
        "confidence": ogr.OFTReal,
    }
    for name, kind in fields.items():
        layer.CreateField(ogr.FieldDefn(name, kind))
    for number in (1, 2, 3):
        x, y = left + 10 * number * step, top + 10 * number * down
        feature = ogr.Feature(layer.GetLayerDefn())
        for name, value in (
            ("id", number),
            ("from_class", "herbaceous"),
            ("to_class", "building"),
            ("area_m2", 100.0),
            ("confidence", 0.8),
        ):
            feature.SetField(name, value)
        corners = [(x, y), (x + 8 * step, y), (x + 8 * step, y + 8 * down), (x, y + 8 * down), (x, y)]
        ring = ", ".join(f"{a} {b}" for a, b in corners)
        feature.SetGeometry(ogr.CreateGeometryFromWkt(f"POLYGON (({ring}))"))
        layer.CreateFeature(feature)
    store = None


def write_again(id: str, params: dict, cancels: queue.Queue) -> None:
    """``rerun``: a recipe here is what `ask` kept of its parameters."""
    kept = json.loads(Path(params["recipe"]).read_text())
    ask(id, kept | {name: params[name] for name in ("out", "rasters") if name in params}, cancels)


def export(id: str, params: dict) -> None:
    text = f"{params['format']} of {params['folder']}"
    Path(params["out"]).write_text(text)
    say(id, "done", files=[params["out"]], notes=["a note"])


def ask(id: str, params: dict, cancels: queue.Queue) -> None:
    mode = os.environ.get("DIACHRON_FAKE", "answer")
    look = params.get("look") or LOOK
    say(id, "stage", stage="align")
    say(id, "preflight", preflight=PREFLIGHT)
    say(id, "reading", look=look, language="en", line="look task=count change=any>building")
    say(id, "progress", stage="map", done=1, total=4, remaining_s=3.0)
    if mode == "crash":
        os._exit(9)
    if mode == "error" or gdal.Open(params["rasters"][-1]) is None:
        error = {
            "kind": "input",
            "what": "the rasters do not overlap",
            "where": "a.tif",
            "advice": "pick others",
            "exit_status": 3,
        }
        say(id, "error", error=error)
        return
    if mode in ("slow", "deaf"):
        while mode == "deaf" or cancels.get() != id:
            cancels.get() if mode == "deaf" else None
        say(id, "cancelled")
        return
    if COUNT > 3:
        tell_at_length(id)
    say(id, "text", text=TEXT[:16])
    answer = {
        "question": params["question"], "language": "en", "look": look,
        "text": TEXT, "spans": SPANS, "facts": FACTS, "abstained": False,
        "reason": "", "preflight": PREFLIGHT,
        "model": {"name": "fake", "version": "1", "adapter": "", "licence": "free"}, "timings": {},
    }  # fmt: skip
    write_folder(Path(params["out"]), params["rasters"][-1], answer)
    (Path(params["out"]) / "request.json").write_text(json.dumps(params))
    say(id, "done", answer=answer, folder=params["out"])


def tell_at_length(id: str) -> None:
    """Tell progress and early outlines as an engine does on a large pair."""
    for part in range(TOLD_PARTS):
        places = [(700005 + 10 * n, 6600000 - 40 * part) for n in range(COUNT // TOLD_PARTS)]
        points = max(4, PART_POINTS // max(1, len(places)) - 1)
        turn = [(math.cos(2 * math.pi * n / points), math.sin(2 * math.pi * n / points)) for n in range(points)]
        corners = [[(x + 5 * east, y + 5 * north) for east, north in (*turn, turn[0])] for x, y in places]
        rings = ", ".join("((" + ", ".join(f"{x:.2f} {y:.2f}" for x, y in ring) + "))" for ring in corners)
        say(id, "partial", polygons=f"MULTIPOLYGON ({rings})")
        say(id, "progress", stage="map", done=part + 1, total=TOLD_PARTS, remaining_s=1.0)
        time.sleep(0.05)


def main() -> None:
    print("the fake engine speaks", file=sys.stderr, flush=True)
    cancels: queue.Queue = queue.Queue()
    for line in sys.stdin:
        request = json.loads(line)
        id, method, params = request["id"], request["method"], request.get("params", {})
        if method == "hello":
            model = {"name": "fake", "version": "1", "adapter": "", "licence": "free"}
            say(id, "done", protocol=1, version="0", model=model, models=[], vocabulary=VOCABULARY)
        elif method == "cancel":
            cancels.put(params["target"])
            say(id, "done")
        elif method == "ask":
            threading.Thread(target=ask, args=(id, params, cancels), daemon=True).start()
        elif method == "rerun":
            threading.Thread(target=write_again, args=(id, params, cancels), daemon=True).start()
        elif method == "export":
            export(id, params)
        else:
            say(id, "done")


if __name__ == "__main__":
    main()
