"""What a review does to the map: the later image on the canvas, the earlier one beside it, over it, or in turn."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsGeometry, QgsProject
from qgis.PyQt.QtCore import QEvent, QObject, Qt, QTimer
from qgis.PyQt.QtWidgets import QDockWidget

from ..logic.proposals import Proposal
from .before_view import BeforeView
from .curtain import Curtain
from .review_view import ReviewView
from .words import tr

PANEL_PX = 240
"""How wide the panels beside the earlier image stay, at most."""
LEAST_IMAGE_PX = 160
"""How narrow the map may become beside the earlier image: QGIS itself keeps its welcome page's width for it."""
MOST_SHARES, UNEVEN_PX = 4, 4
"""How often room is shared at the most, and by how much the images' widths may differ."""
SIDE_BY_SIDE, SWIPE, FLICKER = LAYOUTS = ("side_by_side", "swipe", "flicker")


class ReviewStage(QObject):
    """The layouts of a review on QGIS's own canvas, where its editing tools work; all of it is undone at the end."""

    def __init__(self, iface: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.iface = iface
        self.layout_name = SIDE_BY_SIDE
        self.before: Any = None
        self.after: Any = None
        self.before_view = BeforeView(iface.mapCanvas(), iface.mainWindow())
        self.before_view.hide()
        self.curtain = Curtain(iface.mapCanvas(), self)
        self.views = [ReviewView(iface.mapCanvas()), ReviewView(self.before_view.canvas)]
        self._checked: dict[str, bool] = {}
        self._is_placed = False
        self._shares = self._shared_px = 0
        self._panel_px = PANEL_PX
        # Room is shared once the window has made any for the earlier image.
        self._room = QTimer(self)
        self._room.setSingleShot(True)
        self._room.timeout.connect(self._share_room)

    def set_images(self, layer: Any, before: Any, after: Any, dates: tuple[str, str] = ("", "")) -> None:
        """Take the images to compare for a layer of proposals; the map shows the later one."""
        self.before, self.after = before, after
        self._show_alone(layer, after)
        name = before.name() if before is not None else ""
        self._title = tr("Before: {0}").format(" · ".join(part for part in (dates[0], name) if part))
        self.set_layout(self.layout_name)

    def set_layout(self, name: str) -> None:
        """Change how the two images are compared."""
        self.layout_name = name
        beside = name == SIDE_BY_SIDE and self.before is not None
        if name == SIDE_BY_SIDE or self.before is None:
            self.curtain.hide()
        else:
            self.curtain.show([self.before], flicker=name == FLICKER)
        was_beside = self._is_placed and not self.before_view.isHidden()
        if beside:
            self._panel_px = self._panel_px if was_beside else self._panel_width()
            self._place()
            self.before_view.show_layers([self.before], self._title)
        self.before_view.setVisible(beside)
        self._let_map_shrink(beside)
        if beside and not was_beside:
            self._shares = self._shared_px = 0
            self._room.start(0)

    def show(self, proposal: Proposal | None, outline: QgsGeometry | None, layer: Any, margin_m: float) -> None:
        """Centre on a proposal and draw its outline in every view."""
        if proposal is None or outline is None:
            self.clear()
            return
        for view in self.views:
            view.outline(outline, layer)
        self.views[0].centre(proposal.box, layer, margin_m)

    def clear(self) -> None:
        """Take the outlines off the maps."""
        for view in self.views:
            view.clear()

    def sweep(self) -> None:
        """Swipe from one image to the other; from side by side, over the map first."""
        if self.layout_name == SIDE_BY_SIDE:
            self.set_layout(SWIPE)
        self.curtain.sweep()

    def toggle_proposals(self, layer: Any) -> bool:
        """Show or hide the other proposals on the map, and tell which."""
        node = QgsProject.instance().layerTreeRoot().findLayer(layer.id())
        if node is None:
            return False
        shown = not node.isVisible()
        self._check(node, shown)
        return shown

    def show_proposals(self, layer: Any) -> None:
        """Show the proposals, as editing tools need it."""
        node = QgsProject.instance().layerTreeRoot().findLayer(layer.id())
        if node is not None and not node.isVisible():
            self._check(node, True)

    def leave(self) -> None:
        """Give the map back as it was."""
        self.clear()
        self.curtain.hide()
        self.before_view.hide()
        self._let_map_shrink(False)
        root = QgsProject.instance().layerTreeRoot()
        for layer_id, checked in self._checked.items():
            node = root.findLayer(layer_id)
            if node is not None:
                node.setItemVisibilityChecked(checked)
        self._checked = {}

    def close_down(self) -> None:
        """Undo everything for good."""
        self.leave()
        self._room.stop()
        self.curtain.close_down()
        for view in self.views:
            view.close_down()
        self.before_view.close_down()
        if self._is_placed:
            self.iface.removeDockWidget(self.before_view)
        self.before_view.deleteLater()

    # -- the layer tree -----------------------------------------------------------------------

    def _show_alone(self, layer: Any, after: Any) -> None:
        """Check the later image alone among the rasters, and hide the fills of the proposals: the outline of the one
        at hand is drawn over everything."""
        root = QgsProject.instance().layerTreeRoot()
        for node in root.findLayers():
            other = node.layer()
            if other is None:
                continue
            if other is after:
                self._check(node, True)
            elif other is layer or (after is not None and hasattr(other, "bandCount")):
                self._remember(node)
                node.setItemVisibilityChecked(False)

    def _check(self, node: Any, checked: bool) -> None:
        self._remember(node)
        if checked:
            node.setItemVisibilityCheckedParentRecursive(True)
        else:
            node.setItemVisibilityChecked(False)

    def _remember(self, node: Any) -> None:
        self._checked.setdefault(node.layerId(), node.itemVisibilityChecked())

    def _place(self) -> None:
        """Put the earlier image's dock between panels and map, as high as the map; once: a person may move it."""
        if self._is_placed:
            return
        self._is_placed = True
        across = Qt.Orientation.Horizontal
        self.iface.mainWindow().addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self.before_view, across)

    def eventFilter(self, watched: Any, event: Any) -> bool:
        """Look at the room again when the map, beside which the earlier image stands, has become wider or narrower."""
        if event.type() == QEvent.Type.Resize and event.size().width() != event.oldSize().width():
            self._room.start(0)
        return False

    def _share_room(self) -> None:
        """Give the earlier image half of what both images have, where it stands beside the map, whenever that has
        changed: a person may move the border between both. Panels that give way change it too, so once is not enough.
        """
        window, area = self.iface.mainWindow(), Qt.DockWidgetArea.LeftDockWidgetArea
        if self.before_view.isHidden() or self.before_view.isFloating():
            return
        if window.dockWidgetArea(self.before_view) != area:
            return
        panels = [each for each in self._docks(area) if each.isVisible()]
        widths = self.iface.mapCanvas().width(), self.before_view.width()
        both = sum(widths)
        if self._shares == 0 and abs(both - self._shared_px) <= UNEVEN_PX:
            return
        if self._shares == MOST_SHARES or (self._shares and abs(widths[0] - widths[1]) <= UNEVEN_PX):
            self._shares, self._shared_px = 0, both
            return
        sizes = [*(self._panel_px for _ in panels), both // 2]
        window.resizeDocks([*panels, self.before_view], sizes, Qt.Orientation.Horizontal)
        self._shares += 1
        self._room.start(0)

    def _let_map_shrink(self, beside: bool) -> None:
        """Let the map give up half of its room beside the earlier image; at all other times its least is QGIS's."""
        canvas, middle = self.iface.mapCanvas(), self.iface.mainWindow().centralWidget()
        canvas.removeEventFilter(self)
        if beside:
            canvas.installEventFilter(self)
        if middle is not None:
            middle.setMinimumWidth(LEAST_IMAGE_PX if beside else 0)

    def _panel_width(self) -> int:
        """Return how wide the panels at the left are, without the earlier image."""
        docks = self._docks(Qt.DockWidgetArea.LeftDockWidgetArea)
        widths = [each.width() for each in docks if each.isVisible()]
        return min(PANEL_PX, max(widths, default=PANEL_PX))

    def _docks(self, area: Qt.DockWidgetArea) -> list[QDockWidget]:
        """Return the docks at one side of the window, without the earlier image. Docks are the window's own children:
        to look through theirs takes long."""
        window, own = self.iface.mainWindow(), Qt.FindChildOption.FindDirectChildrenOnly
        docks = window.findChildren(QDockWidget, options=own)
        return [each for each in docks if each is not self.before_view and window.dockWidgetArea(each) == area]
