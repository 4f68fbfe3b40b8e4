"""Pictures of a report as SVG: key figures, transition table, Sankey diagram and bars. Sizes are millimetres."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

INK, PALE, LINE, ACCENT = "#22313f", "#f3f5f7", "#d5dbe1", "#b5127f"
GREY = "#6b7885"
LETTER = 0.58
"""Width of a letter against its size, on average."""
SMALLEST = 1.8
TWO_LINES, ONE_LINE = 6.4, 3.7
"""Height of a Sankey diagram's label of so many lines."""


@dataclass(frozen=True)
class Flow:
    """An area that went from one class to another: their names as shown, and the colour of each."""

    source: str
    target: str
    area: float
    count: int
    source_colour: str
    target_colour: str


Wording = Callable[[float], str]


def figures_svg(tiles: Sequence[tuple[str, str]], width: float, height: float) -> str:
    """Return key figures in a row: (figure, what it is)."""
    gap = 4.0
    each = (width - gap * (len(tiles) - 1)) / len(tiles)
    parts = []
    for number, (figure, told) in enumerate(tiles):
        left = number * (each + gap)
        size = min(6.4, (each - 6) / max(1, len(figure)) / (LETTER + 0.05))
        parts += [
            _box(left, 0, each, height, PALE), _box(left, 0, 1.1, height, ACCENT),
            _text(left + 4, height * 0.52, figure, size, weight="bold"),
            _text(left + 4, height * 0.82, _cut(told, each - 6, 2.7), 2.7, colour=GREY),
        ]  # fmt: skip
    return _svg(width, height, parts)


def bars_svg(flows: Sequence[Flow], width: float, height: float, wording: Wording) -> str:
    """Return a bar for each transition, with its area and the number of changes."""
    rows = list(flows)
    step = min(9.0, height / max(1, len(rows)))
    size = min(3.0, step * 0.42)
    label = min(width * 0.42, max([len(f"{row.source} › {row.target}") for row in rows], default=0) * size * LETTER + 3)
    value = 34.0
    most = max([row.area for row in rows], default=0) or 1.0
    room = width - label - value
    parts = []
    for number, row in enumerate(rows):
        middle = number * step + step / 2
        words = _cut(f"{row.source} › {row.target}", label - 2, size)
        length = max(0.4, room * row.area / most)
        parts += [
            _text(label - 2, middle + size * 0.35, words, size, anchor="end"),
            _box(label, middle - step * 0.3, room, step * 0.6, PALE),
            _box(label, middle - step * 0.3, length, step * 0.6, row.target_colour),
            _text(label + room + 2, middle + size * 0.35, f"{wording(row.area)}  ({row.count})", size),
        ]  # fmt: skip
    return _svg(width, height, parts)


def sankey_svg(flows: Sequence[Flow], width: float, height: float, wording: Wording, titles: tuple[str, str]) -> str:
    """Return ribbons from the classes before, at the left, to those after, at the right; widths are areas."""
    top, node, label = 7.0, 4.0, 44.0
    left = _stack([(flow.source, flow.source_colour, flow.area) for flow in flows], height - top)
    right = _stack([(flow.target, flow.target_colour, flow.area) for flow in flows], height - top)
    start, end = label, width - label
    scale = left.scale
    used = {"left": dict.fromkeys(left.nodes, 0.0), "right": dict.fromkeys(right.nodes, 0.0)}
    parts = [
        _text(start, 3.6, titles[0], 3.0, anchor="end", weight="bold"),
        _text(end, 3.6, titles[1], 3.0, weight="bold"),
    ]
    for flow in sorted(flows, key=lambda each: (left.order(each.source), right.order(each.target))):
        thick = flow.area * scale
        y1 = top + left.nodes[flow.source].at + used["left"][flow.source]
        y2 = top + right.nodes[flow.target].at + used["right"][flow.target]
        used["left"][flow.source] += thick
        used["right"][flow.target] += thick
        parts.append(_ribbon(start + node, y1, end - node, y2, thick, flow.target_colour))
    for side, stack in (("left", left), ("right", right)):
        edge = start if side == "left" else end
        middles = [top + each.at + max(0.3, each.area * scale) / 2 for each in stack.nodes.values()]
        lines = 2 if (len(middles) - 1) * TWO_LINES <= height - top - TWO_LINES else 1
        places = _spread(middles, TWO_LINES if lines == 2 else ONE_LINE, top + 1, height - 1.6)
        for (name, each), middle, place in zip(stack.nodes.items(), middles, places):
            x = start if side == "left" else end - node
            parts.append(_box(x, top + each.at, node, max(0.3, each.area * scale), each.colour))
            parts += _node_words(name, wording(each.area), side, edge, place, lines)
            if abs(place - middle) > 0.8:
                parts.append(_line(edge, middle, edge + (-1.6 if side == "left" else 1.6), place))
    return _svg(width, height, parts)


