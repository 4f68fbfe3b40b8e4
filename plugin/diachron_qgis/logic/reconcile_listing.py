"""The list: accepted proposals against a database layer, read from copies that any thread may read."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qgis.core import (
    QgsAbstractFeatureSource,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsExpression,
    QgsExpressionContext,
    QgsFeature,
    QgsFeatureRequest,
    QgsFields,
    QgsGeometry,
    QgsProject,
    QgsRectangle,
    QgsSpatialIndex,
    QgsVectorLayer,
    QgsVectorLayerFeatureSource,
    QgsWkbTypes,
)

from .proposals import ACCEPTED, EDITED, Box
from .reconcile_mapping import ClassMapping
from .reconcile_match import CONFIRMED, CREATED, MODIFIED, REMOVED, Claim, Footprint, Item, match
from .reconcile_outline import area_m2, area_measure, as_type, polygons_of, redrawn_outline
from .reconcile_states import ProviderErrors, State, stored_states

DECIDED = f"\"status\" IN ('{ACCEPTED}', '{EDITED}')"
A_REQUEST_COSTS = 100
"""What asking a database once more costs, in objects read: boxes are joined while that reads fewer objects too many."""

READINGS = 2

Report = Callable[[int, int], None]


class Cancelled(Exception):
    """A person has stopped it; nothing was changed."""


class NotListed(Exception):
    """The list cannot be made: ``kind`` is ``none_accepted``, ``crs``, ``unreadable`` or ``expression``."""

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(detail)
        self.kind, self.detail = kind, detail


@dataclass(frozen=True)
class Finding:
    """One line of the list; outlines in the database's CRS. ``values`` are the attributes to write, by field name."""

    item: Item
    before: QgsGeometry | None
    after: tuple[QgsGeometry, ...]
    values: Mapping[str, Any]
    before_m2: float | None
    after_m2: float | None
    confidence: float | None

    @property
    def action(self) -> str:
        """Return what becomes of the object."""
        return self.item.action

    @property
    def outline(self) -> QgsGeometry:
        """Return where it is on the map."""
        return self.before or self.after[0]


@dataclass(frozen=True)
class Reconciliation:
    """The whole list. ``states``: the stored attributes and outlines (WKB) of the objects in it, as they were read.
    ``outside``: proposals of classes that are not mapped; ``unmapped``: objects met whose value is not mapped."""

    findings: tuple[Finding, ...]
    states: Mapping[int, State]
    proposals: int
    outside: int
    unmapped: int
    objects_read: int
    seconds: float


@dataclass(frozen=True)
class ListingJob:
    """What to list, as copies: made in the main thread, run in any. Coordinates go to the database's CRS."""

    proposals: QgsVectorLayerFeatureSource
    proposal_fields: QgsFields
    objects: QgsVectorLayerFeatureSource
    stored: QgsAbstractFeatureSource
    object_fields: QgsFields
    wanted: QgsWkbTypes.Type
    source_crs: QgsCoordinateReferenceSystem
    crs: QgsCoordinateReferenceSystem
    context: QgsCoordinateTransformContext
    mapping: ClassMapping

    @classmethod
    def of(cls, changes: QgsVectorLayer, database: QgsVectorLayer, mapping: ClassMapping) -> ListingJob:
        """Copy what a list of these layers needs; their edit buffers count."""
        return cls(
            QgsVectorLayerFeatureSource(changes),
            QgsFields(changes.fields()),
            QgsVectorLayerFeatureSource(database),
            database.dataProvider().featureSource(),
            QgsFields(database.fields()),
            database.wkbType(),
            changes.crs(),
            database.crs(),
            QgsProject.instance().transformContext(),
            mapping,
        )

    def run(
        self, report: Report = lambda done, total: None, cancelled: Callable[[], bool] = lambda: False
    ) -> Reconciliation:
        """Make the list; ``report`` hears of proposals done and their number.

        Raises
        ------
        NotListed: the list cannot be made. Cancelled: ``cancelled`` said so.
        """
        # A pool's connection that has died is mended by the provider, and what it was reading is lost: read it again.
        for _ in range(READINGS):
            with ProviderErrors() as errors:
                made = _Lister(self, report, cancelled).run()
            if not errors.texts:
                return made
        raise NotListed("unreadable", errors.texts[0])


