"""Changes drawn while the rest of the maps is still being looked at: a preview, replaced by the answer's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from rasterio.crs import CRS

from diachron.model.look import Look
from diachron.model.vocabulary import Vocabulary
from diachron.rasters.grid import Grid, Window
from diachron.rasters.reprojection import to_crs_all
from diachron.results.maps import Maps
from diachron.results.polygons import draw_changes

MOST_POLYGONS = 500
"""More in one strip would only slow the canvas down that is to show them early; the largest are kept."""


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
        together = shapely.multipolygons(to_crs_all(polygons, self.grid.crs, self.output_crs))
        wkt = shapely.to_wkt(together, rounding_precision=7 if self._in_degrees() else 2)
        return {"polygons": wkt, "count": len(changes), "rows": rows, "of": self.grid.height}

    def _in_degrees(self) -> bool:
        return self.output_crs is not None and bool(self.output_crs.is_geographic)