def table_svg(
    names: Sequence[str], cells: Sequence[Sequence[float]], colours: Sequence[str], width: float, height: float,
    wording: Wording, corner: str, total: str,
) -> str:  # fmt: skip
    """Return the transition table: a row a class before, a column a class after, with sums; darker is more."""
    count = len(names)
    first = min(46.0, width * 0.28)
    each, row = (width - first) / (count + 1), min(9.0, (height - 16) / (count + 1))
    size = min(2.9, row * 0.4, each / 5.2)
    most = max([max(line, default=0) for line in cells], default=0) or 1.0
    parts = [_text(0, 8, corner, 2.5, colour=GREY)]
    heads = [*names, total]
    longest = max([len(word) for name in heads for word in name.split()], default=1)
    small = min(size, max(SMALLEST, (each - 1.6) / longest / LETTER))
    for column, name in enumerate(heads):
        x = first + column * each
        for line, words in enumerate(_wrapped(name, each - 1.6, small)[:2]):
            weight = "bold" if column == count else "normal"
            parts.append(_text(x + each - 1.2, 6.2 + line * small * 1.25, words, small, anchor="end", weight=weight))
        if column < count:
            parts.append(_box(x + 0.8, 12.2, each - 1.6, 1.2, colours[column]))
    for line in range(count + 1):
        y = 14.5 + line * row
        values = list(cells[line]) if line < count else [sum(column) for column in zip(*cells)]
        bold = "bold" if line == count else "normal"
        if line < count:
            parts.append(_box(0, y + 1.2, 1.4, row - 2.4, colours[line]))
        parts.append(_text(3, y + row * 0.64, _cut(heads[line], first - 4, size), size, weight=bold))
        for column, value in enumerate([*values, sum(values)]):
            x = first + column * each
            if line < count and column < count and value > 0:
                shade = 0.08 + 0.42 * (value / most) ** 0.5
                parts.append(_box(x + 0.4, y + 0.4, each - 0.8, row - 0.8, ACCENT, shade))
            words = wording(value) if value > 0 else "·"
            weight = "bold" if count in (column, line) else "normal"
            parts.append(_text(x + each - 1.2, y + row * 0.64, words, size, anchor="end", weight=weight))
        parts.append(_box(0, y + row, width, 0.15, LINE))
    return _svg(width, height, parts)


# -- pieces -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Node:
    at: float
    area: float
    colour: str


@dataclass(frozen=True)
class _Stack:
    """Nodes of one side, the largest at the top; ``scale`` is millimetres a unit of area."""

    nodes: dict[str, _Node]
    scale: float

    def order(self, name: str) -> int:
        return list(self.nodes).index(name)


