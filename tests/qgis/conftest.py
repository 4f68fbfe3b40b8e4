"""A QGIS with the dock, a pair of small rasters, and a fake engine."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from osgeo import gdal, osr
from qgis.core import QgsProject, QgsRasterLayer

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "plugin"))


def write_raster(path: Path, value: int, size: int = 64) -> Path:
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), size, size, 3, gdal.GDT_Byte)
    dataset.SetGeoTransform((700000.0, 0.5, 0, 6600000.0, 0, -0.5))
    system = osr.SpatialReference()
    system.ImportFromEPSG(2154)
    dataset.SetProjection(system.ExportToWkt())
    for band in (1, 2, 3):
        dataset.GetRasterBand(band).Fill(value)
    return path


@pytest.fixture
def fake_engine(tmp_path, monkeypatch):
    program = tmp_path / "diachron"
    program.write_text(f'#!/bin/sh\nexec /usr/bin/python3 "{HERE / "fake_engine.py"}" "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("DIACHRON_ENGINE", str(program))
    monkeypatch.setenv("DIACHRON_FAKE", "answer")
    return program


@pytest.fixture
def pair(tmp_path, qgis_new_project):
    layers = [
        QgsRasterLayer(str(write_raster(tmp_path / f"{name}.tif", value)), name, "gdal")
        for name, value in (("before", 60), ("after", 120))
    ]
    QgsProject.instance().addMapLayers(layers)
    QgsProject.instance().setCrs(layers[0].crs())
    QgsProject.instance().write(str(tmp_path / "work.qgz"))
    return layers


@pytest.fixture
def add_raster(tmp_path):
    """Return what writes a raster of one value and adds it to the project."""

    def add(name: str, value: int = 9, size: int = 64) -> QgsRasterLayer:
        layer = QgsRasterLayer(str(write_raster(tmp_path / f"{name}.tif", value, size)), name, "gdal")
        QgsProject.instance().addMapLayer(layer)
        return layer

    return add


@pytest.fixture
def dock(qgis_iface, qtbot, fake_engine, pair):
    from diachron_qgis.gui.dock import DiachronDock
    from diachron_qgis.link.engine import Engine

    engine = Engine()
    dock = DiachronDock(qgis_iface, engine)
    qtbot.addWidget(dock)
    with qtbot.waitSignal(engine.greeted, timeout=60_000):
        pass
    dock.form.before.setLayer(pair[0])
    dock.form.after.setLayer(pair[1])
    dock.form.set_area_mode("overlap")
    yield dock
    dock.close_down()
    engine.shutdown()
