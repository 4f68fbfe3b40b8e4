"""The model's maps of a sample, tiled as `ask` tiles, and its answer on the labelled pixels alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from diachron.data.sample import Sample
from diachron.data.truth import Truth
from diachron.mapping import plan_tiles
from diachron.model.look import Look
from diachron.model.phrases import untested_phrases, with_phrases
from diachron.model.vocabulary import Vocabulary
from diachron.rasters.blending import CERTAIN
from diachron.rasters.tiles import Mosaic
from diachron.results.facts import Fact
from diachron.results.maps import Maps
from diachron.results.measures import measure
from diachron.results.polygons import Change, draw_changes
from diachron.results.regions import within

if TYPE_CHECKING:
    from diachron.model.interpreter import Interpreter, Reading


def predict(
    interpreter: Interpreter,
    before: NDArray[np.uint8],
    after: NDArray[np.uint8],
    reading: Reading,
    gsd_m: float | None = None,
    vocabulary: Vocabulary | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Return change probability float32 [H, W] and class ids uint8 [2, H, W], tiled as `ask` tiles.

    ``vocabulary`` names the classes, the interpreter's own where it is None.
    """
    height, width = before.shape[1:]
    vocabulary = vocabulary or interpreter.vocabulary
    pad = ((0, 0), (0, -height % 32), (0, -width % 32))
    images = np.stack([np.pad(before, pad, mode="reflect"), np.pad(after, pad, mode="reflect")])
    change, classes = _mosaic(interpreter, images, reading, gsd_m, vocabulary)
    ids = np.array([each.id for each in vocabulary.classes], np.uint8)[classes.argmax(axis=1)]
    return change[:height, :width], ids[:, :height, :width]


def _mosaic(
    interpreter: Interpreter,
    images: NDArray[np.uint8],
    reading: Reading,
    gsd_m: float | None,
    vocabulary: Vocabulary,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    height, width = images.shape[2:]
    count = len(vocabulary.classes)
    total = np.zeros((1 + 2 * count, height, width), np.float32)
    mosaic = Mosaic(total.shape[0], height, width)
    for tile in plan_tiles(width, height, gsd_m, interpreter.card):
        window = images[:, :, tile.row : tile.row + tile.height, tile.col : tile.col + tile.width]
        maps = interpreter.maps(np.ascontiguousarray(window), reading, vocabulary, gsd_m)
        mosaic.add(tile, np.concatenate([maps.pixels, maps.classes.reshape(2 * count, *maps.pixels.shape[1:])]))
    total = mosaic.result()
    return total[0], total[1:].reshape(2, count, height, width)


def seen(interpreter: Interpreter, sample: Sample, reading: Reading, truth: Truth) -> Maps:
    """Return the model's maps of a sample in its truth's classes, valid where that is."""
    vocabulary = asked_vocabulary(truth, reading.look)
    change, classes = predict(interpreter, sample.before, sample.after, reading, sample.gsd_m, vocabulary)
    whole = np.rint(change.clip(0, 1) * CERTAIN).astype(np.uint8)
    return Maps(whole, (classes[0], classes[1]), truth.valid)


def asked_vocabulary(truth: Truth, look: Look) -> Vocabulary:
    """Return the truth's classes, and as further ones the phrases of a reading that it lacks, as `ask` does."""
    phrases = untested_phrases(look, truth.vocabulary)
    return with_phrases(truth.vocabulary, phrases) if phrases else truth.vocabulary


def told(
    interpreter: Interpreter, truth: Truth, reading: Reading
) -> tuple[Maps, tuple[Change, ...], tuple[Fact, ...]]:  # fmt: skip
    """Return maps, changes and facts of the model's answer to a reading, on the labelled pixels alone; no facts where
    it refuses.
    """
    nothing = Maps(np.zeros(truth.grid.shape, np.uint8), (truth.before, truth.after), truth.valid)
    if reading.look.abstains:
        return nothing, (), ()
    vocabulary = asked_vocabulary(truth, reading.look)
    maps = within(seen(interpreter, truth.sample, reading, truth), reading.look.region)
    changes = draw_changes(maps, reading.look, vocabulary, truth.grid, threshold=interpreter.card.threshold)
    return maps, changes, measure(reading.look, changes, maps, vocabulary, truth.grid)


def called(interpreter: Interpreter, maps: Maps) -> NDArray[np.bool_]:
    """Return the valid pixels that the model calls changed, bool [H, W]."""
    return (maps.change >= max(1, round(interpreter.card.threshold * CERTAIN))) & maps.valid
