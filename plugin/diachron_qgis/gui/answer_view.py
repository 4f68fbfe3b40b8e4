"""The answer's text with its numbers as links."""

from __future__ import annotations

from html import escape

from qgis.PyQt.QtCore import Qt, QUrl, pyqtSignal
from qgis.PyQt.QtWidgets import QFrame, QTextBrowser, QWidget

from ..link.answer import Answer


class AnswerView(QTextBrowser):
    """Shows text as it streams, then the whole answer; ``fact_clicked`` carries the id of the fact behind a number."""

    fact_clicked = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
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
        self.setHtml(answer_html(answer))

    def _clicked(self, url: QUrl) -> None:
        self.fact_clicked.emit(int(url.toString().rsplit("-", 1)[-1]))


def answer_html(answer: Answer) -> str:
    """Return an answer as HTML: a span whose fact has polygons becomes a link, any other is bold."""
    parts, last = [], 0
    for span in sorted(answer.spans, key=lambda each: each.start):
        words = escape(answer.text[span.start : span.end])
        fact = answer.fact(span.fact)
        parts.append(escape(answer.text[last : span.start]))
        parts.append(
            f'<a href="fact-{span.fact}">{words}</a>' if fact is not None and fact.features else f"<b>{words}</b>"
        )
        last = span.end
    parts.append(escape(answer.text[last:]))
    return "".join(parts)
