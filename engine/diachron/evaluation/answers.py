"""Answers against those of the labels: right or wrong by the type of question, as CDVQA counts them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from diachron.results.facts import Fact

CDVQA_TASKS = (
    "change_or_not", "increase_or_not", "decrease_or_not", "largest_change", "smallest_change",
    "change_to_what", "change_from_what", "change_ratio", "change_ratio_types",
)  # fmt: skip
"""Question types of CDVQA and QAG-360K, over which accuracy is averaged."""
OTHER_TASKS = ("class_at", "where", "count")
BIN = 10
"""CDVQA answers ratios by tenths: 0, above 0 to 10 %, above 10 to 20 % ..."""


def answer_of(task: str, facts: Sequence[Fact]) -> str | None:
    """Return what is compared of an answer to a task: a word, a number, or the tenth that a share lies in; None where
    there is nothing to compare.
    """
    first = {fact.kind: fact for fact in reversed(facts)}
    if task in ("largest_change", "smallest_change"):
        extreme = first.get(task.removesuffix("_change"))
        return f"{extreme.source}>{extreme.target}" if extreme else "none"
    if task in ("change_to_what", "change_from_what"):
        step = first.get("transition")
        return "none" if step is None else step.target if task == "change_to_what" else step.source
    if task in ("change_ratio", "change_ratio_types"):
        shares = [fact for fact in facts if fact.kind.startswith("share")]
        return f"{shares[0].target} {tenth(float(shares[0].value))}" if shares else None
    kind = {"class_at": "class", "where": "where", "count": "count"}.get(task, "verdict")
    return str(first[kind].value) if kind in first else "none" if task == "where" else None


def tenth(share: float) -> str:
    """Return the range of CDVQA that a share (%) lies in."""
    if share <= 0:
        return "0"
    upper = min(100, BIN * int(-(-share // BIN)))
    return f"{upper - BIN}_to_{upper}"


@dataclass
class AnswerTally:
    """Right and wrong answers by task, and how far counts are off."""

    right: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    count_errors: list[float] = field(default_factory=list)
    true_counts: list[float] = field(default_factory=list)

    def add(self, task: str, told: Sequence[Fact], true: Sequence[Fact]) -> None:
        """Compare one answer's facts with those of the labels; an answer that was refused has none."""
        if task in CDVQA_TASKS + OTHER_TASKS:
            self.right[task].append(bool(told) and answer_of(task, told) == answer_of(task, true))
        counts = [next((float(each.value) for each in facts if each.kind == "count"), None) for facts in (told, true)]
        if counts[0] is not None and counts[1] is not None:
            self.count_errors.append(abs(counts[0] - counts[1]))
            self.true_counts.append(counts[1])

    def figures(self) -> dict[str, float]:
        """Return overall accuracy, average accuracy, that of each type, and the mean absolute error of counts."""
        of_types = {task: rows for task, rows in self.right.items() if task in CDVQA_TASKS}
        every = [row for rows in of_types.values() for row in rows]
        return {
            "overall accuracy": _mean(every),
            "average accuracy": _mean([_mean(rows) for rows in of_types.values()]),
            "questions": float(len(every)),
            "count MAE": _mean(self.count_errors),
            "mean true count": _mean(self.true_counts),
            **{f"accuracy {task}": _mean(self.right[task]) for task in CDVQA_TASKS + OTHER_TASKS if task in self.right},
        }


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0
