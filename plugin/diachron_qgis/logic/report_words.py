"""Words and numbers of a report, in the language of the answer it reports."""

from __future__ import annotations

from qgis.PyQt.QtCore import QCoreApplication

NARROW_SPACE = "\u202f"


def tr(text: str) -> str:
    """Translate a text of the plugin."""
    return QCoreApplication.translate("Diachron", text)


def number(value: float, language: str, decimals: int = 0) -> str:
    """Return a number as a person of a language writes it: 1,750.9 in English, 1 750,9 in French."""
    text = f"{value:,.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(",", NARROW_SPACE).replace(".", ",") if language == "fr" else text


def probability(value: float, language: str) -> str:
    """Return a probability with two decimals, whatever they are, so that 1 reads as one: 1.00, 1,00 in French."""
    text = f"{value:.2f}"
    return text.replace(".", ",") if language == "fr" else text


def area(value: float, unit: str, language: str) -> str:
    """Return an area with its unit: m², or pixels."""
    if unit == "px":
        return f"{number(value, language)} px"
    return f"{number(value, language, 1 if value < 100 else 0)} m²"


def coordinates(x: float, y: float, language: str) -> str:
    """Return a place, for a machine to read as well as a person: no marks between thousands."""
    text = f"{x:.1f}, {y:.1f}"
    return text.replace(", ", " ; ").replace(".", ",") if language == "fr" else text


def status_word(status: str) -> str:
    """Return what a person has made of a proposal."""
    return {
        "proposed": tr("not reviewed"),
        "accepted": tr("accepted"),
        "rejected": tr("rejected"),
        "edited": tr("corrected"),
    }.get(status, status)
