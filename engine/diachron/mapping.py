"""Look at every tile of a stack and blend what the model saw into maps of the whole area."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from diachron.model.card import CELL_PX, CLASS_PX, ModelCard
from diachron.progress import Progress
from diachron.rasters.blending import Band, Shares, enlarge, enlarge_classes
from diachron.rasters.grid import Window
from diachron.rasters.scratch import give_back, let_go, plane
from diachron.rasters.stack import Block, Stack
from diachron.rasters.tiles import Tile, tiles
from diachron.results.maps import Maps
from diachron.side_by_side import side_by_side

if TYPE_CHECKING:
    from diachron.model.interpreter import Interpreter, Reading, TileMaps
    from diachron.model.vocabulary import Vocabulary

FINISHED_ROWS = 64
"""Rows become pixels so many at a time, for it takes several times the memory of the pixels; whole places of maps."""

__all__ = ["Canvas", "map_tiles", "plan_tiles", "plane", "tile_size", "touching"]


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
    plan = plan_tiles(grid.width, grid.height, grid.gsd_m, interpreter.card)
    ids = np.array([each.id for each in vocabulary.classes], np.uint8)
    canvas = Canvas(part, plan, dates, ids)
    touched = touching(plan, part)

    def look(read: list[tuple[Tile, Block]]) -> list[TileMaps | None]:
        progress.check()
        return _look(interpreter, [block for _, block in read], reading, vocabulary, grid.gsd_m)

    number = 0
    progress.progress(number, len(touched))
    blended: Future[bool] | None = None
    with ThreadPoolExecutor(1, thread_name_prefix="blend") as pool:
        batches = _together(_read_ahead(stack, touched), interpreter.batch)
        for read, seen in side_by_side(look, batches, min(interpreter.side_by_side, len(touched))):
            if blended is not None and blended.result():
                progress.mapped(canvas.maps, canvas.finished_rows)
            # What was seen is blended while the model looks on.
            blended = pool.submit(canvas.blend, read, seen)
            number += len(read)
            progress.progress(number, len(touched))
        assert blended is not None
        blended.result()
    canvas.finish(part.height)
    give_back()
    return canvas.maps


def plan_tiles(width: int, height: int, gsd_m: float | None, card: ModelCard) -> list[Tile]:
    """Return the tiles that the model looks at, one after another.

    Where images are reduced to be looked at, tiles overlap by so much more, and are larger, but by the root of it only:
    a row of tiles is held in memory.
    """
    reduction = card.reduction(gsd_m)
    overlap = round(card.overlap_px * reduction)
    most = round(card.tile_px * reduction**0.5 / CELL_PX) * CELL_PX
    size = tile_size(width, height, most, overlap)
    # A raster no larger than the overlap is one tile, which shares nothing.
    return tiles(width, height, size, min(overlap, size - CELL_PX), step=CLASS_PX * card.kept_px(gsd_m))


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


def _together(tiles: Iterable[tuple[Tile, Block]], most: int) -> Iterator[list[tuple[Tile, Block]]]:
    """Yield tiles of one shape that follow each other, up to ``most`` of them."""
    held: list[tuple[Tile, Block]] = []
    for tile, block in tiles:
        if held and (len(held) == most or block.images.shape != held[0][1].images.shape):
            yield held
            held = []
        held.append((tile, block))
    yield held


def _look(
    interpreter: Interpreter, blocks: Sequence[Block], reading: Reading, vocabulary: Vocabulary, gsd_m: float | None
) -> list[TileMaps | None]:
    """Return what the model sees of tiles (whose sides are made multiples of `CELL_PX`); None of one in which no pixel
    has every date.
    """
    height, width = blocks[0].images.shape[-2:]
    pad = ((0, 0), (0, 0), (0, -height % CELL_PX), (0, -width % CELL_PX))
    filled = [np.pad(block.images, pad, mode="reflect") for block in blocks if block.valid.all(axis=0).any()]
    seen = iter(interpreter.maps_together(filled, reading, vocabulary, gsd_m) if filled else ())
    return [next(seen) if block.valid.all(axis=0).any() else None for block in blocks]


class Canvas:
    """The maps of a part of a grid as its tiles come in, row of tiles by row of tiles.

    Probabilities are many times larger than the maps made of them; they are kept for one row of tiles at a time, at the
    resolution the model tells them. What no later tile touches becomes pixels of ``maps``.

    Parameters
    ----------
    plan: the tiles of the whole grid; ids: the vocabulary's pixel value of each class, in the order of the model's
    class maps, uint8 [K].
    """

    def __init__(self, part: Window, plan: Sequence[Tile], dates: int, ids: NDArray[np.uint8]) -> None:
        self.part, self.ids, self.finished_rows = part, ids, 0
        size, steps = (part.height, part.width), dates - 1
        self.maps = Maps(
            plane(*size), tuple(plane(*size) for _ in range(dates)), plane(*size).view(bool),
            tuple(plane(*size) for _ in range(dates)),
            # Of two dates, the one step is the change map itself.
            tuple(plane(*size) for _ in range(steps)) if steps > 1 else (),
        )  # fmt: skip
        self._shares = Shares(plan)
        self._change = Band(steps, part.width)
        self._classes = Band(dates * len(ids), part.width)

    def blend(self, read: Sequence[tuple[Tile, Block]], seen: Sequence[TileMaps | None]) -> bool:
        """Blend in what was seen of tiles, the next of the plan; tell whether rows became pixels."""
        finished = False
        for (tile, block), maps in zip(read, seen, strict=True):
            finished |= self.finish(tile.row - self.part.row)
            self.add(tile, block, maps)
        return finished

    def add(self, tile: Tile, block: Block, seen: TileMaps | None) -> None:
        """Blend in what was seen of one tile, None where there was nothing to see."""
        both = tile.window.intersection(self.part)
        inner = Window(both.row - tile.row, both.col - tile.col, both.height, both.width)
        at = Window(both.row - self.part.row, both.col - self.part.col, both.height, both.width)
        self.maps.valid[at.slices] = np.asarray(block.valid.all(axis=0))[inner.slices]
        if seen is not None:
            rows, columns = self._shares.of(tile)
            rows, columns = rows[inner.slices[0]], columns[inner.slices[1]]
            width_px = tile.width + -tile.width % CELL_PX
            cells = seen.cells.reshape(-1, *seen.cells.shape[-2:])
            for band, values in ((self._change, seen.change), (self._classes, cells)):
                cell = width_px // values.shape[-1]
                band.add(at, _cut(values, inner, cell), rows, columns, cell)

    def finish(self, row: int) -> bool:
        """Make pixels of the rows before ``row``, which no tile will touch any more; tell whether there were any."""
        end = min(row, self.part.height)
        if end <= self.finished_rows:
            return False
        for start in range(self.finished_rows, end, FINISHED_ROWS):
            self._finish(slice(start, min(start + FINISHED_ROWS, end)))
            for each in self.maps.planes():
                let_go(each)
        self.finished_rows = end
        return True

    def _finish(self, done: slice) -> None:
        maps, valid = self.maps, self.maps.valid[done]
        steps = enlarge(self._change.take(len(valid)), self._change.cell, valid.shape) * valid
        maps.change[done] = steps.max(axis=0, initial=0)
        for kept, step in zip(maps.steps, steps):
            kept[done] = step
        sums = self._classes.take(len(valid))
        for date, (kept, certainty) in enumerate(zip(maps.classes, maps.certainty, strict=True)):
            one = sums[date * len(self.ids) : (date + 1) * len(self.ids)]
            classes, surest = enlarge_classes(one, self.ids, self._classes.cell, valid.shape)
            kept[done], certainty[done] = classes * valid, surest * valid


def _cut(values: NDArray[np.float32], inner: Window, cell: int) -> NDArray[np.float32]:
    """Return the part of values [C, h, w] that a window of pixels covers, ``cell`` pixels a side for each value."""
    rows = slice(inner.row // cell, -(-(inner.row + inner.height) // cell))
    return values[:, rows, inner.col // cell : -(-(inner.col + inner.width) // cell)]
