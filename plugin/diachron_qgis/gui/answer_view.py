"""The answer's text with its numbers as links."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from html import escape

from qgis.PyQt.QtCore import Qt, QUrl, pyqtSignal
from qgis.PyQt.QtGui import QColor, QPalette
from qgis.PyQt.QtWidgets import QFrame, QTextBrowser, QWidget

from ..link.answer import Answer, Span

_SENTENCE_END = re.compile(r"(?:[.!?](?=\s)|;)\s*")


class AnswerView(QTextBrowser):
    """Shows text as it streams, then the whole answer; ``fact_clicked`` carries the id of the fact behind a number.

    `light_up` is the way back: it marks the sentences that stand on some facts.
    """

    fact_clicked = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._answer: Answer | None = None
        self.lit: tuple[int, ...] = ()
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.anchorClicked.connect(self._clicked)
        self.document().documentLayout().documentSizeChanged.connect(
            lambda size: self.setFixedHeight(int(size.height()) + 4)
        )

    def stream(self, text: str) -> None:
        """Show the text written so far."""
        self.setPlainText(text)

    def show_answer(self, answer: Answer) -> None:
        """Show the whole answer; each number that polygons stand behind is a link to them."""
        self._answer, self.lit = answer, ()
        self.setHtml(answer_html(answer))

    def light_up(self, facts: Collection[int]) -> None:
        """Mark the sentences that state any of these facts, and their numbers more than the rest; none unmarks all."""
        if self._answer is None or tuple(facts) == self.lit:
            return
        self.lit = tuple(facts)
        sentence, number = (self._mark(share) for share in (0.16, 0.42))
        self.setHtml(answer_html(self._answer, frozenset(facts), sentence, number))

    def _mark(self, share: float) -> str:
        """Return the palette's highlight laid thinly over its base, so that text stays readable in any theme."""
        mark, base = self.palette().color(QPalette.ColorRole.Highlight), self.palette().color(QPalette.ColorRole.Base)
        mixed = (round(share * m + (1 - share) * b) for m, b in zip(mark.getRgb()[:3], base.getRgb()[:3]))
        return QColor(*mixed).name()

    def _clicked(self, url: QUrl) -> None:
        self.fact_clicked.emit(int(url.toString().rsplit("-", 1)[-1]))


def answer_html(answer: Answer, lit: Collection[int] = frozenset(), sentence: str = "", number: str = "") -> str:
    """Return an answer as HTML: a span whose fact has polygons becomes a link, any other is bold.

    Sentences that state a fact of ``lit`` get the background ``sentence`` (#rrggbb), the numbers themselves ``number``.
    """
    parts = []
    for start, end in sentences(answer.text):
        spans = [span for span in sorted(answer.spans, key=lambda each: each.start) if start <= span.start < end]
        words = _sentence_html(answer, spans, (start, end), lit, number)
        marked = any(span.fact in lit for span in spans)
        parts.append(f'<span style="background-color:{sentence}">{words}</span>' if marked else words)
    return "".join(parts)


def sentences(text: str) -> list[tuple[int, int]]:
    """Return where each sentence, or each part between semicolons, starts and ends; they cover the text."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    edges = [0, *(end for end in ends if end < len(text)), len(text)]
    return list(zip(edges, edges[1:])) if text else []


def _sentence_html(
    answer: Answer, spans: Sequence[Span], part: tuple[int, int], lit: Collection[int], number: str
) -> str:
    parts, (last, end) = [], part
    for span in spans:
        words = escape(answer.text[span.start : span.end])
        fact = answer.fact(span.fact)
        if span.fact in lit:
            words = f'<span style="background-color:{number}">{words}</span>'
        parts.append(escape(answer.text[last : span.start]))
        parts.append(
            f'<a href="fact-{span.fact}">{words}</a>' if fact is not None and fact.features else f"<b>{words}</b>"
        )
        last = span.end
    parts.append(escape(answer.text[last:end]))
    return "".join(parts)
