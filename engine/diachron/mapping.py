"""Look at every tile of a stack and blend what the model saw into maps of the whole area."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from diachron.model.card import CELL_PX, ModelCard
from diachron.progress import Progress
from diachron.rasters.grid import Window
from diachron.rasters.stack import Block, Stack
from diachron.rasters.tiles import Tile, tile_weights, tiles
from diachron.results.maps import Maps

if TYPE_CHECKING:
    from diachron.model.interpreter import Interpreter, Reading
    from diachron.model.vocabulary import Vocabulary

SCRATCH_BYTES = 1 << 28
"""A map larger than this is kept in a file without a name rather than in memory."""


def map_tiles(
    stack: Stack,
    interpreter: Interpreter,
    reading: Reading,
    vocabulary: Vocabulary,
    progress: Progress,
    part: Window | None = None,
) -> Maps:
    """Run the model over a stack, tile by tile, and return the maps of the whole grid, or of a part of it.

    A part's maps are those that the whole grid's would have there: its tiles are the whole grid's that touch it.
    """
    grid, dates = stack.grid, len(stack.dates)
    part = part or grid.whole
    plan = touching(plan_tiles(grid.width, grid.height, grid.gsd_m, interpreter.card), part)
    ids = np.array([each.id for each in vocabulary.classes], np.uint8)
    canvas = Canvas(part, dates, ids)
    for number, (tile, block) in enumerate(_read_ahead(stack, plan)):
        progress.progress(number, len(plan))
        canvas.add(tile, block, _look(interpreter, block, reading, vocabulary, grid.gsd_m))
    progress.progress(len(plan), len(plan))
    return canvas.maps()


def plan_tiles(width: int, height: int, gsd_m: float | None, card: ModelCard) -> list[Tile]:
    """Return the tiles that the model looks at, one after another.

    Where images are reduced to be looked at, tiles overlap by so much more, and are larger, but by the root of it only:
    a row of tiles is held in memory.
    """
    reduction = card.reduction(gsd_m)
    overlap = round(card.overlap_px * reduction)
    most = round(card.tile_px * reduction**0.5 / CELL_PX) * CELL_PX
    return tiles(width, height, tile_size(width, height, most, overlap), overlap)


def touching(plan: Sequence[Tile], part: Window) -> list[Tile]:
    """Return the tiles of a plan that share pixels with a part of the grid, in the plan's order."""
    shared = ((tile, tile.window.intersection(part)) for tile in plan)
    return [tile for tile, both in shared if both.height and both.width]


def tile_size(width: int, height: int, most: int, overlap: int) -> int:
    """Return the smallest tile, at most ``most`` pixels, that needs no more tiles than ``most`` does.

    Tiles of a fixed size look twice at much of a raster a little larger than one of them.
    """
    return min(most, max(_fitted(length, most, overlap) for length in (width, height)))


