"""A database's table of buildings, as it stands before the update."""

from __future__ import annotations

from rasterio.features import shapes
from shapely.geometry import shape

from diachron.synthesis.layout import BUILDING
from diachron.synthesis.scene import SyntheticPair
from postgis_cluster import Cluster


def write_buildings(cluster: Cluster, pair: SyntheticPair) -> int:
    """Fill a table with the buildings of the first date, and return how many there are."""
    is_building = (pair.classes_before == BUILDING).astype("uint8")
    outlines = [shape(each).wkt for each, _ in shapes(is_building, mask=is_building > 0, transform=pair.transform)]
    rows = ", ".join(f"('batiment', ST_GeomFromText('{wkt}', 2154))" for wkt in outlines)
    cluster.script(
        "CREATE TABLE buildings (id serial PRIMARY KEY, nature text, source text, geom geometry(Polygon, 2154));"
        f"INSERT INTO buildings (nature, geom) VALUES {rows};"
        "CREATE INDEX ON buildings USING gist (geom)"
    )
    return len(outlines)
