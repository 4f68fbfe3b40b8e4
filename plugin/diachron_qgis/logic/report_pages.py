"""The pages of a report: what was asked and found, what became what, the largest changes, and how it was made."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from qgis.core import QgsPrintLayout, QgsRectangle, QgsUnitTypes
from qgis.PyQt.QtCore import Qt

from ..about import version
from .report_canvas import HEIGHT, INNER, MARGIN, WIDTH, Paper, text_height
from .report_charts import ACCENT, GREY, LINE, PALE, Flow, bars_svg, figures_svg, sankey_svg, table_svg
from .report_content import ReportContent, ReportedChange
from .report_layers import ReportLayers, close_extent
from .report_method import method_blocks
from .report_words import area, coordinates, number, probability, status_word, tr

OTHER = "*"

RIGHT = Qt.AlignmentFlag.AlignRight
LEGEND_ROW = 5.6
MOST_EXPLAINED = 16
MOST_FLOWS, MOST_CLASSES, MOST_CHIPS, CHIPS_A_PAGE = 12, 8, 12, 6


def build_layout(content: ReportContent, layers: ReportLayers, title: str = "") -> QgsPrintLayout:
    """Return a report as a print layout of the layers' project; ``title`` stands above the question, "" for
    the usual one."""
    layout = QgsPrintLayout(layers.project)
    layout.initializeDefaults()
    layout.setName(tr("Change report"))
    paper = Paper(layout)
    _first_page(paper, content, layers, title or tr("Change report"))
    if content.changes:
        _transitions_page(paper, content)
        largest = content.largest(MOST_CHIPS)
        for start in range(0, len(largest), CHIPS_A_PAGE):
            _chips_page(paper, content, layers, largest[start : start + CHIPS_A_PAGE], start)
    _method_pages(paper, content)
    _footers(paper, content)
    return layout


# -- what was asked and found -----------------------------------------------------------------


def _first_page(paper: Paper, content: ReportContent, layers: ReportLayers, title: str) -> None:
    paper.box(0, 0, WIDTH, 5, ACCENT)
    paper.text(title.upper(), MARGIN, 14, 100, 8.5, bold=True, colour=ACCENT)
    paper.text(date.today().isoformat(), WIDTH - MARGIN - 60, 14, 60, 8.5, colour=GREY, align=RIGHT)
    y = 21 + paper.text(content.answer.question, MARGIN, 21, INNER, 19, bold=True)
    y += 1.5 + paper.text(_subject(content), MARGIN, y + 1.5, INNER, 9, colour=GREY)
    y = _answer_box(paper, content, y + 5)
    if content.changes:
        paper.picture(figures_svg(_figures(content), INNER, 18), MARGIN, y + 4, INNER, 18)
        y += 22
    _main_map(paper, content, layers, y + 5)


def _subject(content: ReportContent) -> str:
    first, last = content.dates
    names = [path.name for path in content.rasters]
    words = [f"{name} ({day})" if day else name for name, day in zip(_ends(names), (first, last))]
    return "  ›  ".join(words)


def _ends(names: list[str]) -> list[str]:
    return [names[0], names[-1]] if names else []


def _answer_box(paper: Paper, content: ReportContent, y: float) -> float:
    words = content.answer.text
    tall = text_height(words, INNER - 12, 11.5) + 8
    paper.box(MARGIN, y, INNER, tall, PALE)
    paper.box(MARGIN, y, 1.4, tall, ACCENT)
    paper.text(words, MARGIN + 7, y + 4, INNER - 12, 11.5)
    return y + tall


def _figures(content: ReportContent) -> list[tuple[str, str]]:
    language = content.language
    tiles = [
        (number(len(content.changes), language), tr("changes")),
        (area(content.total, content.unit, language), tr("changed in all")),
    ]
    if content.confidence is not None:
        tiles.append((probability(content.confidence, language), tr("mean confidence")))
    reviewed = sum(count for status, count in content.statuses.items() if status != "proposed")
    whole = sum(content.statuses.values())
    tiles.append((f"{number(reviewed, language)} / {number(whole, language)}", tr("reviewed by a person")))
    return tiles


def _main_map(paper: Paper, content: ReportContent, layers: ReportLayers, y: float) -> None:
    transitions = content.transitions()[:MOST_EXPLAINED]
    rows = -(-len(transitions) // (2 if len(transitions) > 3 else 1))
    tall = HEIGHT - 18 - y - max(14, LEGEND_ROW * rows + 4)
    shown = [each for each in (layers.changes, layers.after or layers.before) if each is not None]
    item = paper.map(shown, layers.crs, _whole(layers), MARGIN, y, INNER, tall)
    below = y + tall + 2.5
    names = {
        f"{each.source} › {each.target}": f"{content.shown(each.source)} › {content.shown(each.target)}"
        for each in transitions
    }
    if transitions:
        paper.legend(layers.changes, names, MARGIN, below, 110)
    if layers.crs.isValid():
        if layers.crs.mapUnits() == QgsUnitTypes.DistanceUnit.DistanceMeters:
            paper.scale_bar(item, WIDTH - MARGIN - 66, below)
        paper.north(WIDTH - MARGIN - 6, below - 0.5, 6)
        paper.text(layers.crs.authid(), WIDTH - MARGIN - 66, below + 9, 56, 7, colour=GREY)


def _whole(layers: ReportLayers) -> QgsRectangle:
    image = layers.after or layers.before
    if image is None or image.crs() != layers.crs:
        extent = QgsRectangle(layers.changes.extent())
        extent.scale(1.15)
        return extent
    return image.extent()


# -- what became what -------------------------------------------------------------------------


def _transitions_page(paper: Paper, content: ReportContent) -> None:
    paper.next_page()
    y = _heading(paper, tr("What became what"), 16)

    def wording(value: float) -> str:
        return area(value, content.unit, content.language)

    def figure(value: float) -> str:
        return number(value, content.language, 1 if value < 100 else 0)

    names, cells = _matrix(content)
    unit = {"m2": "m²", "px": "px"}[content.unit]
    shown, colours = [_shown(content, name) for name in names], [content.colour(name) for name in names]
    tall = 16 + 8 * (len(names) + 1)
    corner = tr("from (rows) to (columns), {0}").format(unit)
    table = table_svg(shown, cells, colours, INNER, tall, figure, corner, tr("total"))
    paper.picture(table, MARGIN, y, INNER, tall)
    y = _subheading(paper, tr("Flow of areas"), y + tall + 7)
    flows = [
        Flow(
            _shown(content, each.source), _shown(content, each.target), each.area, each.count,
            content.colour(each.source), content.colour(each.target),
        )
        for each in content.transitions()[:MOST_FLOWS]
    ]  # fmt: skip
    bars = 8.0 * len(flows)
    room = max(40.0, min(92.0, 34.0 + 12 * len(flows), HEIGHT - 24 - y - bars - 14))
    paper.picture(sankey_svg(flows, INNER, room, wording, _day_titles(content)), MARGIN, y, INNER, room)
    y = _subheading(paper, tr("Area and number of changes"), y + room + 4)
    bars = min(bars, HEIGHT - 24 - y)
    paper.picture(bars_svg(flows, INNER, bars, wording), MARGIN, y, INNER, bars)


def _day_titles(content: ReportContent) -> tuple[str, str]:
    """Return what the columns of before and after are called: by their dates where known."""
    first, last = content.dates
    return (
        f"{tr('Before')} ({first})" if first else tr("Before"),
        f"{tr('After')} ({last})" if last else tr("After"),
    )


def _matrix(content: ReportContent) -> tuple[list[str], list[list[float]]]:
    """Return the classes with most area, all others as one, and the areas from each to each."""
    weight: dict[str, float] = {}
    for each in content.transitions():
        for name in (each.source, each.target):
            weight[name] = weight.get(name, 0.0) + each.area
    ranked = sorted(weight, key=lambda name: -weight[name])
    names = ranked if len(ranked) <= MOST_CLASSES else [*ranked[: MOST_CLASSES - 1], OTHER]
    place = {name: names.index(name) if name in names else len(names) - 1 for name in ranked}
    cells = [[0.0] * len(names) for _ in names]
    for each in content.transitions():
        cells[place[each.source]][place[each.target]] += each.area
    return names, cells


def _shown(content: ReportContent, name: str) -> str:
    return tr("others") if name == OTHER else content.shown(name)


# -- the largest changes ----------------------------------------------------------------------


def _chips_page(
    paper: Paper, content: ReportContent, layers: ReportLayers, changes: tuple[ReportedChange, ...], before: int
) -> None:
    paper.next_page()
    y = _heading(paper, tr("The largest changes"), 16)
    gap, words = 3.0, 62.0
    wide = (INNER - words - 2 * gap) / 2
    for column, title in enumerate(_day_titles(content)):
        paper.text(title, MARGIN + column * (wide + gap), y - 2, wide, 8.5, bold=True, colour=GREY)
    y += 4
    side = (HEIGHT - 24 - y - gap * (CHIPS_A_PAGE - 1)) / CHIPS_A_PAGE
    in_metres = layers.crs.isValid() and layers.crs.mapUnits() == QgsUnitTypes.DistanceUnit.DistanceMeters
    for row, change in enumerate(changes):
        top = y + row * (side + gap)
        extent = close_extent(change.box, in_metres)
        for column, image in enumerate((layers.before, layers.after)):
            shown = [each for each in (layers.outline(change.id), layers.others, image) if each is not None]
            paper.map(shown, layers.crs, extent, MARGIN + column * (wide + gap), top, wide, side)
        _chip_words(paper, content, layers, change, (before + row + 1, MARGIN + 2 * (wide + gap), top, words))


def _chip_words(
    paper: Paper, content: ReportContent, layers: ReportLayers, change: ReportedChange,
    place: tuple[int, float, float, float],
) -> None:  # fmt: skip
    rank, x, y, width = place
    y += paper.text(f"{rank}   {tr('no. {0}').format(change.id)}", x, y, width, 7.5, colour=GREY) + 0.8
    title = f"{content.shown(change.source)} › {content.shown(change.target)}"
    y += paper.text(title, x, y, width, 10, bold=True) + 0.8
    centre = change.box.center()
    lines = [area(change.area, content.unit, content.language)]
    if change.confidence is not None:
        lines.append(tr("confidence {0}").format(probability(change.confidence, content.language)))
    y += paper.text("  ·  ".join(lines), x, y, width, 8.5) + 0.8
    y += paper.text(status_word(change.status), x, y, width, 8.5) + 0.8
    middle = coordinates(centre.x(), centre.y(), content.language)
    y += paper.text(f"{middle} ({layers.crs.authid() or 'px'})", x, y, width, 7, colour=GREY)
    if change.note:
        paper.text(f"“{change.note}”", x, y + 0.8, width, 8)


# -- how it was made --------------------------------------------------------------------------


def _method_pages(paper: Paper, content: ReportContent) -> None:
    paper.next_page()
    y = _heading(paper, tr("How this was made"), 16)
    for block in method_blocks(content):
        if y + block.height(INNER) > HEIGHT - 24:
            paper.next_page()
            y = 16.0
        y = block.put(paper, MARGIN, y, INNER) + 4.5


def _heading(paper: Paper, words: str, y: float) -> float:
    tall = paper.text(words, MARGIN, y, INNER, 15, bold=True)
    paper.box(MARGIN, y + tall + 2, INNER, 0.4, ACCENT)
    return y + tall + 7


def _subheading(paper: Paper, words: str, y: float) -> float:
    return y + paper.text(words, MARGIN, y, INNER, 10.5, bold=True) + 3


def _footers(paper: Paper, content: ReportContent) -> None:
    last = paper.page
    words = f"Diachron {version()}  ·  {content.answer.question}"
    for page in range(last + 1):
        paper.page = page
        paper.box(MARGIN, HEIGHT - 15, INNER, 0.15, LINE)
        paper.text(words if len(words) < 105 else f"{words[:104]}…", MARGIN, HEIGHT - 13, INNER - 22, 7, colour=GREY)
        paper.text(f"{page + 1} / {last + 1}", WIDTH - MARGIN - 20, HEIGHT - 13, 20, 7, colour=GREY, align=RIGHT)
    paper.page = last


def pdf_name(folder: Path) -> str:
    """Return what the report of a result is called."""
    return f"{folder.name}.pdf"
