"""How an answer was made, as blocks of a report: licence, preflight, images, settings, and how to do it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..link.engine_words import engine_text
from .class_words import class_name, task_name
from .report_canvas import Paper, text_height
from .report_charts import ACCENT, GREY
from .report_content import ReportContent
from .report_words import number, probability, status_word, tr

LEVELS = {"fine": "#2e8b57", "warning": "#e0a100", "stop": "#c0392b"}
KEY_MM = 40.0


@dataclass(frozen=True)
class Block:
    """A title, a paragraph, and rows of (mark's colour or "", key, words)."""

    title: str
    paragraph: str = ""
    rows: Sequence[tuple[str, str, str]] = field(default_factory=tuple)
    strong: bool = False

    def height(self, width: float) -> float:
        """Return the height (mm) that it takes within a width."""
        tall = text_height(self.title, width, 10.5, True) + 2
        if self.paragraph:
            tall += text_height(self.paragraph, width - 4, 9, self.strong) + 2
        return tall + sum(self._row_height(row, width) for row in self.rows)

    def put(self, paper: Paper, x: float, y: float, width: float) -> float:
        """Put it on the page and return where it ends."""
        y += paper.text(self.title, x, y, width, 10.5, bold=True) + 2
        if self.paragraph:
            tall = text_height(self.paragraph, width - 4, 9, self.strong)
            if self.strong:
                paper.box(x, y - 0.5, 1, tall + 1, ACCENT)
            paper.text(self.paragraph, x + (4 if self.strong else 0), y, width - 4, 9, bold=self.strong)
            y += tall + 2
        for row in self.rows:
            mark, key, words = row
            if mark:
                paper.box(x, y + 0.9, 2.2, 2.2, mark)
            start = x + 4 if mark else x
            paper.text(key, start, y, KEY_MM - 4, 8.5, colour=GREY)
            paper.text(words, x + self._key_width(row), y, width - self._key_width(row), 8.5)
            y += self._row_height(row, width)
        return y

    def _row_height(self, row: tuple[str, str, str], width: float) -> float:
        _, key, words = row
        tall = text_height(words, width - self._key_width(row), 8.5), text_height(key, KEY_MM - 4, 8.5) if key else 0
        return max(*tall, 3.5) + 1.2

    @staticmethod
    def _key_width(row: tuple[str, str, str]) -> float:
        return KEY_MM if row[1] else 4.0


def method_blocks(content: ReportContent) -> list[Block]:
    """Return all blocks, in their order."""
    blocks = [_licence(content), _preflight(content), _images(content), _method(content), _settings(content)]
    return [block for block in [*blocks, _review(content), _again(content)] if block is not None]


def _licence(content: ReportContent) -> Block:
    """The model card in short: its licence first, for it limits what the report may be used for."""
    model, card = content.answer.model, content.recipe.get("model") or {}
    name = " ".join(part for part in (model.name, model.version, model.adapter) if part)
    rows = [("", tr("Model"), name)]
    if card.get("finest_gsd_m"):
        finest = number(float(card["finest_gsd_m"]), content.language, 2)
        rows.append(("", tr("Trained at"), tr("{0} m a pixel and coarser").format(finest)))
    if card.get("sources"):
        rows.append(("", tr("Trained on"), "; ".join(str(each) for each in card["sources"])))
    if card.get("weights_sha256"):
        rows.append(("", tr("Weights"), f"SHA-256 {card['weights_sha256']}"))
    return Block(tr("Model and licence"), tr("Licence of the weights: {0}").format(model.licence), rows, strong=True)


def _preflight(content: ReportContent) -> Block:
    report = content.answer.preflight
    # The result was read before its language was known, so its notes are still in English.
    rows = [
        (
            LEVELS.get(note.level, LEVELS["warning"]),
            "",
            " — ".join(engine_text(text) for text in (note.what, note.advice) if text),
        )
        for note in report.notes
    ]
    raw = report.raw
    shifts = [
        tr("shift {0}, {1} px, confidence {2}").format(
            *(number(float(each.get(name) or 0), content.language, 2) for name in ("dx_px", "dy_px")),
            probability(float(each.get("confidence") or 0), content.language),
        )
        for each in raw.get("shift_px") or ()
    ]
    shares = zip(content.rasters, raw.get("nodata_share") or (), raw.get("cloud_share") or ())
    told = [
        tr("{0}: {1} % without data, {2} % cloud").format(
            path.name, *(number(100 * float(share), content.language, 1) for share in (nodata, cloud))
        )
        for path, nodata, cloud in shares
    ]
    return Block(tr("Preflight"), "", [*rows, *(("", "", words) for words in [*shifts, *told])])


def _images(content: ReportContent) -> Block:
    checksums = {Path(each["path"]).name: each.get("sha256") for each in content.recipe.get("rasters") or ()}
    rows = []
    for each in content.raw.get("inputs") or ():
        name = Path(each["path"]).name
        gsd = each.get("gsd_m")
        words = [str(each.get("crs") or tr("no coordinate system")), f"{each.get('width')} × {each.get('height')} px"]
        words += [f"{number(float(gsd), content.language, 2)} m"] if gsd else []
        words += [f"SHA-256 {checksums[name][:16]}…"] if checksums.get(name) else []
        rows.append(("", str(each.get("date") or tr("no date")), f"{name}\n{', '.join(words)}"))
    return Block(tr("Images"), "", rows)


def _method(content: ReportContent) -> Block:
    text = tr(
        "The images were brought onto one metric grid and the shift between them measured. A vision and language model "
        "read the question, then mapped change and land cover on every tile. What passed the threshold and the minimum "
        "mapping unit became polygons, whose areas are measured on the ellipsoid. The answer's sentence was written by "
        "the model, its numbers were not: each is measured on the polygons. A map of this kind holds errors; what "
        "matters should be checked by eye, which the review records."
    )
    return Block(tr("Method"), text)


def _named(classes: Sequence[str]) -> str:
    return ", ".join(tr("any") if name == "any" else class_name(name) for name in classes) or tr("any")


def _settings(content: ReportContent) -> Block:
    look, settings = content.answer.look, content.raw.get("settings") or {}
    classes = _named(look.classes) if look.classes else f"{_named(look.source)} › {_named(look.target)}"
    rows = [("", tr("Reading of the question"), tr("{0}: {1}").format(task_name(look.task), classes))]
    if "threshold" in settings:
        rows.append(("", tr("Threshold"), probability(float(settings["threshold"]), content.language)))
    if "minimum_area" in settings:
        unit = "m²" if settings.get("unit") == "m2" else "px"
        least = number(float(settings["minimum_area"]), content.language, 1)
        rows.append(("", tr("Minimum mapping unit"), f"{least} {unit}"))
    area = content.recipe.get("area")
    if content.recipe:
        rows.append(("", tr("Area"), _short(str(area)) if area else tr("all that the images share")))
    return Block(tr("Settings"), "", rows)


def _review(content: ReportContent) -> Block | None:
    if not content.statuses:
        return None
    counts = sorted(content.statuses.items())
    # A word that stands before its number has no plural to agree with.
    told = [tr("{0}: {1}").format(status_word(name), number(count, content.language)) for name, count in counts]
    text = ", ".join(told) + "."
    text = text[:1].upper() + text[1:]
    if content.statuses.get("rejected"):
        text += " " + tr("Rejected changes are left out of this report's maps, tables and sums.")
    return Block(tr("Review"), text)


def _again(content: ReportContent) -> Block | None:
    if not content.recipe:
        return None
    text = tr(
        "The recipe saved with the result makes it again, to the same polygons, in QGIS (the algorithm “Make a recipe "
        "again”) or with the command: diachron ask --recipe recipe.json --out FOLDER. Engine {0}."
    )
    return Block(tr("To make it again"), text.format(content.recipe.get("engine", "")))


def _short(text: str) -> str:
    return text if len(text) <= 150 else f"{text[:149]}…"
