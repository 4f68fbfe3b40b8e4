"""The language that the plugin speaks: QGIS's own, where it has that, else English."""

from __future__ import annotations

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, QTranslator

from ..about import resource


def install_translator(language: str = "") -> QTranslator | None:
    """Have texts translated, into QGIS's language where none is given; None where there is nothing to translate to.

    It does as long as what is returned lives, or until `remove_translator`.
    """
    name = (language or QgsApplication.locale())[:2]
    file = resource("i18n", f"diachron_{name}.qm")
    translator = QTranslator()
    if not file.is_file() or not translator.load(str(file)):
        return None
    QCoreApplication.installTranslator(translator)
    return translator


def decimal(value: float, decimals: int, least: int = 0) -> str:
    """Return a number with the decimal mark of the language that texts are in, as what goes into such a text has it.

    Zeros at the end are left out, down to ``least`` decimals.
    """
    whole, _, part = f"{value:.{decimals}f}".partition(".")
    part = part[:least] + part[least:].rstrip("0")
    return f"{whole}{QCoreApplication.translate('Diachron', '.')}{part}" if part else whole


def whole(value: int) -> str:
    """Return a count with a mark between thousands, as the language that texts are in writes it."""
    return f"{value:,}".replace(",", QCoreApplication.translate("Diachron", ","))


def remove_translator(translator: QTranslator | None) -> None:
    """Have texts read as they are written in the source again."""
    if translator is not None:
        QCoreApplication.removeTranslator(translator)
