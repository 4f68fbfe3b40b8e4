"""Changes drawn while the rest of the maps is still being looked at: a preview, replaced by the answer's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.crs import CRS

from diachron.model.look import Look
from diachron.model.vocabulary import Vocabulary
from diachron.rasters.grid import Grid, Window
from diachron.rasters.reprojection import to_crs_all
from diachron.results.maps import Maps
from diachron.results.polygons import draw_changes

MOST_POLYGONS = 500
"""More in one strip would only slow the canvas down that is to show them early; the largest are kept."""
MOST_POINTS = 4000
"""QGIS reads so many points of one strip in some 10 ms, in which its window does not answer."""
TOLERANCES_PX = (2.0, 8.0, 32.0)
"""How far an outline may stray from the change's own, the more so the more points it would have."""
POINTS_ENOUGH = 200
"""An outline of so many points is kept as it is."""


@dataclass
class EarlyChanges:
    """Draws each strip of maps once, as it becomes final; polygons end at the strip's edges.

    ``output_crs``: in which they are drawn, None where the grid has none.
    """

    look: Look
    vocabulary: Vocabulary
    grid: Grid
    output_crs: CRS | None
    threshold: float
    minimum_area: float
    drawn_rows: int = 0

    def draw(self, maps: Maps, rows: int) -> dict[str, Any] | None:
        """Return the fields of a ``partial`` event for the rows since the last one, None where there is nothing to
        show. A question about a part of the area has no preview.
        """
        if rows <= self.drawn_rows or self.look.region:
            return None
        window = Window(self.drawn_rows, 0, rows - self.drawn_rows, self.grid.width)
        self.drawn_rows = rows
        changes = draw_changes(
            maps.part(window), self.look, self.vocabulary, self.grid.part(window),
            threshold=self.threshold, minimum_area=self.minimum_area,
        )  # fmt: skip
        if not changes:
            return None
        polygons = np.array([each.polygon for each in changes[:MOST_POLYGONS]], dtype=object)
        polygons = plain_outlines(polygons, abs(self.grid.transform.a))
        together = shapely.multipolygons(to_crs_all(polygons, self.grid.crs, self.output_crs))
        wkt = shapely.to_wkt(together, rounding_precision=7 if self._in_degrees() else 2)
        return {"polygons": wkt, "count": len(changes), "rows": rows, "of": self.grid.height}

    def _in_degrees(self) -> bool:
        return self.output_crs is not None and bool(self.output_crs.is_geographic)


def plain_outlines(polygons: NDArray[np.object_], pixel: float) -> NDArray[np.object_]:
    """Return outlines of polygons with few points, at most `MOST_POINTS` in all: of those that come first.

    ``pixel`` is the side of a pixel in the polygons' units.
    """
    for tolerance in TOLERANCES_PX:
        many = shapely.get_num_coordinates(polygons) > POINTS_ENOUGH
        simple = shapely.simplify(polygons, tolerance * pixel, preserve_topology=True)
        polygons = np.where(many, simple, polygons)
    return polygons[np.cumsum(shapely.get_num_coordinates(polygons)) <= MOST_POINTS]
