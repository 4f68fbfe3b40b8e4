"""The preflight of the pair that is picked, before anything is asked of it, and the mending of what it finds."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsRasterLayer
from qgis.PyQt.QtCore import QObject, QTimer
from qgis.PyQt.QtWidgets import QInputDialog, QWidget

from ..link.engine import Engine, Request
from ..link.engine_words import one_line
from ..link.protocol import EngineError, Note, PreflightReport
from ..logic.area import NoArea, area_wkt
from ..logic.pyramids import OverviewBuilder, lacks_overviews
from ..logic.sources import local_path
from .pair_form import PairForm
from .preflight_card import PreflightCard
from .words import tr

REST_MS = 900
"""How long the form must rest before the rasters are looked at."""


class PreflightDesk(QObject):
    """Looks at the pair when the form rests; ``gsd`` is what a person gave as metres per pixel, None where nothing."""

    def __init__(self, iface: Any, engine: Engine, form: PairForm, parent: QWidget) -> None:
        super().__init__(parent)
        self.iface, self.engine, self.form = iface, engine, form
        self.card = PreflightCard(parent)
        self.gsd: float | None = None
        self._request: Request | None = None
        self._seen: tuple[Any, ...] = ()
        self._builder: OverviewBuilder | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self.look)
        self.card.mended.connect(self.mend)
        form.changed.connect(self._changed)
        for field in (form.before_date, form.after_date):
            field.editingFinished.connect(self._changed)

    def look(self) -> None:
        """Ask for the preflight of what is picked, where it can be asked without rendering anything."""
        if self.engine.executable() is None or self.form.problem():
            self.card.show_notes(())
            return
        layers = [layer for layer in self.form.rasters() if layer is not None]
        paths = [local_path(layer) for layer in layers]
        area = self._area(layers[-1])
        seen = (tuple(paths), area, self.form.dates(), self.gsd)
        if None in paths or seen == self._seen:
            return
        self.pause()
        self._seen = seen
        dates = self.form.dates() if all(self.form.dates()) else ()
        request = self.engine.preflight([str(path) for path in paths], area, dates, self.gsd)
        self._request = request
        request.done.connect(lambda result: self._show(request, layers, result))
        request.failed.connect(lambda error: self._refused(request, error))

    def pause(self) -> None:
        """Stop looking: a question is asked, and looks for itself."""
        self._rest.stop()
        request, self._request, self._seen = self._request, None, ()
        if request is not None:
            request.withdraw()

    def close_down(self) -> None:
        """Hear nothing any more."""
        self._rest.stop()
        self._request = None

    def mend(self, what: str) -> None:
        """Do what a button of the card says."""
        if what == "swap_dates":
            self.form.swap_dates()
        elif what == "area_overlap":
            self.form.set_area_mode("overlap")
        elif what == "set_gsd":
            self._ask_gsd()
        elif what == "build_overviews":
            self._build_overviews()
        self._changed()

    def _changed(self) -> None:
        self._rest.start()

    def _area(self, after: QgsRasterLayer) -> str:
        mode, form = self.form.area_mode(), self.form
        try:
            return area_wkt(mode, after, self.iface.mapCanvas(), self.iface.activeLayer(), form.drawn, tr)
        except NoArea:
            return ""

    def _show(self, request: Request, layers: list[QgsRasterLayer], result: dict[str, Any]) -> None:
        if request is not self._request:
            return
        self._request = None
        report = PreflightReport.from_json(result.get("preflight") or {})
        self.card.show_notes((*report.notes, *_overview_notes(layers)))

    def _refused(self, request: Request, error: EngineError) -> None:
        """Show why the rasters cannot be compared; that the engine is gone is another card's business."""
        if request is not self._request:
            return
        self._request = None
        if error.kind == "input":
            what = one_line(error.what, error.where, "")
            self.card.show_notes([Note("stop", what, error.advice)])

    def _ask_gsd(self) -> None:
        title, text = tr("Ground sample distance"), tr("Metres on the ground per pixel:")
        gsd, given = QInputDialog.getDouble(self.form, title, text, self.gsd or 0.2, 0.001, 1000.0, 3)
        if given:
            self.gsd = gsd

    def _build_overviews(self) -> None:
        layers = [layer for layer in self.form.rasters() if layer is not None and lacks_overviews(layer)]
        self._builder = OverviewBuilder(layers, self._built)
        self._builder.start()

    def _built(self, worked: bool) -> None:
        if not worked:
            self.card.show_notes([Note("warning", tr("The overviews could not be built"), tr("see QGIS's messages"))])
            return
        self._seen = ()
        self.look()


def _overview_notes(layers: list[QgsRasterLayer]) -> list[Note]:
    """Return a warning where the map draws a large raster slowly."""
    large = [layer.name() for layer in layers if lacks_overviews(layer)]
    if not large:
        return []
    text = tr("no overviews: {0}").format(", ".join(large))
    return [Note("warning", text, tr("the map draws them slowly"), "overviews", "build_overviews")]
