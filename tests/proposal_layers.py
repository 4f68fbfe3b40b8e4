"""Layers of proposals as the engine writes them, any number of them."""

from __future__ import annotations

from pathlib import Path

from osgeo import ogr, osr
from qgis.core import QgsProject, QgsVectorLayer

TRANSITIONS = (("herbaceous", "building"), ("bare soil", "building"), ("agricultural land", "impervious surface"))
FIELDS = (
    ("id", ogr.OFTInteger), ("from_class", ogr.OFTString), ("to_class", ogr.OFTString), ("area_m2", ogr.OFTReal),
    ("confidence", ogr.OFTReal), ("caption", ogr.OFTString), ("damage", ogr.OFTString), ("question", ogr.OFTString),
    ("date_from", ogr.OFTString), ("date_to", ogr.OFTString), ("model", ogr.OFTString), ("status", ogr.OFTString),
    ("note", ogr.OFTString), ("decided_by", ogr.OFTString), ("decided_at", ogr.OFTString),
    ("from_probability", ogr.OFTReal), ("to_probability", ogr.OFTReal), ("adapter", ogr.OFTString),
    ("licence", ogr.OFTString),
)  # fmt: skip
LEFT, TOP, SIDE_M, STEP_M = 700000.0, 6600000.0, 5.0, 10.0


def write_proposals(path: Path, count: int, fields=FIELDS, transitions=TRANSITIONS) -> Path:
    """Write squares of 5 m, 10 m apart, in rows of a hundred; the first is the surest."""
    store = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
    system = osr.SpatialReference()
    system.ImportFromEPSG(2154)
    layer = store.CreateLayer("changes", system, ogr.wkbPolygon)
    for name, kind in fields:
        layer.CreateField(ogr.FieldDefn(name, kind))
    store.StartTransaction()
    for number in range(1, count + 1):
        feature = _feature(layer.GetLayerDefn(), number, count, {name for name, _ in fields})
        for name, value in zip(("from_class", "to_class"), transitions[number % len(transitions)]):
            feature.SetField(name, value)
        layer.CreateFeature(feature)
    store.CommitTransaction()
    return path


def load(path: Path) -> QgsVectorLayer:
    """Return the layer, added to the project."""
    layer = QgsVectorLayer(f"{path}|layername=changes", "Changes", "ogr")
    assert layer.isValid()
    QgsProject.instance().addMapLayer(layer)
    return layer


def stored(path: Path, fid: int) -> dict:
    """Return a proposal's fields as another program reads them from the file."""
    source = ogr.Open(str(path))
    feature = source.GetLayerByName("changes").GetFeature(fid)
    return {**feature.items(), "area": feature.GetGeometryRef().GetArea()}


def _feature(definition, number: int, count: int, names: set[str]) -> ogr.Feature:
    feature = ogr.Feature(definition)
    source, target = TRANSITIONS[number % len(TRANSITIONS)]
    values = {
        "id": number, "from_class": source, "to_class": target, "area_m2": SIDE_M**2,
        "confidence": 1.0 - 0.5 * number / count, "caption": f"{source} became {target}", "question": "What changed?",
        "date_from": "2018", "date_to": "2023", "model": "fake 1", "status": "proposed", "note": "", "decided_by": "",
        "decided_at": "", "from_probability": 0.7, "to_probability": 0.9, "adapter": "", "licence": "free",
    }  # fmt: skip
    for name in names & set(values):
        feature.SetField(name, values[name])
    x, y = LEFT + STEP_M * (number % 100), TOP - STEP_M * (number // 100)
    corners = [(x, y), (x + SIDE_M, y), (x + SIDE_M, y - SIDE_M), (x, y - SIDE_M), (x, y)]
    ring = ", ".join(f"{a} {b}" for a, b in corners)
    feature.SetGeometry(ogr.CreateGeometryFromWkt(f"POLYGON (({ring}))"))
    return feature
