"""Paper for a report: texts, pictures and maps put on the pages of a QGIS print layout, in millimetres."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from qgis.core import (
    QgsFillSymbol,
    QgsLayoutItem,
    QgsLayoutItemLabel,
    QgsLayoutItemLegend,
    QgsLayoutItemMap,
    QgsLayoutItemPage,
    QgsLayoutItemPicture,
    QgsLayoutItemScaleBar,
    QgsLayoutItemShape,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsLegendStyle,
    QgsMapLayerLegendUtils,
    QgsPrintLayout,
    QgsRectangle,
    QgsUnitTypes,
)
from qgis.PyQt.QtCore import QRectF, Qt
from qgis.PyQt.QtGui import QColor, QFont, QFontMetricsF

WIDTH, HEIGHT, MARGIN = 210.0, 297.0, 16.0
INNER = WIDTH - 2 * MARGIN
MM_A_POINT = 25.4 / 72
MILLIMETRES = QgsUnitTypes.LayoutUnit.LayoutMillimeters
LEGEND_STYLES = (QgsLegendStyle.Style.Group, QgsLegendStyle.Style.Subgroup, QgsLegendStyle.Style.SymbolLabel)


class Paper:
    """A layout that things are put on; ``page`` counts from 0, ``y`` from the top of that page."""

    def __init__(self, layout: QgsPrintLayout) -> None:
        self.layout = layout
        self.page = 0
        self._first_page().setPageSize("A4", QgsLayoutItemPage.Orientation.Portrait)

    def next_page(self) -> None:
        """Begin another page."""
        page = QgsLayoutItemPage(self.layout)
        page.setPageSize("A4", QgsLayoutItemPage.Orientation.Portrait)
        self.layout.pageCollection().addPage(page)
        self.page += 1

    def text(
        self, words: str, x: float, y: float, width: float, size_pt: float = 9, *,
        bold: bool = False, colour: str = "#22313f", align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> float:  # fmt: skip
        """Write words within a width and return the height that they take."""
        height = text_height(words, width, size_pt, bold)
        label = QgsLayoutItemLabel(self.layout)
        label.setText(words)
        label.setFont(_font(size_pt, bold))
        label.setFontColor(QColor(colour))
        label.setHAlign(align)
        label.setMarginX(0)
        label.setMarginY(0)
        self._put(label, x, y, width, height + 1)
        return height

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """Fill a rectangle."""
        shape = QgsLayoutItemShape(self.layout)
        shape.setShapeType(QgsLayoutItemShape.Shape.Rectangle)
        shape.setSymbol(QgsFillSymbol.createSimple({"color": colour, "outline_style": "no"}))
        self._put(shape, x, y, width, height)

    def picture(self, svg: str, x: float, y: float, width: float, height: float) -> None:
        """Put an SVG; it is kept within the layout."""
        picture = QgsLayoutItemPicture(self.layout)
        content = base64.b64encode(svg.encode("utf-8")).decode("ascii")
        picture.setPicturePath(f"base64:{content}", QgsLayoutItemPicture.Format.FormatSVG)
        self._put(picture, x, y, width, height)

    def map(
        self, layers: Sequence[Any], crs: Any, extent: QgsRectangle, x: float, y: float, width: float, height: float
    ) -> QgsLayoutItemMap:
        """Put a map of layers, the first on top, that shows all of an extent."""
        item = QgsLayoutItemMap(self.layout)
        self._put(item, x, y, width, height)
        item.setCrs(crs)
        item.setLayers(list(layers))
        item.setKeepLayerSet(True)
        item.zoomToExtent(extent)
        item.setFrameEnabled(True)
        item.setFrameStrokeColor(QColor("#9aa5b0"))
        item.setBackgroundColor(QColor("#ffffff"))
        return item

    def legend(self, layer: Any, names: dict[str, str], x: float, y: float, width: float) -> None:
        """Put the legend of one layer; ``names`` are what to show in place of the layer's own words: those alone, in
        their order, unless the layer has none of them."""
        legend = QgsLayoutItemLegend(self.layout)
        legend.setAutoUpdateModel(False)
        root = legend.model().rootGroup()
        root.removeAllChildren()
        node = root.addLayer(layer)
        node.setCustomProperty("legend/title-style", "hidden")
        own = [str(each.data(Qt.ItemDataRole.DisplayRole)) for each in legend.model().layerLegendNodes(node)]
        kept = [own.index(words) for words in names if words in own]
        for place in kept:
            QgsMapLayerLegendUtils.setLegendNodeUserLabel(node, place, names[own[place]])
        if kept:
            QgsMapLayerLegendUtils.setLegendNodeOrder(node, kept)
        legend.model().refreshLayerLegend(node)
        legend.setColumnCount(2 if len(names) > 3 else 1)
        legend.setSplitLayer(True)
        for style in LEGEND_STYLES:
            legend.setStyleFont(style, _font(7.5, False))
        legend.setSymbolWidth(5)
        legend.setSymbolHeight(3)
        legend.setBoxSpace(0)
        legend.setBackgroundEnabled(False)
        self._put(legend, x, y, width, 20)
        legend.adjustBoxSize()

    def scale_bar(self, of: QgsLayoutItemMap, x: float, y: float) -> None:
        """Put the scale bar of a map whose CRS has metres."""
        bar = QgsLayoutItemScaleBar(self.layout)
        bar.setLinkedMap(of)
        bar.applyDefaultSize()
        bar.setStyle("Single Box")
        bar.setFont(_font(7, False))
        bar.setHeight(1.6)
        bar.setBoxContentSpace(0)
        self._put(bar, x, y, 60, 8)

    def north(self, x: float, y: float, size: float) -> None:
        """Put an arrow that points north."""
        half = size / 2
        arrow = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}mm" height="{size * 1.6}mm" '
            f'viewBox="0 0 {size} {size * 1.6}"><text x="{half}" y="3.2" font-size="3.4" font-weight="bold" '
            f'font-family="sans-serif" text-anchor="middle" fill="#22313f">N</text><path d="M{half},4.2 '
            f'L{size * 0.85},{size * 1.5} L{half},{size * 1.2} L{size * 0.15},{size * 1.5} Z" fill="#22313f"/></svg>'
        )
        self.picture(arrow, x, y, size, size * 1.6)

    def _first_page(self) -> QgsLayoutItemPage:
        return self.layout.pageCollection().page(0)

    def _put(self, item: QgsLayoutItem, x: float, y: float, width: float, height: float) -> None:
        self.layout.addLayoutItem(item)
        item.attemptResize(QgsLayoutSize(width, height, MILLIMETRES))
        item.attemptMove(QgsLayoutPoint(x, y, MILLIMETRES), True, False, self.page)


def text_height(words: str, width: float, size_pt: float, bold: bool = False) -> float:
    """Return the height (mm) that words take within a width (mm)."""
    fine = 100  # hundredths of a millimetre: a font's own metrics are whole pixels
    font = _font(size_pt, bold)
    font.setPixelSize(round(size_pt * MM_A_POINT * fine))
    room = QRectF(0, 0, width * fine * 0.985, 1e7)
    flags = int(Qt.TextFlag.TextWordWrap)
    return float(QFontMetricsF(font).boundingRect(room, flags, words).height()) / fine


def _font(size_pt: float, bold: bool) -> QFont:
    font = QFont()
    font.setPointSizeF(size_pt)
    font.setBold(bold)
    return font
