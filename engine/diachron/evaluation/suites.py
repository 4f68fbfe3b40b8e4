"""Suites of `diachron evaluate`: what each measures, and on which samples where nobody names others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from diachron.data import real
from diachron.data.damage import damage_samples
from diachron.data.readers import READERS
from diachron.data.sample import Sample
from diachron.errors import UnusableInput, WrongUsage
from diachron.evaluation import asking, changes, language, maps
from diachron.evaluation.maps import building_change
from diachron.evaluation.result import Figures, Measured, SuiteResult
from diachron.model.interpreter import Interpreter

__all__ = ["SUITES", "Suite", "building_change", "evaluate", "suite_list"]

Samples = Iterable[Sample]


@dataclass(frozen=True)
class Suite:
    """``about``: what it measures. ``measure`` is given samples (every so many of those that ``samples`` or the caller
    names) and the model. ``every``: one sample in so many, where the caller does not say.
    """

    about: str
    measure: Callable[[Samples, Interpreter], Figures | Measured]
    samples: Callable[[], Samples]
    every: int = 1


@dataclass(frozen=True)
class WordSuite:
    """A suite that needs no images; ``measure`` is given the model and what share of its questions to ask."""

    about: str
    measure: Callable[[Interpreter, int], Figures]


def evaluate(
    suite: str, interpreter: Interpreter, every: int | None = None, samples: Samples | None = None
) -> SuiteResult:
    """Run one suite on its own samples, or on others; ``every``: on one sample in so many.

    Raises
    ------
    WrongUsage: there is no such suite, or it takes no samples. UnusableInput: its data is absent, or tells it nothing.
    """
    if suite not in SUITES:
        raise WrongUsage(f"no suite {suite!r}", advice=f"suites are {', '.join(SUITES)}")
    chosen = SUITES[suite]
    if isinstance(chosen, WordSuite):
        if samples is not None:
            raise WrongUsage(f"suite {suite!r} looks at no images", advice="leave out --from and --reader")
        return SuiteResult(suite, chosen.measure(interpreter, every or 1), every=every or 1)
    step = every or (chosen.every if samples is None else 1)
    measured = chosen.measure(_counted(chosen.samples() if samples is None else samples, step, suite), interpreter)
    if not isinstance(measured, Measured):
        measured = Measured(measured)
    if not measured.figures:
        raise UnusableInput(f"these samples have no labels that suite {suite!r} measures", suite, "name other ones")
    return SuiteResult(suite, measured.figures, measured.tables, step)


def _counted(samples: Samples, every: int, suite: str) -> Iterator[Sample]:
    """Yield one sample in so many; `UnusableInput` where there is none at all."""
    found = False
    for sample in islice(samples, 0, None, every):
        found = True
        yield sample
    if not found:
        raise UnusableInput("there are no samples", suite, "name a data set with --from and --reader")


def suite_list() -> str:
    """Return the suites and the readers, one a line."""
    lines = [f"{name:<22} {suite.about}" for name, suite in SUITES.items()]
    readers = [f"{name:<30} {reader.about}" for name, reader in READERS.items()]
    return "\n".join(
        ["suites", *(f"  {line}" for line in lines), "", "readers, for --from", *(f"  {line}" for line in readers)]
    )


def _pairs(name: str) -> Callable[[], Samples]:
    return lambda: real.building_change_pairs(name)


def _tiles() -> Samples:
    return real.captioned_tiles(real.require_data_folder() / "levir_cd_val")


def _held_out() -> Samples:
    return real.land_cover_pairs(held_out=True)


def _damaged() -> Samples:
    return damage_samples(held_out=True)


SUITES: dict[str, Suite | WordSuite] = {
    **{
        name: Suite("building change: precision, recall, F1, IoU", building_change, _pairs(name))
        for name in ("levir_cd_val", "levir_cd_val_native", "whu_cd", "fotbcd")
    },
    "change": Suite("building change, on any data set with masks", building_change, _pairs("levir_cd_val")),
    "places": Suite("places of building change: location F1, count MAE, ECE", changes.places, _pairs("levir_cd_val")),
    "land_cover": Suite("land cover at both dates: IoU, accuracy; by source", maps.land_cover, _held_out),
    "dubai": Suite("Dubai's land cover: F1", maps.own_classes, lambda: real.dubai_images(held_out=True)),
    "semantic_change": Suite("OA, mIoU, SeK, Fscd (SCanNet's, torchange's)", maps.semantic_change, _held_out),
    "open_vocabulary": Suite("F1 of the change of each class, asked by name (OVCD)", maps.open_vocabulary, _held_out),
    "transitions": Suite("from-to classes of change polygons against the labels", changes.transitions, _held_out),
    "answers": Suite("questions from annotations: accuracy by type (CDVQA)", changes.answers, _held_out),
    "damage": Suite("damage of buildings: xView2's score", maps.damage, _damaged),
    "captions": Suite("descriptions: BLEU, ROUGE-L, CIDEr-D", asking.captions, _tiles, every=6),
    "change_flag": Suite("changed or not, against people's flag", asking.change_flag, _tiles, every=3),
    "identity": Suite("an image against itself: nothing changed", maps.identity, _pairs("levir_cd_val"), every=4),
    "grounding": Suite("numbers in the text are those of the polygons", asking.grounding, _pairs("levir_cd_val")),
    "reversal": Suite("swapping the dates swaps the answer", asking.reversal, _pairs("levir_cd_val"), every=4),
    "reading": WordSuite("questions read right, in held-out phrasings", language.reading),
    "abstention": WordSuite("unanswerable questions refused, others not", language.abstention),
}