def _stack(parts: Sequence[tuple[str, str, float]], height: float) -> _Stack:
    sums: dict[str, tuple[float, str]] = {}
    for name, colour, area in parts:
        sums[name] = (sums.get(name, (0.0, colour))[0] + area, colour)
    ranked = sorted(sums.items(), key=lambda item: -item[1][0])
    gap = min(4.5, height * 0.4 / max(1, len(ranked)))
    # Both sides hold the same whole; room is kept for as many gaps as the fuller side may have.
    scale = height * 0.6 / max(1e-9, sum(area for area, _ in sums.values()))
    nodes, at = {}, 0.0
    for name, (area, colour) in ranked:
        nodes[name] = _Node(at, area, colour)
        at += area * scale + gap
    return _Stack(nodes, scale)


def _node_words(name: str, value: str, side: str, edge: float, middle: float, lines: int) -> list[str]:
    """Return a node's name and value beside it, on two lines, or on one where nodes are close to each other."""
    x, anchor = (edge - 2, "end") if side == "left" else (edge + 2, "start")
    if lines == 1:
        words = f"{_cut(name, 40 - len(value) * 2.5 * LETTER, 2.5)}  {value}"
        return [_text(x, middle + 0.9, words, 2.5, anchor=anchor)]
    return [
        _text(x, middle - 0.2, _cut(name, 40, 2.8), 2.8, anchor=anchor),
        _text(x, middle + 2.9, value, 2.4, anchor=anchor, colour=GREY),
    ]


def _spread(middles: Sequence[float], step: float, top: float, bottom: float) -> list[float]:
    """Return places near the middles (from top to bottom), a step apart where there is room for that."""
    step = min(step, (bottom - top) / max(1, len(middles) - 1))
    places: list[float] = []
    for middle in middles:
        places.append(max(middle, places[-1] + step if places else top))
    limit = bottom
    for number in reversed(range(len(places))):
        places[number] = min(places[number], limit)
        limit = places[number] - step
    return places


def _ribbon(x1: float, y1: float, x2: float, y2: float, thick: float, colour: str) -> str:
    middle = (x1 + x2) / 2
    path = (
        f"M{x1:.2f},{y1:.2f} C{middle:.2f},{y1:.2f} {middle:.2f},{y2:.2f} {x2:.2f},{y2:.2f} "
        f"L{x2:.2f},{y2 + thick:.2f} C{middle:.2f},{y2 + thick:.2f} {middle:.2f},{y1 + thick:.2f} "
        f"{x1:.2f},{y1 + thick:.2f} Z"
    )
    return f'<path d="{path}" fill="{colour}" fill-opacity="0.5"/>'


def _box(x: float, y: float, width: float, height: float, colour: str, opacity: float = 1.0) -> str:
    shown = "" if opacity == 1 else f' fill-opacity="{opacity:.2f}"'
    return f'<rect x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}" fill="{colour}"{shown}/>'


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path d="M{x1:.2f},{y1:.2f} L{x2:.2f},{y2:.2f}" stroke="{GREY}" stroke-width="0.2" fill="none"/>'


def _text(
    x: float, y: float, words: str, size: float, anchor: str = "start", weight: str = "normal", colour: str = INK
) -> str:
    style = f'font-size="{size:.2f}" font-weight="{weight}" text-anchor="{anchor}" fill="{colour}"'
    return f'<text x="{x:.2f}" y="{y:.2f}" font-family="sans-serif" {style}>{escape(words)}</text>'


def _svg(width: float, height: float, parts: Sequence[str]) -> str:
    size = f'width="{width}mm" height="{height}mm" viewBox="0 0 {width} {height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(parts)}</svg>'


def _cut(words: str, width: float, size: float) -> str:
    """Return words as far as they have room, ended by an ellipsis where they do not."""
    most = max(3, int(width / (size * LETTER) + 1e-6))
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def _wrapped(words: str, width: float, size: float) -> list[str]:
    """Return words on lines of a width, each cut to it."""
    lines: list[str] = []
    for word in words.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and len(joined) * size * LETTER <= width:
            lines[-1] = joined
        else:
            lines.append(word)
    return [_cut(line, width, size) for line in lines]
