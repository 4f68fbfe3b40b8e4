"""The formats that a result can be exported to, as the engine writes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from qgis.PyQt.QtCore import QCoreApplication

from ..link.protocol import VocabularyEntry
from .proposals import ACCEPTED, EDITED, PROPOSED

NOT_REJECTED = (PROPOSED, ACCEPTED, EDITED)


@dataclass(frozen=True)
class ExportFormat:
    """A format: what it holds (changes, rasters, matrix or recipe), its name, and its files' suffix ("" for a
    folder)."""

    holds: str
    name: str
    suffix: str

    @property
    def title(self) -> str:
        """Return the format as a menu shows it."""
        words = {
            "changes": _tr("Changes as {0}"),
            "rasters": _tr("Rasters as {0}"),
            "matrix": _tr("Transition matrix as {0}"),
            "recipe": _tr("Recipe as {0}"),
        }
        return words[self.holds].format(self.name)

    @property
    def limits(self) -> str:
        """Return what the format does not hold as a person may expect it, "" where there is nothing to say."""
        return {
            "Shapefile": _tr(
                "Field names of 10 characters, no NULL, texts of 254 bytes, 2 GB at most; what that costs is said when "
                "it is written"
            ),
            "GeoJSON": _tr("Always in longitude and latitude (WGS 84)"),
            "COG": _tr("A folder with the probability of change and the land cover at each date"),
        }.get(self.name, "")


FORMATS = {
    "gpkg": ExportFormat("changes", "GeoPackage", ".gpkg"),
    "geoparquet": ExportFormat("changes", "GeoParquet", ".parquet"),
    "flatgeobuf": ExportFormat("changes", "FlatGeobuf", ".fgb"),
    "geojson": ExportFormat("changes", "GeoJSON", ".geojson"),
    "shapefile": ExportFormat("changes", "Shapefile", ".shp"),
    "cog": ExportFormat("rasters", "COG", ""),
    "csv": ExportFormat("matrix", "CSV", ".csv"),
    "xlsx": ExportFormat("matrix", "XLSX", ".xlsx"),
    "recipe": ExportFormat("recipe", "JSON", ".json"),
}


def report_job(
    folder: str, pdf: str, vocabulary: Iterable[VocabularyEntry], project: str = "", title: str = ""
) -> dict[str, Any]:
    """Return a report's job as `logic.report_worker` takes it; ``project`` is a file for its layout, "" for none, and
    ``title`` stands above the question, "" for the usual one."""
    classes = [asdict(entry) for entry in vocabulary]
    return {"folder": folder, "pdf": pdf, "project": project, "title": title, "vocabulary": classes}


def _tr(text: str) -> str:
    return QCoreApplication.translate("Diachron", text)
