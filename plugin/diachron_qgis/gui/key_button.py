"""Buttons that each have one key, shown beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtGui import QKeySequence
from qgis.PyQt.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QShortcut, QSizePolicy, QToolButton, QWidget


@dataclass(frozen=True)
class Command:
    """What a button does: its text, the key that does the same, an icon of QGIS's theme, a tip, and the doing."""

    text: str
    key: str
    icon: str
    tip: str
    run: Callable[[], object]


class KeyButton(QWidget):
    """A button with its key beside it, as on a keyboard."""

    def __init__(self, command: Command, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.command = command
        self.button = QToolButton(self)
        self.button.setText(command.text)
        self.button.setIcon(QgsApplication.getThemeIcon(command.icon))
        self.button.setIconSize(QSize(16, 16))
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.button.setToolTip(f"{command.tip} ({command.key})")
        self.button.setAccessibleName(command.text)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(lambda *_: command.run())
        self.cap = QLabel(command.key, self)
        self.cap.setFrameShape(QFrame.Shape.StyledPanel)
        self.cap.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.cap.setMinimumWidth(self.fontMetrics().height() + 4)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.button, 1)
        row.addWidget(self.cap)

    def set_checked(self, checked: bool) -> None:
        """Show that what the button does is on."""
        self.button.setCheckable(True)
        self.button.setChecked(checked)


def add_keys(host: QWidget, commands: Sequence[Command]) -> list[QShortcut]:
    """Make the keys work while a widget, or a part of it, has the focus; text fields in it still take their letters."""
    made = []
    for command in commands:
        shortcut = QShortcut(QKeySequence(command.key), host)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.setAutoRepeat(False)
        shortcut.activated.connect(command.run)
        # Another plugin may have the same key: while a review is on, it is the review's.
        shortcut.activatedAmbiguously.connect(command.run)
        made.append(shortcut)
    return made


def button_grid(buttons: Sequence[KeyButton], columns: int) -> QGridLayout:
    """Return buttons in rows of so many."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(6)
    grid.setVerticalSpacing(3)
    for number, button in enumerate(buttons):
        grid.addWidget(button, number // columns, number % columns)
    for column in range(columns):
        grid.setColumnStretch(column, 1)
    return grid
