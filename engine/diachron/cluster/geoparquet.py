"""Writing GeoParquet 1.1: columns with polygons as WKB and, in the file's metadata, what they are."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from diachron.errors import Failed, UnusableInput

VERSION = "1.1.0"


@dataclass(frozen=True)
class Batch:
    """Some rows of a table: values by column, and one shape a row (None where there is none), x before y."""

    columns: Mapping[str, Sequence[Any]]
    shapes: Sequence[BaseGeometry | None]


def need_pyarrow() -> None:
    """Refuse to begin what could not be written at its end.

    Raises
    ------
    Failed: pyarrow is not installed.
    """
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        raise Failed("pyarrow is not installed", "diachron batch", "pip install 'diachron[cluster]'") from error


def write_geoparquet(path: Path, types: Mapping[str, str], batches: Iterable[Batch], crs: CRS | None) -> None:
    """Write a table of polygons, batch by batch; the file appears whole or not at all.

    Parameters
    ----------
    types: Arrow's name of each column's type, such as ``string``; the shapes become the last column, ``geometry``.
    crs: of the shapes, None where it is not known.

    Raises
    ------
    UnusableInput: the folder cannot be written, or is full.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {name: getattr(pa, kind)() for name, kind in types.items()}
    schema = pa.schema({**kinds, "geometry": pa.binary()}, metadata={"geo": json.dumps(_metadata(crs))})
    draft = path.with_name(f".{path.name}.draft")
    try:
        with pq.ParquetWriter(draft, schema, compression="zstd") as file:
            for batch in batches:
                arrays = [pa.array(list(batch.columns[name]), kind) for name, kind in kinds.items()]
                known = [None if each is None else shapely.to_wkb(each) for each in batch.shapes]
                file.write_table(pa.table([*arrays, pa.array(known, pa.binary())], schema=schema))
        os.replace(draft, path)
    except OSError as error:
        advice = "check the folder's permissions and free room"
        raise UnusableInput(f"the table cannot be written ({error.strerror or error})", str(path), advice) from error
    finally:
        draft.unlink(missing_ok=True)


def _metadata(crs: CRS | None) -> dict[str, Any]:
    return {
        "version": VERSION,
        "primary_column": "geometry",
        "columns": {
            "geometry": {
                "encoding": "WKB",
                "geometry_types": ["Polygon"],
                "crs": None if crs is None else crs.to_json_dict(),
            }
        },
    }
