"""The earlier image drawn over a map canvas, up to a line that a person moves: swipe and flicker."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsMapRendererParallelJob, QgsMapSettings
from qgis.gui import QgsMapCanvasItem
from qgis.PyQt.QtCore import QEvent, QObject, QPointF, QRectF, Qt, QTimer, QVariantAnimation
from qgis.PyQt.QtGui import QColor, QImage, QPainter, QPen

REACH_PX = 9
SWEEP_MS = 700
FLICKER_MS = 450
BELOW_RUBBER_BANDS = -1.0


class CurtainItem(QgsMapCanvasItem):
    """The picture on the canvas: the earlier image left of ``share`` of the canvas's width."""

    def __init__(self, canvas: Any) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.image: QImage | None = None
        self.extent: Any = None
        self.share = 0.5
        self.setZValue(BELOW_RUBBER_BANDS)

    def show_image(self, image: QImage, extent: Any) -> None:
        """Show another image, of an extent in the map's CRS."""
        self.image, self.extent = image, extent
        self.setRect(extent)
        self.update()

    def updatePosition(self) -> None:
        """Stay on the ground when the map moves."""
        if self.extent is not None:
            self.setRect(self.extent)

    def line_px(self) -> float:
        """Return where the line is, in pixels from the canvas's left edge."""
        return float(self.share * self._canvas.width())

    def paint(self, painter: QPainter, option: Any = None, widget: Any = None) -> None:
        """Draw the image up to the line, and the line where it is not at an edge."""
        if self.image is None:
            return
        whole = self.boundingRect()
        line = self.line_px() - self.pos().x()
        painter.save()
        painter.setClipRect(QRectF(whole.left(), whole.top(), max(0.0, line - whole.left()), whole.height()))
        painter.drawImage(whole, self.image, QRectF(self.image.rect()))
        painter.restore()
        if 0.0 < self.share < 1.0:
            self._draw_line(painter, line, whole)

    def _draw_line(self, painter: QPainter, x: float, whole: QRectF) -> None:
        for colour, width in ((QColor(0, 0, 0, 150), 4.0), (QColor(255, 255, 255), 1.6)):
            painter.setPen(QPen(colour, width))
            painter.drawLine(QPointF(x, whole.top()), QPointF(x, whole.bottom()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = QPointF(x, whole.center().y())
        painter.setPen(QPen(QColor(0, 0, 0, 150), 1.0))
        painter.setBrush(QColor(255, 255, 255))
        painter.drawEllipse(middle, REACH_PX, REACH_PX)
        painter.setPen(QPen(QColor(60, 60, 60), 1.6))
        for way in (-1, 1):
            tip, back = middle + QPointF(way * 6, 0), middle + QPointF(way * 2.5, 0)
            painter.drawLine(tip, back + QPointF(0, 3))
            painter.drawLine(tip, back - QPointF(0, 3))


class Curtain(QObject):
    """Renders the earlier layers in threads of QGIS's own, and moves the line by mouse, by sweep, or to and fro."""

    def __init__(self, canvas: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._layers: list[Any] = []
        self._item: CurtainItem | None = None
        self._job: QgsMapRendererParallelJob | None = None
        self._held = False
        self._sweep = QVariantAnimation(self)
        self._sweep.setDuration(SWEEP_MS)
        self._sweep.valueChanged.connect(lambda value: self.set_share(float(value)))
        self._flicker = QTimer(self)
        self._flicker.setInterval(FLICKER_MS)
        self._flicker.timeout.connect(self.flip)
        canvas.mapCanvasRefreshed.connect(self._render)
        canvas.viewport().installEventFilter(self)

    @property
    def is_shown(self) -> bool:
        """Say whether the earlier image is over the canvas."""
        return self._item is not None

    @property
    def share(self) -> float:
        """Return which share of the width the earlier image covers."""
        return self._item.share if self._item is not None else 0.0

    def show(self, layers: list[Any], share: float = 0.5, flicker: bool = False) -> None:
        """Draw layers over the canvas up to a share of its width; with ``flicker``, all and nothing in turn."""
        self._layers = [each for each in layers if each is not None]
        if self._item is None:
            self._item = CurtainItem(self._canvas)
        self.set_share(1.0 if flicker else share)
        (self._flicker.start if flicker else self._flicker.stop)()
        self._render()

    def hide(self) -> None:
        """Take the earlier image off the canvas."""
        self._flicker.stop()
        self._sweep.stop()
        self._cancel()
        if self._item is not None:
            self._canvas.scene().removeItem(self._item)
            self._item = None

    def set_share(self, share: float) -> None:
        """Move the line."""
        if self._item is not None:
            self._item.share = min(1.0, max(0.0, share))
            self._item.update()

    def sweep(self) -> None:
        """Let the line glide to the other side; while it flickers, flip by hand and stop."""
        if self._flicker.isActive() or self.share in (0.0, 1.0):
            self._flicker.stop()
        self._sweep.stop()
        self._sweep.setStartValue(self.share)
        self._sweep.setEndValue(0.0 if self.share >= 0.5 else 1.0)
        self._sweep.start()

    def flip(self) -> None:
        """Show the other image whole."""
        self.set_share(0.0 if self.share >= 0.5 else 1.0)

    def close_down(self) -> None:
        """Take everything off the canvas for good."""
        self.hide()
        self._canvas.mapCanvasRefreshed.disconnect(self._render)
        self._canvas.viewport().removeEventFilter(self)

    # -- the mouse ----------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hold the line where a person presses on it; everything else is the map tool's."""
        if self._item is None or self._flicker.isActive():
            return False
        kind = event.type()
        if kind == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
            self._held = self._is_near(event.pos().x())
            if self._held:
                self._sweep.stop()
            return self._held
        if kind == QEvent.Type.MouseMove and self._held:
            self.set_share(event.pos().x() / max(1, self._canvas.width()))
            return True
        if kind == QEvent.Type.MouseButtonRelease and self._held:
            self._held = False
            return True
        return False

    def _is_near(self, x_px: float) -> bool:
        return self._item is not None and abs(x_px - self._item.line_px()) <= REACH_PX

    # -- rendering ----------------------------------------------------------------------------

    def _render(self) -> None:
        if self._item is None:
            return
        self._cancel()
        settings = QgsMapSettings(self._canvas.mapSettings())
        settings.setLayers(self._layers)
        job = QgsMapRendererParallelJob(settings)
        job.finished.connect(lambda: self._rendered(job))
        self._job = job
        job.start()

    def _rendered(self, job: QgsMapRendererParallelJob) -> None:
        if job is self._job and job is not None and self._item is not None:
            self._item.show_image(job.renderedImage(), job.mapSettings().visibleExtent())
            self._job = None

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancelWithoutBlocking()
            self._job = None
