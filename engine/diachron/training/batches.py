"""Batches: crops of real and synthetic pairs with a question each, and sequences of text.

Batch ``step`` of a run is made from (seed, stage, step) alone, so a resumed run sees what an uninterrupted one would
have.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from diachron.data.nomenclature import Nomenclature
from diachron.data.questions import QuestionGenerator, TellExample
from diachron.data.sample import IGNORED, Image, Sample
from diachron.model.card import CELL_PX
from diachron.model.damage import DAMAGE_LOOK
from diachron.model.look import ANY, Look
from diachron.model.prompts import fact_lines, plain_request, reading_target
from diachron.model.sequences import SequenceBuilder, TokenBatch, TokenSequence
from diachron.training.augment import AugmentConfig, Crop, augment
from diachron.training.config import MixtureConfig

BUILDING = 1
CELL = 4
JOINED_SHARE = 0.45
"""Of the pairs with classes, those made of two places: all that was one class is another, which teaches transitions."""


@dataclass(frozen=True)
class VisionBatch:
    """``images`` uint8 [B, 2, 3, S, S]; ``change`` uint8 [B, S, S]; ``classes`` int64 [B, 2, S/4, S/4], indices into
    ``phrases`` or -1;
    ``forbidden`` bool [B, K]: phrases that a sample's nomenclature lacks; ``tokens``: image places, question and
    reading; ``weights`` float [K]: what each class counts, None where all count the same.
    """

    images: Tensor
    change: Tensor
    classes: Tensor
    forbidden: Tensor
    phrases: TokenBatch
    tokens: TokenBatch
    weights: Tensor | None = None


class VisionBatches:
    """Draws vision batches from pools of samples by the mixture's shares."""

    def __init__(
        self,
        pools: dict[str, Sequence[Sample]],
        mixture: MixtureConfig,
        augmentation: AugmentConfig,
        nomenclatures: dict[str, Nomenclature],
        sequences: SequenceBuilder,
        questions: QuestionGenerator,
        weights: Mapping[int, float] | None = None,
        cell_px: int = CELL_PX,
    ) -> None:
        """``weights``: what a class counts, by its id; ``cell_px``: the side of an image token, in pixels."""
        shares = {
            name: share
            for name, share in vars(mixture).items()
            if share > 0 and (pools.get(name) or name == "identical")
        }
        self.names = list(shares)
        self.shares = np.array(list(shares.values())) / sum(shares.values())
        self.pools, self.augmentation = pools, augmentation
        self.nomenclatures, self.sequences, self.questions = nomenclatures, sequences, questions
        self.weights, self.cell_px, self.anything = weights, cell_px, mixture.anything

    def draw(self, count: int, crop_px: int, rng: Generator, plain: bool = False) -> VisionBatch:
        """Return one batch of ``count`` crops, asked about in any wording or in the plain one of use."""
        ids, phrases, index = self._phrases(rng)
        rows = [self._row(crop_px, rng) for _ in range(count)]
        places = (crop_px // self.cell_px) ** 2
        sequences = [self._sequence(look, places, rng, plain) for _, _, look, _ in rows]
        classes = np.stack(
            [_indices(crop.classes[:, CELL // 2 :: CELL, CELL // 2 :: CELL], index[name]) for crop, _, _, name in rows]
        )
        allowed = [{*index[name][1:]} - {-1} for *_, name in rows]
        forbidden = torch.tensor([[k not in each for k in range(len(phrases))] for each in allowed])
        return VisionBatch(
            torch.from_numpy(np.stack([crop.images for crop, *_ in rows])),
            torch.from_numpy(np.stack([change for _, change, *_ in rows])),
            torch.from_numpy(classes),
            forbidden,
            self.sequences.batch([self.sequences.class_phrase(phrase) for phrase in phrases]),
            self.sequences.batch(sequences),
            self._class_weights(ids),
        )

    def _class_weights(self, ids: Sequence[int]) -> Tensor | None:
        weights = self.weights
        return torch.tensor([weights.get(each, 1.0) for each in ids], dtype=torch.float32) if weights else None

    def _phrases(self, rng: Generator) -> tuple[list[int], list[str], dict[str, np.ndarray]]:
        """Return each class's id, one phrase of it (its name or a synonym), and for each nomenclature the index of each
        id (-1: none).
        """
        chosen: dict[int, str] = {}
        for nomenclature in self.nomenclatures.values():
            for number in nomenclature.ids:
                chosen.setdefault(number, nomenclature.phrase(number, rng))
        order = {number: k for k, number in enumerate(chosen)}
        index = {}
        for name, nomenclature in self.nomenclatures.items():
            index[name] = np.full(256, -1, np.int64)
            for number in nomenclature.ids:
                index[name][number] = order[number]
        return list(chosen), list(chosen.values()), index

    def _row(self, side: int, rng: Generator) -> tuple[Crop, Image, Look, str]:
        kind = self.names[int(rng.choice(len(self.names), p=self.shares))]
        if kind == "identical":
            return self._identical(side, rng)
        sample = self._pick(kind, rng)
        crop = augment(sample, side, rng, self.augmentation)
        if kind == "damage":
            return crop, crop.change, DAMAGE_LOOK, sample.nomenclature
        if sample.classes_before is not None:
            if kind in ("land_cover", "dubai") and rng.random() < JOINED_SHARE:
                crop = _joined(crop, augment(self._pick(kind, rng), side, rng, self.augmentation))
            change, look = self._class_query(crop, self.nomenclatures[sample.nomenclature], rng)
        else:
            change, look = _building_query(crop, self.anything, rng)
            crop = _with_building_classes(crop)
        return crop, change, look, sample.nomenclature

    def _pick(self, kind: str, rng: Generator) -> Sample:
        pool = self.pools[kind]
        return pool[int(rng.integers(len(pool)))]

    def _identical(self, side: int, rng: Generator) -> tuple[Crop, Image, Look, str]:
        """One image against itself under other radiometry and a sub-pixel shift: nothing has changed, whatever the
        question.
        """
        real = [name for name in self.names if name != "identical"]
        sample = self._pick(real[int(rng.integers(len(real)))], rng)
        image = sample.before if rng.random() < 0.5 else sample.after
        twin = Sample(
            image,
            image,
            None,
            0,
            None,
            None,
            "flair",
            sample.gsd_m,
            sample.source,
            sample.licence,
            sample.place,
            sample.name,
        )
        crop = augment(twin, side, rng, self.augmentation)
        look = _any_query(rng) if rng.random() < 0.5 else Look("list")
        return crop, np.zeros((side, side), np.uint8), look, "flair"

    def _class_query(self, crop: Crop, nomenclature: Nomenclature, rng: Generator) -> tuple[Image, Look]:
        """Ask for a transition that the labels tell; the mask holds the pixels that made it."""
        first, last = crop.classes
        known = (first > 0) & (last > 0)
        source: tuple[str, ...] = ()
        target: tuple[str, ...] = ()
        kind = rng.random()
        here = np.unique(np.stack([first, last])[:, known & (first != last)])
        ids = here if len(here) and rng.random() < 0.75 else np.array(nomenclature.ids)
        number = int(rng.choice(ids))
        if kind > 0.3:
            name = (nomenclature.name(number),)
            source, target = [(name, ()), ((), name), (name, name)][int(rng.integers(3))]
        look = Look(str(rng.choice(["segment", "count", "area", "where"])), source or (ANY,), target or (ANY,))
        change = (first != last).astype(np.uint8)
        if source and target:
            change &= ((first == number) | (last == number)).astype(np.uint8)
        elif source or target:
            change &= ((first if source else last) == number).astype(np.uint8)
        return np.where(known, change, IGNORED).astype(np.uint8), look

    def _sequence(self, look: Look, places: int, rng: Generator, plain: bool) -> TokenSequence:
        images = self.sequences.images([places, places])
        if plain:
            return images + self.sequences.request(*plain_request(look), "en")
        example = self.questions.question_for(look, rng)
        return images + self.sequences.request(example.question, example.look, example.language)


def _any_query(rng: Generator) -> Look:
    return [
        Look("count", target=("building",)),
        Look("count", source=("building",)),
        Look("change_or_not", ("building",), ("building",)),
    ][int(rng.integers(3))]


def _building_query(crop: Crop, anything: float, rng: Generator) -> tuple[Image, Look]:
    """Ask about buildings: in building-change masks nearly every change is a new building (a lost one after a date
    swap).
    """
    if rng.random() < anything:
        return _anything_in(crop), Look("list")
    kind = rng.random()
    task = str(rng.choice(["count", "segment", "area", "where"]))
    if kind < 0.4:
        return crop.change, Look(task, ("building",), ("building",))
    appears = kind < 0.8
    look = Look(task, target=("building",)) if appears else Look(task, source=("building",))
    if appears != crop.swapped:
        return crop.change, look
    return np.where(crop.change == 1, 0, crop.change).astype(np.uint8), look


def _anything_in(crop: Crop) -> Image:
    """Return what the mask of buildings tells of every change: where no building changed, light and season did, which
    are no change, but for few places; where one did, what lies about it may have changed with it.
    """
    if (crop.change == 1).any():
        return np.where(crop.change == 1, 1, IGNORED).astype(np.uint8)
    return crop.change


def _with_building_classes(crop: Crop) -> Crop:
    """Label the changed pixels as buildings at the date that has them."""
    classes = crop.classes.copy()
    classes[0 if crop.swapped else 1][crop.change == 1] = BUILDING
    return Crop(crop.images, crop.change, classes, crop.swapped)


def _joined(first: Crop, second: Crop) -> Crop:
    """Make a pair of two places (single-temporal supervision, after ChangeStar, Zheng et al. 2021)."""
    images = np.stack([first.images[0], second.images[1]])
    return Crop(images, first.change, np.stack([first.classes[0], second.classes[1]]), False)


def _indices(classes: Image, index: np.ndarray) -> np.ndarray:
    return index[classes]


def inverse_shares(pools: Iterable[Sequence[Sample]], power: float) -> dict[int, float]:
    """Return what each class counts: the inverse of its share of all labels to a power, 1 on average over them."""
    pixels = np.zeros(256, np.float64)
    for pool in pools:
        for sample in pool:
            for classes in (sample.classes_before, sample.classes_after):
                if classes is not None:
                    pixels += np.bincount(classes[::CELL, ::CELL].ravel(), minlength=256)
    pixels[0] = 0
    shares = pixels / max(1.0, pixels.sum())
    weights = {number: float(shares[number] ** -power) for number in np.flatnonzero(shares).tolist()}
    mean = sum(shares[number] * weight for number, weight in weights.items())
    return {number: weight / mean for number, weight in weights.items()}


class TextBatches:
    """Draws batches of text: readings, and answers over fact tables."""

    def __init__(self, questions: QuestionGenerator, sequences: SequenceBuilder) -> None:
        self.questions, self.sequences = questions, sequences

    def draw(self, size: int, tell_share: float, rng: Generator) -> TokenBatch:
        """Return ``2 * size`` readings, or ``tell_share`` of the times ``size / 2`` answers: apart, for readings are
        far shorter.
        """
        self.questions.reseed(int(rng.integers(2**31)))
        if rng.random() < tell_share:
            return self.sequences.batch([self._tell(self.questions.sample_tell()) for _ in range(max(1, size // 2))])
        return self.sequences.batch([self._read() for _ in range(2 * size)])

    def _read(self) -> TokenSequence:
        example = self.questions.sample_read()
        return self.sequences.question(example.question) + self.sequences.reading(
            reading_target(example.language, example.look)
        )

    def _tell(self, example: TellExample) -> TokenSequence:
        build = self.sequences
        asked = build.question(example.question) + build.reading(reading_target(example.language, example.look))
        return asked + build.facts(fact_lines(example.facts)) + build.answer(example.text)
