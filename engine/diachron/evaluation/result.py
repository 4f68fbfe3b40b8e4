"""What a suite measured, as JSON and as Markdown tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Figures = Mapping[str, float]


@dataclass(frozen=True)
class Table:
    """A table beside the figures: its columns' names, and rows of as many words and numbers."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | float, ...], ...]

    def markdown(self) -> str:
        """Return the table in Markdown, its title above it."""
        return "\n".join([
            f"{self.title}\n", _line(self.columns), _line(["---"] * len(self.columns)),
            *(_line(_shown(value) for value in row) for row in self.rows),
        ])  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """Return the table as an object."""
        return {"title": self.title, "columns": list(self.columns), "rows": [list(row) for row in self.rows]}


@dataclass(frozen=True)
class Measured:
    """Figures by name (shares are 0 to 1), and tables."""

    figures: Figures
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class SuiteResult:
    """One suite's measurement. ``every``: one sample in so many was looked at."""

    suite: str
    figures: Figures
    tables: tuple[Table, ...] = ()
    every: int = 1

    def markdown(self) -> str:
        """Return Markdown tables of the figures and of the suite's own tables."""
        told = self.suite if self.every == 1 else f"{self.suite} (one sample in {self.every})"
        rows = [f"| {name} | {_shown(value)} |" for name, value in self.figures.items()]
        return "\n\n".join(
            ["\n".join([f"| {told} | |", "|---|---|", *rows]), *(each.markdown() for each in self.tables)]
        )

    def as_json(self) -> dict[str, Any]:
        """Return the figures, which share of the samples they are of, and the tables where there are any."""
        tables = {"tables": [each.as_json() for each in self.tables]} if self.tables else {}
        return {**self.figures, "one sample in": self.every, **tables}


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _shown(value: str | float) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else f"{value:.4f}"
