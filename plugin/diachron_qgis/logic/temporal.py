"""When each layer of an answer holds, for QGIS's temporal controller to play."""

from __future__ import annotations

import calendar
import json
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from qgis.core import (
    Qgis,
    QgsDateTimeRange,
    QgsRasterLayer,
    QgsRasterLayerTemporalProperties,
    QgsVectorLayer,
    QgsVectorLayerTemporalProperties,
)
from qgis.PyQt.QtCore import QDate, QDateTime, QTime

_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
# A date may be a year or a month: its first day stands for it.
_FIRST_DAY = """to_datetime("{0}" || substr('0000-01-01', length("{0}") + 1))"""


def answer_dates(folder: Path) -> tuple[str, ...]:
    """Return the dates of the rasters that an answer was asked of; none where one of them is not known."""
    try:
        inputs = json.loads((folder / "answer.json").read_text(encoding="utf-8")).get("inputs") or ()
    except (OSError, ValueError, AttributeError):
        return ()
    dates = tuple(str(each.get("date") or "") for each in inputs)
    return dates if dates and all(first_day(each) for each in dates) else ()


def first_day(text: str) -> date | None:
    """Return the first day of a year, a month or a day in ISO 8601; None where a text is none."""
    return _day(text, last=False)


def last_day(text: str) -> date | None:
    """Return the last day of a year, a month or a day; None where a text is none."""
    return _day(text, last=True)


def _day(text: str, *, last: bool) -> date | None:
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return None
    year = int(match[1])
    try:
        month = int(match[2]) if match[2] else 12 if last else 1
        return date(year, month, int(match[3]) if match[3] else calendar.monthrange(year, month)[1] if last else 1)
    except ValueError:
        return None


def show_changes_in_their_step(layer: QgsVectorLayer) -> None:
    """Show each change from the earlier to the later date of the step that it was first seen in."""
    properties = layer.temporalProperties()
    properties.setMode(_expressions_mode())
    properties.setStartExpression(_FIRST_DAY.format("date_from"))
    properties.setEndExpression(_FIRST_DAY.format("date_to"))
    properties.setIsActive(True)


def show_from(layer: QgsRasterLayer, dates: Sequence[str], first: int, last: int) -> None:
    """Show a raster from one date (counted from 0) up to another; after the last date there is, to that one's end."""
    begin = first_day(dates[first])
    until = first_day(dates[last]) if last < len(dates) else None
    end = _midnight(until) if until else QDateTime(_qt(last_day(dates[-1])), QTime(23, 59, 59))
    properties = layer.temporalProperties()
    properties.setMode(_fixed_mode())
    properties.setFixedTemporalRange(QgsDateTimeRange(_midnight(begin), end, True, until is None))
    properties.setIsActive(True)


def _midnight(day: date | None) -> QDateTime:
    return QDateTime(_qt(day), QTime(0, 0))


def _qt(day: date | None) -> QDate:
    return QDate(day.year, day.month, day.day) if day else QDate()


# QGIS 3.26 moved these enums to Qgis; earlier versions have them here alone.


def _expressions_mode() -> Any:
    if hasattr(Qgis, "VectorTemporalMode"):
        return Qgis.VectorTemporalMode.FeatureDateTimeStartAndEndFromExpressions
    return QgsVectorLayerTemporalProperties.TemporalMode.ModeFeatureDateTimeStartAndEndFromExpressions


def _fixed_mode() -> Any:
    if hasattr(Qgis, "RasterTemporalMode"):
        return Qgis.RasterTemporalMode.FixedTemporalRange
    return QgsRasterLayerTemporalProperties.TemporalMode.ModeFixedTemporalRange