def _fitted(length: int, most: int, overlap: int) -> int:
    count = max(1, -(-(length - overlap) // (most - overlap)))
    least = -(-(length + (count - 1) * overlap) // count)
    return -(-least // CELL_PX) * CELL_PX


def _read_ahead(stack: Stack, plan: Sequence[Tile]) -> Iterator[tuple[Tile, Block]]:
    """Yield each tile with its pixels, which are read while the model looks at the tile before."""
    with ThreadPoolExecutor(1, thread_name_prefix="tiles") as pool:
        coming = pool.submit(stack.read, _window(plan[0]))
        for tile, following in zip(plan, [*plan[1:], None]):
            block = coming.result()
            if following is not None:
                coming = pool.submit(stack.read, _window(following))
            yield tile, block


def _window(tile: Tile) -> Window:
    return Window(tile.row, tile.col, tile.height, tile.width)


def _look(
    interpreter: Interpreter, block: Block, reading: Reading, vocabulary: Vocabulary, gsd_m: float | None
) -> NDArray[np.float32] | None:
    """Return the change of each step from a date to the next, then every date's classes, float32 [T - 1 + T * K, h, w];
    None where no pixel has every date.
    """
    if not block.valid.all(axis=0).any():
        return None
    height, width = block.images.shape[-2:]
    pad = ((0, 0), (0, 0), (0, -height % CELL_PX), (0, -width % CELL_PX))
    seen = interpreter.maps(np.pad(block.images, pad, mode="reflect"), reading, vocabulary, gsd_m)
    classes = seen.classes.reshape(-1, *seen.classes.shape[-2:])
    return np.concatenate([seen.change, classes])[:, :height, :width]


class Canvas:
    """The maps of a part of a grid as its tiles come in, row of tiles by row of tiles.

    Class probabilities are many times larger than the maps made of them; they are kept for one row of tiles at a time,
    and what no later tile touches becomes class ids at once. The blending is that of `rasters.tiles.Mosaic`.

    Parameters
    ----------
    ids: the vocabulary's pixel value of each class, in the order of the model's class maps, uint8 [K].
    """

    def __init__(self, part: Window, dates: int, ids: NDArray[np.uint8]) -> None:
        height, width = part.height, part.width
        self.part, self.ids, self.steps = part, ids, dates - 1
        self._change = plane(height, width)
        # Of two dates, the one step is the change map itself.
        self._steps = tuple(plane(height, width) for _ in range(self.steps)) if self.steps > 1 else ()
        self._classes = tuple(plane(height, width) for _ in range(dates))
        self._certainty = tuple(plane(height, width) for _ in range(dates))
        self._valid = plane(height, width).view(bool)
        self._first_row = 0
        self._sum = np.zeros((self.steps + dates * len(ids), 0, width), np.float32)
        self._weight = np.zeros((0, width), np.float32)

    def add(self, tile: Tile, block: Block, values: NDArray[np.float32] | None) -> None:
        """Blend one tile in: values float32 [T - 1 + T * K, h, w], None where there was nothing to see."""
        both = tile.window.intersection(self.part)
        seen = Window(both.row - tile.row, both.col - tile.col, both.height, both.width).slices
        row, col = both.row - self.part.row, both.col - self.part.col
        self._flush(row)
        self._extend(row + both.height)
        self._valid[Window(row, col, both.height, both.width).slices] = np.asarray(block.valid.all(axis=0))[seen]
        if values is not None:
            weights = tile_weights(tile)[seen]
            here = Window(row - self._first_row, col, both.height, both.width).slices
            self._sum[(slice(None), *here)] += values[(slice(None), *seen)] * weights
            self._weight[here] += weights

    def maps(self) -> Maps:
        """Return the finished maps."""
        self._flush(self.part.height)
        return Maps(self._change, self._classes, self._valid, self._certainty, self._steps)

    def _extend(self, last_row: int) -> None:
        """Make room for rows up to ``last_row``."""
        missing = last_row - self._first_row - self._weight.shape[0]
        if missing > 0:
            self._sum = np.pad(self._sum, ((0, 0), (0, missing), (0, 0)))
            self._weight = np.pad(self._weight, ((0, missing), (0, 0)))

    def _flush(self, row: int) -> None:
        """Finish the rows before ``row``: no tile will touch them any more."""
        count = min(row - self._first_row, self._weight.shape[0])
        if count <= 0:
            return
        done = slice(self._first_row, self._first_row + count)
        weight = np.maximum(self._weight[:count], 1e-6)
        steps = np.rint((self._sum[: self.steps, :count] / weight).clip(0, 1) * 254)
        self._change[done] = np.where(self._valid[done], steps.max(axis=0), 0)
        for kept, step in zip(self._steps, steps):
            kept[done] = np.where(self._valid[done], step, 0)
        for date, (kept, certainty) in enumerate(zip(self._classes, self._certainty, strict=True)):
            first = self.steps + date * len(self.ids)
            classes = self._sum[first : first + len(self.ids), :count]
            best = classes.argmax(axis=0)
            kept[done] = np.where(self._valid[done], self.ids[best], 0)
            surest = np.take_along_axis(classes, best[None], axis=0)[0] / weight
            certainty[done] = np.where(self._valid[done], np.rint(surest.clip(0, 1) * 254), 0)
        self._sum, self._weight = self._sum[:, count:].copy(), self._weight[count:].copy()
        self._first_row += count


def plane(height: int, width: int) -> NDArray[np.uint8]:
    """Return a map of zeros, in a scratch file where it is large."""
    if height * width <= SCRATCH_BYTES:
        return np.zeros((height, width), np.uint8)
    return np.memmap(tempfile.TemporaryFile(prefix="diachron-"), np.uint8, "w+", shape=(height, width))
