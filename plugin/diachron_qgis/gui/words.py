"""Words of the dock that more than one widget shows."""

from __future__ import annotations

from qgis.PyQt.QtCore import QCoreApplication

from ..logic import language


def tr(text: str) -> str:
    """Translate a text of the plugin."""
    return QCoreApplication.translate("Diachron", text)


def decimal(value: float) -> str:
    """Return a probability with two decimals, as the language of the texts around it writes it."""
    return language.decimal(float(value), 2, 2)


def percent(share: float) -> str:
    """Return a share of 0..1 in whole percents, as the language of the texts around it writes it."""
    return tr("{0}%").format(round(100 * share))


def stage_name(stage: str) -> str:
    """Return a stage as a person reads it."""
    return {
        "align": tr("Aligning"),
        "look": tr("Reading the question"),
        "map": tr("Looking at tiles"),
        "measure": tr("Measuring"),
        "tell": tr("Writing the answer"),
        "write": tr("Saving"),
    }.get(stage, stage)


def status_name(status: str) -> str:
    """Return a proposal's status as a person reads it."""
    return {
        "proposed": tr("to decide"),
        "accepted": tr("accepted"),
        "rejected": tr("rejected"),
        "edited": tr("edited"),
    }.get(status, status)


def order_name(order: str) -> str:
    """Return an order of the review as a person reads it."""
    return {
        "surest": tr("Surest first"),
        "least_sure": tr("Least sure first"),
        "largest": tr("Largest first"),
        "smallest": tr("Smallest first"),
        "position": tr("By position"),
    }.get(order, order)


def seconds_left(seconds: float) -> str:
    """Return a remaining time in words."""
    if seconds < 90:
        return tr("{0} s left").format(max(1, round(seconds)))
    return tr("{0} min left").format(round(seconds / 60))
