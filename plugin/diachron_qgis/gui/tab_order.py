"""The order in which Tab goes through widgets that come and go."""

from __future__ import annotations

from collections.abc import Sequence

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QWidget


def order_tabs(window: QWidget, parts: Sequence[QWidget]) -> None:
    """Have Tab go through the parts of a window in their order; Qt itself puts what is made later last."""
    chain: list[tuple[int, QWidget]] = []
    at = window.nextInFocusChain()
    while at is not None and at is not window:
        place = next((number for number, part in enumerate(parts) if part is at or part.isAncestorOf(at)), None)
        if place is not None and at.focusPolicy() & Qt.FocusPolicy.TabFocus and at.focusProxy() is None:
            chain.append((place, at))
        at = at.nextInFocusChain()
    ordered = sorted(chain, key=lambda each: each[0])
    if ordered != chain:
        for (_, one), (_, other) in zip(ordered, ordered[1:]):
            QWidget.setTabOrder(one, other)
