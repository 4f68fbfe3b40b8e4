"""Classes and readings as a person reads them; files and requests keep the names that are translated here."""

from __future__ import annotations

from qgis.PyQt.QtCore import QCoreApplication

CONTEXT = "Class"
"""The catalogue's context for classes, which it takes from the vocabulary itself."""


def class_name(name: str) -> str:
    """Return a class of the vocabulary in the plugin's language; a class of one's own as it is."""
    return QCoreApplication.translate(CONTEXT, name) if name else ""


def transition_name(source: str, target: str) -> str:
    """Return what became what."""
    return f"{class_name(source)} › {class_name(target)}"


def task_name(task: str) -> str:
    """Return what a reading asks for."""
    return {
        "count": tr("count"),
        "area": tr("area"),
        "list": tr("list"),
        "where": tr("where"),
        "segment": tr("segment"),
        "change_or_not": tr("change or not"),
        "change_to_what": tr("change to what"),
        "change_from_what": tr("change from what"),
        "largest_change": tr("largest change"),
        "smallest_change": tr("smallest change"),
        "change_ratio": tr("change ratio"),
        "change_ratio_types": tr("change ratio by class"),
        "increase_or_not": tr("increase or not"),
        "decrease_or_not": tr("decrease or not"),
        "semantic_map": tr("semantic map"),
        "class_at": tr("class at"),
        "damage": tr("damage"),
        "temporary_or_permanent": tr("temporary or permanent"),
        "caption": tr("caption"),
        "report": tr("report"),
        "unanswerable": tr("unanswerable"),
    }.get(task, task.replace("_", " "))


def part_name(part: str) -> str:
    """Return a date of a reading, or the part of the area that it is about; "" is all of it."""
    return {
        "": tr("whole area"),
        "before": tr("before"),
        "after": tr("after"),
        "north": tr("north"),
        "north-east": tr("north-east"),
        "east": tr("east"),
        "south-east": tr("south-east"),
        "south": tr("south"),
        "south-west": tr("south-west"),
        "west": tr("west"),
        "north-west": tr("north-west"),
        "centre": tr("centre"),
    }.get(part, part)


def tr(text: str) -> str:
    """Translate a text of the plugin."""
    return QCoreApplication.translate("Diachron", text)