def reading_boxes(boxes: Sequence[tuple[int, Box]], density: Callable[[], float]) -> Iterator[list[int]]:
    """Yield groups of neighbours to read in one request each; ``density`` is the number of objects read so far in a
    unit of area (0 before the first)."""
    group: list[int] = []
    whole: Box | None = None
    apart = 0.0
    for fid, box in boxes:
        joined = _joined(whole, box)
        if group and (_area(joined) - apart - _area(box)) * (density() or 1e30) > A_REQUEST_COSTS:
            yield group
            group, apart, joined = [], 0.0, box
        group.append(fid)
        whole, apart = joined, apart + _area(box)
    if group:
        yield group


class _Lister:
    """One run of a job."""

    def __init__(self, job: ListingJob, report: Report, cancelled: Callable[[], bool]) -> None:
        self.job, self.report, self.cancelled = job, report, cancelled
        self.features: dict[int, QgsFeature] = {}
        self.grounds: dict[int, QgsGeometry] = {}
        self.claims: dict[int, Claim] = {}
        self.outlines: dict[int, QgsGeometry] = {}
        self.footprints: dict[int, Footprint] = {}
        self.overlaps: dict[tuple[int, int], float] = {}
        self.unmapped: set[int] = set()
        self.read, self.searched = 0, 0.0

    def run(self) -> Reconciliation:
        started = time.perf_counter()
        self._read_proposals()
        self._read_objects()
        mapping = self.job.mapping
        listing = match(self.claims.values(), self.footprints.values(), self.overlaps, mapping.classes, mapping.rule)
        states = stored_states(self.job.stored, {item.object for item in listing.items if item.object is not None})
        measure = area_measure(self.job.crs, self.job.context)
        findings = []
        for item in listing.items:
            self._check()
            findings.append(self._finding(item, measure))
        return Reconciliation(
            tuple(findings), states, len(self.claims), len(listing.outside), len(self.unmapped), self.read,
            time.perf_counter() - started,
        )  # fmt: skip

    # -- reading ------------------------------------------------------------------------------

    def _read_proposals(self) -> None:
        transform = QgsCoordinateTransform(self.job.source_crs, self.job.crs, self.job.context)
        for feature in self.job.proposals.getFeatures(QgsFeatureRequest().setFilterExpression(DECIDED)):
            self._check()
            ground = QgsGeometry(feature.geometry())
            try:
                if self.job.source_crs != self.job.crs:
                    ground.transform(transform)
            except QgsCsException as problem:
                raise NotListed("crs", str(problem)) from None
            ground = polygons_of(ground)
            if ground.isEmpty():
                continue
            fid = feature.id()
            self.features[fid], self.grounds[fid] = feature, ground
            self.claims[fid] = Claim(fid, str(feature["from_class"]), str(feature["to_class"]), ground.area())
        if not self.claims:
            raise NotListed("none_accepted")

    def _read_objects(self) -> None:
        index = QgsSpatialIndex()
        boxes = {fid: ground.boundingBox() for fid, ground in self.grounds.items()}
        for fid, box in boxes.items():
            index.addFeature(fid, box)
        done = 0
        for group in reading_boxes(_in_order(boxes), lambda: self.read / self.searched if self.searched else 0.0):
            rectangle = QgsRectangle(boxes[group[0]])
            for fid in group[1:]:
                rectangle.combineExtentWith(boxes[fid])
            self._read_box(rectangle, frozenset(group), index)
            done += len(group)
            self.report(done, len(self.claims))

    def _read_box(self, rectangle: QgsRectangle, group: frozenset[int], index: QgsSpatialIndex) -> None:
        mapping, fields = self.job.mapping, self.job.object_fields
        place = fields.indexOf(mapping.class_field) if mapping.class_field else -1
        request = QgsFeatureRequest(rectangle).setSubsetOfAttributes([place] if place >= 0 else [])
        self.searched += rectangle.area()
        for feature in self.job.objects.getFeatures(request):
            self._check()
            self.read += 1
            class_name = mapping.class_of(feature[place] if place >= 0 else None)
            if not class_name:
                self.unmapped.add(feature.id())
                continue
            for fid in index.intersects(feature.geometry().boundingBox()):
                if fid in group and class_name in {self.claims[fid].from_class, self.claims[fid].to_class}:
                    self._measure(fid, feature, class_name)

    def _measure(self, claim: int, feature: QgsFeature, class_name: str) -> None:
        outline = polygons_of(feature.geometry())
        shared = outline.intersection(self.grounds[claim]).area()
        if shared > 0:
            fid = feature.id()
            self.overlaps[claim, fid] = shared
            self.outlines[fid] = outline
            self.footprints[fid] = Footprint(fid, class_name, outline.area())

    def _check(self) -> None:
        if self.cancelled():
            raise Cancelled

    # -- one line -----------------------------------------------------------------------------

    def _finding(self, item: Item, measure: Any) -> Finding:
        before = None if item.object is None else self.outlines[item.object]
        after = self._after(item, before)
        confidences = [self.features[fid].attribute("confidence") for fid in item.proposals if self._has("confidence")]
        known = [float(each) for each in confidences if isinstance(each, (int, float))]
        whole = QgsGeometry.collectGeometry(list(after)) if len(after) > 1 else after[0] if after else None
        return Finding(
            item, before, after, self._values(item), area_m2(measure, before), area_m2(measure, whole),
            sum(known) / len(known) if known else None,
        )  # fmt: skip

    def _has(self, name: str) -> bool:
        return self.job.proposal_fields.indexOf(name) >= 0

    def _after(self, item: Item, before: QgsGeometry | None) -> tuple[QgsGeometry, ...]:
        """Return the outline that is to be, in one part or in several where the layer has single parts only."""
        if item.action == CREATED or (before is None and item.action != REMOVED):
            drawn = QgsGeometry.unaryUnion([self.grounds[fid] for fid in item.proposals])
        elif item.action == MODIFIED and (item.adds or item.takes):
            grounds, outlines = self.grounds, self.outlines
            drawn = redrawn_outline(
                before,
                [grounds[fid] for fid in item.takes],
                [grounds[fid] for fid in item.adds],
                [outlines[fid] for fid in item.spares],
            )
        elif item.action == REMOVED:
            return ()
        else:
            return (QgsGeometry(before),)
        return tuple(as_type(drawn, self.job.wanted))

    def _values(self, item: Item) -> dict[str, Any]:
        """Return what is to be written: the class where it is new, and what the mapping fills in at this action."""
        mapping = self.job.mapping
        if (item.action == REMOVED and not mapping.keeps_removed) or (item.action == CONFIRMED and item.object is None):
            return {}
        feature = self.features[(item.adds or item.takes or item.proposals)[0]]
        context = QgsExpressionContext()
        context.setFields(self.job.proposal_fields)
        context.setFeature(feature)
        found = {
            fill.field: self._evaluated(fill.expression, context) for fill in mapping.fills if item.action in fill.on
        }
        is_new_class = item.action == CREATED or (item.action == MODIFIED and item.class_name != item.was_class)
        if mapping.class_field and is_new_class:
            found[mapping.class_field] = mapping.value_of(item.class_name)
        return {name: self._fitted(name, value) for name, value in found.items()}

    def _evaluated(self, text: str, context: QgsExpressionContext) -> Any:
        expression = QgsExpression(text)
        value = expression.evaluate(context)
        if expression.hasParserError() or expression.hasEvalError():
            raise NotListed("expression", f"{text}: {expression.parserErrorString() or expression.evalErrorString()}")
        return value

    def _fitted(self, name: str, value: Any) -> Any:
        place = self.job.object_fields.indexOf(name)
        if place < 0:
            raise NotListed("expression", name)
        try:
            return self.job.object_fields.at(place).convertCompatible(value)
        except ValueError as problem:
            raise NotListed("expression", f"{name}: {problem}") from None


def _in_order(boxes: Mapping[int, QgsRectangle]) -> list[tuple[int, Box]]:
    """Return boxes along a curve through all of them, so that neighbours come one after the other."""
    plain = {fid: Box(box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()) for fid, box in boxes.items()}
    whole = functools.reduce(_joined, plain.values())
    centre = {fid: ((box.left + box.right) / 2, (box.bottom + box.top) / 2) for fid, box in plain.items()}
    return [(fid, plain[fid]) for fid in sorted(plain, key=lambda fid: (whole.place_of(*centre[fid]), fid))]


def _joined(one: Box | None, other: Box) -> Box:
    if one is None:
        return other
    return Box(
        min(one.left, other.left), min(one.bottom, other.bottom), max(one.right, other.right), max(one.top, other.top)
    )


def _area(box: Box) -> float:
    return (box.right - box.left) * (box.top - box.bottom)
